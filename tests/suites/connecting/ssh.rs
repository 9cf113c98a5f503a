//! By ssh: questions, one login for everything, and nothing left afterwards.

use std::io::Read;
use std::process::{Command, Stdio};

use backend::ErrorKind;
use backend::host::DisplayStream;
use backend::model::{GuestState, HostState};
use backend::question::{About, Secret};
use integration::daemon::{Libvirtd, virsh};
use integration::guest::TinyGuest;
use integration::ssh_server::{self, OTHER_PASSWORD, PASSWORD, SshServer, processes};
use integration::tier::Tier;
use integration::wait::{self, LIMIT};
use integration::{program, sandbox};
use tokio::runtime::Runtime;
use tokio::time::timeout;

use super::{Scene, nothing_is_left, open};

const PORT: u16 = 2222;

#[test]
fn an_unknown_host_is_trusted_a_password_given_and_one_login_serves_list_and_screens() {
    sandbox::run(Tier::Remote, || {
        if !Tier::Guests.is_here() {
            return;
        }
        let _daemon = Libvirtd::start();
        let tiny = TinyGuest::define("tiny");
        virsh(&["start", tiny.name()]);
        let server = SshServer::start(PORT);
        let mut scene = Scene::open(&server.uri("root", ""));

        let question = scene.question();
        assert_eq!(question.uri(), scene.host.uri());
        let About::HostKey(key) = question.about() else {
            panic!("{question:?}");
        };
        assert_eq!(key.fingerprint, server.fingerprint());
        assert_eq!(key.key_type, "ED25519");
        assert!(key.host.contains("[127.0.0.1]:2222"), "{key:?}");
        assert_eq!(scene.host.snapshot().state, HostState::Connecting);
        question.trust();

        scene.answer_password("wrong", false);
        scene.answer_password(PASSWORD, true);
        let snapshot = scene.connected();
        let guest = snapshot.guest_named("tiny").expect("it is listed");
        assert_eq!(guest.state, GuestState::Running);

        // Its screen listens on the far computer's loopback.
        for _ in 0..2 {
            let display = scene.runtime.block_on(scene.host.open_display(guest.id, 0));
            let DisplayStream::Descriptor(mut socket) = display.expect("it is reached") else {
                panic!("through the tunnel it is a descriptor");
            };
            let mut greeting = [0; 4];
            socket
                .set_read_timeout(Some(LIMIT))
                .expect("a socket has a time-out");
            socket
                .read_exact(&mut greeting)
                .expect("the server speaks first");
            assert_eq!(&greeting, b"RFB ");
            drop(socket);
            // No channel stays behind a screen that was closed.
            wait::until_true("its ssh is gone", LIMIT, || processes(" -W ").is_empty());
        }
        assert_eq!(server.logins(), 1, "one login for all of it");

        // The key is known from now on.
        scene.host.close();
        nothing_is_left();
        let mut again = Scene::open(&server.uri("root", ""));
        again.answer_password(PASSWORD, false);
        again.connected();
    });
}

#[test]
fn screens_on_sockets_and_on_every_address_are_reached_through_the_same_login() {
    sandbox::run(Tier::Remote, || {
        if !Tier::Guests.is_here() {
            return;
        }
        let _daemon = Libvirtd::start();
        let server = SshServer::start(PORT);
        server.make_known();
        let mut scene = Scene::open(&server.uri("root", &key_parameter()));
        scene.connected();
        for (name, graphics) in [
            (
                "socket",
                "<graphics type='vnc' socket='/run/libvirt/vnc-of-guest'/>",
            ),
            (
                "everywhere",
                "<graphics type='vnc' autoport='yes' listen='0.0.0.0'/>",
            ),
        ] {
            define_with(name, graphics);
            virsh(&["start", name]);
            let snapshot = scene.settle("it runs", |snapshot| {
                let guest = snapshot.guest_named(name);
                guest.is_some_and(|guest| guest.state == GuestState::Running)
            });
            let id = snapshot.guest_named(name).expect("it was seen").id;
            let display = scene.runtime.block_on(scene.host.open_display(id, 0));
            let DisplayStream::Descriptor(mut socket) = display.expect(name) else {
                panic!("{name}: through the tunnel it is a descriptor");
            };
            let mut greeting = [0; 4];
            socket
                .read_exact(&mut greeting)
                .expect("the server speaks first");
            assert_eq!(&greeting, b"RFB ", "{name}");
            virsh(&["destroy", name]);
        }
        assert_eq!(server.logins(), 1);
    });
}

/// A guest of the test driver that runs, with a screen where nothing listens.
const NO_SCREEN: &str = "\
<node><domain type='test'><name>dark</name><memory>1024</memory><os><type>hvm</type></os>\
<devices><graphics type='vnc' port='5999' autoport='no' listen='127.0.0.1'/></devices>\
</domain></node>";

