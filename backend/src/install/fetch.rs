//! Fetching an installer's kernel and initrd: with progress, checked, and cancelled at once.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::{StatusCode, Url};
use ring::digest::{Context, SHA256};
use tokio::io::{AsyncSeekExt, AsyncWriteExt};

use super::RemoteFile;
use super::address::shown;
use super::http::{Answer, Fetcher, failure, sort};
use super::meter::Meter;
use crate::error::{Error, ErrorKind, Result};
use crate::job::JobControl;

/// No installer's initrd comes near this; it bounds what a broken server can fill the disk with.
const LARGEST: u64 = 4 * 1024 * 1024 * 1024;
/// How often a transfer that broke is begun again, and how long is waited before.
const RETRY_AFTER: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];

/// A file that was fetched. It has no name: whatever happens to this process, nothing stays behind.
#[derive(Debug)]
pub(super) struct Fetched {
    /// The file, at its start.
    pub(super) file: std::fs::File,
    /// Its size in bytes.
    pub(super) size: u64,
}

/// Fetches `remote`; `what` it is ("the kernel") goes into progress and errors.
///
/// # Errors
/// [`ErrorKind::Cancelled`], [`ErrorKind::Download`] when what came is not what was announced,
/// [`ErrorKind::Unreachable`], [`ErrorKind::NoSpace`] on this machine.
pub(super) async fn fetch(
    fetcher: &Fetcher,
    remote: &RemoteFile,
    what: &str,
    control: &JobControl,
) -> Result<Fetched> {
    tokio::select! {
        biased;
        () = control.cancelled() => {
            control.check()?;
            Err(Error::new(ErrorKind::Cancelled, "Cancelled."))
        }
        fetched = persist(fetcher, remote, what, control) => fetched,
    }
}

/// Tries again after failures that may pass.
async fn persist(
    fetcher: &Fetcher,
    remote: &RemoteFile,
    what: &str,
    control: &JobControl,
) -> Result<Fetched> {
    for wait in RETRY_AFTER {
        match attempt(fetcher, remote, what, control).await {
            Err(error) if error.kind() == ErrorKind::Unreachable => {
                tracing::info!(%error, detail = error.detail(), "fetching again");
                tokio::time::sleep(wait).await;
            }
            done => return done,
        }
    }
    attempt(fetcher, remote, what, control).await
}

async fn attempt(
    fetcher: &Fetcher,
    remote: &RemoteFile,
    what: &str,
    control: &JobControl,
) -> Result<Fetched> {
    let bad = |message: String| {
        Error::new(ErrorKind::Download, message).with_remedy("Try again, or use another mirror.")
    };
    let url = Url::parse(&remote.url).map_err(|error| {
        Error::new(
            ErrorKind::InvalidInput,
            format!("The address of {what} makes no sense."),
        )
        .with_detail(error.to_string())
    })?;
    let mut response = match sort(&url, fetcher.get(&url).await?)? {
        Answer::Found(response) if response.status() == StatusCode::OK => response,
        Answer::Found(_) | Answer::Absent(_) => {
            return Err(
                bad(format!("The server does not have {what} any more.")).with_detail(shown(&url))
            );
        }
    };
    let announced = response.content_length().or(remote.size);
    if let (Some(announced), Some(known)) = (announced, remote.size)
        && announced != known
    {
        return Err(bad(format!(
            "{} on the server is not the one that was found before: its size changed.",
            capital(what)
        ))
        .with_detail(format!("{announced} bytes instead of {known}")));
    }
    if announced.is_some_and(|size| size > LARGEST) {
        return Err(bad(format!(
            "{} is far too large to be one.",
            capital(what)
        )));
    }
    let folder = folder().await?;
    let mut file = tokio::fs::File::from_std(
        tempfile::tempfile_in(&folder).map_err(|error| local(&folder, &error))?,
    );
    let mut meter = Meter::start(control, &format!("Fetching {what}"), announced);
    let mut digest = Context::new(&SHA256);
    let mut size = 0_u64;
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| failure(&url, &error))?
    {
        size += chunk.len() as u64;
        if size > announced.unwrap_or(LARGEST) {
            return Err(bad(format!("More came than {what} should be long.")));
        }
        digest.update(&chunk);
        file.write_all(&chunk)
            .await
            .map_err(|error| local(&folder, &error))?;
        meter.advance(chunk.len() as u64);
    }
    meter.finish();
    file.flush().await.map_err(|error| local(&folder, &error))?;
    if size == 0 || announced.is_some_and(|announced| announced != size) {
        return Err(bad(format!("{} came incomplete.", capital(what)))
            .with_detail(format!("{size} of {announced:?} bytes")));
    }
    let hash = hex(digest.finish().as_ref());
    if let Some(expected) = &remote.sha256
        && *expected != hash
    {
        return Err(bad(format!(
            "{} is not the one the tree announces: its checksum is wrong. The mirror is in the \
             middle of an update, or somebody tampered with it.",
            capital(what)
        ))
        .with_detail(format!("SHA-256 {hash}, announced {expected}")));
    }
    file.rewind()
        .await
        .map_err(|error| local(&folder, &error))?;
    Ok(Fetched {
        file: file.into_std().await,
        size,
    })
}

