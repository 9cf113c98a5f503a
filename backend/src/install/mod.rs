//! Installation from a tree on a web server: finding out what a URL holds, and making a
//! guest that installs from it.

mod address;
mod arch;
mod capabilities;
mod check;
mod create;
mod debian;
mod detect;
#[cfg(test)]
mod detect_tests;
mod domain_xml;
mod fetch;
mod http;
mod ini;
mod ledger;
mod markup;
pub(crate) mod metadata;
mod meter;
mod needs;
mod place;
mod remote;
pub(crate) mod second_stage;
mod spot;
pub(crate) mod storage;
mod suites;
#[cfg(test)]
mod test_server;
mod treeinfo;

pub(crate) use check::{amount, domain_capabilities, users_images_folder};
pub(crate) use domain_xml::machines;
pub(crate) use place::{DEFAULT_POOL, IMAGES_FOLDER};
pub use second_stage::{StageEvent, watch as watch_second_stage};

use crate::error::Result;
use crate::host::Host;
use crate::job::Job;
use crate::model::{GuestId, VirtualizationType};

/// A file of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteFile {
    /// Where it is, with the password that the server may ask for: see [`Self::shown_url`].
    pub url: String,
    /// Its size in bytes, where the server says.
    pub size: Option<u64>,
    /// Its SHA-256 in lower-case hex, where the tree says.
    pub sha256: Option<String>,
}

impl RemoteFile {
    /// Where it is, for people: without the password that may be part of its address.
    pub fn shown_url(&self) -> String {
        reqwest::Url::parse(&self.url).map_or_else(|_| self.url.clone(), |url| address::shown(&url))
    }
}

/// One installer of a tree: a kernel with its initrd.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installer {
    /// Whether it is graphical; text otherwise.
    pub graphical: bool,
    /// The kernel.
    pub kernel: RemoteFile,
    /// The initrd.
    pub initrd: RemoteFile,
    /// What its kernel needs on its command line to find the tree, before what the user adds.
    pub arguments: String,
    /// How it starts in a guest whose kernel has to know Xen.
    pub on_xen: XenBoot,
}

impl Installer {
    /// Kernel and initrd for a guest that is run so; nothing where the installer has none for it.
    pub fn files_for(&self, way: VirtualizationType) -> Option<(&RemoteFile, &RemoteFile)> {
        let usual = (&self.kernel, &self.initrd);
        match &self.on_xen {
            _ if !way.needs_xen_kernel() => Some(usual),
            XenBoot::Usual => Some(usual),
            XenBoot::Own { kernel, initrd } => Some((kernel, initrd)),
            XenBoot::No => None,
        }
    }
}

/// What an installer starts with where the guest's kernel has to know Xen
/// ([`VirtualizationType::needs_xen_kernel`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum XenBoot {
    /// Its usual kernel knows Xen.
    Usual,
    /// It has files of its own for that, as trees up to about 2014 do.
    Own {
        /// The kernel.
        kernel: RemoteFile,
        /// The initrd.
        initrd: RemoteFile,
    },
    /// Its kernel knows nothing of Xen.
    No,
}

/// How an install tree is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TreeFamily {
    /// Debian, Ubuntu and kin: `dists/CODENAME/main/installer-ARCH`.
    Debian,
    /// Fedora, RHEL and kin: a `.treeinfo` file.
    TreeInfo,
}

/// What a URL was found to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallTree {
    /// The URL, as cleaned up.
    pub url: String,
    /// How it is laid out.
    pub family: TreeFamily,
    /// "Debian", "Fedora".
    pub distribution: String,
    /// "12", "43".
    pub version: String,
    /// "bookworm", where there is one.
    pub codename: Option<String>,
    /// The libosinfo identifier, where known.
    pub os_id: Option<String>,
    /// libvirt's name of the processor: `x86_64`.
    pub arch: String,
    /// Installers, the one to prefer first (graphical before text). Never empty.
    pub installers: Vec<Installer>,
    /// Memory without which the installer fails, in MiB.
    pub minimum_memory_mib: u64,
    /// Memory with which the system is pleasant, in MiB.
    pub recommended_memory_mib: u64,
    /// Disk with which the system is pleasant, in GiB.
    pub recommended_disk_gib: u64,
}

