//! Everything that can be known of a creation before anything is made.

use virt::connect::Connect;

use super::capabilities::DomainCapabilities;
use super::domain_xml::machines;
use super::spot::{self, Spot};
use super::storage::no_space;
use super::{CreateRequest, Installer, NetworkSource, RemoteFile, arch};
use crate::domain;
use crate::error::{Error, ErrorKind, Result};
use crate::host::Host;
use crate::model::{HostInfo, HypervisorKind, VirtualizationType};
use crate::network;

/// Longest command line of a kernel (x86's `COMMAND_LINE_SIZE`).
const LONGEST_ARGUMENTS: usize = 2047;
/// Space that is needed besides the installer's files for anything at all to be installed.
const LEAST_SPACE: u64 = 64 * MIB;
const MIB: u64 = 1024 * 1024;
pub(super) const GIB: u64 = 1024 * MIB;

/// What was found out about the host for a request.
#[derive(Debug, Clone)]
pub(super) struct Checked {
    /// What its hypervisor can give the guest.
    pub(super) capabilities: DomainCapabilities,
    /// Where the disk goes.
    pub(super) disk: Spot,
    /// Bytes free there, where known.
    pub(super) available: Option<u64>,
    /// Whether the network has to be started.
    pub(super) starts_network: bool,
    /// Whether the connection is the user's own session.
    pub(super) session: bool,
}

/// The folder of the user's own disks on a session connection of this machine; libvirt's
/// convention, shared with other programs.
pub(super) fn session_folder(info: &HostInfo) -> Option<String> {
    (info.session && info.local)
        .then(users_images_folder)
        .flatten()
}

/// Where this user's own disks are.
pub(crate) fn users_images_folder() -> Option<String> {
    let data = std::env::var_os("XDG_DATA_HOME")
        .map(std::path::PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| std::env::home_dir().map(|home| home.join(".local/share")))?;
    data.join("libvirt/images").to_str().map(str::to_owned)
}

/// The installer that the request names.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] when there is none of that number.
pub(super) fn installer(request: &CreateRequest) -> Result<&Installer> {
    request
        .tree
        .installers
        .get(request.installer)
        .ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidInput,
                "The install tree has no installer of that number.",
            )
            .with_remedy("Choose one of those it has.")
        })
}

/// What the installer starts with in such a guest: kernel and initrd.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] when the tree has none for it.
pub(super) fn boot_files(request: &CreateRequest) -> Result<(&RemoteFile, &RemoteFile)> {
    installer(request)?
        .files_for(request.virtualization)
        .ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidInput,
                format!(
                    "The installer of {} cannot start in a paravirtual guest: its kernel knows \
                     nothing of Xen.",
                    request.tree.system()
                ),
            )
            .with_remedy("Run it fully virtual (HVM).")
        })
}

/// The kernel's whole command line.
pub(super) fn arguments(request: &CreateRequest, installer: &Installer) -> String {
    format!("{} {}", installer.arguments, request.extra_arguments.trim())
        .trim()
        .to_owned()
}

/// Checks what needs no host.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] with what would make sense.
pub(super) fn check_request(request: &CreateRequest) -> Result<()> {
    let refuse = |message: &str, remedy: &str| {
        Err(Error::new(ErrorKind::InvalidInput, message).with_remedy(remedy))
    };
    domain::check_name(&request.name).map_err(|error| error.with_remedy("Choose another name."))?;
    if request.memory_mib == 0 || request.vcpus == 0 || request.disk_gib == 0 {
        return refuse(
            "Memory, processors and disk must each be at least one.",
            "Raise what is zero.",
        );
    }
    if request.maximum_vcpus < request.vcpus {
        return refuse(
            "The processors at the start are more than the most the guest can be given.",
            "Lower the one or raise the other.",
        );
    }
    if request.virtualization.is_xen() && request.network == NetworkSource::User {
        return refuse(
            "Xen has no user network.",
            "Choose a bridge or a virtual network of the host, or none.",
        );
    }
    if request.maximum_memory_mib < request.memory_mib {
        return refuse(
            "The memory at the start is more than the most the guest can be given.",
            "Lower the one or raise the other.",
        );
    }
    // Figures beyond these overflow somewhere underneath.
    if request.maximum_memory_mib > 1 << 34 || request.disk_gib > 1 << 30 {
        return refuse("No machine has that much.", "Lower memory or disk.");
    }
    boot_files(request)?;
    let arguments = arguments(request, installer(request)?);
    if arguments.chars().any(char::is_control) {
        return refuse(
            "The installer's arguments have control characters in them.",
            "Write them on one line, with spaces between.",
        );
    }
    if arguments.len() > LONGEST_ARGUMENTS {
        return refuse("The installer's arguments are too long.", "Shorten them.");
    }
    Ok(())
}

