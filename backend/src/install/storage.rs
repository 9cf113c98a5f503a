//! Files on the host, through libvirt alone: the host's folders are not ours to touch, and as an
//! ordinary user at the system daemon we could not.
//!
//! Everything here blocks and runs on a worker thread.

use std::io::Read;
use std::path::{Component, Path};

use uuid::Uuid;
use virt::connect::Connect;
use virt::storage_pool::StoragePool;
use virt::storage_vol::StorageVol;
use virt::stream::Stream;
use virt_sys as sys;

use super::DiskPlace;
use super::domain_xml::DiskSource;
use super::fetch::Fetched;
use super::ledger::{Ledger, Made};
use super::meter::Meter;
use crate::error::{Error, ErrorKind, Result};
use crate::job::JobControl;
use crate::xml::document::{Element, Node};
use crate::xml::pool as pool_xml;

/// Where the system daemon's QEMU may read kernels; distributions make the folder.
pub(super) const BOOT_FOLDER: &str = "/var/lib/libvirt/boot";
/// How the pools are called that are made for a folder while something is done in it.
const FOLDER_POOL: &str = "guesthouse-folder-";
/// How much is sent to the host at a time.
const PIECE: usize = 256 * 1024;

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
fn folder_of(pool_xml: &str) -> Result<Option<String>> {
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

    fn name(&self) -> &str {
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

/// Makes a sparse disk of `bytes` at a place where nothing is.
///
/// # Errors
/// [`ErrorKind::AlreadyExists`], [`ErrorKind::NoSpace`], [`ErrorKind::BadPath`].
pub(super) fn make_disk(
    connect: &Connect,
    spot: &Spot,
    bytes: u64,
    ledger: &Ledger,
) -> Result<DiskSource> {
    spot.with_pool(connect, |pool| {
        let folder = folder_of(&pool.xml_desc(0)?)?;
        let format = if folder.is_some() { "qcow2" } else { "raw" };
        let xml = volume_xml(spot.name(), bytes, 0, format);
        let volume = make_volume(pool, folder, spot.name(), &xml, ledger)?;
        Ok(DiskSource {
            path: volume.path()?,
            format,
            block: volume.info()?.kind == sys::VIR_STORAGE_VOL_BLOCK,
        })
    })
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

/// Sends a file to the first of several places that takes it; returns its path on the host.
///
/// # Errors
/// [`ErrorKind::Cancelled`]; what the last place failed with.
pub(super) fn upload(
    connect: &Connect,
    spots: &[Spot],
    fetched: &Fetched,
    what: &str,
    control: &JobControl,
    ledger: &Ledger,
) -> Result<String> {
    let mut failure = None;
    for spot in spots {
        match upload_to(connect, spot, fetched, what, control, ledger) {
            Ok(path) => return Ok(path),
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::Cancelled | ErrorKind::Disconnected | ErrorKind::NotAnswering
                ) =>
            {
                return Err(error);
            }
            Err(error) => {
                tracing::info!(?spot, %error, detail = error.detail(), "no place for {what}");
                failure = Some(error);
            }
        }
    }
    Err(failure.unwrap_or_else(|| {
        Error::new(
            ErrorKind::BadPath,
            format!("The host has no place for {what}."),
        )
    }))
}

fn upload_to(
    connect: &Connect,
    spot: &Spot,
    fetched: &Fetched,
    what: &str,
    control: &JobControl,
    ledger: &Ledger,
) -> Result<String> {
    spot.with_pool(connect, |pool| {
        let folder = folder_of(&pool.xml_desc(0)?)?;
        if folder.is_none() {
            return Err(Error::new(
                ErrorKind::NotSupported,
                "The storage pool cannot hold the installer's files.",
            )
            .with_remedy("Choose a place in a folder for the disk."));
        }
        // Allocated in full: then a lack of space shows here. libvirt 11.3 does not survive one
        // that shows in the middle of an upload.
        let xml = volume_xml(spot.name(), fetched.size, fetched.size, "raw");
        let volume = make_volume(pool, folder, spot.name(), &xml, ledger)?;
        send(connect, &volume, fetched, what, control)?;
        Ok(volume.path()?)
    })
}

/// Makes a volume, noting it first, so that it is found however this ends.
fn make_volume(
    pool: &StoragePool,
    folder: Option<String>,
    name: &str,
    xml: &str,
    ledger: &Ledger,
) -> Result<StorageVol> {
    let taken = |path: &str| {
        Error::new(
            ErrorKind::AlreadyExists,
            format!("There is a file {path} on the host already."),
        )
        .with_remedy("Nothing was changed. Choose another name, or delete the file first.")
    };
    let path = folder
        .as_deref()
        .map_or_else(|| name.to_owned(), |folder| join(folder, name));
    if pool.lookup_storage_vol_by_name(name).is_ok() {
        return Err(taken(&path));
    }
    let entry = Made::Volume {
        pool: pool.name()?,
        folder,
        name: name.to_owned(),
    };
    ledger.note(entry.clone());
    StorageVol::create_xml(pool, xml, 0).map_err(|error| {
        let error = Error::from(error);
        let words = error.detail().unwrap_or_default().to_owned();
        // What stands there was made by somebody else in this very moment, or is no file that a
        // pool lists: not ours to delete.
        let is_taken = matches!(
            error.kind(),
            ErrorKind::AlreadyExists | ErrorKind::WrongState
        );
        if error.kind() != ErrorKind::Disconnected {
            ledger.strike(&entry);
        }
        if is_taken {
            taken(&path).with_detail(words)
        } else if words.contains("No space left") || words.contains("Disk quota exceeded") {
            no_space(&path).with_detail(words)
        } else if words.contains("Permission denied") || words.contains("Read-only file system") {
            Error::new(ErrorKind::BadPath, format!("The host cannot write {path}."))
                .with_remedy("Choose another folder, or let libvirt write to this one.")
                .with_detail(words)
        } else {
            error.with_message(format!("The host could not make {path}."))
        }
    })
}

/// The error for a place that is full.
pub(super) fn no_space(path: &str) -> Error {
    Error::new(
        ErrorKind::NoSpace,
        format!("There is not enough space on the host for {path}."),
    )
    .with_remedy("Free some space there, or choose another place.")
}

fn send(
    connect: &Connect,
    volume: &StorageVol,
    fetched: &Fetched,
    what: &str,
    control: &JobControl,
) -> Result<()> {
    use std::io::{Seek, SeekFrom};
    let unreadable = |error: std::io::Error| {
        Error::new(
            ErrorKind::Download,
            format!("What was fetched of {what} can no longer be read."),
        )
        .with_detail(error.to_string())
    };
    let mut file = &fetched.file;
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let stream = Stream::new(connect, 0)?;
    volume.upload(&stream, 0, fetched.size, 0)?;
    let mut meter = Meter::start(
        control,
        &format!("Handing {what} to the host"),
        Some(fetched.size),
    );
    let mut buffer = vec![0; PIECE];
    let sent = loop {
        if let Err(error) = control.check() {
            break Err(error);
        }
        let read = match file.read(&mut buffer) {
            Ok(0) => break Ok(()),
            Ok(read) => read,
            Err(error) => break Err(unreadable(error)),
        };
        let mut rest = &buffer[..read];
        while !rest.is_empty() {
            // Of a blocking stream only an error is negative, and that is an Err.
            let sent = stream
                .send(rest)
                .map(|sent| usize::try_from(sent).unwrap_or(0));
            match sent {
                Ok(sent) if sent > 0 => rest = rest.get(sent..).unwrap_or_default(),
                Ok(_) => {
                    return Err(Error::new(
                        ErrorKind::Hypervisor,
                        format!("The host stopped taking {what}."),
                    ));
                }
                Err(error) => {
                    let error = Error::from(error);
                    // Fails only where the stream failed already.
                    let _ = stream.abort();
                    return Err(error);
                }
            }
        }
        meter.advance(read as u64);
    };
    match sent {
        Ok(()) => {
            stream.finish()?;
            meter.finish();
            Ok(())
        }
        Err(error) => {
            let _ = stream.abort();
            Err(error)
        }
    }
}

/// Deletes a file by its path on the host. One that is not there counts as deleted.
///
/// # Errors
/// As the hypervisor says.
pub(crate) fn delete_file(connect: &Connect, path: &str) -> Result<()> {
    // Not by its path alone: a pool that a broken-off creation left for the folder goes as well.
    let (folder, name) = split(path)?;
    let deleted = with_folder(connect, &folder, false, |pool| {
        match pool.lookup_storage_vol_by_name(&name) {
            Ok(volume) => delete_volume(&volume),
            Err(_) => Ok(()),
        }
    });
    match deleted {
        // No folder, no file.
        Err(error) if error.kind() == ErrorKind::BadPath => Ok(()),
        deleted => deleted,
    }
}

/// Deletes a volume that was noted.
pub(super) fn delete_noted(
    connect: &Connect,
    pool: &str,
    folder: Option<&str>,
    name: &str,
) -> Result<()> {
    if let Some(folder) = folder {
        return delete_file(connect, &join(folder, name));
    }
    let Ok(pool) = connect.lookup_storage_pool_by_name(pool) else {
        return Ok(());
    };
    pool.lookup_storage_vol_by_name(name)
        .map_or(Ok(()), |volume| delete_volume(&volume))
}

fn delete_volume(volume: &StorageVol) -> Result<()> {
    match volume.delete(0).map_err(Error::from) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        deleted => deleted,
    }
}

fn volume_xml(name: &str, capacity: u64, allocation: u64, format: &str) -> String {
    let text = |element: &str, text: String| {
        let mut element = Element::new(element);
        element.children.push(Node::Text(text));
        element
    };
    Element::new("volume")
        .containing(text("name", name.to_owned()))
        .containing(text("capacity", capacity.to_string()).with("unit", "bytes"))
        .containing(text("allocation", allocation.to_string()).with("unit", "bytes"))
        .containing(Element::new("target").containing(Element::new("format").with("type", format)))
        .to_string()
}

fn join(folder: &str, name: &str) -> String {
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
