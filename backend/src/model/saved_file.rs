//! A file that a guest was saved into.

use super::GuestId;
use crate::error::{Error, ErrorKind};

/// What is known of a file that a guest was saved into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedFile {
    /// Its path on the host.
    pub path: String,
    /// Whose state it holds; absent where the driver cannot tell (Xen's).
    pub guest: Option<SavedGuest>,
    /// Whether one of the guest's disks was written to after the file was: what the guest remembers
    /// of it then is no longer so, and going on with that damages its files. Absent where that cannot
    /// be told, as of disks that are no files.
    pub disks_moved_on: Option<bool>,
}

/// The guest whose state a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedGuest {
    /// Its name.
    pub name: String,
    /// Its identity.
    pub id: GuestId,
    /// What the host has of it now.
    pub here: Counterpart,
}

/// What a host has of a guest whose state is in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counterpart {
    /// It is not there: it was deleted, or is of another host.
    Missing,
    /// It is off, and goes on from the file.
    Off,
    /// It is off, and its memory of another time is saved on the host.
    Saved,
    /// It runs.
    Active,
    /// Another guest has its name.
    NameTaken,
}

impl SavedFile {
    /// The guest's name, as far as it is known.
    pub fn name(&self) -> Option<&str> {
        self.guest.as_ref().map(|guest| guest.name.as_str())
    }

    /// Whether the host has no definition of the guest: restored, it is gone when it stops.
    pub fn has_no_definition(&self) -> bool {
        let here = self.guest.as_ref().map(|guest| guest.here);
        here == Some(Counterpart::Missing)
    }

    /// Why the guest cannot be restored from it now.
    pub fn objection(&self) -> Option<Error> {
        let guest = self.guest.as_ref()?;
        let name = &guest.name;
        match guest.here {
            Counterpart::Missing | Counterpart::Off => None,
            Counterpart::Active => Some(
                Error::new(
                    ErrorKind::WrongState,
                    format!("“{name}”, whose state that file holds, is running."),
                )
                .with_remedy("Shut it down or save it first. The file stays as it is."),
            ),
            Counterpart::Saved => Some(
                Error::new(
                    ErrorKind::WrongState,
                    format!("“{name}” has a saved state on the host already, of another time."),
                )
                .with_remedy("Start it to use that one, or discard it first."),
            ),
            Counterpart::NameTaken => Some(
                Error::new(
                    ErrorKind::AlreadyExists,
                    format!("Another guest of this host is called “{name}” too."),
                )
                .with_remedy("Rename that one first."),
            ),
        }
    }

    /// What the user should know before the guest is restored from it, in sentences.
    pub fn warning(&self) -> Option<&'static str> {
        match self.disks_moved_on {
            Some(true) => Some(
                "Its disk has been written to since. What the guest remembers of the disk is no \
                 longer so: going on from there is likely to damage its files.",
            ),
            Some(false) => None,
            None => Some(
                "If the guest has run since it was saved, its disk is no longer what it remembers, \
                 and going on from there is likely to damage its files.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn file(here: Counterpart, disks_moved_on: Option<bool>) -> SavedFile {
        let guest = SavedGuest {
            name: "web".into(),
            id: GuestId(Uuid::from_u128(1)),
            here,
        };
        SavedFile {
            path: "/a".into(),
            guest: Some(guest),
            disks_moved_on,
        }
    }

    #[test]
    fn only_a_guest_that_is_off_or_gone_is_restored() {
        for here in [Counterpart::Off, Counterpart::Missing] {
            assert_eq!(file(here, Some(false)).objection(), None);
        }
        for here in [
            Counterpart::Active,
            Counterpart::Saved,
            Counterpart::NameTaken,
        ] {
            let objection = file(here, Some(false)).objection().unwrap();
            assert!(objection.message().contains("web") && objection.remedy().is_some());
        }
    }

    #[test]
    fn a_disk_that_moved_on_is_warned_of() {
        let warning = |moved_on| file(Counterpart::Off, moved_on).warning();
        assert_eq!(warning(Some(false)), None);
        assert!(warning(Some(true)).unwrap().contains("has been written"));
        assert!(warning(None).unwrap().starts_with("If"));
    }
}
