//! User names and passwords of libvirt itself, through its authentication callback.

use std::process::{Command, Stdio};

use backend::model::HostState;
use backend::question::{About, Question, Secret};
use backend::{ErrorKind, Host};
use integration::daemon::Libvirtd;
use integration::pki::Pki;
use integration::sandbox;
use integration::tier::Tier;
use tokio::runtime::Runtime;

use super::Scene;

const USER: &str = "wärter";
const PASSWORD: &str = "pässword 1";

/// A daemon that asks for a name and a password over TLS, and the address to reach it at.
fn asking_daemon() -> (Libvirtd, String) {
    let pki = Pki::make("/run/pki".as_ref());
    pki.certify("server", "ca", "serverAuth", "IP:127.0.0.1", false);
    pki.certify("client", "ca", "clientAuth", "DNS:client", false);
    // Where SASL keeps its settings cannot be told to the daemon.
    std::fs::create_dir_all("/run/sasl2").expect("a folder can be made");
    std::fs::write(
        "/run/sasl2/libvirt.conf",
        "mech_list: scram-sha-256\nsasldb_path: /run/passwd.db\n",
    )
    .expect("settings can be written");
    run("mount", &["--bind", "/run/sasl2", "/etc/sasl2"], "");
    let make = ["-p", "-c", "-a", "libvirt", "-f", "/run/passwd.db", USER];
    run("saslpasswd2", &make, PASSWORD);
    let daemon = Libvirtd::start_listening(&format!(
        "auth_unix_ro = \"none\"\nauth_unix_rw = \"none\"\nauth_tls = \"sasl\"\n\
         listen_addr = \"127.0.0.1\"\nkey_file = \"{}\"\ncert_file = \"{}\"\nca_file = \"{}\"\n",
        pki.path("server-key.pem").display(),
        pki.path("server.pem").display(),
        pki.path("ca.pem").display(),
    ));
    let folder = pki.client_folder("good", "ca", Some("client"));
    let uri = format!("qemu+tls://127.0.0.1/system?pkipath={}", folder.display());
    (daemon, uri)
}

fn run(program: &str, arguments: &[&str], input: &str) {
    use std::io::Write;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    let mut stdin = child.stdin.take().expect("it was asked for");
    stdin.write_all(input.as_bytes()).expect("it reads");
    drop(stdin);
    let status = child.wait().expect("it ends");
    assert!(status.success(), "{program} {arguments:?}");
}

/// Answers whatever fields there are by their names; tells whether the last answer was refused.
fn answer(question: Question, user: &str, password: &str) -> bool {
    let About::Credentials { fields, refused } = question.about() else {
        panic!("{question:?}");
    };
    let refused = *refused;
    let answers = fields
        .iter()
        .map(|field| match (&*field.prompt, field.secret) {
            ("User name", false) => Secret::from(user),
            ("Password", true) => Secret::from(password),
            _ => panic!("{field:?}"),
        });
    let answers = answers.collect();
    question.answer(answers);
    refused
}

#[test]
fn the_right_password_connects_and_a_wrong_one_is_asked_again() {
    sandbox::run(Tier::Remote, || {
        let (daemon, uri) = asking_daemon();
        let mut scene = Scene::open(&uri);
        assert!(!answer(scene.question(), USER, "wrong"));
        assert!(
            answer(scene.question(), USER, PASSWORD),
            "it says that it was refused"
        );
        scene.connected();

        // A daemon that comes back is given the same once more, without asking.
        daemon.kill();
        scene.settle("missed", |snapshot| snapshot.state != HostState::Connected);
        let (_daemon, _) = asking_daemon();
        scene.host.reconnect();
        scene.connected();
    });
}

#[test]
fn who_cancels_or_cannot_be_asked_is_told_so() {
    sandbox::run(Tier::Remote, || {
        let (_daemon, uri) = asking_daemon();
        let mut scene = Scene::open(&uri);
        drop(scene.question());
        let error = scene.failed();
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{error:?}");

        // Wrong for as long as it is asked: that ends.
        let mut scene = Scene::open(&uri);
        let mut refusals = 0;
        let error = loop {
            match scene.question_or_failure() {
                Ok(question) => refusals += usize::from(answer(question, USER, "wrong")),
                Err(error) => break error,
            }
        };
        assert!((1..10).contains(&refusals), "{refusals}");
        assert_eq!(error.kind(), ErrorKind::AuthenticationFailed, "{error:?}");
        assert!(
            error.message().contains("user name or the password"),
            "{error:?}"
        );

        let runtime = Runtime::new().expect("there are threads");
        let host = Host::open(&uri, runtime.handle());
        let error = runtime
            .block_on(host.connected())
            .expect_err("nobody answers");
        assert_eq!(error.kind(), ErrorKind::AuthenticationFailed, "{error:?}");
        assert!(error.message().contains("asks for"), "{error:?}");
        assert!(error.remedy().is_some());
    });
}
