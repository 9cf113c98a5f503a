use proptest::prelude::*;

use super::*;

fn ssh(host: &str) -> Answers {
    Answers {
        host: host.to_owned(),
        ..Answers::default()
    }
}

#[test]
fn answers_make_the_addresses_that_libvirt_documents() {
    let here = Answers {
        reach: Reach::Here,
        ..Answers::default()
    };
    let session = Answers {
        target: Target::Session,
        ..here.clone()
    };
    let xen = Answers {
        driver: Driver::Xen,
        user: "root".to_owned(),
        ..ssh("xen1")
    };
    let tls = Answers {
        reach: Reach::Tls,
        port: "16514".to_owned(),
        ..ssh("host.example.org")
    };
    let socket = Answers {
        reach: Reach::Socket,
        socket: "/run/my guests/sock".to_owned(),
        ..Answers::default()
    };
    let lxc = Answers {
        driver: Driver::Other("lxc".to_owned()),
        ..here.clone()
    };
    for (answers, uri) in [
        (here, "qemu:///system"),
        (session, "qemu:///session"),
        (xen, "xen+ssh://root@xen1/system"),
        (tls, "qemu+tls://host.example.org:16514/system"),
        (socket, "qemu+unix:///system?socket=/run/my%20guests/sock"),
        (lxc, "lxc:///system"),
    ] {
        assert_eq!(answers.uri(), uri);
        assert_eq!(Answers::of(uri), Some(answers), "{uri}");
    }
}

#[test]
fn what_has_a_meaning_in_addresses_is_encoded() {
    let answers = Answers {
        user: "me@work".to_owned(),
        port: "2222".to_owned(),
        key: "/home/me/my keys/id&1".to_owned(),
        ..ssh("fe80::1%eth0")
    };
    let uri = answers.uri();
    assert_eq!(
        uri,
        "qemu+ssh://me%40work@[fe80::1%25eth0]:2222/system?keyfile=/home/me/my%20keys/id%261"
    );
    assert_eq!(Answers::of(&uri), Some(answers));
}

#[test]
fn what_answers_cannot_say_is_left_as_it_was_typed() {
    for uri in [
        "",
        "qemu",
        "qemu+ssh://host",
        "qemu+libssh2://host/system",
        "qemu+ext://host/system?command=/x",
        "qemu+ssh:///system",
        "qemu+ssh://me:secret@host/system",
        "qemu+ssh://[::1/system",
        "qemu+ssh://h%/system",
        "qemu:///system#x",
    ] {
        assert_eq!(Answers::of(uri), None, "{uri}");
    }
}

#[test]
fn what_was_typed_beside_the_answers_is_kept() {
    let uri = "qemu+ssh://host/system?no_verify=1&keyfile=/k&netcat=/usr/bin/nc";
    let answers = Answers::of(uri).unwrap();
    assert_eq!(answers.key, "/k");
    assert_eq!(
        answers.uri(),
        "qemu+ssh://host/system?keyfile=/k&no_verify=1&netcat=/usr/bin/nc"
    );
    // Other ways to write the same.
    let tls = Answers::of("xen://host/").unwrap();
    assert_eq!(
        (tls.reach, tls.uri().as_str()),
        (Reach::Tls, "xen+tls://host/")
    );
    let here = Answers::of("qemu+unix:///system").unwrap();
    assert_eq!(
        (here.reach, here.uri().as_str()),
        (Reach::Here, "qemu:///system")
    );
    let socket = Answers::of("qemu:///system?socket=/s").unwrap();
    assert_eq!(socket.uri(), "qemu+unix:///system?socket=/s");
    let test = Answers::of("test:///home/me/hosts.xml").unwrap();
    assert_eq!(test.target, Target::Other("home/me/hosts.xml".to_owned()));
}

#[test]
fn wrong_answers_are_told_from_missing_ones() {
    assert_eq!(ssh("").objection(), None);
    assert!(ssh("").missing().is_some());
    for host in ["me@host", "host/x", "-oProxyCommand=x", "a b", "host%20"] {
        assert!(ssh(host).objection().is_some(), "{host}");
    }
    for host in [
        "host",
        "192.0.2.1",
        "2001:db8::1",
        "fe80::1%eth0",
        "münchen.example",
    ] {
        assert_eq!(ssh(host).objection(), None, "{host}");
        assert_eq!(ssh(host).missing(), None);
    }
    let session = Answers {
        driver: Driver::Xen,
        target: Target::Session,
        ..ssh("host")
    };
    assert!(session.objection().is_some());
    for port in ["0", "65536", "ssh", "-1"] {
        let answers = Answers {
            port: port.to_owned(),
            ..ssh("host")
        };
        assert!(answers.objection().is_some(), "{port}");
    }
}

fn driver() -> impl Strategy<Value = Driver> {
    prop_oneof![
        Just(Driver::Qemu),
        Just(Driver::Xen),
        "[a-z0-9]{1,8}".prop_map(Driver::Other),
    ]
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        Just(Target::System),
        Just(Target::Session),
        "\\PC{0,12}".prop_map(Target::Other),
    ]
}

fn reach() -> impl Strategy<Value = Reach> {
    prop_oneof![
        Just(Reach::Here),
        Just(Reach::Ssh),
        Just(Reach::Tls),
        Just(Reach::Tcp),
        Just(Reach::Socket),
    ]
}

prop_compose! {
    fn answers()(
        driver in driver(),
        target in target(),
        reach in reach(),
        host in "[a-z0-9.-]{1,10}|[0-9a-f:]{2,10}(%[a-z]{1,4})?",
        user in "\\PC{0,8}",
        port in "([1-9][0-9]{0,3})?",
        key in "(/\\PC{0,12})?",
        socket in "(/\\PC{0,12})?",
        further in prop::collection::vec("no_[a-z]{1,5}(=[a-z0-9/%]{0,5})?", 0..3),
    ) -> Answers {
        Answers { driver, target, reach, host, user, port, key, socket, further }
    }
}

#[test]
fn an_address_of_nobody_is_none() {
    for uri in ["qemu://:/", "qemu+tls://[]:1/", "qemu+ssh://me@/"] {
        assert_eq!(Answers::of(uri), None, "{uri}");
    }
}

proptest! {
    #[test]
    fn an_address_read_back_makes_the_same_address(answers in answers()) {
        let uri = answers.uri();
        let read = Answers::of(&uri);
        // A socket without a path is this computer's usual one.
        let unsaid = answers.reach == Reach::Socket && answers.socket.is_empty();
        let expected = if unsaid {
            Answers { reach: Reach::Here, ..answers }.uri()
        } else {
            uri
        };
        prop_assert_eq!(read.map(|read| read.uri()), Some(expected));
    }

    #[test]
    fn what_is_read_from_any_text_is_stable(text in "(qemu|xen|x)(\\+(ssh|tls|tcp|unix))?://\\PC{0,30}") {
        if let Some(answers) = Answers::of(&text) {
            let uri = answers.uri();
            prop_assert_eq!(Answers::of(&uri).map(|read| read.uri()), Some(uri));
        }
    }
}
