//! Files that guests are saved into: what is in one, making room for one, and clearing up after one
//! that was not finished. They are the host's: everything goes through libvirt.

use std::time::Duration;

use crate::error::{Error, ErrorKind, Result};
use crate::host::Host;
use crate::link::Link;
use crate::model::{Counterpart, GuestId, SavedFile, SavedGuest};
use crate::operation::Operation;
use crate::storage;
use crate::storage::folder::{join, split_path_of, with_folder};
use crate::xml::domain as domain_xml;

/// How long looking at a file, and at the folders of the guest's disks, may take.
const LOOK: Duration = Duration::from_mins(1);

const EXAMPLE: &str = "/var/lib/libvirt/images/guest.save";

/// What is at a path.
enum Content {
    Nothing,
    /// A guest's state, with the definition it was saved under.
    State(String),
    /// Something else.
    Other,
    /// Something; the driver does not look into such files.
    Unknown,
}

/// A path that such a file may have.
///
/// # Errors
/// [`ErrorKind::BadPath`] with the reason.
pub(super) fn tidy(path: &str) -> Result<String> {
    let (folder, name) = split_path_of("file", path, EXAMPLE)?;
    Ok(join(&folder, &name))
}

/// See [`Host::saved_file`].
pub(crate) async fn read(host: &Host, path: &str) -> Result<SavedFile> {
    let path = tidy(path)?;
    host.run_within(
        LOOK,
        Operation::Host("saved_file"),
        move |link| match look(link, &path)? {
            Content::Nothing => Err(Error::new(
                ErrorKind::NotFound,
                format!("There is no file {path} on the host."),
            )
            .with_remedy("Check its name; paths are those of the host.")),
            Content::Other => Err(Error::new(
                ErrorKind::InvalidInput,
                format!("{path} does not hold the state of a guest."),
            )
            .with_remedy("Choose a file that a guest was saved into.")),
            Content::Unknown => Ok(SavedFile {
                path,
                guest: None,
                disks_moved_on: None,
            }),
            Content::State(xml) => describe(link, path, &xml),
        },
    )
    .await
}

/// Refuses a path where something is, or with `replace` deletes the state of a guest that is there.
///
/// # Errors
/// [`ErrorKind::AlreadyExists`]; as the hypervisor says.
pub(super) async fn make_room(host: &Host, path: &str, replace: bool) -> Result<()> {
    let path = path.to_owned();
    host.run_within(LOOK, Operation::Host("save_to"), move |link| {
        let taken = |message: String, remedy: &str| {
            Err(Error::new(ErrorKind::AlreadyExists, message).with_remedy(remedy))
        };
        match look(link, &path)? {
            Content::Nothing => Ok(()),
            Content::State(_) if replace => delete(link, &path).map_err(|error| {
                error.with_message(format!("The present file {path} could not be removed."))
            }),
            Content::State(xml) => {
                let name = domain_xml::identity(&xml)?.name;
                taken(
                    format!("{path} holds a saved state of “{name}” already."),
                    "Choose another name, or replace it.",
                )
            }
            Content::Other => taken(
                format!("{path} is there already and is no saved state of a guest."),
                "Choose another name: it is left as it is.",
            ),
            Content::Unknown => taken(
                format!("{path} is there already, and this host cannot tell what it is."),
                "Choose another name: it is left as it is.",
            ),
        }
    })
    .await
}

/// Removes what a failed saving left at `path`, where nothing was before; says so where that fails.
/// (QEMU's driver removes it itself.)
pub(super) async fn clear_up(host: &Host, path: &str, error: Error) -> Error {
    // What failed otherwise had not begun to write.
    if !matches!(
        error.kind(),
        ErrorKind::Cancelled | ErrorKind::NoSpace | ErrorKind::Hypervisor
    ) {
        return error;
    }
    let target = path.to_owned();
    let cleared = host.run_within(LOOK, Operation::Host("save_to"), move |link| {
        match look(link, &target)? {
            Content::Nothing => Ok(()),
            _ => delete(link, &target),
        }
    });
    match cleared.await {
        Ok(()) => error,
        Err(reason) => {
            tracing::debug!(%reason, detail = reason.detail(), path, "cannot be cleared up");
            error.with_left_behind(format!(
                "Part of it may be left in {path} on the host; it is of no use."
            ))
        }
    }
}

/// Tells why a file could not be written.
pub(super) fn explain_writing(error: Error, path: &str) -> Error {
    let folder = path.rsplit_once('/').map_or("/", |(folder, _)| folder);
    let detail = error.detail().unwrap_or_default().to_owned();
    let say = |kind, message: String, remedy: &str| {
        Error::new(kind, message)
            .with_remedy(remedy)
            .with_detail(detail.clone())
    };
    match error.kind() {
        ErrorKind::NotFound => say(
            ErrorKind::BadPath,
            format!("The host has no folder {folder}."),
            "Make it there first, or choose another.",
        ),
        ErrorKind::BadPath => say(
            ErrorKind::BadPath,
            format!("The host cannot write into {folder}."),
            "Choose another folder.",
        ),
        ErrorKind::PermissionDenied => say(
            ErrorKind::PermissionDenied,
            format!("The host's libvirt may not write into {folder}."),
            "Choose a folder that it may use.",
        ),
        // Of the helper that writes, libvirt passes on only the words.
        ErrorKind::NoSpace => no_space(folder, &detail),
        ErrorKind::Hypervisor if detail.contains("No space left") => no_space(folder, &detail),
        _ => error,
    }
}

