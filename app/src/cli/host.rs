//! Connecting for a command, and finding the guest it names.

use std::sync::Arc;
use std::time::Duration;

use backend::model::{Guest, HostSnapshot, HostState};
use backend::{Error, ErrorKind, Host, Result, local};
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::ask;

/// Connects to `uri`, or to this machine's own hypervisor: the system's, else the user's session,
/// which is said on standard error.
pub(super) async fn connect(uri: Option<&str>) -> Result<(Host, Arc<HostSnapshot>)> {
    let Some(uri) = uri else {
        return connect_here().await;
    };
    let host = open(uri);
    host.connected().await?;
    let snapshot = in_full(&host).await;
    Ok((host, snapshot))
}

/// Begins to connect; what the host asks is asked on the terminal.
fn open(uri: &str) -> Host {
    match ask::terminal() {
        Some(asker) => Host::open_asking(uri, &Handle::current(), asker),
        None => Host::open(uri, &Handle::current()),
    }
}

/// How long is waited for what a host tells of each guest by itself.
const FULL_PATIENCE: Duration = Duration::from_secs(20);

/// The snapshot with everything of every guest in it: which are saved comes a moment after the list, and
/// drivers without bulk figures (Xen's) are asked guest by guest for memory.
async fn in_full(host: &Host) -> Arc<HostSnapshot> {
    let mut news = host.watch();
    let full = news.wait_for(|snapshot| {
        let mut guests = snapshot.guests.iter();
        let known = |guest: &Arc<Guest>| guest.memory.maximum_kib > 0;
        snapshot.state != HostState::Connected || (snapshot.traits_known && guests.all(known))
    });
    // A guest that does not tell is no reason to show none.
    let _ = timeout(FULL_PATIENCE, full).await;
    host.snapshot()
}

async fn connect_here() -> Result<(Host, Arc<HostSnapshot>)> {
    let system = open(local::system_uri());
    let Err(error) = system.connected().await else {
        let snapshot = in_full(&system).await;
        return Ok((system, snapshot));
    };
    if !matches!(
        error.kind(),
        ErrorKind::NoDaemon | ErrorKind::PermissionDenied
    ) {
        return Err(error);
    }
    let session = open(local::QEMU_SESSION);
    // Where the session does not work either, the system's trouble is the one to mend.
    session.connected().await.map_err(|_| error.clone())?;
    let snapshot = in_full(&session).await;
    eprintln!("{} Using your own session instead.", error.message());
    Ok((session, snapshot))
}

/// Connects, and finds the guest of that name; not Xen's domain 0, whose end would be that of all.
pub(super) async fn guest(uri: Option<&str>, name: &str) -> Result<(Host, Arc<Guest>)> {
    let (host, snapshot) = connect(uri).await?;
    let guest = find(&snapshot, name)?.clone();
    if guest.domain_id == Some(0) && guest.is_host_itself(Some(host.info().await?.kind)) {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            format!("“{name}” is the host itself: it is not run from here."),
        )
        .with_remedy("Its memory and its processors can be set: see `memory` and `vcpus`."));
    }
    Ok((host, guest))
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
