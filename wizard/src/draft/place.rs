//! Where the disk goes, as the text in the field: an absolute path, or `POOL/VOLUME` for pools that
//! are no folder.

use backend::install::DiskPlace;
use backend::model::{HypervisorKind, Pool};

/// The name of a guest's disk file; Xen's are raw.
pub fn file_name(guest: &str, hypervisor: HypervisorKind) -> String {
    match hypervisor {
        HypervisorKind::Xen => format!("{guest}.img"),
        _ => format!("{guest}.qcow2"),
    }
}

/// A place as text. A volume of a folder shows as the path it will have.
pub fn to_text(place: &DiskPlace, pools: &[Pool]) -> String {
    match place {
        DiskPlace::Path(path) => path.clone(),
        DiskPlace::Volume { pool, name } => match folder(pool, pools) {
            Some(folder) => format!("{}/{name}", folder.trim_end_matches('/')),
            None => format!("{pool}/{name}"),
        },
    }
}

/// The place that a text means: a volume where it lies directly in a pool, since then the host
/// itself makes it; a path otherwise. `None` for what is neither.
pub fn from_text(text: &str, pools: &[Pool]) -> Option<DiskPlace> {
    let (before, name) = text.rsplit_once('/')?;
    if name.is_empty() || matches!(name, "." | "..") || text.contains('\0') {
        return None;
    }
    let before = before.trim_end_matches('/');
    let pool = pools.iter().find(|pool| match &pool.path {
        Some(path) if text.starts_with('/') => path.trim_end_matches('/') == before,
        _ => pool.name == before,
    });
    match pool {
        Some(pool) => Some(DiskPlace::Volume {
            pool: pool.name.clone(),
            name: name.to_owned(),
        }),
        None if text.starts_with('/') => Some(DiskPlace::Path(text.to_owned())),
        None => None,
    }
}

/// `place` with the file named after another guest, where it was named after `old`.
pub fn renamed(place: &DiskPlace, old: &str, new: &str) -> DiskPlace {
    let rename = |file: &str| match file.strip_prefix(old) {
        Some(ending) if !old.is_empty() && !new.is_empty() => format!("{new}{ending}"),
        _ => file.to_owned(),
    };
    match place {
        DiskPlace::Path(path) => DiskPlace::Path(match path.rsplit_once('/') {
            Some((folder, file)) => format!("{folder}/{}", rename(file)),
            None => path.clone(),
        }),
        DiskPlace::Volume { pool, name } => DiskPlace::Volume {
            pool: pool.clone(),
            name: rename(name),
        },
    }
}

fn folder<'a>(pool: &str, pools: &'a [Pool]) -> Option<&'a str> {
    pools
        .iter()
        .find(|known| known.name == pool)?
        .path
        .as_deref()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::fixtures::pools;

    fn volume(pool: &str, name: &str) -> DiskPlace {
        DiskPlace::Volume {
            pool: pool.into(),
            name: name.into(),
        }
    }

    #[test]
    fn a_file_in_a_pools_folder_is_its_volume() {
        let pools = pools();
        let text = "/var/lib/libvirt/images/a.qcow2";
        assert_eq!(
            from_text(text, &pools),
            Some(volume("default", "a.qcow2")),
            "through the pool an ordinary user can make it, too"
        );
        assert_eq!(to_text(&volume("default", "a.qcow2"), &pools), text);
        assert_eq!(
            from_text("/var/lib/libvirt/images/sub/a.qcow2", &pools),
            Some(DiskPlace::Path(
                "/var/lib/libvirt/images/sub/a.qcow2".into()
            ))
        );
    }

    #[test]
    fn a_pool_that_is_no_folder_goes_by_name() {
        let pools = pools();
        assert_eq!(to_text(&volume("fast", "a"), &pools), "fast/a");
        assert_eq!(from_text("fast/a", &pools), Some(volume("fast", "a")));
        assert_eq!(
            from_text("default/a", &pools),
            Some(volume("default", "a")),
            "a folder may go by its pool's name as well"
        );
    }

    #[test]
    fn nonsense_is_no_place() {
        for text in [
            "",
            "a.qcow2",
            "~/a.qcow2",
            "unknown/a",
            "/tmp/",
            "/tmp/..",
            "/a\0b",
        ] {
            assert_eq!(from_text(text, &pools()), None, "{text:?}");
        }
        assert_eq!(
            from_text("/a.qcow2", &pools()),
            Some(DiskPlace::Path("/a.qcow2".into()))
        );
    }

    #[test]
    fn the_file_follows_the_name() {
        assert_eq!(
            renamed(&volume("default", "debian-12.qcow2"), "debian-12", "web"),
            volume("default", "web.qcow2")
        );
        assert_eq!(
            renamed(&DiskPlace::Path("/vm/old.qcow2".into()), "old", "new"),
            DiskPlace::Path("/vm/new.qcow2".into())
        );
        let other = volume("default", "disk.img");
        assert_eq!(renamed(&other, "old", "new"), other);
        assert_eq!(renamed(&other, "", "new"), other);
        assert_eq!(renamed(&other, "disk", ""), other);
    }
}
