//! Files that describe a guest: configuration files of xl and xm, and libvirt's XML. Read here for
//! windows and command line alike; nothing is made.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use backend::model::{HostInfo, HypervisorKind};
use backend::{Error, ErrorKind, Result, xl};

/// The longest file that is read, in bytes.
const LONGEST: u64 = 1 << 20;

/// A file understood.
#[derive(Clone, PartialEq, Eq)]
pub struct Import {
    /// The guest's name.
    pub name: String,
    /// libvirt's definition, passwords included.
    pub xml: String,
    /// What is not carried over.
    pub notes: Vec<String>,
    /// What it is a guest of, in words: "a PV guest of Xen".
    pub what: String,
    /// Whether only Xen can run it.
    needs_xen: bool,
}

/// Without the definition, which may hold passwords.
impl std::fmt::Debug for Import {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Import")
            .field("name", &self.name)
            .field("what", &self.what)
            .finish_non_exhaustive()
    }
}

impl Import {
    /// Reads a file and understands it. Blocks.
    ///
    /// # Errors
    /// [`ErrorKind::BadPath`] when it cannot be read; as for [`Self::of`].
    pub fn read(path: &Path) -> Result<Self> {
        let mut text = String::new();
        File::open(path)
            // No more than such a file can have, and enough to see that it has more.
            .and_then(|file| file.take(LONGEST + 1).read_to_string(&mut text))
            .map_err(|error| {
                Error::new(
                    ErrorKind::BadPath,
                    format!("{} could not be read.", path.display()),
                )
                .with_detail(error.to_string())
            })?;
        Self::of(&text)
    }

    /// Understands a file by what is in it, whatever its name.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] with what is wrong, and the line where there is one.
    pub fn of(text: &str) -> Result<Self> {
        if text.len() as u64 > LONGEST {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                "This file is far too long to describe a guest.",
            ));
        }
        if text.trim_start().starts_with('<') {
            let guest = backend::definition::describe(text)?;
            return Ok(Self {
                what: format!("a guest of {}", guest.hypervisor()),
                needs_xen: guest.domain_type == "xen",
                name: guest.name,
                xml: text.to_owned(),
                notes: Vec::new(),
            });
        }
        let read = xl::import(text)?;
        Ok(Self {
            name: read.name,
            xml: read.xml,
            notes: read.notes.iter().map(ToString::to_string).collect(),
            what: format!("a {} guest of Xen", read.kind),
            needs_xen: true,
        })
    }

    /// Whether the host can run it.
    ///
    /// # Errors
    /// [`ErrorKind::NotSupported`] where it cannot.
    pub fn check(&self, host: &HostInfo) -> Result<()> {
        let is_xen = host.kind == HypervisorKind::Xen;
        // What the test driver is given is never run.
        if host.kind == HypervisorKind::Test || is_xen == self.needs_xen {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::NotSupported,
            format!(
                "“{}” is {}, and {} is no host for that.",
                self.name, self.what, host.hostname
            ),
        )
        .with_remedy("Choose a host with that hypervisor."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_apart_by_what_is_in_them() {
        let xl = Import::of("name = 'web'\nkernel = '/k'\nmemory = 64\nwonder = 1\n").unwrap();
        assert_eq!(
            (xl.name.as_str(), xl.what.as_str()),
            ("web", "a PV guest of Xen")
        );
        assert!(
            xl.notes.iter().any(|note| note.contains("wonder")),
            "{:?}",
            xl.notes
        );
        let kvm = "\n<domain type='kvm'><name>db</name></domain>";
        let kvm = Import::of(kvm).unwrap();
        assert_eq!(
            (kvm.name.as_str(), kvm.what.as_str()),
            ("db", "a guest of KVM")
        );
        for bad in ["", "<network/>", "hello", "name = [", &"#".repeat(2 << 20)] {
            let error = Import::of(bad).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.message().ends_with('.'), "{error}");
        }
    }
}
