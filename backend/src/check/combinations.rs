//! What is known to fail together, as it was seen on real hosts; nothing is here by guessing.

use super::line::{Line, Topic, Verdict};
use super::mend::Mend;
use super::shell::{Service, Shell};
use crate::local::Need;
use crate::local::Origins;

/// What is known of the host.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    /// Whether it runs Xen.
    pub(super) xen: bool,
    /// libvirt's version there: a million, a thousand, one.
    pub(super) libvirt: Option<u32>,
    /// Whether guests are offered KVM.
    pub(super) offers_kvm: bool,
    /// Whether a trial showed that KVM does not work.
    pub(super) kvm_broken: bool,
    /// Whether QEMU's output has nowhere to go: the system's service wants virtlogd for it, which
    /// does not run, and nothing starts it.
    pub(super) lacks_log: bool,
    /// Where packages come from.
    pub(super) origins: Origins,
}

/// Two things that do not go together.
struct Combination {
    applies: fn(&Facts) -> bool,
    verdict: Verdict,
    message: &'static str,
    /// What was seen.
    reason: &'static str,
    sentence: &'static str,
    command: fn(&Shell) -> Option<String>,
    mend: fn(&Shell) -> Option<Mend>,
}

const KNOWN: [Combination; 5] = [
    Combination {
        applies: |facts| facts.xen && is_series(facts.libvirt, 11, 3),
        verdict: Verdict::Note,
        message: "With libvirt 11.3 on Xen, saving a guest may fail.",
        reason: "Seen on Debian 12 with Xen 4.17: every save failed with libvirt 11.3 from \
                 backports, and none with the release's own 9.0.0.",
        sentence: "Try a save with a guest that does not matter before you rely on it.",
        command: |_| None,
        mend: |_| None,
    },
    Combination {
        applies: |facts| facts.xen && is_series(facts.libvirt, 9, 0),
        verdict: Verdict::Note,
        message: "With libvirt 9.0 on Xen, the service may crash when several guests change at \
                  once.",
        reason: "Seen once with two guests on Xen 4.17. Guests go on running, and this program \
                 connects again by itself.",
        sentence: "Where it happens often, use a newer libvirt.",
        command: |_| None,
        mend: |_| None,
    },
    Combination {
        applies: |facts| facts.kvm_broken && facts.offers_kvm,
        verdict: Verdict::Problem,
        message: "The service offers guests a KVM that does not work here: with other programs \
                  they hang.",
        reason: "Seen on nested hosts: /dev/kvm opens, libvirt advertises it, and a guest's kernel \
                 hangs. This program prefers emulation for new guests.",
        sentence: "Choose emulation (the domain type “qemu”) wherever guests are made by other \
                   programs.",
        command: |_| None,
        mend: |_| None,
    },
    Combination {
        applies: |facts| {
            let Origins { qemu, libvirt } = facts.origins;
            matches!((qemu, libvirt), (Some(one), Some(other)) if one != other)
        },
        verdict: Verdict::Note,
        message: "QEMU and libvirt are mixed: one is from backports, the other from the release \
                  itself.",
        reason: "Their packages refuse to be mixed, so that installing or updating either may \
                 fail.",
        sentence: "Take both from backports.",
        command: |shell| shell.install(Need::Hypervisor),
        mend: |_| None,
    },
    Combination {
        applies: |facts| facts.lacks_log,
        verdict: Verdict::Problem,
        message: "virtlogd does not run, which takes QEMU's output: guests cannot be started.",
        reason: "Without systemd nothing starts it, unless qemu.conf says stdio_handler = \"file\".",
        sentence: "Start it.",
        command: |shell| Some(shell.service(Service::Start, &["virtlogd"])),
        mend: |shell| shell.mend_service(Service::Start, &["virtlogd"]),
    },
];

fn is_series(version: Option<u32>, major: u32, minor: u32) -> bool {
    version.is_some_and(|version| version / 1_000 == major * 1_000 + minor)
}

/// A line for each combination that is in use here, or one that says there is none.
pub(super) fn judge(facts: &Facts, shell: &Shell) -> Vec<Line> {
    let topic = Topic::Combinations;
    let mut lines: Vec<Line> = KNOWN
        .iter()
        .filter(|known| (known.applies)(facts))
        .map(|known| {
            let line = match known.verdict {
                Verdict::Problem => Line::problem(topic, known.message),
                _ => Line::note(topic, known.message),
            };
            line.with_detail(known.reason)
                .with_command(known.sentence, (known.command)(shell))
                .with_mend((known.mend)(shell))
        })
        .collect();
    if lines.is_empty() {
        lines.push(Line::good(topic, "Nothing here is known to fail together."));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(facts: &Facts) -> Vec<String> {
        let lines = judge(facts, &Shell::default());
        lines
            .into_iter()
            .filter(|line| line.verdict != Verdict::Good)
            .map(|line| line.message)
            .collect()
    }

    #[test]
    fn only_what_is_in_use_is_told() {
        let nothing = judge(&Facts::default(), &Shell::default());
        assert_eq!(nothing.len(), 1);
        assert_eq!(nothing[0].verdict, Verdict::Good);

        let with = |libvirt, xen| Facts {
            libvirt: Some(libvirt),
            xen,
            ..Facts::default()
        };
        assert!(messages(&with(11_003_000, true))[0].contains("11.3"));
        assert!(messages(&with(9_000_000, true))[0].contains("9.0"));
        for fine in [
            with(11_003_000, false),
            with(11_004_000, true),
            with(10_009_000, true),
        ] {
            assert!(messages(&fine).is_empty(), "{fine:?}");
        }
    }

    #[test]
    fn a_broken_kvm_that_is_offered_is_a_problem() {
        let facts = Facts {
            kvm_broken: true,
            offers_kvm: true,
            lacks_log: true,
            ..Facts::default()
        };
        let lines = judge(&facts, &Shell::default());
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| line.verdict == Verdict::Problem));
        let start = lines[1].remedy.as_ref().and_then(|r| r.command.as_deref());
        assert_eq!(start, Some("sudo virtlogd --daemon"));
        let unused = Facts {
            offers_kvm: false,
            lacks_log: false,
            ..facts
        };
        assert!(messages(&unused).is_empty());
    }

    #[test]
    fn mixed_packages_are_told() {
        let of = |qemu, libvirt| {
            messages(&Facts {
                origins: Origins { qemu, libvirt },
                ..Facts::default()
            })
        };
        assert!(of(Some(true), Some(false))[0].contains("backports"));
        assert_eq!(of(Some(false), Some(true)).len(), 1);
        assert!(of(Some(true), Some(true)).is_empty());
        assert!(of(Some(true), None).is_empty());
    }
}
