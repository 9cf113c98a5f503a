//! `<disk>`: disks and drives.

use crate::xml::document::Element;

/// The file, device or volume path that holds a disk, for disks proper (not CD or floppy drives).
pub(crate) fn storage_of_disk(disk: &Element) -> Option<String> {
    if !matches!(disk.attribute("device"), None | Some("disk" | "lun")) {
        return None;
    }
    let source = disk.child("source")?;
    let path = match disk.attribute("type") {
        Some("file") => source.attribute("file"),
        Some("block") => source.attribute("dev"),
        Some("dir") => source.attribute("dir"),
        // Volumes are named by pool and name; the path is found when they are used.
        Some("volume") => {
            let pool = source.attribute("pool")?;
            return Some(format!("{pool}/{}", source.attribute("volume")?));
        }
        _ => None,
    };
    path.filter(|path| !path.is_empty()).map(String::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::document::Document;

    fn storage(text: &str) -> Option<String> {
        storage_of_disk(&Document::parse(text).unwrap().root)
    }

    #[test]
    fn disks_and_drives() {
        let file = "<disk type='file' device='disk'><source file='/a.qcow2'/></disk>";
        assert_eq!(storage(file).as_deref(), Some("/a.qcow2"));
        let block = "<disk type='block'><source dev='/dev/sdz'/></disk>";
        assert_eq!(storage(block).as_deref(), Some("/dev/sdz"));
        let drive = "<disk type='file' device='cdrom'><source file='/a.iso'/></disk>";
        assert_eq!(storage(drive), None);
        assert_eq!(storage("<disk type='file' device='disk'/>"), None);
    }
}