/// A folder of this machine for files on their way: the user's cache rather than /tmp, which is
/// often kept in memory.
async fn folder() -> Result<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| std::env::home_dir().map(|home| home.join(".cache")));
    if let Some(folder) = cache.map(|cache| cache.join("guesthouse"))
        && tokio::fs::create_dir_all(&folder).await.is_ok()
    {
        return Ok(folder);
    }
    Ok(std::env::temp_dir())
}

fn local(folder: &Path, error: &io::Error) -> Error {
    let folder = folder.display();
    if matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    ) {
        Error::new(
            ErrorKind::NoSpace,
            format!("There is no space left on this machine, in {folder}."),
        )
        .with_remedy("Free some space there and try again.")
    } else {
        Error::new(
            ErrorKind::BadPath,
            format!("Files cannot be kept on this machine, in {folder}."),
        )
        .with_remedy("Check that the folder can be written to.")
    }
    .with_detail(error.to_string())
}

fn capital(what: &str) -> String {
    let mut chars = what.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::install::http::Patience;
    use crate::install::test_server::{Reply, TestServer};
    use crate::job::{Job, Progress};

    fn remote(server: &TestServer, size: Option<u64>, sha256: Option<&str>) -> RemoteFile {
        RemoteFile {
            url: server.url("/initrd"),
            size,
            sha256: sha256.map(str::to_owned),
        }
    }

    /// A job that no silence of the server ends: a pause of a busy machine must not be taken for
    /// one.
    fn job(remote: RemoteFile) -> Job<Vec<u8>> {
        Job::spawn(
            &tokio::runtime::Handle::current(),
            move |control| async move {
                let patience = Patience {
                    read: Duration::from_hours(1),
                    ..Patience::default()
                };
                let fetcher = Fetcher::new(&Url::parse(&remote.url).unwrap(), patience)?;
                let mut fetched = fetch(&fetcher, &remote, "the initrd", &control).await?;
                let mut bytes = Vec::new();
                fetched.file.read_to_end(&mut bytes).unwrap();
                assert_eq!(bytes.len() as u64, fetched.size);
                Ok(bytes)
            },
        )
    }

    /// SHA-256 of a thousand letters k.
    fn sum() -> String {
        let mut digest = Context::new(&SHA256);
        digest.update(&[b'k'; 1000]);
        hex(digest.finish().as_ref())
    }

    #[tokio::test]
    async fn a_good_file_comes_whole() {
        let server = TestServer::start().await;
        server.file("/initrd", 1000);
        for (size, sha256) in [(None, None), (Some(1000), Some(sum()))] {
            let job = job(remote(&server, size, sha256.as_deref()));
            let progress = job.progress();
            assert_eq!(job.outcome().await.unwrap(), vec![b'k'; 1000]);
            let Progress {
                activity,
                done,
                total,
                ..
            } = progress.borrow().clone();
            assert_eq!(activity, "Fetching the initrd");
            assert_eq!((done, total), (1000, Some(1000)));
        }
    }

    #[tokio::test]
    async fn a_wrong_file_is_refused() {
        let server = TestServer::start().await;
        for (reply, size, sha256, words) in [
            (
                Reply::Body(vec![b'x'; 1000], "a/b"),
                None,
                Some(sum()),
                "checksum",
            ),
            (
                Reply::Body(vec![b'k'; 999], "a/b"),
                Some(1000),
                None,
                "size changed",
            ),
            (Reply::Body(Vec::new(), "a/b"), None, None, "incomplete"),
            (Reply::Endless, Some(100_000), None, "More came"),
            (Reply::Status(404), None, None, "any more"),
            (Reply::Status(403), None, None, "any more"),
        ] {
            server.on("/initrd", reply.clone());
            let error = job(remote(&server, size, sha256.as_deref()))
                .outcome()
                .await
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Download, "{reply:?}: {error}");
            assert!(error.message().contains(words), "{reply:?}: {error}");
        }
    }

    #[tokio::test]
    async fn what_broke_is_tried_again() {
        let server = TestServer::start().await;
        server.on("/initrd", Reply::Short(vec![b'k'; 10], 1000));
        let job = job(remote(&server, Some(1000), None));
        // As soon as the first attempt was seen, the server recovers.
        while server.asked().is_empty() {
            tokio::task::yield_now().await;
        }
        server.file("/initrd", 1000);
        assert_eq!(job.outcome().await.unwrap().len(), 1000);
        assert!(server.asked().len() >= 2);
    }

    #[tokio::test]
    async fn cancelling_ends_it_at_once_whatever_the_server_does() {
        let server = TestServer::start().await;
        for (reply, begins) in [
            (Reply::Hang, false),
            (Reply::Stall(vec![b'k'; 1000]), true),
            (Reply::Endless, true),
        ] {
            server.on("/initrd", reply.clone());
            let before = server.asked().len();
            let job = job(remote(&server, None, None));
            let (handle, mut progress) = (job.cancel_handle(), job.progress());
            while server.asked().len() == before {
                tokio::task::yield_now().await;
            }
            if begins {
                let begun = progress.wait_for(|now| now.activity == "Fetching the initrd");
                begun.await.unwrap();
            }
            handle.cancel();
            // The server would hold it for ever.
            let error = tokio::time::timeout(Duration::from_secs(20), job.outcome())
                .await
                .unwrap_or_else(|_| panic!("{reply:?}: it goes on"))
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Cancelled, "{reply:?}");
        }
    }
}