#[test]
fn a_screen_that_nobody_serves_or_ssh_does_not_let_through_is_told_apart() {
    sandbox::run(Tier::Remote, || {
        let _daemon = Libvirtd::start();
        std::fs::write("/run/dark.xml", NO_SCREEN).expect("a file can be written");
        for (port, more, kind, words) in [
            (PORT, "", ErrorKind::Unreachable, "Nothing listens for"),
            (
                PORT + 1,
                "AllowTcpForwarding no\n",
                ErrorKind::NotSupported,
                "does not let",
            ),
        ] {
            let server = SshServer::start_with(port, more);
            server.make_known();
            let uri = server.uri("root", &key_parameter());
            let uri = uri
                .replace("qemu+", "test+")
                .replace("/system?", "/run/dark.xml?");
            let mut scene = Scene::open(&uri);
            let guest = scene.connected().guests[0].clone();
            let display = scene.runtime.block_on(scene.host.open_display(guest.id, 0));
            let error = display.expect_err("there is none");
            assert_eq!(error.kind(), kind, "{error:?}");
            assert!(error.message().contains(words), "{error:?}");
            wait::until_true("its ssh is gone", LIMIT, || processes(" -W ").is_empty());
        }
    });
}

/// The parameter with which the key opens the account.
fn key_parameter() -> String {
    format!("&keyfile={}", ssh_server::key().display())
}

/// Defines the tiny guest with another display.
fn define_with(name: &str, graphics: &str) {
    TinyGuest::define(name);
    let xml = virsh(&["dumpxml", "--inactive", name]);
    let begin = xml.find("<graphics").expect("it has a display");
    let end = xml.find("</graphics>").expect("and the end of it") + "</graphics>".len();
    let changed = format!("{}{graphics}{}", &xml[..begin], &xml[end..]);
    let file = format!("/run/{name}-changed.xml");
    std::fs::write(&file, changed).expect("a file can be written");
    virsh(&["define", &file]);
}

#[test]
fn a_question_that_is_cancelled_ends_the_attempt_until_it_is_asked_for() {
    sandbox::run(Tier::Remote, || {
        let _daemon = Libvirtd::start();
        let server = SshServer::start(PORT);
        let mut scene = Scene::open(&server.uri("root", ""));

        // The host is not the one that is meant.
        drop(scene.question());
        let error = scene.failed();
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{error:?}");
        nothing_is_left();
        assert!(!server.known_hosts().exists(), "nothing was trusted");

        // Again, and the password is not at hand.
        scene.host.reconnect();
        scene.question().trust();
        let password = scene.question();
        // While it waits there is no second attempt.
        scene.host.reconnect();
        drop(password);
        let error = scene.failed();
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{error:?}");
        nothing_is_left();

        // The host is closed under an open question.
        scene.host.reconnect();
        let mut open = scene.question();
        scene.host.close();
        let withdrawn = scene
            .runtime
            .block_on(async { timeout(LIMIT, open.withdrawn()).await });
        withdrawn.expect("nobody waits for the answer any more");
        nothing_is_left();
        assert_eq!(server.logins(), 0);
    });
}

#[test]
fn wrong_passwords_end_with_the_servers_patience() {
    sandbox::run(Tier::Remote, || {
        let server = SshServer::start(PORT);
        server.make_known();
        let mut scene = Scene::open(&server.uri("root", ""));
        for attempt in 0..3 {
            scene.answer_password("wrong", attempt > 0);
        }
        let error = scene.failed();
        assert_eq!(error.kind(), ErrorKind::AuthenticationFailed, "{error:?}");
        assert!(error.message().contains("password"), "{error:?}");
        nothing_is_left();
    });
}

#[test]
fn the_passphrase_of_a_key_is_asked_and_given_again_when_it_was_wrong() {
    sandbox::run(Tier::Remote, || {
        let _daemon = Libvirtd::start();
        let server = SshServer::start(PORT);
        server.make_known();
        let locked = ssh_server::locked_key("Öffne dich");
        let uri = server.uri("root", &format!("&keyfile={}", locked.display()));
        let mut scene = Scene::open(&uri);
        for (passphrase, expect_refused) in [("wrong", false), ("Öffne dich", true)] {
            let question = scene.question();
            let About::Credentials { fields, refused } = question.about() else {
                panic!("{question:?}");
            };
            assert_eq!(*refused, expect_refused);
            assert!(fields[0].secret, "{fields:?}");
            assert!(fields[0].prompt.contains("passphrase"), "{fields:?}");
            assert!(fields[0].prompt.contains("locked"), "{fields:?}");
            question.answer(vec![Secret::from(passphrase)]);
        }
        scene.connected();
    });
}

