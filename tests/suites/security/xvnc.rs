//! `TigerVNC`'s Xvnc, with each of its security types.

use integration::pki::Pki;
use integration::sandbox;
use integration::tier::Tier;
use integration::xvnc::{PASSWORD, USER, USER_PASSWORD, Xvnc};
use vnc_widget::{CredentialKind, Credentials, Distrust, Error, TlsPolicy};

use super::{Person, fingerprint, nothing_known};

/// A certificate for this machine's loopback address, and an authority that made it.
fn certified() -> Pki {
    let pki = Pki::make("/run/pki".as_ref());
    pki.certify("server", "ca", "serverAuth", "IP:127.0.0.1", false);
    pki
}

fn with_certificate(number: u16, types: &str) -> Xvnc {
    let files = ("/run/pki/server.pem", "/run/pki/server-key.pem");
    Xvnc::start(number, types, Some(files))
}

fn user() -> Credentials {
    Credentials::user(USER, USER_PASSWORD)
}

#[test]
fn without_encryption() {
    sandbox::run(Tier::VncServer, || {
        Xvnc::make_user();
        let server = Xvnc::start(1, "None", None);
        let person = Person::stranger();
        person
            .look(server.port(), nothing_known())
            .expect("a picture");
        assert_eq!(person.kinds(), []);

        let server = Xvnc::start(2, "VncAuth", None);
        let person = Person::knowing(Credentials::password(PASSWORD));
        person
            .look(server.port(), nothing_known())
            .expect("a picture");
        assert_eq!(person.kinds(), [CredentialKind::Password]);
        let person = Person::knowing(Credentials::password("wrong"));
        let error = person
            .look(server.port(), nothing_known())
            .expect_err("wrong");
        assert!(error.is_wrong_password(), "{error}");

        // What would go out as it is does so only when that is allowed.
        let server = Xvnc::start(3, "Plain", None);
        let person = Person::knowing(user());
        let error = person.look(server.port(), nothing_known());
        assert_eq!(error, Err(Error::PasswordNeeded));
        assert_eq!(person.kinds(), [CredentialKind::UsernameAndPasswordInClear]);
        let person = Person::knowing(user().even_in_clear());
        person
            .look(server.port(), nothing_known())
            .expect("a picture");
        let person = Person::knowing(Credentials::user(USER, "wrong").even_in_clear());
        let error = person
            .look(server.port(), nothing_known())
            .expect_err("wrong");
        assert!(error.is_wrong_password(), "{error}");
    });
}

#[test]
fn inside_tls() {
    sandbox::run(Tier::VncServer, || {
        Xvnc::make_user();
        let pki = certified();
        let shown = fingerprint(&pki.path("server.pem"));
        let doubt = [(Distrust::UnknownIssuer, shown)];

        let server = with_certificate(1, "X509None");
        let person = Person::stranger();
        person
            .look(server.port(), nothing_known())
            .expect("a picture");
        assert_eq!(person.doubts(), doubt);

        let server = with_certificate(2, "X509Vnc");
        let person = Person::knowing(Credentials::password(PASSWORD));
        person
            .look(server.port(), nothing_known())
            .expect("a picture");
        assert_eq!(person.doubts(), doubt);
        assert_eq!(person.kinds(), [CredentialKind::Password]);

        let server = with_certificate(3, "X509Plain");
        let person = Person::knowing(user());
        person
            .look(server.port(), nothing_known())
            .expect("a picture");
        assert_eq!(person.doubts(), doubt);
        assert_eq!(person.kinds(), [CredentialKind::UsernameAndPassword]);
        for wrong in [
            Credentials::user(USER, "wrong"),
            Credentials::user("somebody", USER_PASSWORD),
        ] {
            let person = Person::knowing(wrong);
            let error = person
                .look(server.port(), nothing_known())
                .expect_err("wrong");
            assert!(error.is_wrong_password(), "{error}");
        }

        // Somebody who trusts nobody says nothing.
        let person = Person {
            trusting: false,
            ..Person::knowing(user())
        };
        let refused = person.look(server.port(), nothing_known());
        assert_eq!(refused, Err(Error::NotTrusted));
        assert_eq!(person.kinds(), []);
    });
}

#[test]
fn servers_that_are_known() {
    sandbox::run(Tier::VncServer, || {
        let pki = certified();
        let shown = fingerprint(&pki.path("server.pem"));
        let server = with_certificate(1, "X509None");
        let person = Person::stranger();
        let pinned = TlsPolicy {
            pin: Some(shown),
            ..nothing_known()
        };
        let vouched = TlsPolicy {
            authorities: vec![pki.path("ca.pem")],
            ..nothing_known()
        };
        for policy in [pinned.clone(), vouched.clone()] {
            person.look(server.port(), policy).expect("a picture");
        }
        assert_eq!(person.doubts(), []);

        // For this address, but not for another name.
        let renamed = TlsPolicy {
            server_name: Some("server.lan".to_owned()),
            ..vouched
        };
        person.look(server.port(), renamed).expect("a picture");
        let reason = person.doubts().remove(0).0;
        assert!(matches!(reason, Distrust::WrongName { .. }), "{reason:?}");

        // Another one in its place, or none.
        pki.certify("other", "ca", "serverAuth", "IP:127.0.0.1", false);
        let files = ("/run/pki/other.pem", "/run/pki/other-key.pem");
        let another = Xvnc::start(2, "X509None", Some(files));
        let error = person
            .look(another.port(), pinned.clone())
            .expect_err("it changed");
        let Error::CertificateChanged {
            known, shown: what, ..
        } = error
        else {
            panic!("{error}");
        };
        assert_eq!(known, shown);
        assert_eq!(what.fingerprint, fingerprint(&pki.path("other.pem")));
        let none = Xvnc::start(3, "None,VncAuth,TLSVnc", None);
        let error = person.look(none.port(), pinned).expect_err("no TLS");
        let missing = matches!(error, Error::Rfb(rfb::Error::EncryptionMissing { .. }));
        assert!(missing, "{error}");
    });
}

/// TLS without certificates is Xvnc's own first choice; its next one is taken.
#[test]
fn anonymous_tls() {
    sandbox::run(Tier::VncServer, || {
        let server = Xvnc::start(1, "TLSVnc,VncAuth", None);
        let person = Person::knowing(Credentials::password(PASSWORD));
        person
            .look(server.port(), nothing_known())
            .expect("a picture");
        assert_eq!(person.kinds(), [CredentialKind::Password]);

        for (number, types) in [(2, "TLSNone"), (3, "TLSVnc"), (4, "TLSPlain")] {
            let server = Xvnc::start(number, types, None);
            let error = person
                .look(server.port(), nothing_known())
                .expect_err("anonymous");
            let words = error.to_string();
            assert!(words.contains(types), "{words}");
            assert!(words.contains("give the server a certificate"), "{words}");
            assert_eq!(person.kinds(), []);
        }
    });
}
