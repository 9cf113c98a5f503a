//! The distribution of this computer: which packages bring what, and by which command.

use std::fs;

/// Where os-release(5) is.
pub(super) const RELEASE: &str = "/etc/os-release";

/// What can be installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// libvirt's daemon with QEMU.
    Hypervisor,
    /// QEMU alone.
    Emulator,
    /// Firmware for guests that boot by UEFI.
    Firmware,
    /// Xen with its tools, and libvirt's driver for it.
    Xen,
}

/// A family of distributions that share package names and the tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Debian,
    Fedora,
    Arch,
    Suse,
}

/// Where the installed packages of QEMU and libvirt come from, on Debian and its kin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Origins {
    /// Whether QEMU's are from backports; nothing where none is installed.
    pub(crate) qemu: Option<bool>,
    /// The same of libvirt's.
    pub(crate) libvirt: Option<bool>,
}

/// A distribution, as far as it matters for installing something.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Distribution {
    family: Option<Family>,
    codename: Option<String>,
    pub(crate) origins: Origins,
}

impl Distribution {
    /// This computer's. Reads files.
    pub(crate) fn of_this_computer() -> Self {
        let release = fs::read_to_string(RELEASE).unwrap_or_default();
        let packages = fs::read_to_string("/var/lib/dpkg/status").unwrap_or_default();
        Self::of(&release, &packages)
    }

    /// From os-release(5) and dpkg's list of packages, empty elsewhere.
    pub(crate) fn of(release: &str, packages: &str) -> Self {
        let value = |key: &str| {
            release
                .lines()
                .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
                .map(|value| value.trim().trim_matches(['"', '\'']))
        };
        let ids: Vec<&str> = [value("ID"), value("ID_LIKE")]
            .into_iter()
            .flatten()
            .flat_map(str::split_whitespace)
            .collect();
        let is = |names: &[&str]| ids.iter().any(|id| names.contains(id));
        let family = if is(&["debian", "ubuntu"]) {
            Some(Family::Debian)
        } else if is(&["fedora", "rhel"]) {
            Some(Family::Fedora)
        } else if is(&["arch"]) {
            Some(Family::Arch)
        } else if is(&["suse", "opensuse"]) {
            Some(Family::Suse)
        } else {
            None
        };
        Self {
            family,
            codename: value("VERSION_CODENAME").map(str::to_owned),
            origins: origins(packages),
        }
    }

    /// The command that installs `need`, to be run as the superuser; nothing where it is not known.
    pub(crate) fn install(&self, need: Need) -> Option<String> {
        let family = self.family?;
        let packages = packages(family, need, std::env::consts::ARCH)?;
        let tool = match family {
            Family::Debian => match self.backports() {
                // Packages of QEMU and libvirt refuse to be mixed between a release and its
                // backports; firmware comes from elsewhere.
                Some(suite) if need != Need::Firmware => format!("apt install -t {suite}"),
                _ => "apt install".to_owned(),
            },
            Family::Fedora => "dnf install".to_owned(),
            Family::Arch => "pacman -S".to_owned(),
            Family::Suse => "zypper install".to_owned(),
        };
        Some(format!("{tool} {packages}"))
    }

    /// The backports suite that QEMU or libvirt comes from here.
    fn backports(&self) -> Option<String> {
        let Origins { qemu, libvirt } = self.origins;
        if qemu != Some(true) && libvirt != Some(true) {
            return None;
        }
        Some(format!("{}-backports", self.codename.as_deref()?))
    }
}

