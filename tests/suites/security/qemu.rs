//! QEMU's server, set up by libvirt.

use std::io::Write;
use std::process::{Command, Stdio};

use integration::daemon::{Libvirtd, virsh};
use integration::pki::Pki;
use integration::tier::Tier;
use integration::{guest, sandbox};
use vnc_widget::{ClientCertificate, CredentialKind, Credentials, Distrust, Error, TlsPolicy};

use super::{Person, nothing_known};

const PASSWORD: &str = "secret";
const USER: &str = "keeper";

/// A daemon whose guests' screens are set up by these lines of qemu.conf.
fn daemon(lines: &str) -> Libvirtd {
    let path = "/etc/libvirt/qemu.conf";
    let before = std::fs::read_to_string(path).expect("the sandbox has one of its own");
    std::fs::write(path, format!("{before}{lines}")).expect("it can be written");
    Libvirtd::start()
}

/// Certificates where libvirt looks for them.
fn certificates() -> Pki {
    let pki = Pki::make("/run/pki".as_ref());
    pki.certify("server", "ca", "serverAuth", "IP:127.0.0.1", false);
    pki.certify("client", "ca", "clientAuth", "DNS:client", false);
    std::fs::create_dir_all("/run/vnc-pki").expect("a folder can be made");
    for (from, to) in [
        ("ca.pem", "ca-cert.pem"),
        ("server.pem", "server-cert.pem"),
        ("server-key.pem", "server-key.pem"),
    ] {
        std::fs::copy(pki.path(from), format!("/run/vnc-pki/{to}")).expect("it was made");
    }
    pki
}

const TLS: &str = "vnc_tls = 1\nvnc_tls_x509_cert_dir = \"/run/vnc-pki\"\n";
const SASL: &str = "vnc_sasl = 1\nvnc_sasl_dir = \"/run/sasl\"\n";

/// Makes a user for SASL, and says which mechanisms there are.
fn make_user(mechanisms: &str) {
    std::fs::create_dir_all("/run/sasl").expect("a folder can be made");
    let settings = format!("mech_list: {mechanisms}\nsasldb_path: /run/sasl/passwd.db\n");
    std::fs::write("/run/sasl/qemu.conf", settings).expect("it can be written");
    let mut child = Command::new("saslpasswd2")
        .args(["-p", "-c", "-a", "qemu", "-f", "/run/sasl/passwd.db", USER])
        .stdin(Stdio::piped())
        .spawn()
        .expect("saslpasswd2 starts");
    let mut stdin = child.stdin.take().expect("it was asked for");
    stdin.write_all(PASSWORD.as_bytes()).expect("it reads");
    drop(stdin);
    assert!(child.wait().is_ok_and(|status| status.success()));
}

/// Starts a guest with nothing in it, with a password for its screen or without; its port.
fn start(name: &str, password: Option<&str>) -> u16 {
    let attribute = password.map_or_else(String::new, |word| format!(" passwd='{word}'"));
    let xml = guest::small(name).replace("type='vnc' ", &format!("type='vnc'{attribute} "));
    let file = format!("/run/{name}.xml");
    std::fs::write(&file, xml).expect("it can be written");
    virsh(&["create", &file]);
    let display = virsh(&["vncdisplay", name]);
    let (_, number) = display.rsplit_once(':').expect("HOST:NUMBER");
    5900 + number.parse::<u16>().expect("a number")
}

fn user(password: &str) -> Credentials {
    Credentials::user(USER, password)
}

#[test]
fn a_password() {
    sandbox::run(Tier::Remote, || {
        let _daemon = daemon("");
        let port = start("locked", Some(PASSWORD));
        let person = Person::knowing(Credentials::password(PASSWORD));
        person.look(port, nothing_known()).expect("a picture");
        assert_eq!(person.kinds(), [CredentialKind::Password]);
        let error = Person::knowing(Credentials::password("wrong")).look(port, nothing_known());
        assert!(error.expect_err("wrong").is_wrong_password());
    });
}

