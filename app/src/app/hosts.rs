//! What is done with hosts, and following them.

use std::sync::Arc;
use std::time::Duration;

use backend::model::HostSnapshot;
use gtk::glib;
use gtk::prelude::*;
use relm4::{ComponentController, ComponentSender};

use super::{App, AppInput};
use crate::check::CheckInit;
use crate::hosts::{HostId, Hosts, Role};
use crate::manager::{HostAction, ManagerInput};
use crate::windows::WindowsInput;
use crate::{daemon, runtime};

/// At most so often is a host's news drawn; what comes between is drawn with the next.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(40);

impl App {
    pub(super) fn act_on_host(
        &mut self,
        id: HostId,
        action: HostAction,
        sender: &ComponentSender<Self>,
    ) {
        match action {
            HostAction::Connect => {
                if let Some(entry) = self.hosts.borrow().get(id) {
                    entry.host.reconnect();
                }
            }
            HostAction::Disconnect => {
                if let Some(entry) = self.hosts.borrow().get(id) {
                    entry.host.close();
                }
            }
            HostAction::UseSession => {
                let known = self.hosts.borrow().all().len();
                let id = self.hosts.borrow_mut().use_session();
                if self.hosts.borrow().all().len() > known {
                    self.watch_new(sender, id);
                }
                self.show_hosts();
            }
            HostAction::StartDaemon => {
                let input = sender.input_sender().clone();
                let start = runtime::handle().spawn_blocking(daemon::start);
                relm4::spawn_local(async move {
                    if let Ok(result) = start.await {
                        // The program may have ended in the meantime.
                        let _ = input.send(AppInput::DaemonStarted(result));
                    }
                });
            }
            HostAction::Check => {
                if let Some(entry) = self.hosts.borrow().get(id) {
                    self.windows.emit(WindowsInput::Check(CheckInit {
                        host: entry.host.clone(),
                        name: entry.name().to_owned(),
                        parent: self.window.clone().upcast(),
                    }));
                }
            }
            HostAction::Forget => {
                let uri = self
                    .hosts
                    .borrow()
                    .get(id)
                    .map(|entry| entry.uri().to_owned());
                self.hosts.borrow_mut().close(id);
                self.store.update(&runtime::handle(), |settings| {
                    settings
                        .hosts
                        .retain(|host| Some(&host.uri) != uri.as_ref());
                });
                self.show_hosts();
            }
        }
    }

    pub(super) fn open(&self, uri: &str, role: Role, sender: &ComponentSender<Self>) -> HostId {
        self.take_in(|hosts| hosts.open(uri, role), sender)
    }

    /// Shows the host that `open` gives, and follows it when it is new.
    pub(super) fn take_in(
        &self,
        open: impl FnOnce(&mut Hosts) -> HostId,
        sender: &ComponentSender<Self>,
    ) -> HostId {
        let known = self.hosts.borrow().all().len();
        let id = open(&mut self.hosts.borrow_mut());
        if self.hosts.borrow().all().len() > known {
            self.watch_new(sender, id);
        }
        self.show_hosts();
        id
    }

    pub(super) fn watch_new(&self, sender: &ComponentSender<Self>, id: HostId) {
        if let Some(entry) = self.hosts.borrow().get(id) {
            watch(sender, id, entry.host.watch());
        }
    }

    pub(super) fn show_hosts(&self) {
        self.manager
            .emit(ManagerInput::Hosts(self.hosts.borrow().shown()));
    }
}

/// Sends on what becomes known of a host, until the host or the program is gone.
pub(super) fn watch(
    sender: &ComponentSender<App>,
    id: HostId,
    mut news: tokio::sync::watch::Receiver<Arc<HostSnapshot>>,
) {
    let sender = sender.input_sender().clone();
    // What was known when the watching began counts as news too.
    news.mark_changed();
    relm4::spawn_local(async move {
        while news.changed().await.is_ok() {
            let snapshot = news.borrow_and_update().clone();
            if sender.send(AppInput::News(id, snapshot)).is_err() {
                break;
            }
            glib::timeout_future(SHORTEST_INTERVAL).await;
        }
    });
}
