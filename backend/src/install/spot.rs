//! Places on the host where a file can be: in a folder, or in a storage pool.
//!
//! Everything here blocks and runs on a worker thread.

use virt::connect::Connect;
use virt::storage_pool::StoragePool;

use super::DiskPlace;
use super::domain_xml::DiskSource;
use super::storage::format_in;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::folder::{folder_of, join, split, with_folder};

/// Where the system daemon's QEMU may read kernels; distributions make the folder.
pub(super) const BOOT_FOLDER: &str = "/var/lib/libvirt/boot";

/// Where a disk place is: pool or folder, and the name in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Spot {
    /// A file in a folder.
    Folder {
        /// The folder.
        folder: String,
        /// The file's name.
        name: String,
        /// Whether the folder may be made.
        make: bool,
    },
    /// A volume of a pool.
    Pool {
        /// The pool's name.
        pool: String,
        /// The volume's name.
        name: String,
    },
}

impl Spot {
    /// Understands `place`; `may_make` is a folder that is made where it is missing.
    ///
    /// # Errors
    /// [`ErrorKind::BadPath`] with the reason.
    pub(super) fn of(place: &DiskPlace, may_make: Option<&str>) -> Result<Self> {
        match place {
            DiskPlace::Path(path) => {
                let (folder, name) = split(path)?;
                Ok(Self::Folder {
                    make: may_make == Some(folder.as_str()),
                    folder,
                    name,
                })
            }
            DiskPlace::Volume { pool, name } => {
                if name.is_empty() || name.contains('/') || name.chars().any(char::is_control) {
                    return Err(Error::new(
                        ErrorKind::BadPath,
                        "The volume's name cannot be used.",
                    )
                    .with_remedy("Use a name without slashes."));
                }
                Ok(Self::Pool {
                    pool: pool.clone(),
                    name: name.clone(),
                })
            }
        }
    }

    /// The same place with another name.
    fn beside(&self, name: &str) -> Self {
        let mut spot = self.clone();
        match &mut spot {
            Self::Folder { name: old, .. } | Self::Pool { name: old, .. } => name.clone_into(old),
        }
        spot
    }

    /// The file's or volume's name.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Folder { name, .. } | Self::Pool { name, .. } => name,
        }
    }

    /// Runs `work` on the pool that the place is in, refreshed.
    ///
    /// # Errors
    /// As for [`with_folder`].
    pub(super) fn with_pool<T>(
        &self,
        connect: &Connect,
        mut work: impl FnMut(&StoragePool) -> Result<T>,
    ) -> Result<T> {
        match self {
            Self::Folder { folder, make, .. } => with_folder(connect, folder, *make, work),
            Self::Pool { pool: name, .. } => {
                let pool = connect.lookup_storage_pool_by_name(name).map_err(|error| {
                    Error::from(error)
                        .if_not_found(&format!("The host has no storage pool called {name}."))
                        .with_remedy("Choose another place.")
                })?;
                if !pool.is_active()? {
                    return Err(Error::new(
                        ErrorKind::WrongState,
                        format!("The storage pool {name} is stopped."),
                    )
                    .with_remedy("Start the pool, or choose another place."));
                }
                pool.refresh(0)?;
                work(&pool)
            }
        }
    }
}

/// What is at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    /// Bytes free; not known of a folder that is still to be made.
    pub(super) available: Option<u64>,
    /// Whether something has that name.
    pub(super) exists: bool,
}

/// Looks at a place.
///
/// # Errors
/// As for [`Spot::with_pool`].
pub(super) fn look(connect: &Connect, spot: &Spot) -> Result<Look> {
    // Looking makes nothing, not even a folder that may be made.
    let mut as_it_is = spot.clone();
    let mut may_make = false;
    if let Spot::Folder { make, .. } = &mut as_it_is {
        may_make = std::mem::take(make);
    }
    let looked = as_it_is.with_pool(connect, |pool| {
        Ok(Look {
            available: Some(pool.info()?.available),
            exists: pool.lookup_storage_vol_by_name(spot.name()).is_ok(),
        })
    });
    match looked {
        Err(error) if may_make && error.kind() == ErrorKind::BadPath => Ok(Look {
            available: None,
            exists: false,
        }),
        looked => looked,
    }
}

/// What [`make_disk`] would make at a place, as far as it can be known.
///
/// # Errors
/// As for [`Spot::with_pool`].
pub(super) fn foresee_disk(connect: &Connect, spot: &Spot, raw: bool) -> Result<DiskSource> {
    let (folder, name) = match spot {
        Spot::Folder { folder, name, .. } => (Some(folder.clone()), name),
        Spot::Pool { name, .. } => {
            let xml = spot.with_pool(connect, |pool| Ok(pool.xml_desc(0)?))?;
            (folder_of(&xml)?, name)
        }
    };
    Ok(match folder {
        Some(folder) => DiskSource {
            path: join(&folder, name),
            format: format_in(Some(&folder), raw),
            block: false,
        },
        // Volume groups and the like: the host decides where it appears.
        None => DiskSource {
            path: name.clone(),
            format: "raw",
            block: true,
        },
    })
}

/// Where installer files go: the host's own folder for them, else beside the disk.
pub(super) fn boot_spots(disk: &Spot, session: bool, name: &str) -> Vec<Spot> {
    let mut spots = Vec::new();
    if !session {
        spots.push(Spot::Folder {
            folder: BOOT_FOLDER.to_owned(),
            name: name.to_owned(),
            make: false,
        });
    }
    spots.push(disk.beside(name));
    spots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn installer_files_go_to_the_hosts_folder_first() {
        let disk = Spot::of(&DiskPlace::Path(String::from("/d/g.qcow2")), None).unwrap();
        let spots = boot_spots(&disk, false, "k");
        assert_eq!(spots.len(), 2);
        assert!(matches!(&spots[0], Spot::Folder { folder, name, .. }
            if folder == BOOT_FOLDER && name == "k"));
        assert!(matches!(&spots[1], Spot::Folder { folder, name, .. }
            if folder == "/d" && name == "k"));
        assert_eq!(boot_spots(&disk, true, "k").len(), 1);
    }
}
