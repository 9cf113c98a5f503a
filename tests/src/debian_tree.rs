//! An install tree whose installer is the tiny guest: laid out as Debian's, ready within seconds.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::testbed;

/// The folder of the installer's images within the tree.
const IMAGES: &str = "debian/dists/tiny/main/installer-amd64/current/images";

/// Where kernel and initrd are within [`IMAGES`].
const NETBOOT: &str = "netboot/debian-installer/amd64";

/// A tree in a temporary folder, to be served.
#[derive(Debug)]
pub struct DebianTree(TempDir);

impl DebianTree {
    /// Lays it out.
    ///
    /// # Panics
    /// When the folder cannot be written, or the testbed is missing.
    pub fn lay_out() -> Self {
        let root = tempfile::tempdir().expect("a temporary folder can be made");
        let images = root.path().join(IMAGES);
        let files = images.join(NETBOOT);
        std::fs::create_dir_all(&files).expect("it is ours");
        copy(&testbed::kernel(), &files.join("linux"));
        copy(&testbed::initrd(), &files.join("initrd.gz"));
        let mut manifest = String::new();
        let mut sums = String::new();
        for name in ["linux", "initrd.gz"] {
            manifest.push_str(&format!("{NETBOOT}/{name} -- network boot image\n"));
            let sum = sha256(&files.join(name));
            sums.push_str(&format!("{sum}  ./{NETBOOT}/{name}\n"));
        }
        std::fs::write(images.join("MANIFEST"), manifest).expect("it is ours");
        std::fs::write(images.join("SHA256SUMS"), sums).expect("it is ours");
        let release = "Origin: Debian\nLabel: Debian\nSuite: stable\nVersion: 12.0\n\
                       Codename: tiny\nArchitectures: amd64\nComponents: main\n";
        let dist = root.path().join("debian/dists/tiny");
        std::fs::write(dist.join("Release"), release).expect("it is ours");
        Self(root)
    }

    /// The folder to serve.
    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    /// What to append to a server's address to install from.
    pub fn path() -> &'static str {
        "debian/dists/tiny/main/installer-amd64/"
    }

    /// A file of the installer, "linux" or "initrd.gz", to be spoilt.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder().join(IMAGES).join(NETBOOT).join(name)
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::copy(from, to).expect("the tier has looked for it");
}

fn sha256(file: &Path) -> String {
    let output = Command::new("sha256sum").arg(file).output();
    let output = output.expect("sha256sum is everywhere").stdout;
    let text = String::from_utf8_lossy(&output);
    text.split(' ').next().unwrap_or_default().to_owned()
}
