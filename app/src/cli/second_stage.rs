//! Staying with an installation until the installed system starts.

use backend::install::{self, StageEvent};
use backend::model::GuestId;
use backend::{Error, ErrorKind, Host, Result};
use tokio::sync::mpsc;

use super::output;

/// Waits until the installer has ended and the guest is started again from its disk. Ctrl+C leaves the
/// installation to itself: any later run of the program starts the second stage.
pub(super) async fn wait(host: &Host, id: GuestId, name: &str) -> Result<()> {
    eprintln!("Waiting for the installer to end. Ctrl+C leaves it running by itself.");
    let (told, mut events) = mpsc::unbounded_channel();
    let watching = tokio::spawn(install::watch_second_stage(host.clone(), move |event| {
        // Nobody listens any more only when the wait is over.
        let _ = told.send(event);
    }));
    let outcome = tokio::select! {
        outcome = outcome_for(id, name, &mut events) => outcome,
        () = gone(host, id) => Err(ended(name, "was deleted before its installer ended")),
        Ok(()) = tokio::signal::ctrl_c() => {
            output::print(&format!("{name} goes on with its installer.\n"));
            Ok(())
        }
    };
    watching.abort();
    outcome
}

async fn outcome_for(
    id: GuestId,
    name: &str,
    events: &mut mpsc::UnboundedReceiver<StageEvent>,
) -> Result<()> {
    while let Some(event) = events.recv().await {
        match event {
            StageEvent::Continued { id: which, .. } if which == id => {
                output::print(&format!("{name} has been started from its disk.\n"));
                return Ok(());
            }
            StageEvent::BrokenOff { id: which, .. } if which == id => {
                return Err(ended(name, "was forced off before its installer ended"));
            }
            StageEvent::Failed {
                id: which, error, ..
            } if which == id => return Err(error),
            _ => {}
        }
    }
    Err(ended(name, "is not watched any more"))
}

/// Resolves when the guest is not on the host any more.
async fn gone(host: &Host, id: GuestId) {
    let _ = host
        .watch()
        .wait_for(|snapshot| {
            snapshot.state == backend::model::HostState::Connected && snapshot.guest(id).is_none()
        })
        .await;
}

fn ended(name: &str, how: &str) -> Error {
    Error::new(ErrorKind::WrongState, format!("“{name}” {how}."))
}
