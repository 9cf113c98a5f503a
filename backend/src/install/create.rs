//! Making a guest and starting its installer, all or nothing.

use std::time::{Duration, Instant};

use reqwest::Url;
use uuid::Uuid;
use virt::connect::Connect;

use super::check::{self, Checked, GIB};
use super::domain_xml::{Definition, DiskSource, InstallerBoot, random_mac};
use super::fetch::{Fetched, fetch};
use super::http::{Fetcher, Patience};
use super::ledger::{Ledger, Made};
use super::metadata::{Installation, file_name};
use super::remote::{self, LONG, SHORT};
use super::{CreateRequest, spot, storage};
use crate::error::{Error, ErrorKind, Result};
use crate::host::Host;
use crate::job::{JobControl, Progress};
use crate::model::GuestId;

/// How long a host that went away in the middle is waited for, to undo what was made.
const RETURN_PATIENCE: Duration = Duration::from_secs(30);
/// How often it is tried meanwhile.
const RETURN_INTERVAL: Duration = Duration::from_millis(500);

/// See [`super::create`].
pub(super) async fn run(
    host: Host,
    request: CreateRequest,
    control: JobControl,
) -> Result<GuestId> {
    let ledger = Ledger::default();
    match steps(&host, request, &control, &ledger).await {
        Ok(id) => Ok(id),
        Err(error) => {
            say(&control, "Undoing what was made");
            Err(undo(&host, &ledger, error).await)
        }
    }
}

async fn steps(
    host: &Host,
    request: CreateRequest,
    control: &JobControl,
    ledger: &Ledger,
) -> Result<GuestId> {
    say(control, "Checking");
    check::check_request(&request)?;
    let info = check::check_host(host, &request)?;
    let checked = {
        let request = request.clone();
        remote::on(host, SHORT, move |connect| {
            check::check(connect, &request, &info)
        })
        .await?
    };
    control.check()?;

    // Before anything is made: most of what can go wrong goes wrong here.
    let (kernel, initrd) = fetch_installer(&request, control).await?;
    let id = Uuid::new_v4();
    let files = hand_over(host, &checked, id, [kernel, initrd], control, ledger).await?;
    control.check()?;

    say(control, "Making the disk");
    let disk = {
        let (spot, ledger) = (checked.disk.clone(), ledger.clone());
        let bytes = request.disk_gib.saturating_mul(GIB);
        let raw = request.virtualization.is_xen();
        remote::on(host, LONG, move |connect| {
            storage::make_disk(connect, &spot, bytes, raw, &ledger)
        })
        .await?
    };
    control.check()?;

    if checked.starts_network
        && let Some(network) = request.network.network().map(str::to_owned)
    {
        say(control, "Starting the network");
        let ledger = ledger.clone();
        remote::on(host, LONG, move |connect| {
            start_network(connect, &network, &ledger)
        })
        .await?;
        control.check()?;
    }

    say(control, "Starting the installer");
    let definitions = definitions(&request, &checked, id, disk, files)?;
    let noted = ledger.clone();
    remote::on(host, LONG, move |connect| {
        start(connect, id, &definitions, &noted)
    })
    .await?;
    control.check()?;
    Ok(GuestId(id))
}

fn say(control: &JobControl, activity: &str) {
    control.report(Progress {
        activity: activity.to_owned(),
        ..Progress::default()
    });
}

async fn fetch_installer(
    request: &CreateRequest,
    control: &JobControl,
) -> Result<(Fetched, Fetched)> {
    let (kernel, initrd) = check::boot_files(request)?;
    let url = Url::parse(&kernel.url).map_err(|error| {
        Error::new(
            ErrorKind::InvalidInput,
            "The address of the kernel makes no sense.",
        )
        .with_detail(error.to_string())
    })?;
    let fetcher = Fetcher::new(&url, Patience::default())?;
    let kernel = fetch(&fetcher, kernel, "the kernel", control).await?;
    let initrd = fetch(&fetcher, initrd, "the initrd", control).await?;
    Ok((kernel, initrd))
}

/// Sends kernel and initrd to the host; returns their paths there.
async fn hand_over(
    host: &Host,
    checked: &Checked,
    id: Uuid,
    fetched: [Fetched; 2],
    control: &JobControl,
    ledger: &Ledger,
) -> Result<[String; 2]> {
    let [kernel, initrd] = fetched;
    let send = async |file: Fetched, what: &'static str, ending: &str| {
        control.check()?;
        let name = file_name(id, ending);
        let spots = spot::boot_spots(&checked.disk, checked.session, &name);
        let (control, ledger) = (control.clone(), ledger.clone());
        remote::on(host, LONG, move |connect| {
            storage::upload(connect, &spots, &file, what, &control, &ledger)
        })
        .await
    };
    let kernel = send(kernel, "the kernel", "kernel").await?;
    let initrd = send(initrd, "the initrd", "initrd").await?;
    Ok([kernel, initrd])
}

