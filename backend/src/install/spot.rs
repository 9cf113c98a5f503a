//! Places on the host where a file can be: in a folder, or in a storage pool. Even a folder is seen
//! through a pool: the host's folders are not ours to touch, and as an ordinary user at the system
//! daemon we could not.
//!
//! Everything here blocks and runs on a worker thread.

use std::path::{Component, Path};

use uuid::Uuid;
use virt::connect::Connect;
use virt::storage_pool::StoragePool;
use virt_sys as sys;

use super::DiskPlace;
use super::domain_xml::DiskSource;
use crate::error::{Error, ErrorKind, Result};
use crate::xml::pool as pool_xml;

/// Where the system daemon's QEMU may read kernels; distributions make the folder.
pub(super) const BOOT_FOLDER: &str = "/var/lib/libvirt/boot";
/// How the pools are called that are made for a folder while something is done in it.
const FOLDER_POOL: &str = "guesthouse-folder-";

/// A path on the host that may be a file: absolute, tidy, with folder and name.
///
/// # Errors
/// [`ErrorKind::BadPath`] with the reason.
pub(super) fn split(path: &str) -> Result<(String, String)> {
    let bad =
        |message: &str, remedy: &str| Error::new(ErrorKind::BadPath, message).with_remedy(remedy);
    if path.chars().any(char::is_control) {
        return Err(bad(
            "The disk's path has control characters in it.",
            "Type it anew.",
        ));
    }
    if !path.starts_with('/') {
        return Err(bad(
            "The disk's path does not start at the root folder.",
            "Give a path that begins with /, for example /var/lib/libvirt/images/guest.qcow2.",
        ));
    }
    if path.ends_with('/') {
        return Err(bad(
            "The disk's path is that of a folder.",
            "Add a file name at its end.",
        ));
    }
    let mut parts: Vec<&str> = Vec::new();
    for component in Path::new(path).components() {
        match component {
            Component::Normal(part) => parts.extend(part.to_str()),
            Component::ParentDir => {
                return Err(bad(
                    "The disk's path goes through “..”.",
                    "Write the path without it.",
                ));
            }
            _ => {}
        }
    }
    let Some(name) = parts.pop() else {
        return Err(bad(
            "The disk's path names no file.",
            "Add a file name at its end.",
        ));
    };
    if name.len() > 255 {
        return Err(bad("The disk's file name is too long.", "Shorten it."));
    }
    Ok((format!("/{}", parts.join("/")), name.to_owned()))
}

/// Runs `work` on a pool whose target is `folder`: one that is there, or one that is made for the
/// purpose and goes again. `make`: the folder itself may be made.
///
/// # Errors
/// [`ErrorKind::BadPath`] when the host has no such folder; what `work` fails with.
pub(super) fn with_folder<T>(
    connect: &Connect,
    folder: &str,
    make: bool,
    mut work: impl FnMut(&StoragePool) -> Result<T>,
) -> Result<T> {
    // Another creation that uses the same folder may take its pool away between two calls.
    let mut attempts = 0;
    loop {
        attempts += 1;
        let open = OpenFolder::open(connect, folder, make)?;
        match work(&open.pool) {
            Err(_) if attempts < 3 && open.is_gone(connect) => {}
            done => return done,
        }
    }
}

/// A pool for a folder, stopped again at the end if it was not running before.
struct OpenFolder {
    pool: StoragePool,
    stop: bool,
}

impl OpenFolder {
    fn open(connect: &Connect, folder: &str, make: bool) -> Result<Self> {
        for pool in connect.list_all_storage_pools(0)? {
            // A pool may vanish while the list is read.
            let Ok(xml) = pool.xml_desc(0) else { continue };
            if folder_of(&xml)?.as_deref() != Some(folder) {
                continue;
            }
            let starts = !pool.is_active()?;
            if starts {
                pool.create(0)
                    .map_err(|error| folder_error(folder, error))?;
            }
            let orphan = pool.name()?.starts_with(FOLDER_POOL);
            let open = Self {
                pool,
                stop: starts || orphan,
            };
            open.pool.refresh(0)?;
            return Ok(open);
        }
        let name = format!("{FOLDER_POOL}{}", Uuid::new_v4().simple());
        let xml = pool_xml::of_folder(&name, folder);
        let build = if make {
            sys::VIR_STORAGE_POOL_CREATE_WITH_BUILD
        } else {
            0
        };
        let pool = connect
            .create_storage_pool_xml(&xml, build)
            .map_err(|error| folder_error(folder, error))?;
        Ok(Self { pool, stop: true })
    }

    /// Whether the failure is that the pool is no longer there.
    fn is_gone(&self, connect: &Connect) -> bool {
        self.pool
            .uuid()
            .is_ok_and(|id| connect.lookup_storage_pool_by_uuid(id).is_err())
    }
}

impl Drop for OpenFolder {
    fn drop(&mut self) {
        if self.stop
            && let Err(error) = self.pool.destroy()
        {
            // Another creation is at work in it, and will stop it.
            tracing::debug!(%error, "a folder's pool stays for now");
        }
    }
}

/// The folder of a pool that is one, without a slash at its end.
pub(super) fn folder_of(pool_xml: &str) -> Result<Option<String>> {
    let path = pool_xml::folder(pool_xml)?;
    Ok(path.map(|path| match path.trim_end_matches('/') {
        "" => String::from("/"),
        tidy => tidy.to_owned(),
    }))
}

fn folder_error(folder: &str, error: virt::error::Error) -> Error {
    let error = Error::from(error);
    let words = error.detail().unwrap_or_default().to_owned();
    let say = |message: String, remedy: &str| {
        Error::new(ErrorKind::BadPath, message)
            .with_remedy(remedy)
            .with_detail(words.clone())
    };
    match error.kind() {
        ErrorKind::NotFound => say(
            format!("The host has no folder {folder}."),
            "Make it there first, or choose another.",
        ),
        ErrorKind::BadPath => say(
            format!("{folder} is not a folder on the host."),
            "Choose another.",
        ),
        ErrorKind::PermissionDenied => say(
            format!("The host may not use the folder {folder}."),
            "Choose another, or let libvirt use this one.",
        ),
        _ => error,
    }
}

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
pub(super) fn foresee_disk(connect: &Connect, spot: &Spot) -> Result<DiskSource> {
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
            format: "qcow2",
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

/// The path of a file in a folder.
pub(super) fn join(folder: &str, name: &str) -> String {
    format!("{}/{name}", folder.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_split_or_refused_with_the_reason() {
        assert_eq!(
            split("/a//b/./c.qcow2").unwrap(),
            (String::from("/a/b"), String::from("c.qcow2"))
        );
        assert_eq!(split("/c").unwrap(), (String::from("/"), String::from("c")));
        let long = format!("/a/{}", "x".repeat(300));
        for path in ["", "a/b", "/a/", "/", "/a/../b", "/a\nb", &long] {
            let error = split(path).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BadPath, "{path}");
            assert!(error.remedy().is_some());
        }
    }

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