/// Checks the request against what the host's snapshot tells.
///
/// # Errors
/// [`ErrorKind::Disconnected`], [`ErrorKind::NotSupported`], [`ErrorKind::WrongArchitecture`].
pub(super) fn check_host(host: &Host, request: &CreateRequest) -> Result<std::sync::Arc<HostInfo>> {
    let Some(info) = host.snapshot().info.clone() else {
        return Err(
            Error::new(ErrorKind::Disconnected, "The host is not connected now.")
                .with_remedy("Connect it, and try again."),
        );
    };
    if !info.capabilities.can_install {
        return Err(Error::new(
            ErrorKind::NotSupported,
            "Guests cannot be created from install trees on this host.",
        )
        .with_remedy("Use a host with QEMU, KVM or Xen."));
    }
    if request.virtualization.is_xen() != (info.kind == HypervisorKind::Xen) {
        return Err(Error::new(
            ErrorKind::NotSupported,
            format!("{} cannot run guests in that way.", info.hypervisor),
        )
        .with_remedy("Leave it to the host, or choose one of the ways that it has."));
    }
    if request.virtualization != VirtualizationType::Emulation
        && arch::libvirt_name(&request.tree.arch) != arch::libvirt_name(&info.arch)
    {
        return Err(Error::new(
            ErrorKind::WrongArchitecture,
            format!(
                "This host cannot run {} itself: it is {}.",
                arch::shown(&request.tree.arch),
                arch::shown(&info.arch)
            ),
        )
        .with_remedy(if request.virtualization.is_xen() {
            "Choose a tree for its own processor."
        } else {
            "Choose a tree for its own processor, or emulation."
        }));
    }
    Ok(info)
}

/// Checks the request on the host. Blocks.
///
/// # Errors
/// What would make the creation fail.
pub(super) fn check(
    connect: &Connect,
    request: &CreateRequest,
    info: &HostInfo,
) -> Result<Checked> {
    if connect.lookup_domain_by_name(&request.name).is_ok() {
        return Err(Error::new(
            ErrorKind::AlreadyExists,
            format!(
                "There is a guest called {} on this host already.",
                request.name
            ),
        )
        .with_remedy("Choose another name."));
    }
    let capabilities = capabilities(connect, &request.tree.arch, request.virtualization)?;
    if let Some(most) = capabilities.maximum_vcpus
        && request.vcpus > most
    {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            format!("A guest of this host can have {most} processors at most."),
        )
        .with_remedy("Give it fewer."));
    }
    let starts_network = match &request.network {
        NetworkSource::User | NetworkSource::None => false,
        NetworkSource::Bridge(name) => {
            network::check_bridge(connect, name)?;
            false
        }
        NetworkSource::Network(name) => {
            let network = connect.lookup_network_by_name(name).map_err(|error| {
                Error::from(error)
                    .if_not_found(&format!("The host has no network called {name}."))
                    .with_remedy("Choose another network.")
            })?;
            !network.is_active()?
        }
    };
    let disk = Spot::of(&request.disk, session_folder(info).as_deref())?;
    let look = spot::look(connect, &disk)?;
    if look.exists {
        return Err(Error::new(
            ErrorKind::AlreadyExists,
            format!("There is a file {} on the host already.", shown(request)),
        )
        .with_remedy("Choose another name for the disk; existing files are never overwritten."));
    }
    if look
        .available
        .is_some_and(|available| available < LEAST_SPACE)
    {
        return Err(no_space(&shown(request)));
    }
    Ok(Checked {
        capabilities,
        disk,
        available: look.available,
        starts_network,
        session: info.session,
    })
}

/// A disk's place in words.
pub(super) fn shown(request: &CreateRequest) -> String {
    match &request.disk {
        super::DiskPlace::Path(path) => path.clone(),
        super::DiskPlace::Volume { pool, name } => format!("{name} in the pool {pool}"),
    }
}

/// What is said where the disk may grow beyond the space there is.
pub(super) fn space_warning(checked: &Checked, request: &CreateRequest) -> Option<String> {
    let available = checked.available?;
    let wanted = request.disk_gib.saturating_mul(GIB);
    (available < wanted).then(|| {
        format!(
            "The disk can grow to {} GiB, but only {} are free there now. If it fills up, the \
             guest is stopped until there is space again.",
            request.disk_gib,
            amount(available)
        )
    })
}

/// Bytes for people: "12.3 GiB", "640 MiB".
pub(crate) fn amount(bytes: u64) -> String {
    if bytes >= GIB {
        format!("{:.1} GiB", bytes as f64 / GIB as f64)
    } else {
        format!("{} MiB", bytes / MIB)
    }
}