fn packages(family: Family, need: Need, arch: &str) -> Option<&'static str> {
    use Family as F;
    let arm = arch == "aarch64";
    Some(match (need, family) {
        (Need::Hypervisor, F::Debian) if arm => {
            "libvirt-daemon-system qemu-system-arm qemu-efi-aarch64"
        }
        (Need::Hypervisor, F::Debian) => "libvirt-daemon-system qemu-system-x86",
        (Need::Hypervisor, F::Fedora) => "libvirt-daemon-kvm",
        (Need::Hypervisor, F::Arch) => "libvirt qemu-base dnsmasq",
        (Need::Hypervisor, F::Suse) => "libvirt-daemon-qemu",
        (Need::Emulator, F::Debian) if arm => "qemu-system-arm",
        (Need::Emulator, F::Debian) => "qemu-system-x86",
        (Need::Emulator, F::Fedora) => "qemu-kvm",
        (Need::Emulator, F::Arch) => "qemu-base",
        (Need::Emulator, F::Suse) if arm => "qemu-arm",
        (Need::Emulator, F::Suse) => "qemu-x86",
        (Need::Firmware, F::Debian) if arm => "qemu-efi-aarch64",
        (Need::Firmware, F::Debian) => "ovmf",
        (Need::Firmware, F::Fedora | F::Arch) if arm => "edk2-aarch64",
        (Need::Firmware, F::Fedora | F::Arch) => "edk2-ovmf",
        (Need::Firmware, F::Suse) if arm => "qemu-uefi-aarch64",
        (Need::Firmware, F::Suse) => "qemu-ovmf-x86_64",
        (Need::Xen, F::Debian) if arm => {
            "xen-system-arm64 libvirt-daemon-system libvirt-daemon-driver-xen"
        }
        (Need::Xen, F::Debian) => {
            "xen-system-amd64 libvirt-daemon-system libvirt-daemon-driver-xen"
        }
        (Need::Xen, F::Fedora) => "xen libvirt-daemon-xen",
        (Need::Xen, F::Suse) => "xen xen-tools libvirt-daemon-xen",
        // Xen is not among its packages.
        (Need::Xen, F::Arch) => return None,
    })
}

/// From dpkg's list: backports have `~bpo` in their versions.
fn origins(packages: &str) -> Origins {
    let mut origins = Origins::default();
    for entry in packages.split("\n\n") {
        let field = |name: &str| {
            entry
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        };
        let (Some(package), Some(version)) = (field("Package"), field("Version")) else {
            continue;
        };
        if field("Status").is_none_or(|status| !status.ends_with(" installed")) {
            continue;
        }
        let origin = if package.starts_with("qemu-") {
            &mut origins.qemu
        } else if package.starts_with("libvirt-daemon") {
            &mut origins.libvirt
        } else {
            continue;
        };
        *origin = Some(*origin == Some(true) || version.contains("~bpo"));
    }
    origins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_family_of_distributions_has_its_command() {
        for (release, tool) in [
            ("NAME=x\nID=debian\n", "apt install "),
            ("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", "apt install "),
            ("ID=fedora\n", "dnf install "),
            (
                "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n",
                "dnf install ",
            ),
            ("ID=arch\n", "pacman -S "),
            (
                "ID=\"opensuse-tumbleweed\"\nID_LIKE=\"opensuse suse\"\n",
                "zypper install ",
            ),
        ] {
            let distribution = Distribution::of(release, "");
            for need in [Need::Hypervisor, Need::Emulator, Need::Firmware] {
                let command = distribution.install(need).unwrap();
                assert!(command.starts_with(tool), "{release}: {command}");
            }
        }
        for release in ["ID=plan9\n", "VERSION_ID=debian\n", ""] {
            assert_eq!(
                Distribution::of(release, "").install(Need::Hypervisor),
                None
            );
        }
        let arch = Distribution::of("ID=arch\n", "");
        assert_eq!(arch.install(Need::Xen), None);
    }

    #[test]
    fn what_is_from_backports_gets_the_rest_from_there_too() {
        let release = "ID=debian\nVERSION_CODENAME=bookworm\n";
        let packages = "Package: qemu-utils\nStatus: install ok installed\n\
                        Version: 1:10.0.2+ds-2~bpo12+1\n\n\
                        Package: libvirt-daemon\nStatus: deinstall ok config-files\n\
                        Version: 11.3.0-2~bpo12+1\n\n\
                        Package: libvirt0\nStatus: install ok installed\nVersion: 9.0.0-4\n";
        let distribution = Distribution::of(release, packages);
        assert_eq!(
            distribution.origins,
            Origins {
                qemu: Some(true),
                libvirt: None
            }
        );
        let command = distribution.install(Need::Hypervisor).unwrap();
        assert!(
            command.starts_with("apt install -t bookworm-backports "),
            "{command}"
        );
        let firmware = distribution.install(Need::Firmware).unwrap();
        assert!(!firmware.contains("backports"), "{firmware}");
        let plain = packages.replace("~bpo12+1", "");
        let command = Distribution::of(release, &plain).install(Need::Hypervisor);
        assert!(!command.unwrap().contains("backports"));
    }
}
