//! What is wrong with memory and processors.

use super::{Field, Problem, Severity};
use crate::draft::{Draft, HostFacts};
use crate::format;

/// Beyond this, x86 guests need an interrupt remapper, which new guests are not given.
const MOST_VCPUS: u32 = 255;

/// How many of a guest's processors may share one of the host's before it is worth a warning.
const MANY_TURNS: u32 = 8;

/// Says what there is to say about memory, its maximum and processors.
pub(super) fn check(draft: &Draft, host: &HostFacts, problems: &mut Vec<Problem>) {
    use Severity::{Error, Note, Warning};

    let memory = draft.memory_mib.get();
    let maximum = draft.maximum_memory();
    if memory == 0 {
        problems.push(Problem::new(
            Field::Memory,
            Error,
            "A guest needs some memory.",
        ));
    } else if memory > host.memory_mib {
        problems.push(Problem::new(
            Field::Memory,
            Error,
            format!(
                "More than {} has: {} in all.",
                host.name,
                format::mib(host.memory_mib)
            ),
        ));
    } else if let Some(tree) = draft.tree()
        && memory < tree.minimum_memory_mib
    {
        problems.push(
            Problem::new(
                Field::Memory,
                Warning,
                format!(
                    "The installer of {} is likely to fail with less than {}.",
                    tree.system(),
                    format::mib(tree.minimum_memory_mib)
                ),
            )
            .with_remedy("Give it more now and slide it down after the installation."),
        );
    } else if memory > host.free_memory_mib {
        problems.push(Problem::new(
            Field::Memory,
            Warning,
            format!(
                "{} has {} left of {}; it may begin to swap.",
                host.name,
                format::mib(host.free_memory_mib),
                format::mib(host.memory_mib)
            ),
        ));
    }
    if maximum > host.memory_mib && memory <= host.memory_mib {
        problems.push(Problem::new(
            Field::MaximumMemory,
            Error,
            format!(
                "It cannot grow beyond the {} that {} has in all.",
                format::mib(host.memory_mib),
                host.name
            ),
        ));
    } else if maximum > host.free_memory_mib && memory <= host.free_memory_mib {
        problems.push(Problem::new(
            Field::MaximumMemory,
            Note,
            format!(
                "More than the {} that are free now: a guest without a balloon driver may use it all.",
                format::mib(host.free_memory_mib)
            ),
        ));
    }
    vcpus(draft, host, problems);
}

fn vcpus(draft: &Draft, host: &HostFacts, problems: &mut Vec<Problem>) {
    use Severity::{Error, Note, Warning};

    let vcpus = draft.vcpus.get();
    if vcpus == 0 {
        problems.push(Problem::new(
            Field::Vcpus,
            Error,
            "A guest needs at least one processor.",
        ));
    } else if vcpus > MOST_VCPUS {
        problems.push(Problem::new(
            Field::Vcpus,
            Error,
            format!("A guest can have {MOST_VCPUS} processors at most."),
        ));
    } else if vcpus > host.cpus.saturating_mul(MANY_TURNS) {
        problems.push(Problem::new(
            Field::Vcpus,
            Warning,
            format!(
                "Many more than the {} of {}: the guest will be slow, also to start.",
                format::processors(host.cpus),
                host.name
            ),
        ));
    } else if vcpus > host.cpus {
        problems.push(Problem::new(
            Field::Vcpus,
            Note,
            format!(
                "More than the {} of {}: possible, but they take turns.",
                format::processors(host.cpus),
                host.name
            ),
        ));
    }
}
