//! What is looked at on this computer, without its service.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::Path;

use super::kvm::{Device, Kvm};
use super::processor::{self, Reading};
use super::service::Daemons;
use super::shell::Shell;
use super::user::User;
use super::xen::Xen;
use super::{network, versions};
use crate::install::{IMAGES_FOLDER, users_images_folder};
use crate::uri::Route;

/// This computer, as far as it matters for a connection to itself.
#[derive(Debug, Clone)]
pub(super) struct Here {
    pub(super) shell: Shell,
    pub(super) user: User,
    /// The contents of group(5).
    pub(super) groups: String,
    pub(super) processor: Reading,
    pub(super) kvm: Kvm,
    /// Whether this user can open KVM's device; nothing where that was not tried or says nothing.
    pub(super) opens_kvm: Option<bool>,
    pub(super) xen: Xen,
    pub(super) daemons: Daemons,
    /// Whether QEMU is installed.
    pub(super) emulator: bool,
    /// The file that defines the default network.
    pub(super) network_definition: Option<&'static str>,
    /// Whether the connection is an ordinary user's own session.
    pub(super) session: bool,
    /// Where disks go without a pool.
    pub(super) folder: String,
    /// Whether QEMU's output has nowhere to go.
    pub(super) lacks_log: bool,
}

impl Here {
    /// Looks at this computer for a connection to `uri`. Reads files.
    pub(super) fn look(uri: &str) -> Self {
        let route = Route::of(uri);
        let user = User::of_this_process();
        // The superuser's session is the system's.
        let session = route.path == "session" && !user.is_root();
        let shell = Shell::of_this_computer(uri, user.is_root());
        let text = |path| fs::read_to_string(path).unwrap_or_default();
        let kvm = Kvm::of_this_computer();
        Self {
            groups: text("/etc/group"),
            processor: processor::read(&text("/proc/cpuinfo")),
            opens_kvm: opens(&kvm),
            kvm,
            xen: Xen::of_this_computer(),
            daemons: Daemons::of_this_computer(route.driver),
            emulator: versions::has_emulator(std::env::consts::ARCH),
            network_definition: network::definition_here(),
            folder: session
                .then(users_images_folder)
                .flatten()
                .unwrap_or_else(|| IMAGES_FOLDER.to_owned()),
            lacks_log: route.driver == "qemu"
                && !session
                && !shell.systemd
                && !Path::new("/run/libvirt/virtlogd-sock").exists()
                && fs::read_to_string("/etc/libvirt/qemu.conf").is_ok_and(|text| wants_log(&text)),
            session,
            user,
            shell,
        }
    }

    /// The user with what decides its groups.
    pub(super) fn who(&self) -> (&User, &str) {
        (&self.user, &self.groups)
    }
}

fn opens(kvm: &Kvm) -> Option<bool> {
    if !matches!(kvm.device, Device::Present { .. }) {
        return None;
    }
    match File::options().read(true).write(true).open("/dev/kvm") {
        Ok(_) => Some(true),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Some(false),
        Err(_) => None,
    }
}

/// Whether QEMU's output goes to virtlogd, which is the default, by libvirt's qemu.conf.
fn wants_log(configuration: &str) -> bool {
    !configuration.lines().any(|line| {
        line.split_once('=').is_some_and(|(key, value)| {
            key.trim() == "stdio_handler" && value.trim().trim_matches('"') == "file"
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_goes_to_virtlogd_unless_told_otherwise() {
        assert!(wants_log("#stdio_handler = \"file\"\nuser = \"root\"\n"));
        assert!(wants_log("stdio_handler = \"logd\"\n"));
        assert!(!wants_log("  stdio_handler=\"file\"\n"));
    }

    #[test]
    fn this_computer_can_be_looked_at() {
        let here = Here::look("qemu:///system");
        assert!(!here.session);
        assert_eq!(here.folder, IMAGES_FOLDER);
        assert_eq!(here.shell.uri, "qemu:///system");
    }
}
