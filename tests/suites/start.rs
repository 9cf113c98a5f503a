//! `make run` where something is missing: no display, no daemon. `scripts/run` is what it ends in.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use integration::daemon::try_virsh;
use integration::tier::Tier;
use integration::{sandbox, testbed};

/// Runs `scripts/run` with a program that says where it is and what it sees.
fn run_script(display: Option<&str>) -> Output {
    let target = Path::new("/run/target");
    let program = target.join("release/guesthouse");
    std::fs::create_dir_all(target.join("release")).expect("/run is the sandbox's own");
    std::fs::write(&program, "#!/bin/sh\necho started with \"$@\"\n").expect("as above");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("as above");
    let mut command = Command::new(testbed::checkout().join("scripts/run"));
    if let Some(display) = display {
        command.env("DISPLAY", display);
    }
    command
        .arg("--connect=test:///default")
        .env("CARGO_TARGET_DIR", target)
        .stdin(Stdio::null())
        .output()
        .expect("the script can be run")
}

#[test]
fn without_a_display_it_says_how_to_get_one() {
    sandbox::run(Tier::Sandbox, || {
        let output = run_script(None);
        assert_eq!(output.status.code(), Some(1));
        let message = String::from_utf8_lossy(&output.stderr);
        for hint in ["desktop", "ssh -X", "xvfb-run", "guesthouse --help"] {
            assert!(message.contains(hint), "{hint} is not in {message}");
        }
    });
}

#[test]
fn without_anything_that_starts_daemons_it_starts_libvirtd() {
    sandbox::run(Tier::Daemon, || {
        assert!(!try_virsh(&["uri"]).status.success(), "no daemon yet");
        let first = run_script(Some(":9"));
        let said = String::from_utf8_lossy(&first.stdout);
        assert!(said.contains("libvirtd is started"), "{said}");
        assert!(
            said.contains("started with --connect=test:///default"),
            "{said}"
        );
        assert!(try_virsh(&["uri"]).status.success(), "the daemon answers");

        let second = run_script(Some(":9"));
        let said = String::from_utf8_lossy(&second.stdout);
        assert!(!said.contains("libvirtd"), "there is one already: {said}");
    });
}
