//! Proposals, decisions and what is said about them.

mod memory;

use std::sync::Arc;

use backend::install::{NetworkSource, PlaceReport, XenBoot};
use backend::{Error, ErrorKind};

use super::fixtures::{complete, debian, host, network, xen};
use super::*;

fn said(draft: &Draft, host: &HostFacts, field: Field) -> Option<Problem> {
    check(draft, host)
        .into_iter()
        .find(|problem| problem.field == field)
}

fn severity(draft: &Draft, host: &HostFacts, field: Field) -> Option<Severity> {
    said(draft, host, field).map(|problem| problem.severity)
}

#[test]
fn everything_has_a_good_answer_once_the_system_is_known() {
    let host = host();
    let draft = complete(&host);
    assert_eq!(
        draft.name.value(),
        "debian-12-2",
        "debian-12 is on the host"
    );
    assert_eq!(draft.memory_mib.get(), 2048);
    assert_eq!(draft.maximum_memory(), 4096);
    assert_eq!(draft.vcpus.get(), 2);
    assert_eq!(
        draft.disk.value(),
        "/var/lib/libvirt/images/debian-12-2.qcow2"
    );
    assert_eq!(draft.disk_gib.get(), 20);
    assert_eq!(
        *draft.network.value(),
        NetworkSource::Network("default".into())
    );
    assert_eq!(draft.virtualization.get(), VirtualizationType::Kvm);
    assert_eq!(draft.installer().map(|(index, _)| index), Some(0));
    assert_eq!(check(&draft, &host), []);
}

#[test]
fn an_empty_draft_lacks_three_things_and_blames_nobody() {
    let host = host();
    let mut draft = Draft::default();
    draft.refresh(Some(&host));
    assert!(!draft.is_touched());
    let blocking: Vec<_> = check(&draft, &host)
        .into_iter()
        .filter(Problem::blocks)
        .map(|problem| (problem.field, problem.severity))
        .collect();
    assert_eq!(
        blocking,
        [
            (Field::Url, Severity::Missing),
            (Field::Name, Severity::Missing),
            (Field::Disk, Severity::Missing)
        ]
    );
}

#[test]
fn decisions_outlive_a_new_system() {
    let host = host();
    let mut draft = complete(&host);
    for edit in [
        Edit::Name("mine".into()),
        Edit::Memory(3000),
        Edit::MaximumMemory(5000),
        Edit::Vcpus(7),
        Edit::Disk("/vm/own.qcow2".into()),
        Edit::DiskGib(33),
        Edit::Graphical(false),
        Edit::Network(NetworkSource::User),
        Edit::Virtualization(VirtualizationType::Emulation),
    ] {
        draft.apply(edit, Some(&host));
    }
    let mut other = debian();
    other.distribution = "Fedora".into();
    other.recommended_memory_mib = 8192;
    other.recommended_disk_gib = 64;
    draft.detected(Detection::Found(Arc::new(other)), Some(&host));
    draft.place_proposed(
        "mine".into(),
        DiskPlace::Path("/elsewhere/mine.qcow2".into()),
        Some(&host),
    );
    assert_eq!(draft.name.value(), "mine");
    assert_eq!(draft.memory_mib.get(), 3000);
    assert_eq!(draft.maximum_memory(), 5000);
    assert_eq!(draft.vcpus.get(), 7);
    assert_eq!(draft.disk.value(), "/vm/own.qcow2");
    assert_eq!(draft.disk_gib.get(), 33);
    assert_eq!(draft.installer().map(|(index, _)| index), Some(1));
    assert_eq!(*draft.network.value(), NetworkSource::User);
    assert_eq!(draft.virtualization.get(), VirtualizationType::Emulation);
    assert!(draft.is_touched());
}

#[test]
fn proposals_wait_while_another_url_is_typed() {
    let host = host();
    let mut draft = complete(&host);
    draft.detected(Detection::Looking, Some(&host));
    assert_eq!(draft.name.value(), "debian-12-2", "no flicker");
    assert_eq!(
        severity(&draft, &host, Field::Url),
        Some(Severity::Missing),
        "but nothing is created from what is not there any more"
    );
}

#[test]
fn a_name_emptied_by_hand_stays_empty_until_the_next_system() {
    let host = host();
    let mut draft = complete(&host);
    draft.apply(Edit::Name(String::new()), Some(&host));
    draft.apply(Edit::Memory(1024), Some(&host));
    assert_eq!(draft.name.value(), "", "nothing is typed over the user");
    draft.detected(Detection::Found(Arc::new(debian())), Some(&host));
    assert_eq!(draft.name.value(), "debian-12-2");
}

#[test]
fn a_name_taken_meanwhile_is_proposed_anew_or_complained_about() {
    let mut host = host();
    let mut draft = complete(&host);
    host.guest_names.insert("debian-12-2".into());
    draft.refresh(Some(&host));
    assert_eq!(draft.name.value(), "debian-12-3");

    draft.apply(Edit::Name("web".into()), Some(&host));
    let problem = said(&draft, &host, Field::Name).expect("web is taken");
    assert_eq!(problem.severity, Severity::Error);
    assert!(problem.message.contains("web"), "{}", problem.message);
    assert_eq!(problem.remedy.as_deref(), Some("web-2 is free."));
}