#[test]
fn a_changed_key_stops_loudly_and_asks_nothing() {
    sandbox::run(Tier::Remote, || {
        let _daemon = Libvirtd::start();
        let mut server = SshServer::start(PORT);
        server.make_known();
        let uri = server.uri("root", &key_parameter());
        let mut scene = Scene::open(&uri);
        scene.connected();
        scene.host.close();
        nothing_is_left();

        server.change_key();
        let mut scene = Scene::open(&uri);
        let error = scene.failed();
        assert_eq!(error.kind(), ErrorKind::AuthenticationFailed, "{error:?}");
        assert!(error.message().contains("another key"), "{error:?}");
        let remedy = error.remedy().expect("what to do");
        let place = format!("line 1 of {}", server.known_hosts().display());
        assert!(
            remedy.contains(&place) && remedy.contains("ssh-keygen"),
            "{remedy}"
        );
        assert!(
            scene.questions.try_recv().is_err(),
            "there is nothing to answer"
        );
    });
}

#[test]
fn what_was_accepted_is_used_once_when_the_connection_is_remade() {
    sandbox::run(Tier::Remote, || {
        let _daemon = Libvirtd::start();
        let mut server = SshServer::start(PORT);
        server.make_known();
        let mut scene = Scene::open(&server.uri("root", ""));
        scene.answer_password(PASSWORD, false);
        scene.connected();

        for logins in [2, 3] {
            server.cut();
            scene.settle("lost", |snapshot| snapshot.state != HostState::Connected);
            server.restart();
            // Nobody is asked.
            scene.host.reconnect();
            scene.connected();
            assert_eq!(server.logins(), logins);
        }

        server.cut();
        scene.settle("lost", |snapshot| snapshot.state != HostState::Connected);
        ssh_server::set_password(OTHER_PASSWORD);
        server.restart();
        scene.answer_password(OTHER_PASSWORD, true);
        scene.connected();
    });
}

#[test]
fn several_hosts_ask_at_once_and_none_waits_for_another() {
    sandbox::run(Tier::Remote, || {
        let _daemon = Libvirtd::start();
        let servers: Vec<SshServer> = (0..3)
            .map(|number| SshServer::start(PORT + number))
            .collect();
        let silent = SshServer::start(PORT + 9);
        silent.freeze();
        let runtime = Runtime::new().expect("there are threads");
        let _never = open(&runtime, &silent.uri("root", ""));
        let mut hosts: Vec<_> = servers
            .iter()
            .map(|server| {
                server.make_known();
                open(&runtime, &server.uri("root", ""))
            })
            .collect();
        // All of them ask before any is answered.
        let mut asked = Vec::new();
        for (_, questions) in &mut hosts {
            let question = runtime.block_on(async { timeout(LIMIT, questions.recv()).await });
            asked.push(question.expect("it asks").expect("it lives"));
        }
        for question in asked.into_iter().rev() {
            question.answer(vec![Secret::from(PASSWORD)]);
        }
        for (host, _) in &hosts {
            let connected = runtime.block_on(async { timeout(LIMIT, host.connected()).await });
            connected.expect("it settles").expect("it is connected");
        }
        assert!(servers.iter().all(|server| server.logins() == 1));
    });
}

#[test]
fn a_program_that_is_killed_leaves_no_ssh_and_no_folder() {
    sandbox::run(Tier::Remote, || {
        let server = SshServer::start(PORT);
        server.freeze();
        let mut program = Command::new(program::binary())
            .args(["--connect", &server.uri("root", ""), "list"])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("guesthouse starts");
        wait::until_true("ssh connects", LIMIT, || {
            !processes("guesthouse-").is_empty()
        });
        program.kill().expect("it can be killed");
        program.wait().expect("it can be reaped");
        nothing_is_left();
    });
}

#[test]
fn the_command_line_uses_the_same_way_and_the_users_own_command_wins() {
    sandbox::run(Tier::Remote, || {
        let _daemon = Libvirtd::start();
        let server = SshServer::start(PORT);
        server.make_known();
        let uri = server.uri("root", &key_parameter());
        let listed = program::run(&["--connect", &uri, "list", "--json"]);
        assert!(listed.status.success(), "{listed:?}");
        assert_eq!(server.logins(), 1);
        nothing_is_left();

        // Without a terminal nobody can be asked, and that is said.
        let refused = program::run(&["--connect", &server.uri("root", ""), "list"]);
        assert_eq!(refused.status.code(), Some(1));
        let words = String::from_utf8_lossy(&refused.stderr);
        assert!(words.contains("did not accept"), "{words}");

        // libvirt starts what the address says; it knows nothing of our session.
        let own = "/run/own-ssh";
        std::fs::write(
            own,
            format!(
                "#!/bin/sh\necho used >>/run/own-ssh.log\nexec ssh -i {} -o UserKnownHostsFile={} \"$@\"\n",
                ssh_server::key().display(),
                server.known_hosts().display()
            ),
        )
        .expect("a script can be written");
        let made = Command::new("chmod").args(["700", own]).status();
        assert!(made.is_ok_and(|status| status.success()));
        let uri = format!("qemu+ssh://root@127.0.0.1:{PORT}/system?command={own}");
        let listed = program::run(&["--connect", &uri, "list"]);
        assert!(listed.status.success(), "{listed:?}");
        assert_eq!(
            std::fs::read_to_string("/run/own-ssh.log").unwrap(),
            "used\n"
        );
        assert_eq!(server.logins(), 2);
    });
}
