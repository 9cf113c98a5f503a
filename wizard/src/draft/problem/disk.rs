//! What is wrong with the disk.

use backend::install::PlaceReport;

use super::{Field, Problem, Severity};
use crate::draft::{Draft, HostFacts, Inspection};
use crate::format;

/// Less space than this and hardly a system can be installed.
const LITTLE_SPACE: u64 = 2 << 30;

/// Says what there is to say about the disk's place and size.
pub(super) fn check(draft: &Draft, host: &HostFacts, problems: &mut Vec<Problem>) {
    use Severity::{Error, Missing};

    let text = draft.disk.value().trim();
    if text.is_empty() {
        problems.push(Problem::new(
            Field::Disk,
            Missing,
            "Say where to keep the disk.",
        ));
    } else if draft.place(host).is_none() {
        let (message, remedy) = if text.starts_with('~') {
            (
                "“~” has no meaning on the host.",
                "Write the folder out, beginning with “/”.",
            )
        } else if text.ends_with('/') {
            (
                "This is a folder; the disk needs a file name, too.",
                "Add a name such as disk.qcow2.",
            )
        } else {
            (
                "This is no complete path.",
                "Begin with “/”, or pick a pool.",
            )
        };
        problems.push(Problem::new(Field::Disk, Error, message).with_remedy(remedy));
    } else {
        match &draft.inspection {
            Inspection::Failed(error) => problems.push(Problem::of_error(Field::Disk, error)),
            Inspection::Known(PlaceReport { exists: true, .. }) => problems.push(
                Problem::new(Field::Disk, Error, "A file of that name is there already.")
                    .with_remedy("Give another name: existing files are never overwritten."),
            ),
            Inspection::Known(PlaceReport {
                available: Some(available),
                ..
            }) => problems.extend(space(draft.disk_gib.get(), *available)),
            Inspection::Known(_) | Inspection::Unknown | Inspection::Looking => {}
        }
    }
    if draft.disk_gib.get() == 0 {
        problems.push(Problem::new(
            Field::DiskSize,
            Error,
            "A disk needs a size of at least 1 GiB.",
        ));
    }
}

fn space(disk_gib: u64, available: u64) -> Option<Problem> {
    if available < LITTLE_SPACE {
        return Some(
            Problem::new(
                Field::DiskSize,
                Severity::Warning,
                format!(
                    "Only {} are free: hardly any system can be installed in so little.",
                    format::bytes(available)
                ),
            )
            .with_remedy("Make room there, or keep the disk elsewhere."),
        );
    }
    (disk_gib.saturating_mul(1 << 30) > available).then(|| {
        Problem::new(
            Field::DiskSize,
            Severity::Warning,
            format!(
                "The disk can outgrow the {} that are free; the guest is then paused.",
                format::bytes(available)
            ),
        )
        .with_remedy("Make it smaller, or keep it elsewhere.")
    })
}