impl InstallTree {
    /// The system for people: "Debian 12 (bookworm)".
    pub fn system(&self) -> String {
        let Self {
            distribution,
            version,
            ..
        } = self;
        // Trees without a number, such as Debian's sid, call the same thing by both names.
        match self.codename.as_ref().filter(|name| *name != version) {
            Some(codename) => format!("{distribution} {version} ({codename})"),
            None => format!("{distribution} {version}"),
        }
    }
}

/// Finds out what `url` holds; nothing is created anywhere. `arch` is the processor the guest will
/// have (libvirt's name). The fetches are bounded in time and size; dropping the future ends them.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] for what is no address, `Unreachable`, `NotAnInstallTree`,
/// `WrongArchitecture`: each a sentence with a remedy.
pub async fn detect(url: &str, arch: &str) -> Result<InstallTree> {
    detect::detect(url, arch, http::Patience::default()).await
}

/// Where the new guest's disk goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiskPlace {
    /// A file at an absolute path on the host; it must not exist.
    Path(String),
    /// A new volume in a pool.
    Volume {
        /// The pool.
        pool: String,
        /// The volume's name.
        name: String,
    },
}

/// Everything that is decided about a new guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateRequest {
    /// Its name; free on the host.
    pub name: String,
    /// Memory at the start, in MiB.
    pub memory_mib: u64,
    /// The most it can be given while it runs, in MiB; at least `memory_mib`.
    pub maximum_memory_mib: u64,
    /// Processors at the start.
    pub vcpus: u32,
    /// The most it can be given while it runs, where its machine can take more; at least `vcpus`.
    pub maximum_vcpus: u32,
    /// Where the disk goes.
    pub disk: DiskPlace,
    /// Its size, in GiB: what the guest sees; the file grows as it is used.
    pub disk_gib: u64,
    /// What to install.
    pub tree: InstallTree,
    /// Which of the tree's installers.
    pub installer: usize,
    /// Added to the installer's kernel command line.
    pub extra_arguments: String,
    /// How its processor is run.
    pub virtualization: VirtualizationType,
    /// What its network card is connected to.
    pub network: NetworkSource,
}

/// What a guest's network card is connected to, as libvirt has it (`<interface type=...>`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum NetworkSource {
    /// A virtual network of the host's libvirt.
    Network(String),
    /// A bridge of the host: the guest is a neighbour of the host in its own network.
    Bridge(String),
    /// QEMU's own network: outward only, and nothing is needed on the host.
    #[default]
    User,
    /// Nothing: the guest has no network card.
    None,
}

impl NetworkSource {
    /// The virtual network, where it is one.
    pub fn network(&self) -> Option<&str> {
        match self {
            Self::Network(name) => Some(name),
            _ => None,
        }
    }
}

/// The acts that creation will do, for the review page: the final definition and the steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The definition that stays.
    pub xml: String,
    /// What will be done, in order, as sentences.
    pub steps: Vec<String>,
    /// What the user should know and may accept: space that is short.
    pub warnings: Vec<String>,
}

/// What `request` would do on `host`, without doing it.
///
/// # Errors
/// What would make creation fail, where it can be known: a taken name, an existing file, too little
/// space, an unusable path.
pub async fn preview(host: &Host, request: &CreateRequest) -> Result<Preview> {
    place::preview(host, request).await
}

/// Creates the guest and starts its installer. A failed or cancelled job leaves nothing behind.
/// The outcome is the new guest, running; its second stage is started by whichever run of the
/// program watches the host ([`watch_second_stage`]) when the installer reboots.
pub fn create(host: &Host, request: CreateRequest) -> Job<GuestId> {
    let worker = host.clone();
    Job::spawn(host.runtime(), move |control| {
        create::run(worker, request, control)
    })
}

/// Whether a file can be made at `path` on the host and how much space it finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceReport {
    /// Free bytes there, where known.
    pub available: Option<u64>,
    /// Whether something is at that path already.
    pub exists: bool,
}

/// Looks at a disk place: free space, whether it exists, whether it can be used.
///
/// # Errors
/// [`crate::ErrorKind::BadPath`] when it cannot be used, with the reason.
pub async fn inspect_place(host: &Host, place: &DiskPlace) -> Result<PlaceReport> {
    place::inspect(host, place).await
}

/// The disk place to propose for a guest of that name: the default pool where there is one.
///
/// # Errors
/// As the hypervisor says.
pub async fn propose_place(host: &Host, name: &str) -> Result<DiskPlace> {
    place::propose(host, name).await
}