fn no_space(folder: &str, detail: &str) -> Error {
    Error::new(
        ErrorKind::NoSpace,
        format!("The guest's memory does not fit into {folder}: the guest goes on."),
    )
    .with_remedy("Free some space there, or choose another folder.")
    .with_detail(detail)
}

fn look(link: &Link, path: &str) -> Result<Content> {
    let error = match link.connect().save_image_xml_desc(path, 0) {
        Ok(xml) => return Ok(Content::State(xml)),
        Err(error) => Error::from(error),
    };
    match error.kind() {
        ErrorKind::NotFound => Ok(Content::Nothing),
        ErrorKind::NotSupported => Ok(if is_there(link, path)? {
            Content::Unknown
        } else {
            Content::Nothing
        }),
        ErrorKind::PermissionDenied => Err(error
            .with_message(format!("The host's libvirt may not read {path}."))
            .with_remedy("Choose a file in a folder that it may use.")),
        ErrorKind::BadPath => Err(error
            .with_message(format!("{path} is no path of a file on the host."))
            .with_remedy("Choose another.")),
        ErrorKind::Disconnected | ErrorKind::NotAnswering => Err(error),
        // It read the file and did not find what it looks for.
        _ => Ok(Content::Other),
    }
}

/// Whether the host has such a file, for drivers that do not look into it.
fn is_there(link: &Link, path: &str) -> Result<bool> {
    let (folder, name) = split_path_of("file", path, EXAMPLE)?;
    with_folder(link.connect(), &folder, false, |pool| {
        match pool.lookup_storage_vol_by_name(&name).map_err(Error::from) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    })
}

fn delete(link: &Link, path: &str) -> Result<()> {
    storage::find_volume(link, path)?.delete()
}

fn describe(link: &Link, path: String, xml: &str) -> Result<SavedFile> {
    let identity = domain_xml::identity(xml)?;
    let guest = identity.id.map(|id| SavedGuest {
        here: counterpart(link, GuestId(id), &identity.name),
        name: identity.name,
        id: GuestId(id),
    });
    let disks = domain_xml::read(xml)?.details.disks;
    Ok(SavedFile {
        disks_moved_on: moved_on(link, &path, &disks),
        path,
        guest,
    })
}

fn counterpart(link: &Link, id: GuestId, name: &str) -> Counterpart {
    let Ok(domain) = link.domain(id) else {
        return match link.connect().lookup_domain_by_name(name) {
            Ok(_) => Counterpart::NameTaken,
            Err(_) => Counterpart::Missing,
        };
    };
    if domain.is_active().unwrap_or(false) {
        Counterpart::Active
    } else if domain.has_managed_save(0).unwrap_or(false) {
        Counterpart::Saved
    } else {
        Counterpart::Off
    }
}

/// Whether one of the disks was changed after the file was, where the host tells of all. Saving ends
/// with the file: the guest stands still then, and its disks are as it knows them.
fn moved_on(link: &Link, path: &str, disks: &[String]) -> Option<bool> {
    let changed_at = |what: &str| {
        let found = storage::find_volume(link, what).and_then(|found| found.changed_at());
        found.ok().flatten()
    };
    let saved_at = changed_at(path)?;
    let mut all_known = true;
    for disk in disks {
        match changed_at(disk) {
            Some(changed) if changed > saved_at => return Some(true),
            Some(_) => {}
            None => all_known = false,
        }
    }
    all_known.then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_a_file_from_being_written_is_told() {
        for (kind, detail, expected, part) in [
            (
                ErrorKind::NotFound,
                "",
                ErrorKind::BadPath,
                "no folder /a/b",
            ),
            (
                ErrorKind::PermissionDenied,
                "",
                ErrorKind::PermissionDenied,
                "/a/b",
            ),
            (
                ErrorKind::Hypervisor,
                "operation failed: Unable to write /a/b/c: No space left on device",
                ErrorKind::NoSpace,
                "does not fit",
            ),
        ] {
            let error = Error::new(kind, "x").with_detail(detail);
            let told = explain_writing(error, "/a/b/c");
            assert_eq!(told.kind(), expected);
            assert!(told.message().contains(part), "{told}");
            assert!(told.remedy().is_some());
        }
    }

    #[test]
    fn paths_are_tidied_or_refused() {
        assert_eq!(tidy("//a/./b").unwrap(), "/a/b");
        for path in ["a", "/proc/a", "/a/", "/a/../b", ""] {
            let error = tidy(path).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BadPath, "{path}");
            assert!(!error.message().contains("disk"), "{error}");
        }
    }
}