#[test]
fn certificates_of_the_server() {
    sandbox::run(Tier::Remote, || {
        let pki = certificates();
        let _daemon = daemon(TLS);
        let (open, locked) = (start("open", None), start("locked", Some(PASSWORD)));
        let person = Person::knowing(Credentials::password(PASSWORD));
        person.look(open, nothing_known()).expect("a picture");
        assert_eq!(person.doubts().remove(0).0, Distrust::UnknownIssuer);
        assert_eq!(person.kinds(), []);

        let vouched = TlsPolicy {
            authorities: vec![pki.path("ca.pem")],
            ..nothing_known()
        };
        person.look(locked, vouched.clone()).expect("a picture");
        assert_eq!(person.doubts(), []);
        assert_eq!(person.kinds(), [CredentialKind::Password]);
        let error = Person::knowing(Credentials::password("wrong")).look(locked, vouched);
        assert!(error.expect_err("wrong").is_wrong_password());
    });
}

#[test]
fn certificates_of_the_client() {
    sandbox::run(Tier::Remote, || {
        let pki = certificates();
        let _daemon = daemon(&format!("{TLS}vnc_tls_x509_verify = 1\n"));
        let port = start("picky", None);
        let person = Person::stranger();
        let error = person.look(port, nothing_known());
        assert_eq!(error, Err(Error::ClientCertificateNeeded));

        let chosen = TlsPolicy {
            client: Some(ClientCertificate {
                certificate: pki.path("client.pem"),
                key: pki.path("client-key.pem"),
            }),
            ..nothing_known()
        };
        person.look(port, chosen).expect("a picture");

        // Where gtk-vnc looks for them; with the authority, nothing is asked.
        for (from, to) in [
            ("ca.pem", "CA/cacert.pem"),
            ("client.pem", "libvirt-vnc/clientcert.pem"),
            ("client-key.pem", "libvirt-vnc/private/clientkey.pem"),
        ] {
            let path = std::path::Path::new("/run/home/.pki").join(to);
            let folder = path.parent().expect("it is in a folder");
            std::fs::create_dir_all(folder).expect("a folder can be made");
            std::fs::copy(pki.path(from), path).expect("it was made");
        }
        let found = TlsPolicy {
            folders: vec!["/run/home/.pki".into()],
            ..nothing_known()
        };
        person.doubts();
        person.look(port, found).expect("a picture");
        assert_eq!(person.doubts(), []);
    });
}

#[test]
fn sasl_inside_tls() {
    sandbox::run(Tier::Remote, || {
        certificates();
        let _daemon = daemon(&format!("{TLS}{SASL}"));
        for (name, mechanisms) in [("scram", "scram-sha-256"), ("plain", "plain")] {
            make_user(mechanisms);
            let port = start(name, None);
            let person = Person::knowing(user(PASSWORD));
            person.look(port, nothing_known()).expect(mechanisms);
            assert_eq!(person.kinds(), [CredentialKind::UsernameAndPassword]);
            let error = Person::knowing(user("wrong")).look(port, nothing_known());
            let error = error.expect_err("wrong");
            assert!(error.is_wrong_password(), "{mechanisms}: {error}");
            virsh(&["destroy", name]);
        }
    });
}

/// Without TLS QEMU wants mechanisms that encrypt, which are not those that are safe.
#[test]
fn sasl_without_tls() {
    sandbox::run(Tier::Remote, || {
        make_user("digest-md5 scram-sha-256");
        let _daemon = daemon(SASL);
        let port = start("open", None);
        let person = Person::knowing(user(PASSWORD));
        let error = person.look(port, nothing_known()).expect_err("no TLS");
        let words = error.to_string();
        assert!(words.contains("vnc_tls = 1"), "{words}");
        assert_eq!(person.kinds(), []);
    });
}
