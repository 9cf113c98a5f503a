use super::*;

const COMMON: [Topic; 11] = [
    Topic::Connection,
    Topic::Libvirt,
    Topic::Hypervisor,
    Topic::Guests,
    Topic::Combinations,
    Topic::Network,
    Topic::Storage,
    Topic::Space,
    Topic::Firmware,
    Topic::Memory,
    Topic::Processors,
];

fn line_about(report: &Report, topic: Topic) -> &Line {
    let line = report.lines.iter().find(|line| line.topic == topic);
    line.unwrap_or_else(|| panic!("no line about {topic:?} in {report:?}"))
}

fn are_sentences(report: &Report) {
    for line in &report.lines {
        assert!(line.message.ends_with('.'), "{line:?}");
        if let Some(remedy) = &line.remedy {
            assert!(remedy.sentence.ends_with('.'), "{line:?}");
        }
    }
}

#[tokio::test]
async fn the_test_driver_tells_what_it_can() {
    let report = check(Some("test:///default"), &Handle::current()).await;
    assert_eq!(report.scope, Scope::WhatLibvirtTells);
    for topic in COMMON {
        line_about(&report, topic);
    }
    assert_eq!(
        line_about(&report, Topic::Connection).verdict,
        Verdict::Good
    );
    assert_eq!(line_about(&report, Topic::Libvirt).verdict, Verdict::Good);
    let memory = line_about(&report, Topic::Memory);
    assert!(memory.message.contains("guest that runs"), "{memory:?}");
    assert!(
        report
            .lines
            .iter()
            .all(|line| line.topic.section() != Section::Kvm)
    );
    are_sentences(&report);
}

/// As on another computer that is off: nothing listens there.
#[tokio::test]
async fn without_a_host_every_line_is_there_all_the_same() {
    let uri = "qemu+tcp://127.0.0.1:1/system";
    let report = check(Some(uri), &Handle::current()).await;
    assert_eq!(report.scope, Scope::WhatLibvirtTells);
    for topic in COMMON {
        line_about(&report, topic);
    }
    assert_eq!(report.verdict(), Verdict::Problem);
    assert_eq!(report.count(Verdict::Problem), 1, "{report:?}");
    assert_eq!(
        line_about(&report, Topic::Connection).verdict,
        Verdict::Problem
    );
    assert_eq!(line_about(&report, Topic::Firmware).verdict, Verdict::Note);
    are_sentences(&report);
}

#[tokio::test]
async fn this_computer_is_looked_at_without_its_service() {
    // Nothing of the machine's own is asked: such a driver has no daemon anywhere.
    let here = Here::look("qemu:///system");
    let mut lines = Vec::new();
    let broken = Finding::Broken("a machine in it hangs".into());
    of_this_computer(&mut lines, &here, Some(&broken), "qemu");
    let topics: Vec<Topic> = lines.iter().map(|line| line.topic).collect();
    assert!(topics.contains(&Topic::Domain0) && topics.contains(&Topic::Daemon));
    assert_eq!(
        topics.contains(&Topic::KvmDevice),
        !here.xen.is_domain_0(),
        "KVM is no question in a domain 0"
    );
}

#[test]
fn keys_are_unique_and_lines_are_in_the_order_of_sections() {
    let every = [
        Topic::Processor,
        Topic::KvmDevice,
        Topic::KvmPermission,
        Topic::KvmTrial,
        Topic::KvmOffer,
        Topic::Domain0,
        Topic::Toolstack,
        Topic::Daemon,
        Topic::Rights,
    ];
    let mut keys: Vec<&str> = every
        .iter()
        .chain(&COMMON)
        .map(|topic| topic.key())
        .collect();
    let all = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), all);
    assert!(Section::Kvm < Section::Xen && Section::Xen < Section::Service);
    assert!(Verdict::Good < Verdict::Note && Verdict::Note < Verdict::Problem);
}

/// What a line proposes, libvirt is asked for over the connection that is open.
#[tokio::test]
async fn a_remedy_through_libvirt_helps() {
    let definition = tempfile::NamedTempFile::new().unwrap();
    let xml = "<node><network><name>default</name></network></node>";
    std::fs::write(definition.path(), xml).unwrap();
    let uri = format!("test://{}", definition.path().display());
    let host = Host::open(&uri, &Handle::current());
    host.connected().await.unwrap();
    let link = host.link().unwrap();
    let stop = tokio::task::spawn_blocking(move || {
        let network = link.connect().lookup_network_by_name("default")?;
        network.destroy()
    });
    stop.await.unwrap().unwrap();

    let report = check_host(&host).await;
    let line = line_about(&report, Topic::Network);
    assert_eq!(line.verdict, Verdict::Note);
    let remedy = line.remedy.as_ref().unwrap();
    let Some(Mend::Libvirt(request)) = &remedy.mend else {
        panic!("{remedy:?}");
    };
    mend(&host, request).await.unwrap();
    let report = check_host(&host).await;
    assert_eq!(line_about(&report, Topic::Network).verdict, Verdict::Good);
    // Done already is as good.
    mend(&host, request).await.unwrap();

    host.close();
    let mut snapshots = host.watch();
    let closed = |snapshot: &Arc<crate::model::HostSnapshot>| {
        snapshot.state == crate::model::HostState::Closed
    };
    snapshots.wait_for(closed).await.unwrap();
    // Each connection to such a file is a host of its own, and there the network runs.
    let report = check_host(&host).await;
    assert_eq!(
        line_about(&report, Topic::Connection).verdict,
        Verdict::Good
    );
    are_sentences(&report);
}

#[test]
fn sections_are_told_once_each_and_in_order() {
    let report = Report {
        uri: String::new(),
        scope: Scope::ThisComputer,
        lines: vec![
            Line::good(Topic::Processor, "A."),
            Line::note(Topic::KvmDevice, "B."),
            Line::good(Topic::Memory, "C."),
        ],
    };
    let sections: Vec<_> = report
        .sections()
        .map(|(section, lines)| (section, lines.len()))
        .collect();
    assert_eq!(sections, [(Section::Kvm, 2), (Section::Guests, 1)]);
}
