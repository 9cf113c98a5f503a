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

/// Everything a disk or drive of any kind reads from or writes to, named as by
/// [`storage_of_disk`]: also the bases of an overlay and the target of a copy.
pub(crate) fn sources(disk: &Element) -> Vec<String> {
    let mut found = Vec::new();
    let mut left = vec![disk];
    while let Some(element) = left.pop() {
        if element.name == "source" {
            let plain = ["file", "dev", "dir"].map(|name| element.attribute(name));
            found.extend(plain.into_iter().flatten().map(String::from));
            if let (Some(pool), Some(volume)) =
                (element.attribute("pool"), element.attribute("volume"))
            {
                found.push(format!("{pool}/{volume}"));
            }
        }
        left.extend(element.elements());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::document::Document;

    fn storage(text: &str) -> Option<String> {
        storage_of_disk(&Document::parse(text).unwrap().root)
    }

    #[test]
    fn bases_and_copies_are_used_too() {
        let text = "<disk type='file' device='cdrom'><source file='/top'/>\
                    <backingStore type='file'><source file='/base'/>\
                    <backingStore type='volume'><source pool='p' volume='v'/></backingStore>\
                    </backingStore><mirror type='block'><source dev='/dev/sdz'/></mirror></disk>";
        let mut found = sources(&Document::parse(text).unwrap().root);
        found.sort();
        assert_eq!(found, ["/base", "/dev/sdz", "/top", "p/v"]);
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
