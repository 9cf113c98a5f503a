//! Memory, its maximum and processors.

use super::*;

#[test]
fn headroom_is_twice_the_memory_or_half_the_host() {
    let host = host();
    let mut draft = complete(&host);
    draft.apply(Edit::Memory(6144), Some(&host));
    assert_eq!(draft.maximum_memory(), 8192, "half of 16 GiB");
    draft.apply(Edit::Memory(10_240), Some(&host));
    assert_eq!(draft.maximum_memory(), 10_240, "never below the memory");
    let host = xen();
    let mut draft = complete(&host);
    assert_eq!(draft.maximum_memory(), 4096, "its kernel knows Xen");
    draft.apply(
        Edit::Virtualization(VirtualizationType::XenHvm),
        Some(&host),
    );
    assert_eq!(
        draft.maximum_memory(),
        2048,
        "none until a balloon driver was seen"
    );
    draft.apply(Edit::MaximumMemory(4096), Some(&host));
    assert_eq!(draft.maximum_memory(), 4096, "unless asked for");
}

#[test]
fn headroom_follows_again_after_memory_went_up_and_down() {
    let host = host();
    let mut draft = complete(&host);
    draft.apply(Edit::Memory(10_240), Some(&host));
    draft.apply(Edit::Memory(1024), Some(&host));
    assert_eq!(draft.maximum_memory(), 2048);
}

#[test]
fn a_decided_maximum_is_lifted_by_the_memory_and_comes_back() {
    let host = host();
    let mut draft = complete(&host);
    draft.apply(Edit::MaximumMemory(3000), Some(&host));
    draft.apply(Edit::Memory(5000), Some(&host));
    assert_eq!(draft.maximum_memory(), 5000);
    draft.apply(Edit::Memory(1000), Some(&host));
    assert_eq!(draft.maximum_memory(), 3000);
}

#[test]
fn a_small_host_is_not_offered_more_than_it_has() {
    let mut host = host();
    host.memory_mib = 4096;
    host.free_memory_mib = 1500;
    host.cpus = 1;
    let draft = complete(&host);
    assert_eq!(draft.memory_mib.get(), 1280);
    assert_eq!(draft.vcpus.get(), 1);
    host.free_memory_mib = 100;
    let draft = complete(&host);
    assert_eq!(draft.memory_mib.get(), 780, "what the installer needs");
    assert_eq!(
        severity(&draft, &host, Field::Memory),
        Some(Severity::Warning)
    );
}

#[test]
fn memory_beyond_reason_is_said() {
    let host = host();
    let mut draft = complete(&host);
    let mut at = |mib| {
        draft.apply(Edit::Memory(mib), Some(&host));
        severity(&draft, &host, Field::Memory)
    };
    assert_eq!(at(2048), None);
    assert_eq!(at(512), Some(Severity::Warning), "below the least");
    assert_eq!(at(13_000), Some(Severity::Warning), "above what is free");
    assert_eq!(at(17_000), Some(Severity::Error), "above what there is");
    assert_eq!(at(0), Some(Severity::Error));
    assert_eq!(at(u64::MAX), Some(Severity::Error));
}

#[test]
fn growth_beyond_reason_is_said() {
    let host = host();
    let mut draft = complete(&host);
    draft.apply(Edit::MaximumMemory(13_000), Some(&host));
    assert_eq!(
        severity(&draft, &host, Field::MaximumMemory),
        Some(Severity::Note)
    );
    draft.apply(Edit::MaximumMemory(17_000), Some(&host));
    assert_eq!(
        severity(&draft, &host, Field::MaximumMemory),
        Some(Severity::Error)
    );
}

#[test]
fn more_processors_than_the_host_has_are_a_quiet_note() {
    let host = host();
    let mut draft = complete(&host);
    draft.apply(Edit::Vcpus(9), Some(&host));
    let note = said(&draft, &host, Field::Vcpus).expect("9 of 8");
    assert_eq!(note.severity, Severity::Note);
    assert!(!note.blocks());
    draft.apply(Edit::Vcpus(8 * 8 + 1), Some(&host));
    let slow = severity(&draft, &host, Field::Vcpus);
    assert_eq!(slow, Some(Severity::Warning));
    draft.apply(Edit::Vcpus(256), Some(&host));
    assert_eq!(severity(&draft, &host, Field::Vcpus), Some(Severity::Error));
    draft.apply(Edit::Vcpus(0), Some(&host));
    assert_eq!(severity(&draft, &host, Field::Vcpus), Some(Severity::Error));
}
