//! Storage pools and volumes. Files belong to the host: whether a disk exists, how much space it
//! has and its making go through libvirt, even on this machine.

pub(crate) mod bases;
pub(crate) mod folder;

use virt::storage_pool::StoragePool;
use virt::storage_vol::StorageVol;
use virt_sys as sys;

use crate::error::{Error, ErrorKind, Result};
use crate::link::Link;
use crate::model::{Pool, Volume};
use crate::xml::pool as pool_xml;
use folder::{OpenFolder, split};

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

/// A volume that was found by the name a definition or a person gives it.
pub(crate) struct FoundVolume {
    volume: StorageVol,
    /// The pool to reach it by, where its folder has none of its own.
    _folder: Option<OpenFolder>,
}

impl FoundVolume {
    /// The names under which guests' definitions may refer to it: its path, its pool and name.
    ///
    /// # Errors
    /// As the hypervisor says.
    pub(crate) fn names(&self) -> Result<[String; 2]> {
        let pool = self.volume.lookup_storage_pool()?.name()?;
        Ok([
            self.volume.path()?,
            format!("{pool}/{}", self.volume.name()?),
        ])
    }

    /// When its content was last changed, by the host's clock in seconds and nanoseconds; where it
    /// is a file and the host tells.
    ///
    /// # Errors
    /// As the hypervisor says.
    pub(crate) fn changed_at(&self) -> Result<Option<(u64, u32)>> {
        pool_xml::volume_changed_at(&self.volume.xml_desc(0)?)
    }

    /// Deletes it.
    ///
    /// # Errors
    /// As the hypervisor says.
    pub(crate) fn delete(&self) -> Result<()> {
        Ok(self.volume.delete(sys::VIR_STORAGE_VOL_DELETE_NORMAL)?)
    }
}

/// Finds the volume of a guest's disk, named as in [`crate::model::GuestDetails::disks`], or another
/// file of the host by its path.
///
/// # Errors
/// [`ErrorKind::NotSupported`] for what is no file or volume; [`ErrorKind::NotFound`].
pub(crate) fn find_volume(link: &Link, disk: &str) -> Result<FoundVolume> {
    let refuse = |message: String| Error::new(ErrorKind::NotSupported, message);
    check_text(disk)?;
    if !disk.starts_with('/') {
        let (pool, name) = disk
            .split_once('/')
            .ok_or_else(|| refuse(format!("“{disk}” is neither a file nor a volume.")))?;
        let volume = volume_named(&pool_named(link, pool)?, name)?;
        return Ok(FoundVolume {
            volume,
            _folder: None,
        });
    }
    if let Ok(volume) = link.connect().lookup_storage_vol_by_path(disk) {
        return Ok(FoundVolume {
            volume,
            _folder: None,
        });
    }
    if disk.starts_with("/dev/") {
        return Err(refuse(format!("“{disk}” is a device, not a file.")));
    }
    let (folder, name) = split(disk)?;
    let open = OpenFolder::open(link.connect(), &folder, false)?;
    let volume = volume_named(&open.pool, &name).map_err(|error| {
        error.if_not_found(&format!("The file “{disk}” is not there any more."))
    })?;
    Ok(FoundVolume {
        volume,
        _folder: Some(open),
    })
}
