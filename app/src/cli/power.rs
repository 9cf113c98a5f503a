//! Starting and stopping guests: `start`, `shutdown`, `reboot`, `force-off`, `pause`, `resume`.

use std::process::ExitCode;
use std::time::Duration;

use backend::model::{Guest, GuestId, GuestState};
use backend::{Host, Result};
use clap::Args;
use tokio::time::timeout;

use super::{host, output, watch_job};
use crate::printable::printable;

/// How long a guest gets to heed a polite request before the hard way is named.
const HEED: Duration = Duration::from_secs(30);

/// Arguments of commands that need nothing but a guest.
#[derive(Debug, Args)]
pub struct GuestArguments {
    /// The guest.
    pub(super) name: String,
}

/// Arguments of `shutdown`.
#[derive(Debug, Args)]
pub struct ShutdownArguments {
    /// The guest.
    name: String,
    /// Stay until it is off. Ctrl+C leaves it to itself.
    #[arg(long)]
    wait: bool,
}

/// Something done to a guest, which then is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Start,
    Reboot,
    ForceOff,
    Pause,
    Resume,
}

impl Act {
    async fn perform(self, host: &Host, id: GuestId) -> Result<()> {
        match self {
            Self::Start => host.start(id).await,
            Self::Reboot => host.reboot(id).await,
            Self::ForceOff => host.force_off(id).await,
            Self::Pause => host.pause(id).await,
            Self::Resume => host.resume(id).await,
        }
    }

    /// What is the case when it is done.
    fn outcome(self, was: GuestState) -> &'static str {
        match self {
            Self::Start if was == GuestState::Saved => "goes on where it was saved",
            Self::Start => "is started",
            Self::Reboot => "was asked to reboot",
            Self::ForceOff => "is off",
            Self::Pause => "is paused",
            Self::Resume => "goes on",
        }
    }
}

pub(super) async fn run(
    act: Act,
    arguments: &GuestArguments,
    connect: Option<&str>,
) -> Result<ExitCode> {
    let (host, guest) = host::guest(connect, &arguments.name).await?;
    let acting = act.perform(&host, guest.id);
    if act == Act::Start && guest.state == GuestState::Saved {
        watch_job::sit_through("Restoring the guest's memory", acting).await?;
    } else {
        acting.await?;
    }
    say(&guest, act.outcome(guest.state));
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn shut_down(
    arguments: &ShutdownArguments,
    connect: Option<&str>,
) -> Result<ExitCode> {
    let (host, guest) = host::guest(connect, &arguments.name).await?;
    host.shut_down(guest.id).await?;
    if !arguments.wait {
        say(&guest, "was asked to shut down");
        return Ok(ExitCode::SUCCESS);
    }
    let ended = async {
        if timeout(HEED, off(&host, guest.id)).await.is_err() {
            // Below the line that tells the time.
            let below = if output::is_watched() { "\n" } else { "" };
            eprintln!(
                "{below}“{}” has not shut down yet. `guesthouse force-off` ends it at once; what its \
                 programs have not saved is lost then.",
                printable(&guest.name)
            );
            off(&host, guest.id).await;
        }
    };
    let waited = watch_job::sit_through("Waiting for the guest to shut down", async {
        tokio::select! {
            () = ended => "is off",
            Ok(()) = tokio::signal::ctrl_c() => "was asked to shut down",
        }
    });
    say(&guest, waited.await);
    Ok(ExitCode::SUCCESS)
}

/// Resolves when the guest is off, or gone, which those without a definition are.
async fn off(host: &Host, id: GuestId) {
    let mut news = host.watch();
    let ended = news.wait_for(|snapshot| {
        snapshot.state == backend::model::HostState::Connected
            && snapshot
                .guest(id)
                .is_none_or(|guest| !guest.state.is_active())
    });
    // The host lives as long as this program.
    let _ = ended.await;
}

fn say(guest: &Guest, what: &str) {
    output::print(&format!("{} {what}.\n", printable(&guest.name)));
}
