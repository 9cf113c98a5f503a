//! The tiny real guest: busybox on a Debian kernel, ready within seconds under emulation.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::console::Console;
use crate::daemon::virsh;
use crate::testbed;

/// How long the guest may take to boot: 8 s alone on two slow processors, minutes on busy ones.
pub const BOOT: Duration = Duration::from_mins(4);

/// A guest that is defined on the private daemon, with a disk of 64 MiB and 256 MiB of memory.
#[derive(Debug)]
pub struct TinyGuest {
    name: String,
    serial: PathBuf,
}

impl TinyGuest {
    /// Makes its disk and defines it; it is off.
    ///
    /// # Panics
    /// When libvirt refuses.
    pub fn define(name: &str) -> Self {
        let folder = Path::new("/var/lib/libvirt/images");
        let disk = folder.join(format!("{name}.qcow2"));
        let serial = PathBuf::from(format!("/run/libvirt/{name}.serial"));
        let made = Command::new("qemu-img")
            .args(["create", "-q", "-f", "qcow2"])
            .arg(&disk)
            .arg("64M")
            .stdin(Stdio::null())
            .status();
        assert!(made.is_ok_and(|status| status.success()), "qemu-img create");

        let xml = include_str!("../guest/domain.xml")
            .replace("@NAME@", name)
            .replace("@KERNEL@", &absolute(&testbed::kernel()))
            .replace("@INITRD@", &absolute(&testbed::initrd()))
            .replace("@DISK@", &disk.display().to_string())
            .replace("@SERIAL@", &serial.display().to_string());
        let file = format!("/run/{name}.xml");
        std::fs::write(&file, xml).expect("the definition can be written");
        virsh(&["define", &file]);
        if virsh(&["net-list", "--name"]).is_empty() {
            virsh(&["net-start", "default"]);
        }
        Self {
            name: name.to_owned(),
            serial,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Starts it through virsh and waits until it is ready.
    ///
    /// # Panics
    /// When it does not get there.
    pub fn boot(&self) -> Console {
        virsh(&["start", &self.name]);
        self.wait_until_ready()
    }

    /// Waits until the guest, started by whatever is under test, is ready; gives its console.
    ///
    /// # Panics
    /// When it does not get there within [`BOOT`].
    pub fn wait_until_ready(&self) -> Console {
        let mut console = self.console();
        console.expect("GUEST-READY", BOOT);
        console
    }

    /// The console of the running guest.
    ///
    /// # Panics
    /// When there is none to connect to.
    pub fn console(&self) -> Console {
        Console::connect(&self.serial)
    }

    /// What libvirt says it is doing: "running", "shut off", ...
    pub fn state(&self) -> String {
        virsh(&["domstate", &self.name])
    }
}

/// The definition of a guest without any system, which starts at once and costs next to nothing: 64 MiB
/// of memory, a VNC screen with its firmware's words, a text console.
pub fn small(name: &str) -> String {
    include_str!("../guest/small.xml").replace("@NAME@", name)
}

fn absolute(path: &Path) -> String {
    let path = path.canonicalize().expect("the tier has looked for it");
    path.display().to_string()
}