/// What the hypervisor can give a guest on the best machine that it has.
fn capabilities(
    connect: &Connect,
    arch: &str,
    virtualization: VirtualizationType,
) -> Result<DomainCapabilities> {
    let kind = match virtualization {
        VirtualizationType::Kvm => "kvm",
        VirtualizationType::Emulation => "qemu",
        VirtualizationType::XenPv | VirtualizationType::XenPvh | VirtualizationType::XenHvm => {
            "xen"
        }
    };
    let xml = domain_capabilities(connect, arch, machines(arch, virtualization), kind).map_err(
        |error| {
            if matches!(
                error.kind(),
                ErrorKind::Disconnected | ErrorKind::NotAnswering
            ) {
                return error;
            }
            let detail = error.detail().unwrap_or_default().to_owned();
            Error::new(
                ErrorKind::NotSupported,
                match virtualization {
                    VirtualizationType::Kvm => {
                        format!("This host cannot run {} guests by KVM.", arch::shown(arch))
                    }
                    VirtualizationType::Emulation => {
                        format!("This host has no emulator for {}.", arch::shown(arch))
                    }
                    _ => String::from("This host's Xen has no such guests."),
                },
            )
            .with_remedy(match virtualization {
                VirtualizationType::Kvm => "Choose emulation, which works everywhere but is slow.",
                VirtualizationType::Emulation => {
                    "Install QEMU for that processor there, or choose another tree."
                }
                _ => "Choose another of the ways in which Xen runs guests.",
            })
            .with_detail(detail)
        },
    )?;
    DomainCapabilities::parse(&xml)
}

/// libvirt's description of what a guest of that processor and kind of domain can have, on the first
/// of `machines` that the host has, else on its own choice. Blocks.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] when the host has no such guests; as libvirt says.
pub(crate) fn domain_capabilities(
    connect: &Connect,
    arch: &str,
    machines: &[&str],
    kind: &str,
) -> Result<String> {
    let ask = |machine| {
        connect
            .domain_capabilities(None, Some(arch), machine, Some(kind), 0)
            .map_err(Error::from)
    };
    for machine in machines {
        match ask(Some(machine)) {
            // Not this machine, or not at all; what follows tells.
            Err(error) if error.kind() == ErrorKind::InvalidInput => {}
            answer => return answer,
        }
    }
    ask(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::install::domain_xml::tests::request;

    #[test]
    fn requests_that_make_no_sense_are_refused() {
        check_request(&request("Debian 12 🐧 <&>")).unwrap();
        let long = "x".repeat(201);
        for name in ["", "  ", " a", "a ", "a/b", "a\nb", ".", "..", &long] {
            let error = check_request(&request(name)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name:?}");
            assert!(error.remedy().is_some());
        }
        let good = request("g");
        for bad in [
            CreateRequest {
                memory_mib: 0,
                ..good.clone()
            },
            CreateRequest {
                memory_mib: 4096,
                ..good.clone()
            },
            CreateRequest {
                vcpus: 0,
                ..good.clone()
            },
            CreateRequest {
                maximum_vcpus: 1,
                ..good.clone()
            },
            CreateRequest {
                virtualization: VirtualizationType::XenPv,
                network: NetworkSource::User,
                ..good.clone()
            },
            CreateRequest {
                disk_gib: 0,
                ..good.clone()
            },
            CreateRequest {
                disk_gib: u64::MAX,
                ..good.clone()
            },
            CreateRequest {
                installer: 7,
                ..good.clone()
            },
            CreateRequest {
                extra_arguments: String::from("a\nb"),
                ..good.clone()
            },
            CreateRequest {
                extra_arguments: "a".repeat(3000),
                ..good.clone()
            },
        ] {
            let error = check_request(&bad).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{bad:?}");
        }
    }

    #[test]
    fn short_space_is_said_in_units_people_use() {
        let mut checked = Checked {
            capabilities: DomainCapabilities::default(),
            disk: Spot::Pool {
                pool: String::new(),
                name: String::new(),
            },
            available: Some(5 * GIB + GIB / 2),
            starts_network: false,
            session: false,
        };
        let warning = space_warning(&checked, &request("g")).unwrap();
        assert!(
            warning.contains("20 GiB") && warning.contains("5.5 GiB"),
            "{warning}"
        );
        checked.available = Some(20 * GIB);
        assert_eq!(space_warning(&checked, &request("g")), None);
        checked.available = None;
        assert_eq!(space_warning(&checked, &request("g")), None);
        assert_eq!(amount(700 * MIB), "700 MiB");
    }
}
