//! Where the artefacts are that `scripts/fetch-testbed` makes, and where tests leave theirs.

use std::path::{Path, PathBuf};

/// The distribution's own interpreter: another one first in `PATH` would lack the bindings.
pub const PYTHON: &str = "/usr/bin/python3";

/// The root of the checkout.
pub fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The tiny guest's kernel.
pub fn kernel() -> PathBuf {
    checkout().join("build/testbed/vmlinuz")
}

/// The tiny guest's initrd.
pub fn initrd() -> PathBuf {
    checkout().join("build/testbed/guest.cpio.gz")
}

/// The Debian installer as a mirror's folder: serve it and install from `/debian`'s `dists`.
pub fn tree() -> PathBuf {
    checkout().join("build/testbed/tree")
}

/// What [`tree`] installs: codename and version, "bookworm" and "12".
///
/// # Panics
/// When the tree is not one.
pub fn tree_release() -> (String, String) {
    let dists = tree().join("debian/dists");
    let mut releases = std::fs::read_dir(&dists).expect("the tier has looked for the tree");
    let folder = releases
        .next()
        .expect("it holds a release")
        .expect("and can be read");
    let release = std::fs::read_to_string(folder.path().join("Release")).expect("it is described");
    let version = release
        .lines()
        .find_map(|line| line.strip_prefix("Version: "))
        .and_then(|version| version.split('.').next())
        .expect("with its version");
    let codename = folder.file_name().to_string_lossy().into_owned();
    (codename, version.to_owned())
}

/// The folder for pictures that tests take, made if needed.
///
/// # Panics
/// When it cannot be made.
pub fn screenshots() -> PathBuf {
    let folder = checkout().join("build/screenshots");
    std::fs::create_dir_all(&folder).expect("the screenshot folder can be made");
    folder
}
