//! Names of processors: libvirt's, and those the distributions use for the same.

/// libvirt's name, the Debian family's, and others seen for the same processor.
const NAMES: [(&str, &str, &[&str]); 9] = [
    ("x86_64", "amd64", &["x86-64"]),
    ("i686", "i386", &["i486", "i586"]),
    ("aarch64", "arm64", &[]),
    ("armv7l", "armhf", &["armhfp"]),
    ("ppc64le", "ppc64el", &[]),
    ("ppc64", "ppc64", &[]),
    ("s390x", "s390x", &[]),
    ("riscv64", "riscv64", &[]),
    ("loongarch64", "loong64", &["loongarch64"]),
];

/// libvirt's name for a processor that a tree names in its own way; the name itself when unknown.
pub(super) fn libvirt_name(name: &str) -> &str {
    NAMES
        .iter()
        .find(|(libvirt, debian, others)| {
            *libvirt == name || *debian == name || others.contains(&name)
        })
        .map_or(name, |(libvirt, ..)| libvirt)
}

/// The Debian family's name for libvirt's; the name itself when unknown.
pub(super) fn debian_name(libvirt: &str) -> &str {
    NAMES
        .iter()
        .find(|(name, ..)| *name == libvirt)
        .map_or(libvirt, |(_, debian, _)| debian)
}

/// The Debian family's names of every processor known here.
pub(super) fn debian_names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|(_, debian, _)| *debian)
}

/// Names for people: libvirt's, with the Debian family's beside it where it differs.
pub(super) fn shown(name: &str) -> String {
    let libvirt = libvirt_name(name);
    let debian = debian_name(libvirt);
    if debian == libvirt {
        libvirt.to_owned()
    } else {
        format!("{libvirt} ({debian})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        assert_eq!(libvirt_name("amd64"), "x86_64");
        assert_eq!(libvirt_name("i586"), "i686");
        assert_eq!(libvirt_name("sparc"), "sparc");
        assert_eq!(debian_name("ppc64le"), "ppc64el");
        assert_eq!(shown("arm64"), "aarch64 (arm64)");
        assert_eq!(shown("s390x"), "s390x");
    }
}
