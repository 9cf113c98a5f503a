//! Connecting for a command, and finding the guest it names.

use std::sync::Arc;

use backend::model::{Guest, HostSnapshot};
use backend::{Error, ErrorKind, Host, Result, local};
use tokio::runtime::Handle;

/// Connects to `uri`, or to this machine's own hypervisor: the system's, else the user's session,
/// which is said on standard error.
pub(super) async fn connect(uri: Option<&str>) -> Result<(Host, Arc<HostSnapshot>)> {
    let Some(uri) = uri else {
        return connect_here().await;
    };
    let host = Host::open(uri, &Handle::current());
    let snapshot = host.connected().await?;
    Ok((host, snapshot))
}

async fn connect_here() -> Result<(Host, Arc<HostSnapshot>)> {
    let system = Host::open(local::system_uri(), &Handle::current());
    let error = match system.connected().await {
        Ok(snapshot) => return Ok((system, snapshot)),
        Err(error) => error,
    };
    if !matches!(
        error.kind(),
        ErrorKind::NoDaemon | ErrorKind::PermissionDenied
    ) {
        return Err(error);
    }
    let session = Host::open(local::QEMU_SESSION, &Handle::current());
    // Where the session does not work either, the system's trouble is the one to mend.
    let snapshot = session.connected().await.map_err(|_| error.clone())?;
    eprintln!("{} Using your own session instead.", error.message());
    Ok((session, snapshot))
}

/// The guest of that name.
pub(super) fn find<'a>(snapshot: &'a HostSnapshot, name: &str) -> Result<&'a Arc<Guest>> {
    snapshot.guest_named(name).ok_or_else(|| {
        Error::new(
            ErrorKind::NotFound,
            format!(
                "There is no guest called “{name}” on {}.",
                snapshot.display_name()
            ),
        )
        .with_remedy("`guesthouse list` shows the guests there are.")
    })
}
