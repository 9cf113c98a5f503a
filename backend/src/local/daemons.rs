//! libvirt's daemons on this computer: which are installed.

use std::path::{Path, PathBuf};

/// Where administrators' programs are; an ordinary user's search path lacks some of them.
const FOLDERS: [&str; 5] = [
    "/usr/sbin",
    "/usr/bin",
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/libexec",
];

/// The installed program of that name. Looks at files.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    FOLDERS
        .iter()
        .map(|folder| Path::new(folder).join(name))
        .find(|path| path.is_file())
}

/// The daemons that are installed, in the order to start them: libvirtd, or its modular successors.
pub fn daemons() -> Vec<PathBuf> {
    let hypervisor: &[&str] = match find("libvirtd") {
        Some(_) => &["libvirtd"],
        None => &[
            "virtnetworkd",
            "virtnodedevd",
            "virtsecretd",
            "virtstoraged",
            "virtxend",
            "virtqemud",
        ],
    };
    // QEMU's own output goes through virtlogd; nothing else starts it where there is no systemd.
    ["virtlogd"]
        .iter()
        .chain(hypervisor)
        .copied()
        .filter_map(find)
        .collect()
}

/// Whether a daemon that serves a hypervisor is installed on this computer.
pub fn is_installed() -> bool {
    ["libvirtd", "virtqemud", "virtxend"]
        .iter()
        .any(|name| find(name).is_some())
}
