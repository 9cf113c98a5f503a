//! Each way in which connecting fails, with the real other side, and what is said of it.

use std::io::Write;
use std::net::TcpListener;
use std::process::Command;

use backend::{Error, ErrorKind, Host};
use integration::daemon::Libvirtd;
use integration::pki::Pki;
use integration::sandbox;
use integration::ssh_server::{self, NOBODY, SshServer};
use integration::tier::Tier;
use tokio::runtime::Runtime;

const PORT: u16 = 2222;

/// Why `uri` cannot be connected.
fn why_not(uri: &str) -> Error {
    let runtime = Runtime::new().expect("there are threads");
    let host = Host::open(uri, runtime.handle());
    let error = runtime.block_on(host.connected());
    runtime.shutdown_background();
    error.err().unwrap_or_else(|| panic!("{uri} was connected"))
}

/// Checks that `uri` fails like that: the kind, a part of the sentence, a part of the remedy.
fn check(uri: &str, kind: ErrorKind, message: &str, remedy: &str) {
    let error = why_not(uri);
    assert_eq!(error.kind(), kind, "{uri}: {error:?}");
    assert!(error.message().contains(message), "{uri}: {error:?}");
    let said = error.remedy().unwrap_or_default();
    assert!(said.contains(remedy), "{uri}: {error:?}");
}

#[test]
fn addresses_that_lead_nowhere() {
    use ErrorKind as K;
    sandbox::run(Tier::Remote, || {
        let _daemon = Libvirtd::start();
        for uri in ["nonsense:///system", "nonsense://127.0.0.1/system"] {
            check(
                uri,
                K::InvalidInput,
                "no hypervisor called “nonsense”",
                "qemu",
            );
        }
        check(
            "qemu+carrier://h/system",
            K::InvalidInput,
            "no way called “carrier”",
            "ssh",
        );
        check(
            "qemu:///nonsense",
            K::InvalidInput,
            "does not say which",
            "/system",
        );
        check("xen:///system", K::NotSupported, "offers no Xen", "driver");
        check(
            "qemu+tcp://127.0.0.1:1/system",
            K::Unreachable,
            "does not listen on the network",
            "ssh",
        );
        check(
            "qemu+tcp://nosuch.invalid/system",
            K::Unreachable,
            "No host called",
            "name",
        );

        // Something else than libvirt answers.
        let other = TcpListener::bind("127.0.0.1:7777").expect("the port is free");
        std::thread::spawn(move || {
            let mut streams = Vec::new();
            while let Ok((mut stream, _)) = other.accept() {
                let _ = stream.write_all(b"SSH-2.0-something\r\n");
                streams.push(stream);
            }
        });
        // libvirt either tells of the packet that it could not read or, when its own threads are
        // quick, of the connection it broke because of that.
        check(
            "qemu+tcp://127.0.0.1:7777/system",
            K::Unreachable,
            "“127.0.0.1:7777”",
            "port",
        );
    });
}

#[test]
fn what_ssh_and_the_far_side_say() {
    use ErrorKind as K;
    sandbox::run(Tier::Remote, || {
        let server = SshServer::start(PORT);
        let key = format!("&keyfile={}", ssh_server::key().display());

        check(
            "qemu+ssh://nosuch.invalid/system",
            K::Unreachable,
            "No host called",
            "name",
        );
        check(
            "qemu+ssh://127.0.0.1:2/system",
            K::Unreachable,
            "no ssh server listens",
            "port",
        );
        check(
            &server.uri("root", &key),
            K::AuthenticationFailed,
            "identity",
            "fingerprint",
        );
        server.make_known();
        check(
            &server.uri("root", ""),
            K::AuthenticationFailed,
            "did not accept your password or ssh key",
            "user name",
        );
        check(
            &server.uri("root", "&keyfile=/run/no-such-key"),
            K::AuthenticationFailed,
            "no key file “/run/no-such-key”",
            "keyfile",
        );

        // Logged in, and no service there: with libvirt's own helper, with netcat, with neither.
        check(
            &server.uri("root", &key),
            K::NoDaemon,
            "No hypervisor service runs on",
            "systemctl start",
        );
        check(
            &server.uri("root", &format!("{key}&proxy=netcat&netcat=no-such-nc:")),
            K::NoDaemon,
            "There is no libvirt on",
            "Install",
        );

        // A service that this user may not use.
        std::fs::write(
            "/etc/libvirt/libvirtd.conf",
            "auth_unix_ro = \"none\"\nauth_unix_rw = \"none\"\nunix_sock_rw_perms = \"0700\"\n",
        )
        .expect("the sandbox has a configuration of its own");
        let _daemon = Libvirtd::start();
        check(
            &server.uri(NOBODY, &key),
            K::PermissionDenied,
            "You may not use the hypervisor of",
            "usermod -aG libvirt",
        );
        check(
            &server.uri("root", &key).replace("qemu+", "xen+"),
            K::NotSupported,
            "offers no Xen",
            "driver",
        );
        let local = Command::new("setpriv")
            .args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"])
            .arg(integration::program::binary())
            .args(["--connect", "qemu:///system", "list"])
            .output()
            .expect("setpriv starts");
        let words = String::from_utf8_lossy(&local.stderr);
        assert!(words.contains("You may not use this computer's"), "{words}");
        assert!(words.contains("group “libvirt”"), "{words}");
    });
}

