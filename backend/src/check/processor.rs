//! Whether the processor can run guests itself.

use super::line::{Line, Topic};

/// What Linux says of the processor (`/proc/cpuinfo`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Processor {
    /// It has virtualization, by that name.
    Virtualizes {
        name: &'static str,
        module: &'static str,
    },
    /// It has none to offer.
    Lacks {
        /// Because this computer is a virtual machine itself.
        inside: bool,
    },
    /// This kind of processor does not tell there.
    Silent,
}

/// What was read, with whether it runs programs of 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) processor: Processor,
    wide: bool,
}

/// From `/proc/cpuinfo`.
pub(super) fn read(cpuinfo: &str) -> Reading {
    let flags = cpuinfo
        .lines()
        .find_map(|line| line.strip_prefix("flags")?.trim_start().strip_prefix(':'));
    let Some(flags) = flags else {
        return Reading {
            processor: Processor::Silent,
            wide: true,
        };
    };
    let has = |flag: &str| flags.split_whitespace().any(|word| word == flag);
    let processor = if has("vmx") {
        Processor::Virtualizes {
            name: "Intel VT-x",
            module: "kvm_intel",
        }
    } else if has("svm") {
        Processor::Virtualizes {
            name: "AMD-V",
            module: "kvm_amd",
        }
    } else {
        Processor::Lacks {
            inside: has("hypervisor"),
        }
    };
    Reading {
        processor,
        wide: has("lm"),
    }
}

pub(super) fn judge(reading: Reading) -> Line {
    let topic = Topic::Processor;
    match reading.processor {
        Processor::Virtualizes { name, .. } if reading.wide => Line::good(
            topic,
            format!("The processor can run guests itself ({name})."),
        ),
        Processor::Virtualizes { name, .. } => Line::note(
            topic,
            format!(
                "The processor can run guests itself ({name}), but only those of 32 bits: it has \
                 no 64-bit mode."
            ),
        ),
        Processor::Lacks { inside: true } => Line::note(
            topic,
            "This computer is a virtual machine itself, and its processor does not offer \
             virtualization: without it guests are emulated, which is slow.",
        )
        .with_advice("Switch on nested virtualization for it on the host that it runs on."),
        Processor::Lacks { inside: false } => Line::problem(
            topic,
            "The processor does not offer virtualization: guests are emulated, which is slow.",
        )
        .with_advice(
            "Look in the computer's firmware settings for “Intel VT-x”, “AMD-V” or “SVM”, and \
             switch it on.",
        ),
        Processor::Silent => Line::good(
            topic,
            "This kind of processor does not tell by itself whether it can run guests; see the \
             next lines.",
        ),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::line::Verdict;
    use super::*;

    const INTEL: &str =
        "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu lm vmx hypervisor\nbugs\t: x\n";

    #[test]
    fn flags_tell_what_the_processor_can_do() {
        let verdict = |cpuinfo: &str| judge(read(cpuinfo)).verdict;
        assert_eq!(verdict(INTEL), Verdict::Good);
        assert!(judge(read(INTEL)).message.contains("VT-x"));
        let amd = INTEL.replace("vmx", "svm");
        assert!(judge(read(&amd)).message.contains("AMD-V"));
        assert_eq!(verdict(&INTEL.replace("lm ", "")), Verdict::Note);

        // A flag that only begins or ends alike is another.
        let nested = judge(read(&INTEL.replace("vmx", "vmx_ept avmx")));
        assert_eq!(nested.verdict, Verdict::Note);
        assert!(nested.remedy.unwrap().sentence.contains("nested"));

        let off = judge(read(&INTEL.replace("vmx hypervisor", "sse")));
        assert_eq!(off.verdict, Verdict::Problem);
        assert!(off.remedy.unwrap().sentence.contains("firmware"));

        let arm = read("processor\t: 0\nFeatures\t: fp asimd\n");
        assert_eq!(arm.processor, Processor::Silent);
        assert_eq!(verdict(""), Verdict::Good);
    }
}