#[test]
fn the_disk_follows_the_name_until_it_is_typed() {
    let host = host();
    let mut draft = complete(&host);
    draft.apply(Edit::Name("db".into()), Some(&host));
    assert_eq!(draft.disk.value(), "/var/lib/libvirt/images/db.qcow2");
    draft.apply(Edit::Pool("fast".into()), Some(&host));
    assert_eq!(draft.disk.value(), "fast/db.qcow2");
    draft.apply(Edit::Name("db2".into()), Some(&host));
    assert_eq!(draft.disk.value(), "fast/db2.qcow2");
    draft.apply(Edit::Disk("/vm/x.qcow2".into()), Some(&host));
    draft.apply(Edit::Name("db3".into()), Some(&host));
    assert_eq!(draft.disk.value(), "/vm/x.qcow2");
    draft.apply(Edit::Pool("default".into()), Some(&host));
    assert_eq!(draft.disk.value(), "/var/lib/libvirt/images/db3.qcow2");
}

#[test]
fn impossible_places_are_said() {
    let host = host();
    let mut draft = complete(&host);
    for text in ["disk.qcow2", "~/disk.qcow2", "/vm/", "nopool/x"] {
        draft.apply(Edit::Disk(text.into()), Some(&host));
        let problem = said(&draft, &host, Field::Disk).expect(text);
        assert_eq!(problem.severity, Severity::Error, "{text}");
        assert!(problem.remedy.is_some(), "{text}");
    }
    draft.apply(Edit::Disk("   ".into()), Some(&host));
    assert_eq!(
        severity(&draft, &host, Field::Disk),
        Some(Severity::Missing)
    );
    draft.apply(Edit::Disk("/vm/disk.qcow2".into()), Some(&host));
    assert_eq!(severity(&draft, &host, Field::Disk), None);
}

#[test]
fn the_host_has_the_last_word_on_the_place() {
    let host = host();
    let mut draft = complete(&host);
    draft.inspection = Inspection::Known(PlaceReport {
        available: None,
        exists: true,
    });
    assert_eq!(severity(&draft, &host, Field::Disk), Some(Severity::Error));
    draft.inspection = Inspection::Failed(
        Error::new(ErrorKind::BadPath, "Not writable.").with_remedy("Elsewhere."),
    );
    let problem = said(&draft, &host, Field::Disk).expect("failed");
    assert_eq!(problem.message, "Not writable.");
    assert_eq!(problem.remedy.as_deref(), Some("Elsewhere."));
}

#[test]
fn short_space_warns_and_does_not_block() {
    let host = host();
    let mut draft = complete(&host);
    let mut with = |available| {
        draft.inspection = Inspection::Known(PlaceReport {
            available: Some(available),
            exists: false,
        });
        said(&draft, &host, Field::DiskSize)
    };
    assert_eq!(with(20 << 30), None);
    let short = with((20 << 30) - 1).expect("a byte too little");
    assert!(short.message.contains("19.9 GiB"), "{}", short.message);
    assert!(!short.blocks());
    let tiny = with(1 << 20).expect("1 MiB");
    assert!(tiny.message.contains("1 MiB"), "{}", tiny.message);
    draft.apply(Edit::DiskGib(u64::MAX), Some(&host));
    assert_eq!(
        severity(&draft, &host, Field::DiskSize),
        Some(Severity::Warning)
    );
    draft.apply(Edit::DiskGib(0), Some(&host));
    assert!(
        check(&draft, &host)
            .iter()
            .any(|problem| problem.field == Field::DiskSize && problem.blocks())
    );
}

#[test]
fn a_proposed_disk_fits_where_it_can() {
    let host = host();
    let mut draft = complete(&host);
    let mut with = |available| {
        draft.inspection = Inspection::Known(PlaceReport {
            available,
            exists: false,
        });
        draft.refresh(Some(&host));
        draft.disk_gib.get()
    };
    assert_eq!(with(Some(100 << 30)), 20);
    assert_eq!(with(Some((10 << 30) - 1)), 9);
    assert_eq!(with(Some(1 << 30)), LEAST_DISK_GIB, "the lack is said");
    assert_eq!(with(None), 20);
    draft.apply(Edit::DiskGib(7), Some(&host));
    draft.inspection = Inspection::Unknown;
    draft.refresh(Some(&host));
    assert_eq!(draft.disk_gib.get(), 7);
}

#[test]
fn arguments_must_be_one_line() {
    let host = host();
    let mut draft = complete(&host);
    draft.apply(
        Edit::ExtraArguments("console=ttyS0 auto".into()),
        Some(&host),
    );
    assert_eq!(severity(&draft, &host, Field::ExtraArguments), None);
    for bad in ["a\nb".to_owned(), "a".repeat(5000)] {
        draft.apply(Edit::ExtraArguments(bad), Some(&host));
        assert_eq!(
            severity(&draft, &host, Field::ExtraArguments),
            Some(Severity::Error)
        );
    }
}

