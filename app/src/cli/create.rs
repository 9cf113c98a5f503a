//! `guesthouse create`: the wizard's five answers as arguments.

use std::process::ExitCode;
use std::sync::Arc;

use backend::install::{self, CreateRequest, InstallTree, NetworkSource};
use backend::model::VirtualizationType;
use backend::{Error, ErrorKind, Host, Result};
use clap::{Args, ValueEnum};
use wizard::draft::{self, Detection, Draft, Edit, HostFacts, Severity};

use super::{host, output, second_stage, watch_job};

/// Arguments of `create`.
#[derive(Debug, Args)]
pub struct CreateArguments {
    /// Name of the new guest; without it, one is made from the system's.
    #[arg(long)]
    name: Option<String>,
    /// Memory at the start, in MiB; without it, what the system recommends.
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..))]
    memory: Option<u64>,
    /// The most memory it can be given while it runs, in MiB; without it, twice the memory or half
    /// the host's, whichever is smaller.
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..))]
    maximum_memory: Option<u64>,
    /// Virtual processors.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    vcpus: u32,
    /// Disk file to make, an absolute path on the host; without it, one in the host's default pool.
    #[arg(long, value_name = "PATH")]
    disk: Option<String>,
    /// Size of the disk, in GiB; the file grows as it is used.
    #[arg(long, value_name = "GIB", value_parser = clap::value_parser!(u64).range(1..))]
    size: Option<u64>,
    /// Where the installer comes from: an install tree, or a Debian or Ubuntu mirror.
    #[arg(long, value_name = "URL")]
    install_url: String,
    /// Added to the installer's kernel command line.
    #[arg(
        long,
        value_name = "ARGS",
        default_value = "",
        allow_hyphen_values = true
    )]
    extra_args: String,
    /// Take the text installer where the tree has a graphical one too.
    #[arg(long)]
    text: bool,
    /// How the processor is run; without it, the best the host has.
    #[arg(long, value_enum)]
    virtualization: Option<Virtualization>,
    /// Virtual network to join, or `bridge:NAME` for a bridge of the host; `user`: QEMU's own
    /// network; `none`: no network card. Default: the network called `default` where the host has
    /// it; on Xen a bridge.
    #[arg(long, value_name = "NETWORK")]
    network: Option<String>,
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
    /// Stay until the installer has ended and the installed system is started.
    #[arg(long)]
    wait: bool,
}

/// [`VirtualizationType`] on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Virtualization {
    Kvm,
    Emulation,
    XenPv,
    XenPvh,
    XenHvm,
}

impl From<Virtualization> for VirtualizationType {
    fn from(choice: Virtualization) -> Self {
        match choice {
            Virtualization::Kvm => Self::Kvm,
            Virtualization::Emulation => Self::Emulation,
            Virtualization::XenPv => Self::XenPv,
            Virtualization::XenPvh => Self::XenPvh,
            Virtualization::XenHvm => Self::XenHvm,
        }
    }
}

pub(super) async fn run(arguments: CreateArguments, connect: Option<&str>) -> Result<ExitCode> {
    let (host, _) = host::connect(connect).await?;
    let facts = facts(&host).await?;
    let tree = install::detect(&arguments.install_url, &facts.arch).await?;
    eprintln!("Found {} for {}.", tree.system(), tree.arch);
    let request = request(&host, &facts, &arguments, tree).await?;
    let preview = install::preview(&host, &request).await?;
    for warning in &preview.warnings {
        eprintln!("Note: {warning}");
    }
    if arguments.dry_run {
        for step in &preview.steps {
            eprintln!("{step}");
        }
        output::print(preview.xml.trim_end());
        output::print("\n");
        return Ok(ExitCode::SUCCESS);
    }
    let name = request.name.clone();
    let id = watch_job::wait("Cancelling; what was made is being removed.", || {
        install::create(&host, request)
    })
    .await?;
    output::print(&format!("{name} is running its installer.\n"));
    if arguments.wait {
        second_stage::wait(&host, id, &name).await?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What the draft needs to know of the host, networks and pools included.
async fn facts(host: &Host) -> Result<HostFacts> {
    // The list of guests comes first, the host's capabilities a moment later.
    host.info().await?;
    let mut facts = HostFacts::of(&host.snapshot()).ok_or_else(|| {
        Error::new(
            ErrorKind::Disconnected,
            format!("{} went away.", host.uri()),
        )
    })?;
    facts.networks = host.networks().await?;
    facts.bridges = host.bridges().await?;
    facts.pools = host.pools().await?;
    Ok(facts)
}

/// The same decisions as in the dialog: what was not given is proposed, what was given is checked.
async fn request(
    host: &Host,
    facts: &HostFacts,
    arguments: &CreateArguments,
    tree: InstallTree,
) -> Result<CreateRequest> {
    if let (Some(memory), Some(maximum)) = (arguments.memory, arguments.maximum_memory)
        && maximum < memory
    {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            "The maximum memory is less than the memory the guest starts with.",
        )
        .with_remedy("Give it as much or more, or leave it out."));
    }
    let mut draft = Draft::default();
    let known = Some(facts);
    draft.apply(Edit::Url(arguments.install_url.clone()), known);
    draft.detected(Detection::Found(Arc::new(tree)), known);
    for edit in edits(arguments) {
        draft.apply(edit, known);
    }
    if arguments.disk.is_none() {
        let name = draft.name.value().clone();
        let place = install::propose_place(host, &name).await?;
        draft.place_proposed(name, place, known);
    }
    let problems = draft::check(&draft, facts);
    let (blocking, told): (Vec<_>, Vec<_>) = problems.iter().partition(|problem| problem.blocks());
    if let Some(problem) = blocking.first() {
        let error = Error::new(ErrorKind::InvalidInput, &*problem.message);
        return Err(match &problem.remedy {
            Some(remedy) => error.with_remedy(remedy),
            None => error,
        });
    }
    for problem in told {
        if matches!(problem.severity, Severity::Warning | Severity::Note) {
            eprintln!("Note: {}", problem.message);
        }
    }
    wizard::plan::request(&draft, facts).ok_or_else(|| {
        Error::new(
            ErrorKind::InvalidInput,
            "Something is missing to make the guest.",
        )
        .with_remedy("`guesthouse create --help` tells what can be given.")
    })
}

fn network(text: &str) -> NetworkSource {
    match (text, text.strip_prefix("bridge:")) {
        (_, Some(bridge)) => NetworkSource::Bridge(bridge.to_owned()),
        ("user", _) => NetworkSource::User,
        ("none", _) => NetworkSource::None,
        _ => NetworkSource::Network(text.to_owned()),
    }
}

/// What was given, as the dialog would have it typed.
fn edits(arguments: &CreateArguments) -> Vec<Edit> {
    [
        arguments.name.clone().map(Edit::Name),
        arguments.memory.map(Edit::Memory),
        arguments.maximum_memory.map(Edit::MaximumMemory),
        Some(Edit::Vcpus(arguments.vcpus)),
        arguments.disk.clone().map(Edit::Disk),
        arguments.size.map(Edit::DiskGib),
        arguments.text.then_some(Edit::Graphical(false)),
        Some(Edit::ExtraArguments(arguments.extra_args.clone())),
        arguments
            .virtualization
            .map(|choice| Edit::Virtualization(choice.into())),
        arguments
            .network
            .as_ref()
            .map(|name| Edit::Network(network(name))),
    ]
    .into_iter()
    .flatten()
    .collect()
}
