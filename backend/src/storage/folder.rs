//! Folders of the host. Even a folder is seen through a pool: the host's folders are not ours to
//! touch, and as an ordinary user at the system daemon we could not.
//!
//! Everything here blocks and runs on a worker thread.

use std::collections::BTreeMap;
use std::path::{Component, Path};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use uuid::Uuid;
use virt::connect::Connect;
use virt::storage_pool::StoragePool;
use virt_sys as sys;

use crate::error::{Error, ErrorKind, Result};
use crate::xml::pool as pool_xml;

/// How the pools are called that are made for a folder while something is done in it.
const FOLDER_POOL: &str = "guesthouse-folder-";

/// How often a folder is tried that somebody else uses at the same moment, and the pause between.
const ATTEMPTS: u32 = 10;
const PAUSE: Duration = Duration::from_millis(40);

/// Where a Linux host shows its kernel and devices as if they were files. libvirt opens each file of
/// a folder pool to learn what it is, and reading some of these waits for ever (`/proc/kmsg` until
/// the kernel has something to say), which would hold up the host's whole storage.
const KERNEL_FOLDERS: [&str; 3] = ["/proc", "/sys", "/dev"];
/// The one of those that is an ordinary file system, in memory.
const SHARED_MEMORY: &str = "/dev/shm";

/// A path on the host that may be a file: absolute, tidy, with folder and name.
///
/// # Errors
/// [`ErrorKind::BadPath`] with the reason.
pub(crate) fn split(path: &str) -> Result<(String, String)> {
    split_path_of("disk", path, "/var/lib/libvirt/images/guest.qcow2")
}

/// The same for the path of another `thing` than a disk, with an example of one.
///
/// # Errors
/// [`ErrorKind::BadPath`] with the reason.
pub(crate) fn split_path_of(thing: &str, path: &str, example: &str) -> Result<(String, String)> {
    let bad = |message: &str, remedy: &str| {
        Error::new(ErrorKind::BadPath, format!("The {thing}'s {message}")).with_remedy(remedy)
    };
    if path.chars().any(char::is_control) {
        return Err(bad("path has control characters in it.", "Type it anew."));
    }
    if !path.starts_with('/') {
        return Err(bad(
            "path does not start at the root folder.",
            &format!("Give a path that begins with /, for example {example}."),
        ));
    }
    if path.ends_with('/') {
        return Err(bad(
            "path is that of a folder.",
            "Add a file name at its end.",
        ));
    }
    let mut parts: Vec<&str> = Vec::new();
    for component in Path::new(path).components() {
        match component {
            Component::Normal(part) => parts.extend(part.to_str()),
            Component::ParentDir => {
                return Err(bad("path goes through “..”.", "Write the path without it."));
            }
            _ => {}
        }
    }
    let Some(name) = parts.pop() else {
        return Err(bad("path names no file.", "Add a file name at its end."));
    };
    if name.len() > 255 {
        return Err(bad("name is too long.", "Shorten it."));
    }
    let folder = format!("/{}", parts.join("/"));
    if is_kernels(&folder) {
        return Err(Error::new(
            ErrorKind::BadPath,
            format!("The folder {folder} shows the host's kernel and devices, and keeps no files."),
        )
        .with_remedy("Choose another folder, for example /var/lib/libvirt/images."));
    }
    Ok((folder, name.to_owned()))
}

/// Whether a tidy path is in one of [`KERNEL_FOLDERS`].
fn is_kernels(folder: &str) -> bool {
    let folder = Path::new(folder);
    KERNEL_FOLDERS
        .iter()
        .any(|kernels| folder.starts_with(kernels))
        && !folder.starts_with(SHARED_MEMORY)
}

/// Runs `work` on a pool whose target is `folder`: one that is there, or one that is made for the
/// purpose and goes again. `make`: the folder itself may be made.
///
/// # Errors
/// [`ErrorKind::BadPath`] when the host has no such folder; what `work` fails with.
pub(crate) fn with_folder<T>(
    connect: &Connect,
    folder: &str,
    make: bool,
    mut work: impl FnMut(&StoragePool) -> Result<T>,
) -> Result<T> {
    // Whoever else uses the same folder may make its pool, or take it away, between two calls.
    let mut attempts = 0;
    loop {
        attempts += 1;
        let open = match OpenFolder::open(connect, folder, make) {
            Err(error) if attempts < ATTEMPTS && may_be_a_clash(&error) => {
                std::thread::sleep(PAUSE);
                continue;
            }
            open => open?,
        };
        match work(&open.pool) {
            Err(_) if attempts < ATTEMPTS && is_gone(connect, &open.pool) => {}
            done => return done,
        }
    }
}

