//! `guesthouse detect`: what an address holds, and a sentence to act on where it holds nothing.

use std::path::Path;

use integration::tier::Tier;
use integration::tree_server::{Fault, TreeServer};
use integration::{program, sandbox, testbed};

/// Runs `guesthouse detect`; what it printed, or what it complained about.
fn detect(url: &str) -> Result<String, String> {
    let output = program::run(&["detect", url]);
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    match output.status.code() {
        Some(0) => Ok(text(&output.stdout)),
        Some(1) => Err(text(&output.stderr)),
        _ => panic!("detect {url}: {}\n{}", output.status, text(&output.stderr)),
    }
}

/// Asserts that `url` is refused with a message that holds all of `parts`, and a remedy.
fn refused(url: &str, parts: &[&str]) {
    let message = detect(url).expect_err(url);
    for part in parts {
        assert!(
            message.contains(part),
            "{part:?} is not in the message:\n{message}"
        );
    }
    assert!(
        message.lines().count() >= 2,
        "no remedy in the message:\n{message}"
    );
}

#[test]
fn a_mirror_and_an_installer_folder_are_recognised() {
    sandbox::run(Tier::Installer, || {
        let server = TreeServer::serve(&testbed::tree());
        let (codename, version) = testbed::tree_release();
        let system = format!("Debian {version} ({codename}), x86_64");
        let images = format!("debian/dists/{codename}/main/installer-amd64");
        for path in ["debian", "debian/", &images] {
            let found = detect(&server.url(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
            assert!(found.starts_with(&system), "{found}");
            assert!(
                found.contains("netboot/gtk/debian-installer/amd64/initrd.gz"),
                "{found}"
            );
        }
        let requests = server.requests();
        let kernels = requests.iter().filter(|request| request.starts_with("GET"));
        let kernels = kernels.filter(|request| request.ends_with("/linux"));
        assert_eq!(kernels.count(), 0, "a look fetches no kernel: {requests:?}");
    });
}

#[test]
fn what_is_no_address_is_said() {
    sandbox::run(Tier::Sandbox, || {
        refused("zork", &["zork", "not a web address"]);
        refused("gopher://example.org/", &["gopher"]);
        refused("file:///srv/debian", &["file on a computer"]);
        refused("", &["address"]);
        refused(
            &format!("http://127.0.0.1/{}", "x".repeat(100_000)),
            &["address"],
        );
    });
}

#[test]
fn an_unreachable_server_is_said() {
    sandbox::run(Tier::Sandbox, || {
        refused("http://127.0.0.1:1/debian", &["127.0.0.1", "no web server"]);
        refused("http://nowhere.invalid/", &["nowhere.invalid"]);
    });
}

#[test]
fn a_missing_or_foreign_tree_is_said() {
    sandbox::run(Tier::Sandbox, || {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        std::fs::write(folder.path().join("index.html"), "<h1>Welcome</h1>").expect("it is ours");
        let server = TreeServer::serve(folder.path());
        refused(&server.url("missing/debian"), &["127.0.0.1"]);
        refused(&server.url("index.html"), &["127.0.0.1"]);
    });
}

#[test]
fn a_tree_without_a_kernel_is_said() {
    sandbox::run(Tier::Installer, || {
        let server = TreeServer::serve(&testbed::tree());
        server.misbehave("/linux", Fault::Missing);
        refused(&server.url("debian"), &["kernel"]);
    });
}

#[test]
fn a_tree_that_lies_about_itself_is_refused() {
    sandbox::run(Tier::Sandbox, || {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let images = "debian/dists/stable/main/installer-amd64/current/images";
        write(
            &folder.path().join(images).join("MANIFEST"),
            &vec![0xff; 300_000],
        );
        write(
            &folder.path().join(".treeinfo"),
            b"[general]\narch = x86_64\nname = \x00\xff\n[images-x86_64",
        );
        write(
            &folder.path().join("debian/dists/stable/Release"),
            &vec![b'A'; 5_000_000],
        );
        let server = TreeServer::serve(folder.path());
        refused(&server.url("debian"), &["127.0.0.1"]);
        refused(&server.url(""), &["127.0.0.1"]);
        assert!(
            server.bytes_sent() < 20_000_000,
            "no file without end is read to its end: {}",
            server.bytes_sent()
        );
    });
}

#[test]
fn a_server_that_stalls_is_given_up() {
    sandbox::run(Tier::Installer, || {
        let server = TreeServer::serve(&testbed::tree());
        server.misbehave("", Fault::StallAfter(10));
        refused(&server.url("debian"), &["127.0.0.1"]);
    });
}

fn write(file: &Path, content: &[u8]) {
    std::fs::create_dir_all(file.parent().expect("it is in a folder")).expect("it is ours");
    std::fs::write(file, content).expect("it is ours");
}