#[test]
fn certificates() {
    use ErrorKind as K;
    sandbox::run(Tier::Remote, || {
        let pki = Pki::make("/run/pki".as_ref());
        pki.certify("server", "ca", "serverAuth", "IP:127.0.0.1", false);
        pki.certify(
            "elsewhere",
            "ca",
            "serverAuth",
            "DNS:elsewhere.example",
            false,
        );
        pki.certify("expired", "ca", "serverAuth", "IP:127.0.0.1", true);
        pki.certify("stranger", "other-ca", "serverAuth", "IP:127.0.0.1", false);
        pki.certify("client", "ca", "clientAuth", "DNS:client", false);
        pki.certify(
            "other-client",
            "other-ca",
            "clientAuth",
            "DNS:client",
            false,
        );
        let uri = |folder: &std::path::Path| {
            format!("qemu+tls://127.0.0.1/system?pkipath={}", folder.display())
        };
        let listening = |certificate: &str, more: &str| {
            // What an expired certificate is worth is for the client to say.
            Libvirtd::start_listening(&format!(
                "auth_unix_ro = \"none\"\nauth_unix_rw = \"none\"\nauth_tls = \"none\"\n\
                 tls_no_sanity_certificate = 1\nlisten_addr = \"127.0.0.1\"\n\
                 key_file = \"{}\"\ncert_file = \"{}\"\nca_file = \"{}\"\n{more}",
                pki.path(&format!("{certificate}-key.pem")).display(),
                pki.path(&format!("{certificate}.pem")).display(),
                pki.path("ca.pem").display(),
            ))
        };
        let good = uri(&pki.client_folder("good", "ca", Some("client")));

        let daemon = listening("server", "");
        let runtime = Runtime::new().expect("there are threads");
        let host = Host::open(&good, runtime.handle());
        runtime.block_on(host.connected()).expect("everything fits");
        drop(host);
        check(
            "qemu+tls://127.0.0.1/system?pkipath=/run/nowhere",
            K::AuthenticationFailed,
            "no certificate “/run/nowhere/cacert.pem”",
            "ssh",
        );
        check(
            &uri(&pki.client_folder("none", "ca", None)),
            K::AuthenticationFailed,
            "did not accept the certificate of this computer",
            "clientcert.pem",
        );
        check(
            &uri(&pki.client_folder("mixed", "ca", Some("other-client"))),
            K::AuthenticationFailed,
            "certificates of this computer cannot be used",
            "details",
        );
        check(
            &uri(&pki.client_folder("foreign", "other-ca", Some("other-client"))),
            K::AuthenticationFailed,
            "certificate of “127.0.0.1” is not accepted",
            "authority",
        );
        daemon.stop();
        for certificate in ["elsewhere", "expired", "stranger"] {
            let daemon = listening(certificate, "");
            check(
                &good,
                K::AuthenticationFailed,
                "certificate of “127.0.0.1” is not accepted",
                "another name",
            );
            daemon.stop();
        }
        let daemon = listening("server", "tls_allowed_dn_list = [\"CN=somebody\"]\n");
        check(
            &good,
            K::AuthenticationFailed,
            "did not accept the certificate of this computer",
            "names it lets in",
        );
        daemon.stop();
    });
}
