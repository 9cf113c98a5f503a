//! The hosts that are shown: a handle on each, and the choice of this machine's own hypervisor with
//! the user's session as the way out.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use backend::install::{self, StageEvent};
use backend::model::{HostSnapshot, HostState};
use backend::{Asker, Error, ErrorKind, Host, Question, local};

use crate::daemon;
use crate::settings::Settings;

/// Names a host for as long as the program runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HostId(u32);

/// Why a host is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// This machine's system hypervisor, which is always tried.
    System,
    /// The user's session, because the system's hypervisor cannot be used.
    Fallback,
    /// The user asked for it; `remembered`: also the next time.
    Chosen {
        /// Whether it is in the settings.
        remembered: bool,
    },
}

/// A host as the windows know it.
#[derive(Debug, Clone)]
pub struct HostEntry {
    /// Which one.
    pub id: HostId,
    /// Why it is shown.
    pub role: Role,
    /// The handle.
    pub host: Host,
    /// What is known of it.
    pub snapshot: Arc<HostSnapshot>,
    /// For [`Role::Fallback`]: why the system's hypervisor cannot be used.
    pub instead_of: Option<Error>,
    /// Whether guests were begun to be made on it: then it is not closed by itself.
    creates: bool,
}

impl HostEntry {
    /// The connection URI.
    pub fn uri(&self) -> &str {
        &self.snapshot.uri
    }

    /// The host's name for people.
    pub fn name(&self) -> &str {
        match (self.role, &self.snapshot.info) {
            (Role::System, None) => "This computer",
            (Role::Fallback, None) => "Your session",
            _ => self.snapshot.display_name(),
        }
    }
}

/// How the windows open a host: with somebody to ask for passwords and the like.
#[derive(Debug, Clone)]
pub struct Opener {
    runtime: Handle,
    asker: Asker,
}

impl Opener {
    /// Begins to connect to `uri`.
    pub fn open(&self, uri: &str) -> Host {
        Host::open_asking(uri, &self.runtime, self.asker.clone())
    }
}

/// All hosts, in the order they are shown.
#[derive(Debug)]
pub struct Hosts {
    opener: Opener,
    /// Whether the user has a session of their own: the superuser's is the system itself.
    has_session: bool,
    wanted: Vec<(String, Role)>,
    entries: Vec<HostEntry>,
    next_id: u32,
    /// Where installations tell that their second stage could not be started.
    failed: UnboundedSender<Error>,
    failures: Option<UnboundedReceiver<Error>>,
    questions: Option<UnboundedReceiver<Question>>,
}

impl Hosts {
    /// The hosts to begin with: `connect` alone where it is given, else this machine's own and the
    /// remembered ones. Nothing is opened yet.
    pub fn new(connect: Option<&str>, settings: &Settings, runtime: Handle) -> Self {
        let wanted = match connect {
            Some(uri) => vec![(uri.to_owned(), Role::Chosen { remembered: false })],
            None => wanted(local::system_uri(), settings),
        };
        let (failed, failures) = mpsc::unbounded_channel();
        let (asker, questions) = Asker::new();
        // What ssh wants to know comes here as well, brought by this program started by ssh.
        let asker = match std::env::current_exe() {
            Ok(program) => asker.with_askpass(program),
            Err(_) => asker,
        };
        Self {
            opener: Opener { runtime, asker },
            has_session: !daemon::is_root(),
            wanted,
            entries: Vec::new(),
            next_id: 0,
            failed,
            failures: Some(failures),
            questions: Some(questions),
        }
    }

    /// Why installed guests could not be started from their disks, as it happens. For the one who
    /// asks first.
    pub fn take_failures(&mut self) -> Option<UnboundedReceiver<Error>> {
        self.failures.take()
    }

    /// What hosts ask while they are being connected. For the one who asks first.
    pub fn take_questions(&mut self) -> Option<UnboundedReceiver<Question>> {
        self.questions.take()
    }

    /// How hosts are opened.
    pub fn opener(&self) -> Opener {
        self.opener.clone()
    }

    /// Begins to connect to all of them.
    pub fn open_all(&mut self) {
        for (uri, role) in std::mem::take(&mut self.wanted) {
            self.open(&uri, role);
        }
    }