/// Whether somebody else who makes or stops the folder's pool at this moment could be the reason.
fn may_be_a_clash(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Hypervisor
            | ErrorKind::NotFound
            | ErrorKind::WrongState
            | ErrorKind::AlreadyExists
    )
}

/// A pool for a folder, stopped again when the last of this program who uses it is done, if it was
/// not running before.
pub(crate) struct OpenFolder {
    pub(crate) pool: StoragePool,
    id: Uuid,
}

/// Who in this program uses a pool now.
#[derive(Debug, Default)]
struct Users {
    count: usize,
    /// Whether the last one is to stop it.
    stop: bool,
}

/// The pools of folders in use, of all hosts: one that looks at a folder must not stop the pool under
/// another that fills a volume in it.
static IN_USE: Mutex<BTreeMap<Uuid, Users>> = Mutex::new(BTreeMap::new());

impl OpenFolder {
    /// The pool whose target is `folder`, refreshed; one is made where there is none. `make`: the
    /// folder itself may be made.
    ///
    /// # Errors
    /// [`ErrorKind::BadPath`] when the host has no such folder.
    pub(crate) fn open(connect: &Connect, folder: &str, make: bool) -> Result<Self> {
        for pool in connect.list_all_storage_pools(0)? {
            // A pool may vanish while the list is read.
            let Ok(xml) = pool.xml_desc(0) else { continue };
            if folder_of(&xml)?.as_deref() != Some(folder) {
                continue;
            }
            let starts = !pool.is_active()?;
            if starts {
                pool.create(0).map_err(|error| {
                    // A pool that was being taken away says nothing of the folder.
                    if is_gone(connect, &pool) {
                        Error::from(error)
                    } else {
                        folder_error(folder, error)
                    }
                })?;
            }
            let orphan = pool.name()?.starts_with(FOLDER_POOL);
            let open = Self::begin(pool, starts || orphan)?;
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
        Self::begin(pool, true)
    }

    fn begin(pool: StoragePool, stop: bool) -> Result<Self> {
        let id = pool.uuid()?;
        let mut in_use = IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
        let users = in_use.entry(id).or_default();
        users.count += 1;
        users.stop |= stop;
        Ok(Self { pool, id })
    }

    /// Whether this was the last use of a pool that is to be stopped.
    fn end(&self) -> bool {
        let mut in_use = IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(users) = in_use.get_mut(&self.id) else {
            return false;
        };
        users.count -= 1;
        users.count == 0 && in_use.remove(&self.id).is_some_and(|users| users.stop)
    }
}

/// Whether the pool is no longer there.
fn is_gone(connect: &Connect, pool: &StoragePool) -> bool {
    pool.uuid()
        .is_ok_and(|id| connect.lookup_storage_pool_by_uuid(id).is_err())
}

impl Drop for OpenFolder {
    fn drop(&mut self) {
        if self.end()
            && let Err(error) = self.pool.destroy()
        {
            // Another program is at work in it, and will stop it.
            tracing::debug!(%error, "a folder's pool stays for now");
        }
    }
}

/// The folder of a pool that is one, without a slash at its end.
pub(crate) fn folder_of(pool_xml: &str) -> Result<Option<String>> {
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

/// The path of a file in a folder.
pub(crate) fn join(folder: &str, name: &str) -> String {
    format!("{}/{name}", folder.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_is_stopped_by_its_last_user() {
        let connect = crate::testing::own_driver();
        let folder = "/srv/shared";
        let pool = |name: &str| connect.lookup_storage_pool_by_name(name);
        let first = OpenFolder::open(&connect, folder, false).unwrap();
        let name = first.pool.name().unwrap();
        let second = OpenFolder::open(&connect, folder, false).unwrap();
        assert_eq!(second.pool.name().unwrap(), name);
        drop(first);
        assert!(pool(&name).is_ok(), "the second still uses it");
        drop(second);
        assert!(pool(&name).is_err());
    }

    #[test]
    fn paths_are_split_or_refused_with_the_reason() {
        assert_eq!(
            split("/a//b/./c.qcow2").unwrap(),
            (String::from("/a/b"), String::from("c.qcow2"))
        );
        assert_eq!(split("/c").unwrap(), (String::from("/"), String::from("c")));
        let long = format!("/a/{}", "x".repeat(300));
        let kernels = [
            "/proc/a",
            "/proc//./a",
            "/sys/kernel/a",
            "/dev/a",
            "/dev/vg/a",
        ];
        for path in ["", "a/b", "/a/", "/", "/a/../b", "/a\nb", &long]
            .iter()
            .chain(&kernels)
        {
            let error = split(path).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BadPath, "{path}");
            assert!(error.remedy().is_some());
        }
        for path in ["/process/a", "/proc", "/dev/shm/a", "/home/proc/a"] {
            assert!(split(path).is_ok(), "{path}");
        }
    }
}
