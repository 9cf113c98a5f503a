//! Installing: a tree whose installer is the tiny guest, requests for it, and what there is on the
//! private daemon before and after.

use std::path::{Path, PathBuf};
use std::process::Command;

use backend::install::{self, CreateRequest, DiskPlace, NetworkSource};
use backend::model::VirtualizationType;
use tokio::runtime::Runtime;

use crate::daemon::virsh;
use crate::testbed;
use crate::tree_server::TreeServer;

/// A tree that describes itself as Fedora's do, with the tiny guest for an installer: up within
/// seconds, and `reboot -f` on its console is what a real one does at its end.
#[derive(Debug)]
pub struct TinyTree {
    /// Serves it.
    pub server: TreeServer,
    folder: PathBuf,
}

impl TinyTree {
    /// Lays it out in the sandbox and serves it.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn serve() -> Self {
        let folder = PathBuf::from("/run/tree");
        let images = folder.join("images");
        std::fs::create_dir_all(&images).expect("a folder can be made");
        let mut sums = String::new();
        for (name, file) in [
            ("vmlinuz", testbed::kernel()),
            ("initrd.img", testbed::initrd()),
        ] {
            std::fs::copy(&file, images.join(name)).expect("the tier has looked for it");
            let sum = Command::new("sha256sum").arg(&file).output();
            let sum = String::from_utf8(sum.expect("sha256sum runs").stdout).expect("hex is text");
            let hex = sum.split(' ').next().unwrap_or_default();
            sums.push_str(&format!("images/{name} = sha256:{hex}\n"));
        }
        let description = format!(
            "[checksums]\n{sums}[general]\nfamily = Fedora\nversion = 43\narch = x86_64\n\
             [images-x86_64]\nkernel = images/vmlinuz\ninitrd = images/initrd.img\n"
        );
        std::fs::write(folder.join(".treeinfo"), description).expect("a file can be written");
        Self {
            server: TreeServer::serve(&folder),
            folder,
        }
    }

    /// Its address.
    pub fn url(&self) -> String {
        self.server.url("")
    }

    /// Puts other bytes, as many, in place of the kernel's last: as a tampered mirror would.
    ///
    /// # Panics
    /// When the file cannot be written.
    pub fn tamper_with_kernel(&self) {
        let path = self.folder.join("images/vmlinuz");
        let mut kernel = std::fs::read(&path).expect("it is there");
        if let Some(last) = kernel.last_mut() {
            *last ^= 1;
        }
        std::fs::write(path, kernel).expect("it can be written");
    }

    /// A request for a guest of that name with its disk at `disk`.
    ///
    /// # Panics
    /// When the tree is not recognised.
    pub fn request(&self, runtime: &Runtime, name: &str, disk: &str) -> CreateRequest {
        let url = self.url();
        let tree = runtime.block_on(install::detect(&url, "x86_64"));
        CreateRequest {
            name: name.to_owned(),
            memory_mib: 256,
            maximum_memory_mib: 512,
            vcpus: 1,
            maximum_vcpus: 1,
            disk: DiskPlace::Path(disk.to_owned()),
            disk_gib: 10,
            tree: tree.expect("the tree is recognised"),
            installer: 0,
            extra_arguments: String::from("console=tty0 console=ttyS0 quiet"),
            virtualization: VirtualizationType::Emulation,
            network: NetworkSource::Network(String::from("default")),
        }
    }
}

/// What a creation may leave behind: guests, pools, running networks, files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Belongings {
    guests: String,
    pools: String,
    networks: String,
    files: Vec<PathBuf>,
}

impl Belongings {
    /// What there is now; files of the host's own folders and of `folders`.
    ///
    /// # Panics
    /// When the daemon does not answer.
    pub fn now(folders: &[&str]) -> Self {
        let own = [
            "/var/lib/libvirt/boot",
            "/var/lib/libvirt/images",
            "/run/home",
        ];
        let mut files = Vec::new();
        for folder in own.iter().chain(folders) {
            list(Path::new(folder), &mut files);
        }
        files.sort();
        Self {
            guests: virsh(&["list", "--all"]),
            pools: virsh(&["pool-list", "--all"]),
            networks: virsh(&["net-list", "--all"]),
            files,
        }
    }

    /// Whether guests, pools and the host's own files are the same. A network that was started may
    /// stay, and so may what a program with windows keeps at home.
    pub fn same_on_host(&self, other: &Self) -> bool {
        let own = |belongings: &Self| -> Vec<PathBuf> {
            let files = belongings.files.iter();
            files
                .filter(|file| file.starts_with("/var/lib/libvirt"))
                .cloned()
                .collect()
        };
        self.guests == other.guests && self.pools == other.pools && own(self) == own(other)
    }
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            list(&path, files);
        } else {
            files.push(path);
        }
    }
}