    /// Begins to connect to `uri`, unless it is there already; then its role is renewed.
    pub fn open(&mut self, uri: &str, role: Role) -> HostId {
        match self.renew(uri, role) {
            Some(id) => id,
            None => self.add(self.opener.open(uri), role),
        }
    }

    /// Takes in a host that was opened elsewhere, unless there is one of that URI already; then that
    /// one's role is renewed, and this one closed.
    pub fn adopt(&mut self, host: Host, role: Role) -> HostId {
        if let Some(id) = self.renew(&host.uri(), role) {
            host.close();
            // What let the other in may let this one in by now.
            if let Some(entry) = self.get(id) {
                entry.host.reconnect();
            }
            return id;
        }
        self.add(host, role)
    }

    fn renew(&mut self, uri: &str, role: Role) -> Option<HostId> {
        let entry = self.entries.iter_mut().find(|entry| entry.uri() == uri)?;
        entry.role = role;
        Some(entry.id)
    }

    /// Installations that were begun here or elsewhere go on by themselves while we run and the host
    /// is open.
    fn watch_installations(&self, host: &Host) {
        let failed = self.failed.clone();
        let tell = move |event: StageEvent| {
            tracing::info!(?event, "an installation has ended");
            if let StageEvent::Failed { error, .. } = event {
                // Nobody listens only when the program ends.
                let _ = failed.send(error);
            }
        };
        self.opener
            .runtime
            .spawn(install::watch_second_stage(host.clone(), tell));
    }

    fn add(&mut self, host: Host, role: Role) -> HostId {
        self.watch_installations(&host);
        let id = HostId(self.next_id);
        self.next_id += 1;
        self.entries.push(HostEntry {
            id,
            role,
            snapshot: host.snapshot(),
            host,
            instead_of: None,
            creates: false,
        });
        id
    }

    /// Closes a host and forgets it.
    pub fn close(&mut self, id: HostId) {
        if let Some(index) = self.entries.iter().position(|entry| entry.id == id) {
            self.entries.remove(index).host.close();
        }
    }

    /// The host of that identity.
    pub fn get(&self, id: HostId) -> Option<&HostEntry> {
        self.entries.iter().find(|entry| entry.id == id)
    }

    /// All hosts, those that are not shown included.
    pub fn all(&self) -> &[HostEntry] {
        &self.entries
    }

    /// Notes that guests may be about to be made on that host.
    pub fn note_creation(&mut self, id: HostId) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.id == id) {
            entry.creates = true;
        }
    }

    /// The hosts to show: the system's own is left out while the session stands in for it, and the
    /// session when it is of no use either.
    pub fn shown(&self) -> Vec<HostEntry> {
        let hidden = match self.stand_in() {
            Some(_) => Role::System,
            None => Role::Fallback,
        };
        self.entries
            .iter()
            .filter(|entry| entry.role != hidden)
            .cloned()
            .collect()
    }

    /// URIs that need not be added: those in the list, and this machine's own.
    pub fn listed(&self) -> Vec<String> {
        let shown = self.shown();
        self.entries
            .iter()
            .filter(|entry| {
                entry.role == Role::System || shown.iter().any(|shown| shown.id == entry.id)
            })
            .map(|entry| entry.uri().to_owned())
            .collect()
    }

    /// This machine's system hypervisor, when it is among the hosts.
    pub fn system(&self) -> Option<&HostEntry> {
        self.entries.iter().find(|entry| entry.role == Role::System)
    }

    /// Tries the user's session instead of the system's hypervisor. Returns its identity.
    pub fn use_session(&mut self) -> HostId {
        let id = self.open(local::QEMU_SESSION, Role::Fallback);
        let reason = self.system().and_then(|entry| match &entry.snapshot.state {
            HostState::Failed { error, .. } => Some(error.clone()),
            _ => None,
        });
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.id == id) {
            entry.instead_of = reason;
            entry.host.reconnect();
        }
        id
    }

    /// Takes in what is newly known of a host. Returns the identity of a host that was opened
    /// because of it.
    pub fn apply(&mut self, id: HostId, snapshot: Arc<HostSnapshot>) -> Option<HostId> {
        let entry = self.entries.iter_mut().find(|entry| entry.id == id)?;
        let before = std::mem::replace(&mut entry.snapshot, snapshot);
        if before.state == HostState::Closed && entry.snapshot.state != HostState::Closed {
            // Opened anew; who watched before has ended with the connection.
            let host = entry.host.clone();
            self.watch_installations(&host);
        }
        let entry = self.entries.iter_mut().find(|entry| entry.id == id)?;
        if entry.role != Role::System {
            return None;
        }
        match &entry.snapshot.state {
            HostState::Failed { error, .. } if self.has_session && calls_for_session(error) => {
                let error = error.clone();
                let known = self
                    .entries
                    .iter_mut()
                    .find(|entry| entry.uri() == local::QEMU_SESSION);
                if let Some(session) = known {
                    session.instead_of = Some(error);
                    return None;
                }
                let id = self.open(local::QEMU_SESSION, Role::Fallback);
                self.entries.last_mut()?.instead_of = Some(error);
                Some(id)
            }
            HostState::Connected => {
                self.retire_stand_in();
                None
            }
            _ => None,
        }
    }

    /// The session that stands in for the system's hypervisor, as long as it may become of use.
    fn stand_in(&self) -> Option<&HostEntry> {
        self.entries.iter().find(|entry| {
            entry.role == Role::Fallback
                && !matches!(entry.snapshot.state, HostState::Failed { .. })
        })
    }

    /// The system's hypervisor is there: the session goes, unless it has guests of its own, or is
    /// getting one.
    fn retire_stand_in(&mut self) {
        for entry in &mut self.entries {
            if entry.role == Role::Fallback && (entry.creates || !entry.snapshot.guests.is_empty())
            {
                entry.role = Role::Chosen { remembered: false };
                entry.instead_of = None;
            }
        }
        self.entries.retain(|entry| {
            let keep = entry.role != Role::Fallback;
            if !keep {
                entry.host.close();
            }
            keep
        });
    }
}

