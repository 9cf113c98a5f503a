//! What can be done with a host from the list, and which of it helps in which state.

use backend::ErrorKind;
use backend::model::HostState;

use crate::hosts::{HostEntry, Role};

/// Something to do with a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HostAction {
    /// Connect, or try again.
    Connect,
    /// Show the user's own session instead of the system's hypervisor.
    UseSession,
    /// Start the system's libvirt daemon; for the superuser.
    StartDaemon,
    /// Look at what it has and lacks.
    Check,
    /// Close the connection, keep the host in the list.
    Disconnect,
    /// Take the host off the list.
    Forget,
}

impl HostAction {
    /// Its label, with a mnemonic, for a host in that state.
    pub fn label(self, state: &HostState) -> &'static str {
        match self {
            Self::Connect if matches!(state, HostState::Failed { .. }) => "_Try Again",
            Self::Connect if matches!(state, HostState::NotAnswering { .. }) => "_Try Now",
            Self::Connect => "_Connect",
            Self::UseSession => "Use My _Session",
            Self::StartDaemon => "Start _libvirtd",
            Self::Check if matches!(state, HostState::Failed { .. }) => "What Is _Missing?",
            Self::Check => "Host Chec_k",
            Self::Disconnect => "_Disconnect",
            Self::Forget => "_Remove from List",
        }
    }

    /// Its name in the action group of a host's row.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::UseSession => "use-session",
            Self::StartDaemon => "start-daemon",
            Self::Check => "check",
            Self::Disconnect => "disconnect",
            Self::Forget => "forget",
        }
    }
}

/// What this machine and this user allow; found out once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Means {
    /// The program runs as the superuser.
    pub root: bool,
    /// A libvirt daemon is installed here.
    pub installed: bool,
}

/// What helps a host that failed, the best first.
pub fn remedies(entry: &HostEntry, means: Means) -> Vec<HostAction> {
    let HostState::Failed { error, .. } = &entry.snapshot.state else {
        return Vec::new();
    };
    let mut remedies = Vec::new();
    if entry.role == Role::System {
        if error.kind() == ErrorKind::NoDaemon && means.root && means.installed {
            remedies.push(HostAction::StartDaemon);
        }
        remedies.push(HostAction::Connect);
        if means.installed && !means.root {
            remedies.push(HostAction::UseSession);
        }
    } else {
        remedies.push(HostAction::Connect);
    }
    remedies.push(HostAction::Check);
    remedies
}

/// What the menu of a host's row offers.
pub fn menu(entry: &HostEntry) -> Vec<HostAction> {
    let mut menu = match &entry.snapshot.state {
        HostState::Closed | HostState::Failed { .. } => vec![HostAction::Connect],
        HostState::NotAnswering { .. } => vec![HostAction::Connect, HostAction::Disconnect],
        _ => vec![HostAction::Disconnect],
    };
    menu.push(HostAction::Check);
    if matches!(entry.role, Role::Chosen { .. }) {
        menu.push(HostAction::Forget);
    }
    menu
}