#[test]
fn an_inactive_network_is_only_a_note() {
    let mut host = host();
    host.networks = vec![network("default", false)];
    let draft = complete(&host);
    assert_eq!(
        severity(&draft, &host, Field::Network),
        Some(Severity::Note)
    );
}

#[test]
fn an_installer_that_knows_nothing_of_xen_is_run_fully_virtual() {
    let host = xen();
    let mut tree = debian();
    tree.installers[0].on_xen = XenBoot::No;
    let mut draft = complete(&host);
    draft.detected(Detection::Found(Arc::new(tree)), Some(&host));
    assert_eq!(draft.virtualization.get(), VirtualizationType::XenHvm);
    draft.apply(Edit::Graphical(false), Some(&host));
    assert_eq!(draft.virtualization.get(), VirtualizationType::XenPv);
    draft.apply(
        Edit::Virtualization(VirtualizationType::XenPvh),
        Some(&host),
    );
    assert_eq!(said(&draft, &host, Field::Virtualization), None);
    draft.apply(Edit::Graphical(true), Some(&host));
    let problem = said(&draft, &host, Field::Virtualization).expect("it cannot start");
    assert!(problem.blocks(), "{problem:?}");
    assert!(problem.remedy.is_some_and(|remedy| remedy.contains("text")));
}

#[test]
fn a_guest_without_network_is_warned_of() {
    let mut host = xen();
    host.bridges.clear();
    let draft = complete(&host);
    assert_eq!(*draft.network.value(), NetworkSource::None);
    let told = said(&draft, &host, Field::Network).expect("it fetches nothing");
    assert_eq!(told.severity, Severity::Warning);
}

#[test]
fn a_session_has_the_user_network() {
    let mut host = host();
    host.session = true;
    assert_eq!(*complete(&host).network.value(), NetworkSource::User);
}

#[test]
fn emulation_is_said_with_its_reason() {
    let mut host = host();
    host.virtualization = vec![VirtualizationType::Emulation];
    host.kvm_note = Some("/dev/kvm is there but does not work.".into());
    let draft = complete(&host);
    let note = said(&draft, &host, Field::Virtualization).expect("emulated");
    assert_eq!(note.severity, Severity::Note);
    assert_eq!(Some(note.message), host.kvm_note);
    host.kvm_note = None;
    assert!(said(&draft, &host, Field::Virtualization).is_some());
}

#[test]
fn a_host_that_cannot_install_is_said_first() {
    let mut host = host();
    host.can_install = false;
    let problems = check(&complete(&host), &host);
    assert_eq!(
        problems.first().map(|problem| problem.field),
        Some(Field::Host)
    );
    assert!(problems[0].blocks());
}

#[test]
fn the_installer_falls_back_to_the_one_there_is() {
    let host = host();
    let mut tree = debian();
    tree.installers.remove(0);
    let mut draft = complete(&host);
    draft.detected(Detection::Found(Arc::new(tree)), Some(&host));
    let (index, installer) = draft.installer().expect("the text one");
    assert_eq!(index, 0);
    assert!(!installer.graphical);
}

#[test]
fn another_host_gets_its_own_proposals() {
    let first = host();
    let mut draft = complete(&first);
    draft.apply(Edit::Disk("/only/there.qcow2".into()), Some(&first));
    draft.apply(Edit::Memory(3000), Some(&first));
    let mut second = host();
    second.networks = vec![network("lan", true)];
    second.guest_names.clear();
    draft.leave_host();
    draft.refresh(Some(&second));
    assert_eq!(draft.name.value(), "debian-12");
    assert_eq!(*draft.network.value(), NetworkSource::Network("lan".into()));
    assert_eq!(draft.disk.value(), "", "until the host proposes");
    assert_eq!(draft.memory_mib.get(), 3000, "still the user's");
}

#[test]
fn steps_follow_each_other() {
    assert_eq!(Step::From.previous(), None);
    assert_eq!(Step::Review.next(), None);
    for pair in Step::ALL.windows(2) {
        assert_eq!(pair[0].next(), Some(pair[1]));
        assert_eq!(pair[1].previous(), Some(pair[0]));
    }
}

#[test]
fn a_name_that_cannot_be_makes_no_path() {
    let host = host();
    let mut draft = complete(&host);
    draft.apply(Edit::Name("web".into()), Some(&host));
    let path = draft.disk.value().clone();
    assert!(path.ends_with("/web.qcow2"), "{path}");
    for name in ["web/../../etc", "web server", ""] {
        draft.apply(Edit::Name(name.into()), Some(&host));
        assert!(!draft.disk.value().contains(".."), "{}", draft.disk.value());
        assert!(!draft.disk.value().contains(' '), "{}", draft.disk.value());
    }
    draft.apply(Edit::Pool("default".into()), Some(&host));
    draft.apply(Edit::Name("a/b".into()), Some(&host));
    assert!(
        !draft.disk.value().ends_with("/a/b.qcow2"),
        "{}",
        draft.disk.value()
    );
}
