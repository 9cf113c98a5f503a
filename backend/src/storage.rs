//! Storage pools and volumes. Files belong to the host: whether a disk exists, how much space it
//! has and its making go through libvirt, even on this machine.

use uuid::Uuid;
use virt::storage_pool::StoragePool;
use virt::storage_vol::StorageVol;
use virt_sys as sys;

use crate::error::{Error, ErrorKind, Result};
use crate::link::Link;
use crate::model::{Pool, Volume};
use crate::xml::pool as pool_xml;

/// Storage pools, by name.
pub(crate) fn pools(link: &Link) -> Result<Vec<Pool>> {
    let mut pools = Vec::new();
    for pool in link.connect().list_all_storage_pools(0)? {
        // One that vanished meanwhile is no reason to show none.
        if let Ok(pool) = describe(&pool) {
            pools.push(pool);
        }
    }
    pools.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(pools)
}

fn describe(pool: &StoragePool) -> Result<Pool> {
    let info = pool.info()?;
    Ok(Pool {
        name: pool.name()?,
        path: pool_xml::folder(&pool.xml_desc(0)?)?,
        active: matches!(
            info.state,
            sys::VIR_STORAGE_POOL_RUNNING | sys::VIR_STORAGE_POOL_DEGRADED
        ),
        capacity: info.capacity,
        available: info.available,
    })
}

/// Volumes of a pool, by name, as they are now.
pub(crate) fn volumes(link: &Link, pool: &str) -> Result<Vec<Volume>> {
    let pool = pool_named(link, pool)?;
    pool.refresh(0)?;
    let mut volumes = Vec::new();
    for volume in pool.list_all_volumes(0)? {
        if let Ok(volume) = describe_volume(&volume) {
            volumes.push(volume);
        }
    }
    volumes.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(volumes)
}

fn describe_volume(volume: &StorageVol) -> Result<Volume> {
    let info = volume.info()?;
    Ok(Volume {
        name: volume.name()?,
        path: volume.path()?,
        capacity: info.capacity,
        allocation: info.allocation,
    })
}

fn pool_named(link: &Link, name: &str) -> Result<StoragePool> {
    check_text(name)?;
    link.connect()
        .lookup_storage_pool_by_name(name)
        .map_err(|error| {
            Error::from(error).if_not_found(&format!("There is no storage pool called “{name}”."))
        })
}

fn volume_named(pool: &StoragePool, name: &str) -> Result<StorageVol> {
    check_text(name)?;
    pool.lookup_storage_vol_by_name(name).map_err(|error| {
        Error::from(error).if_not_found(&format!("There is no volume called “{name}”."))
    })
}

/// The C library cannot be given null characters.
fn check_text(text: &str) -> Result<()> {
    if text.contains('\0') {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            "A name cannot contain a null character.",
        ));
    }
    Ok(())
}

/// The pool over a folder of the host; a transient one is made where there is none.
fn folder_pool(link: &Link, folder: &str) -> Result<(StoragePool, bool)> {
    check_text(folder)?;
    let folder = match folder.trim_end_matches('/') {
        "" => "/",
        trimmed => trimmed,
    };
    if let Ok(pool) = link.connect().lookup_storage_pool_by_target_path(folder) {
        if !pool.is_active()? {
            pool.create(0)?;
        }
        return Ok((pool, false));
    }
    // Transient: should this program die, nothing of it survives the daemon.
    let name = format!("guesthouse-{}", Uuid::new_v4());
    let pool = link
        .connect()
        .create_storage_pool_xml(&pool_xml::of_folder(&name, folder), 0)
        .map_err(|error| {
            let error = Error::from(error);
            let message = format!("The folder “{folder}” cannot be used on the host.");
            Error::new(ErrorKind::BadPath, message)
                .with_remedy("Choose a folder that exists there.")
                .with_detail(error.detail().unwrap_or_default())
        })?;
    Ok((pool, true))
}

/// A volume found for deletion.
pub(crate) struct Doomed {
    volume: StorageVol,
    /// The pool made to reach it.
    made: Option<StoragePool>,
}

impl Doomed {
    /// Deletes it.
    pub(crate) fn delete(&self, _link: &Link) -> Result<()> {
        Ok(self.volume.delete(sys::VIR_STORAGE_VOL_DELETE_NORMAL)?)
    }
}

impl Drop for Doomed {
    fn drop(&mut self) {
        if let Some(pool) = &self.made
            && let Err(error) = pool.destroy()
        {
            tracing::warn!(%error, "a pool made for a moment could not be removed");
        }
    }
}

/// Finds the volume of a guest's disk, named as in [`crate::model::GuestDetails::disks`].
pub(crate) fn find_volume_to_delete(link: &Link, disk: &str) -> Result<Doomed> {
    let refuse = |message: String| {
        Error::new(ErrorKind::NotSupported, message)
            .with_remedy("Leave this disk unticked; the guest can be deleted without it.")
    };
    check_text(disk)?;
    if !disk.starts_with('/') {
        let (pool, name) = disk
            .split_once('/')
            .ok_or_else(|| refuse(format!("“{disk}” is nothing this program can delete.")))?;
        let volume = volume_named(&pool_named(link, pool)?, name)?;
        return Ok(Doomed { volume, made: None });
    }
    if let Ok(volume) = link.connect().lookup_storage_vol_by_path(disk) {
        return Ok(Doomed { volume, made: None });
    }
    if disk.starts_with("/dev/") {
        return Err(refuse(format!("“{disk}” is a device, not a file.")));
    }
    let (folder, name) = split_path(disk)?;
    let (pool, made) = folder_pool(link, folder)?;
    let found = pool
        .refresh(0)
        .map_err(Error::from)
        .and_then(|()| volume_named(&pool, name));
    match found {
        Ok(volume) => Ok(Doomed {
            volume,
            made: made.then_some(pool),
        }),
        Err(error) => {
            if made {
                pool.destroy()?;
            }
            Err(error.if_not_found(&format!("The file “{disk}” is not there any more.")))
        }
    }
}

/// Folder and file name of an absolute path.
///
/// # Errors
/// [`ErrorKind::BadPath`] when it is not absolute or names a folder.
pub(crate) fn split_path(path: &str) -> Result<(&str, &str)> {
    let bad = |message: &str| Error::new(ErrorKind::BadPath, message);
    if !path.starts_with('/') {
        return Err(bad("The path has to be absolute: it begins with a slash."));
    }
    let (folder, name) = path.rsplit_once('/').unwrap_or_default();
    if matches!(name, "" | "." | "..") {
        return Err(bad("The path has to name a file, not a folder."));
    }
    Ok((if folder.is_empty() { "/" } else { folder }, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        assert_eq!(split_path("/a/b.qcow2").unwrap(), ("/a", "b.qcow2"));
        assert_eq!(split_path("/b").unwrap(), ("/", "b"));
        for bad in ["", "b", "a/b", "/", "/a/", "/a/.."] {
            assert_eq!(
                split_path(bad).unwrap_err().kind(),
                ErrorKind::BadPath,
                "{bad}"
            );
        }
    }
}