/// The hosts to begin with, where the user named none.
fn wanted(system: &str, settings: &Settings) -> Vec<(String, Role)> {
    let mut wanted = vec![(system.to_owned(), Role::System)];
    for host in &settings.hosts {
        if !wanted.iter().any(|(uri, _)| *uri == host.uri) {
            wanted.push((host.uri.clone(), Role::Chosen { remembered: true }));
        }
    }
    wanted
}

/// Whether the user's own session may do what this failure denied.
pub fn calls_for_session(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NoDaemon | ErrorKind::PermissionDenied | ErrorKind::AuthenticationFailed
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::RememberedHost;
    use backend::fake::FakeHost;

    #[test]
    fn the_system_comes_first_and_nothing_comes_twice() {
        let settings = Settings {
            hosts: [
                "qemu+ssh://b/system",
                "qemu:///system",
                "qemu+ssh://b/system",
            ]
            .map(RememberedHost::new)
            .into(),
            ..Settings::default()
        };
        assert_eq!(
            wanted("qemu:///system", &settings),
            [
                ("qemu:///system".to_owned(), Role::System),
                (
                    "qemu+ssh://b/system".to_owned(),
                    Role::Chosen { remembered: true }
                ),
            ]
        );
    }

    #[tokio::test]
    async fn a_host_that_was_opened_elsewhere_is_taken_in_once() {
        let runtime = Handle::current();
        let mut hosts = Hosts::new(
            Some("test:///default"),
            &Settings::default(),
            runtime.clone(),
        );
        let (first, _) = FakeHost::connected(&runtime);
        let (second, _) = FakeHost::connected(&runtime);
        assert_eq!(first.uri(), second.uri());
        let remembered = |remembered| Role::Chosen { remembered };
        let id = hosts.adopt(first.clone(), remembered(false));
        assert_eq!(hosts.adopt(second, remembered(true)), id);
        assert_eq!(hosts.all().len(), 1);
        assert_eq!(hosts.get(id).unwrap().role, remembered(true));
        assert_eq!(hosts.listed(), [first.uri()]);
        assert_eq!(first.snapshot().state, HostState::Connected);
    }

    #[test]
    fn the_session_stands_in_where_the_system_is_missing_or_denied_only() {
        for (kind, expected) in [
            (ErrorKind::NoDaemon, true),
            (ErrorKind::PermissionDenied, true),
            (ErrorKind::AuthenticationFailed, true),
            (ErrorKind::NotAnswering, false),
            (ErrorKind::Hypervisor, false),
        ] {
            assert_eq!(
                calls_for_session(&Error::new(kind, "x")),
                expected,
                "{kind:?}"
            );
        }
    }
}
