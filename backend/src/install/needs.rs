//! What systems need and what libosinfo calls them.
//!
//! The minimum is what the *installer* needs to come up when it is started from kernel and initrd:
//! it then lives in memory as a whole, which takes more than from a disc. The figures are those of
//! the distributions' own release notes and installation guides, raised where a try showed more to
//! be needed.

/// What a system needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Needs {
    /// Memory without which the installer fails, in MiB.
    pub(super) minimum_memory_mib: u64,
    /// Memory with which the system is pleasant, in MiB.
    pub(super) recommended_memory_mib: u64,
    /// Disk with which the system is pleasant, in GiB.
    pub(super) recommended_disk_gib: u64,
}

const fn needs(minimum: u64, recommended: u64, disk: u64) -> Needs {
    Needs {
        minimum_memory_mib: minimum,
        recommended_memory_mib: recommended,
        recommended_disk_gib: disk,
    }
}

/// Debian's graphical installer: its guide says 780 MiB, 512 was seen to panic, 1024 to work.
const DEBIAN_GRAPHICAL: Needs = needs(780, 2048, 20);
/// Its text installer falls into a low-memory mode without translations below about 512.
const DEBIAN_TEXT: Needs = needs(512, 2048, 20);

/// What a system of the Debian family needs.
pub(super) fn of_debian(graphical: bool) -> Needs {
    if graphical {
        DEBIAN_GRAPHICAL
    } else {
        DEBIAN_TEXT
    }
}

/// What a system with a `.treeinfo` needs, by its family as [`Family::of`] tells it.
pub(super) fn of_treeinfo(family: Family, major: Option<u32>) -> Needs {
    let major = major.unwrap_or(u32::MAX);
    match family {
        Family::Fedora if major < 21 => needs(1024, 2048, 20),
        Family::RedHat if major < 7 => needs(768, 2048, 20),
        Family::RedHat if major < 8 => needs(1280, 2048, 20),
        Family::RedHat if major < 9 => needs(1536, 2048, 20),
        Family::Suse => needs(1536, 2048, 30),
        // Unknown ones are most likely close kin of today's.
        Family::Fedora | Family::RedHat | Family::Other => needs(2048, 4096, 20),
    }
}

/// Kin of distributions whose trees carry a `.treeinfo`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Fedora,
    /// RHEL and those rebuilt from it, whose versions count alike.
    RedHat,
    Suse,
    Other,
}

impl Family {
    /// The family of a distribution by its name in the tree.
    pub(super) fn of(distribution: &str) -> Self {
        let name = distribution.to_ascii_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
        if has(&["fedora"]) {
            Self::Fedora
        } else if has(&[
            "red hat",
            "rhel",
            "centos",
            "rocky",
            "alma",
            "oracle",
            "scientific",
            "eurolinux",
        ]) {
            Self::RedHat
        } else if has(&["suse"]) {
            Self::Suse
        } else {
            Self::Other
        }
    }
}

/// libosinfo's identifier for a release of Debian's family, where it has one.
pub(super) fn debian_os_id(origin: &str, version: &str) -> Option<String> {
    match origin {
        "Debian" => Some(format!(
            "http://debian.org/debian/{}",
            // Point releases share an entry since Debian 4.
            version.split('.').next().unwrap_or(version)
        )),
        "Ubuntu" => Some(format!("http://ubuntu.com/ubuntu/{version}")),
        _ => None,
    }
}

/// libosinfo's identifier for a system with a `.treeinfo`, where it has one.
pub(super) fn treeinfo_os_id(distribution: &str, version: &str) -> Option<String> {
    let name = distribution.to_ascii_lowercase();
    let version = version.to_ascii_lowercase();
    let major = version.split('.').next().unwrap_or(&version);
    if version.is_empty()
        || !version
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
    {
        return None;
    }
    Some(match name.as_str() {
        "fedora" => format!("http://fedoraproject.org/fedora/{version}"),
        _ if name.starts_with("red hat enterprise linux") || name == "rhel" => {
            format!("http://redhat.com/rhel/{version}")
        }
        "centos stream" => format!("http://centos.org/centos-stream/{major}"),
        "centos" | "centos linux" => match major {
            // From 8 on without point releases; Stream named itself plain CentOS at first.
            "9" | "10" => format!("http://centos.org/centos-stream/{major}"),
            "8" => String::from("http://centos.org/centos/8"),
            _ if version.contains('.') => format!("http://centos.org/centos/{version}"),
            _ => format!("http://centos.org/centos/{version}.0"),
        },
        "rocky linux" | "rocky" => format!("http://rockylinux.org/rocky/{major}"),
        "almalinux" => format!("http://almalinux.org/almalinux/{major}"),
        "oracle linux" | "oracle linux server" => format!("http://oracle.com/ol/{version}"),
        "opensuse tumbleweed" => String::from("http://opensuse.org/tumbleweed"),
        "opensuse leap" => format!("http://opensuse.org/leap/{version}"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_have_their_libosinfo_names() {
        for (distribution, version, id) in [
            ("Fedora", "43", "http://fedoraproject.org/fedora/43"),
            (
                "Fedora",
                "Rawhide",
                "http://fedoraproject.org/fedora/rawhide",
            ),
            (
                "Red Hat Enterprise Linux",
                "9.4",
                "http://redhat.com/rhel/9.4",
            ),
            (
                "Red Hat Enterprise Linux Server",
                "5.11",
                "http://redhat.com/rhel/5.11",
            ),
            ("CentOS Stream", "9", "http://centos.org/centos-stream/9"),
            ("CentOS", "7", "http://centos.org/centos/7.0"),
            ("CentOS Linux", "8", "http://centos.org/centos/8"),
            ("Rocky Linux", "9.4", "http://rockylinux.org/rocky/9"),
            ("AlmaLinux", "10.0", "http://almalinux.org/almalinux/10"),
        ] {
            assert_eq!(treeinfo_os_id(distribution, version).as_deref(), Some(id));
        }
        assert_eq!(treeinfo_os_id("Fedora", "4/../3"), None);
        assert_eq!(treeinfo_os_id("Fedora", ""), None);
        assert_eq!(treeinfo_os_id("Some Linux", "1"), None);
        assert_eq!(
            debian_os_id("Debian", "12.15").as_deref(),
            Some("http://debian.org/debian/12")
        );
        assert_eq!(
            debian_os_id("Ubuntu", "20.04").as_deref(),
            Some("http://ubuntu.com/ubuntu/20.04")
        );
        assert_eq!(debian_os_id("Kali", "2025.1"), None);
    }

    #[test]
    fn kin_is_recognised() {
        assert_eq!(Family::of("Fedora"), Family::Fedora);
        assert_eq!(Family::of("Red Hat Enterprise Linux"), Family::RedHat);
        assert_eq!(Family::of("AlmaLinux"), Family::RedHat);
        assert_eq!(Family::of("openSUSE Leap"), Family::Suse);
        assert_eq!(Family::of("Mageia"), Family::Other);
    }
}
