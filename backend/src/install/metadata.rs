//! What a guest's definition remembers of its installation: that it is to be started again when
//! the installer has ended, and the files to delete then.
//!
//! It stands in the definition that libvirt keeps, so that any later run of the program, on any
//! machine, can do it.

use quick_xml::escape::unescape;
use quick_xml::events::Event;
use quick_xml::{Reader, Writer};
use uuid::Uuid;

use crate::xml::metadata::INSTALLATION;

/// The prefix it is written with.
pub(crate) const PREFIX: &str = "guesthouse";

/// Most files believed to belong to one installation.
const MOST_FILES: usize = 8;

/// What an installer's files are, and how their names end.
const ENDINGS: [&str; 2] = ["kernel", "initrd"];

/// How the file of the installer of the guest `id` is called on the host. The guest's identity
/// rather than its name: no other file is called so.
pub(crate) fn file_name(id: Uuid, ending: &str) -> String {
    format!("guesthouse-{id}.{ending}")
}

/// An installation whose second stage is still to come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Installation {
    /// Paths on the host of the kernel and the initrd.
    pub(crate) files: Vec<String>,
}

impl Installation {
    /// The files that were made for the guest `id`. Others are not to be deleted: anybody can edit
    /// a definition, one that was copied remembers the files of another guest, and one that came
    /// from elsewhere may name whatever the host would let us delete.
    pub(crate) fn files_of(&self, id: Uuid) -> impl Iterator<Item = &str> {
        let names = ENDINGS.map(|ending| file_name(id, ending));
        self.files.iter().map(String::as_str).filter(move |path| {
            path.rsplit_once('/')
                .is_some_and(|(_, name)| names.iter().any(|own| own == name))
        })
    }

    /// Writes the element.
    pub(crate) fn write(&self, writer: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
        let name = |local: &str| format!("{PREFIX}:{local}");
        writer
            .create_element(name("installation"))
            .with_attribute((&*format!("xmlns:{PREFIX}"), INSTALLATION))
            .write_inner_content(|writer| {
                writer.create_element(name("start-again")).write_empty()?;
                for file in &self.files {
                    writer
                        .create_element(name("delete"))
                        .with_attribute(("path", file.as_str()))
                        .write_empty()?;
                }
                Ok(())
            })?;
        Ok(())
    }

    /// Reads the element, as libvirt gives it alone; it may have changed the prefix. `None` when it
    /// is not one of ours.
    pub(crate) fn read(xml: &str) -> Option<Self> {
        let mut reader = Reader::from_str(xml);
        let mut installation = Self::default();
        let mut is_ours = false;
        loop {
            match reader.read_event().ok()? {
                Event::Start(start) | Event::Empty(start) => match start.local_name().as_ref() {
                    "installation" => is_ours = true,
                    "delete" if is_ours && installation.files.len() < MOST_FILES => {
                        let path = start.try_get_attribute("path").ok()??;
                        installation
                            .files
                            .push(unescape(&path.value).ok()?.into_owned());
                    }
                    _ => {}
                },
                Event::Eof => return is_ours.then_some(installation),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(installation: &Installation) -> String {
        let mut writer = Writer::new(Vec::new());
        installation.write(&mut writer).unwrap();
        String::from_utf8(writer.into_inner()).unwrap()
    }

    proptest! {
        #[test]
        fn any_path_survives(files in prop::collection::vec("[^\\p{Cc}]{1,40}", 0..4)) {
            let installation = Installation { files };
            prop_assert_eq!(Installation::read(&written(&installation)), Some(installation));
        }

        #[test]
        fn reading_never_panics(xml in ".*") {
            let _ = Installation::read(&xml);
        }
    }

    #[test]
    fn only_the_guests_own_files_are_deleted() {
        let (id, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let own = format!("/boot/{}", file_name(id, "initrd"));
        let installation = Installation {
            files: vec![
                "/etc/passwd".into(),
                format!("/boot/{}", file_name(other, "kernel")),
                own.clone(),
                format!("/boot/{}/x", file_name(id, "kernel")),
                format!("/boot/x{}", file_name(id, "kernel")),
                file_name(id, "kernel"),
            ],
        };
        assert_eq!(installation.files_of(id).collect::<Vec<_>>(), [own]);
    }

    #[test]
    fn other_elements_are_not_ours() {
        assert_eq!(
            Installation::read("<a><delete path='/etc/passwd'/></a>"),
            None
        );
        assert_eq!(Installation::read("<installation"), None);
    }
}
