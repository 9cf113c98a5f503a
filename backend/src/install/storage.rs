//! Files on the host: disks, kernels and initrds are made, filled and deleted through libvirt alone.
//!
//! Everything here blocks and runs on a worker thread.

use std::io::{Read, Seek};

use virt::connect::Connect;
use virt::storage_pool::StoragePool;
use virt::storage_vol::StorageVol;
use virt::stream::Stream;
use virt_sys as sys;

use super::domain_xml::DiskSource;
use super::fetch::Fetched;
use super::ledger::{Ledger, Made};
use super::meter::Meter;
use super::spot::Spot;
use crate::error::{Error, ErrorKind, Result};
use crate::job::JobControl;
use crate::storage::folder::{folder_of, join, split, with_folder};
use crate::xml::document::{Element, Node};

/// How much is sent to the host at a time.
const PIECE: usize = 256 * 1024;

/// Makes a sparse disk of `bytes` at a place where nothing is; `raw`: without a format of its own.
///
/// # Errors
/// [`ErrorKind::AlreadyExists`], [`ErrorKind::NoSpace`], [`ErrorKind::BadPath`].
pub(super) fn make_disk(
    connect: &Connect,
    spot: &Spot,
    bytes: u64,
    raw: bool,
    ledger: &Ledger,
) -> Result<DiskSource> {
    spot.with_pool(connect, |pool| {
        let folder = folder_of(&pool.xml_desc(0)?)?;
        let format = format_in(folder.as_deref(), raw);
        let xml = volume_xml(spot.name(), bytes, 0, format);
        let volume = make_volume(connect, pool, folder, spot.name(), &xml, ledger)?;
        Ok(DiskSource {
            path: volume.path()?,
            format,
            block: volume.info()?.kind == sys::VIR_STORAGE_VOL_BLOCK,
        })
    })
}

/// The format of a disk: volume groups and the like hold nothing but raw ones.
pub(super) fn format_in(folder: Option<&str>, raw: bool) -> &'static str {
    match folder {
        Some(_) if !raw => "qcow2",
        _ => "raw",
    }
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
        let volume = make_volume(connect, pool, folder, spot.name(), &xml, ledger)?;
        // Asked first: another program may stop the pool while the file is sent.
        let path = volume.path()?;
        send(connect, &volume, fetched, what, control)?;
        Ok(path)
    })
}

/// Makes a volume, noting it first, so that it is found however this ends.
fn make_volume(
    connect: &Connect,
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
    ledger.note(entry.clone())?;
    let volume = StorageVol::create_xml(pool, xml, 0).map_err(|error| {
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
    })?;
    ledger.was_made(connect, &entry)?;
    Ok(volume)
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
    let unreadable = |error: std::io::Error| {
        Error::new(
            ErrorKind::Download,
            format!("What was fetched of {what} can no longer be read."),
        )
        .with_detail(error.to_string())
    };
    let mut file = &fetched.file;
    file.rewind().map_err(unreadable)?;
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
