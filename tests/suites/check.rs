//! `guesthouse check` on a real daemon, without one, and without the right to it. What it shows as a
//! remedy is copied into a shell, and has to help.

use std::process::{Command, Output, Stdio};

use integration::daemon::{Libvirtd, virsh};
use integration::tier::Tier;
use integration::{program, sandbox};
use serde_json::Value;

/// What a check printed, as JSON; and that its exit status fits.
fn report(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    let report: Value =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}\n{output:?}"));
    let problem = report["verdict"] == "problem";
    assert_eq!(output.status.code(), Some(i32::from(problem)), "{text}");
    report
}

fn check() -> Value {
    report(&program::run(&["check", "--json"]))
}

/// The first line about a topic.
fn line<'a>(report: &'a Value, topic: &str) -> &'a Value {
    let lines = report["lines"].as_array().expect("lines are an array");
    lines
        .iter()
        .find(|line| line["topic"] == topic)
        .unwrap_or_else(|| panic!("no line about {topic} in {report:#}"))
}

/// Does what a line says, as a person who copies it.
fn heed(line: &Value) {
    let command = line["command"].as_str();
    let command = command.unwrap_or_else(|| panic!("no command in {line:#}"));
    let status = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(status.is_ok_and(|status| status.success()), "{command}");
}

#[test]
fn a_host_that_is_up_is_told_and_its_remedies_help() {
    sandbox::run(Tier::Daemon, || {
        let _daemon = Libvirtd::start();
        let found = check();
        assert_eq!(found["uri"], Libvirtd::URI);
        assert_eq!(found["local"], true);
        for topic in [
            "daemon",
            "connection",
            "rights",
            "libvirt",
            "hypervisor",
            "guests",
            "combinations",
            "storage",
            "memory",
            "processors",
        ] {
            let line = line(&found, topic);
            // Packages may be mixed here, which is no fault of the host's.
            if topic != "combinations" {
                assert_eq!(line["verdict"], "good", "{line:#}");
            }
        }
        // A sandbox hides KVM, so that nothing depends on it.
        assert_ne!(line(&found, "kvm-trial")["verdict"], "problem");
        assert_eq!(line(&found, "kvm-offer")["verdict"], "note");
        let space = line(&found, "space")["verdict"].as_str();
        assert!(space.is_some(), "{found:#}");

        // Defined and not started, as Debian leaves it.
        let network = line(&found, "network");
        assert_eq!(network["verdict"], "note", "{network:#}");
        heed(network);
        assert_eq!(virsh(&["net-list", "--name"]), "default");
        let mended = check();
        let network = line(&mended, "network");
        assert_eq!(network["verdict"], "good", "{network:#}");

        virsh(&["net-destroy", "default"]);
        virsh(&["net-undefine", "default"]);
        let without = check();
        let network = line(&without, "network");
        assert_eq!(network["verdict"], "note", "{network:#}");
        if network["command"].is_string() {
            heed(network);
            assert_eq!(virsh(&["net-list", "--name"]), "default");
        }

        virsh(&[
            "pool-define-as",
            "default",
            "dir",
            "--target",
            "/var/lib/libvirt/images",
        ]);
        let inactive = check();
        let storage = line(&inactive, "storage");
        assert_eq!(storage["verdict"], "note", "{storage:#}");
        heed(storage);
        let lasting = check();
        let storage = line(&lasting, "storage");
        assert!(
            storage["message"]
                .as_str()
                .is_some_and(|message| message.contains("/var/lib/libvirt/images")),
            "{storage:#}"
        );

        let words = program::run(&["check", "--connect", Libvirtd::URI]);
        let words = String::from_utf8_lossy(&words.stdout).into_owned();
        assert!(words.contains("Hypervisor service\n"), "{words}");
        assert!(
            words.contains("  good     The hypervisor service answers at qemu:///system."),
            "{words}"
        );
        assert!(!words.contains('\u{1b}'), "colour without a terminal");
    });
}

#[test]
fn looking_changes_nothing() {
    sandbox::run(Tier::Daemon, || {
        let _daemon = Libvirtd::start();
        let state = || {
            [
                virsh(&["net-list", "--all"]),
                virsh(&["pool-list", "--all"]),
                virsh(&["list", "--all"]),
            ]
        };
        let before = state();
        check();
        assert_eq!(state(), before);
    });
}

#[test]
fn no_daemon_is_a_problem_whose_remedy_starts_it() {
    sandbox::run(Tier::Daemon, || {
        let found = check();
        assert_eq!(found["verdict"], "problem");
        let connection = line(&found, "connection");
        assert_eq!(connection["verdict"], "problem", "{connection:#}");
        assert_eq!(line(&found, "daemon")["verdict"], "good");
        // What needs no daemon is told, and what does is there and says so.
        assert_eq!(line(&found, "space")["topic"], "space");
        for topic in ["rights", "libvirt", "network", "firmware", "memory"] {
            let line = line(&found, topic);
            assert_eq!(line["verdict"], "note", "{line:#}");
        }

        heed(connection);
        integration::wait::until_true(
            "the daemon that was started answers",
            std::time::Duration::from_secs(20),
            || line(&check(), "connection")["verdict"] == "good",
        );
    });
}

#[test]
fn a_daemon_that_hangs_hides_nothing_of_this_computer() {
    sandbox::run(Tier::Daemon, || {
        let daemon = Libvirtd::start();
        daemon.freeze();
        let found = check();
        let connection = line(&found, "connection");
        assert_eq!(connection["verdict"], "problem", "{connection:#}");
        let message = connection["message"].as_str().unwrap_or_default();
        assert!(message.contains("does not answer"), "{message}");
        assert_eq!(line(&found, "daemon")["verdict"], "good");
        assert_eq!(line(&found, "network")["verdict"], "note");
        daemon.thaw();
        assert_eq!(line(&check(), "connection")["verdict"], "good");
    });
}

#[test]
fn an_ordinary_user_without_rights_is_told_how_to_get_them() {
    sandbox::run(Tier::Daemon, || {
        let _daemon = Libvirtd::start();
        // As where only a group may use it.
        let closed = Command::new("chmod")
            .args(["0700", "/run/libvirt/libvirt-sock"])
            .status();
        assert!(closed.is_ok_and(|status| status.success()));
        let output = Command::new("setpriv")
            .args(["--reuid", "daemon", "--regid", "daemon", "--clear-groups"])
            .arg(program::binary())
            .args(["check", "--json"])
            .stdin(Stdio::null())
            .output()
            .expect("setpriv starts");
        let found = report(&output);
        let rights = line(&found, "rights");
        assert_eq!(rights["verdict"], "problem", "{rights:#}");
        assert_eq!(line(&found, "connection")["verdict"], "note");
        let groups = std::fs::read_to_string("/etc/group").unwrap_or_default();
        if groups.lines().any(|line| line.starts_with("libvirt:")) {
            assert_eq!(rights["command"], "sudo usermod -aG libvirt daemon");
        }
    });
}