/// The definition that stays, and the installer's.
#[derive(Debug)]
pub(super) struct Definitions {
    /// The one that stays.
    pub(super) lasting: String,
    /// The installer's.
    pub(super) installing: String,
}

/// Writes both definitions.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] for what cannot be described.
pub(super) fn definitions(
    request: &CreateRequest,
    checked: &Checked,
    id: Uuid,
    disk: DiskSource,
    files: [String; 2],
) -> Result<Definitions> {
    let installer = check::installer(request)?;
    let definition = Definition {
        request,
        capabilities: &checked.capabilities,
        id,
        mac: random_mac(request.virtualization),
        disk,
        installation: Installation {
            files: files.to_vec(),
        },
    };
    let [kernel, initrd] = files;
    Ok(Definitions {
        lasting: definition.lasting()?,
        installing: definition.installing(&InstallerBoot {
            kernel,
            initrd,
            arguments: check::arguments(request, installer),
        })?,
    })
}

fn start_network(connect: &Connect, name: &str, ledger: &Ledger) -> Result<()> {
    let network = connect.lookup_network_by_name(name)?;
    if network.is_active()? {
        return Ok(());
    }
    let made = Made::NetworkStarted(name.to_owned());
    ledger.note(made.clone())?;
    network.create().map_err(|error| {
        let error = Error::from(error);
        if error.kind() != ErrorKind::Disconnected {
            ledger.strike(&made);
        }
        error
            .with_message(format!("The network {name} could not be started."))
            .with_remedy("Choose another network, or look at this one's settings.")
    })?;
    ledger.was_made(connect, &made)
}

/// Defines the guest as it is to stay, then starts the installer under the same identity: libvirt
/// keeps the first as the guest's definition and the second only while it runs. This order leaves
/// no moment at which a crash of this program loses the guest or leaves it booting its installer.
fn start(connect: &Connect, id: Uuid, definitions: &Definitions, ledger: &Ledger) -> Result<()> {
    let made = Made::Guest(id);
    ledger.note(made.clone())?;
    connect
        .define_domain_xml(&definitions.lasting)
        .map_err(|error| {
            Error::from(error).with_message("The host did not take the guest's definition.")
        })?;
    // The host may have been silent for so long that all was given up.
    ledger.was_made(connect, &made)?;
    connect
        .create_domain_xml(&definitions.installing, 0)
        .map_err(|error| explain_start(Error::from(error)))?;
    ledger.was_made(connect, &made)
}

fn explain_start(error: Error) -> Error {
    let words = error.detail().unwrap_or_default();
    if words.contains("Permission denied") {
        return Error::new(
            ErrorKind::BadPath,
            "The hypervisor may not read the guest's disk or the installer's files.",
        )
        .with_remedy(
            "On the system connection QEMU runs as a user of its own, who cannot enter private \
             folders such as /home. Choose a folder like /var/lib/libvirt/images.",
        )
        .with_detail(words);
    }
    if words.contains("Cannot allocate memory") || words.contains("cannot set up guest memory") {
        return Error::new(
            ErrorKind::Hypervisor,
            "The host has not enough memory free for the guest.",
        )
        .with_remedy("Give it less, or shut down another guest.")
        .with_detail(words);
    }
    error.with_message("The guest could not be started.")
}

/// Undoes what was made, the last first; returns `error`, with what could not be undone.
async fn undo(host: &Host, ledger: &Ledger, error: Error) -> Error {
    let mut left = Vec::new();
    let patience = Instant::now() + RETURN_PATIENCE;
    for made in ledger.take() {
        let mut undone = undo_one(host, &made).await;
        // A daemon that was restarted is back in a moment; the host connects again by itself. One
        // that was silent may be heard again; what it has undone meanwhile counts as undone.
        while matches!(
            &undone,
            Err(error) if matches!(
                error.kind(),
                ErrorKind::Disconnected | ErrorKind::NotAnswering
            )
        ) && Instant::now() < patience
        {
            tokio::time::sleep(RETURN_INTERVAL).await;
            undone = undo_one(host, &made).await;
        }
        if let Err(error) = undone {
            tracing::warn!(?made, %error, detail = error.detail(), "could not be undone");
            left.push(made.describe());
        }
    }
    if left.is_empty() {
        return error;
    }
    let error = if error.kind() == ErrorKind::Cancelled {
        // What was cancelled is not told, and this has to be.
        Error::new(
            ErrorKind::Hypervisor,
            "The creation was cancelled, but what it had made could not all be removed.",
        )
    } else {
        error
    };
    error.with_left_behind(format!("Left behind on the host: {}.", left.join(", ")))
}

async fn undo_one(host: &Host, made: &Made) -> Result<()> {
    let made = made.clone();
    remote::on(host, LONG, move |connect| made.undo(connect)).await
}
