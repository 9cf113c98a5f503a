//! From what the user wants to what the hypervisor is asked: questions first where something would
//! be lost, then the call, then what to say about its end.

use backend::host::DeleteOptions;
use backend::model::{GuestId, HostState};
use backend::{Error, ErrorKind, Host, Result};
use relm4::ComponentSender;

use crate::dialogs;
use crate::dialogs::delete::Doomed;
use crate::dialogs::save_to_file::Target;
use crate::manager::action::GuestAction;
use crate::manager::rows::RowKey;
use crate::manager::{Manager, ManagerInput, ManagerOutput, send};

/// What the hypervisor is asked to do with a guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Something that needs nothing more than the guest.
    Plain(GuestAction),
    /// Save it into that file.
    SaveTo(Target),
    /// Give it that name.
    Rename(String),
    /// Remove it with those disks; turn it off first if it is `active`.
    Delete {
        /// Whether it ran when the user was asked.
        active: bool,
        /// Disks to delete with it.
        disks: Vec<String>,
    },
}

impl Request {
    fn action(&self) -> GuestAction {
        match self {
            Self::Plain(action) => *action,
            Self::SaveTo(_) => GuestAction::SaveToFile,
            Self::Rename(_) => GuestAction::Rename,
            Self::Delete { .. } => GuestAction::Delete,
        }
    }

    async fn run(self, host: &Host, id: GuestId) -> Result<()> {
        match self {
            Self::Plain(action) => action.run(host, id).await,
            Self::SaveTo(Target { path, replace }) => {
                host.save_to(id, &path, replace).outcome().await
            }
            Self::Rename(name) => host.rename(id, &name).await,
            Self::Delete { active, disks } => {
                if active {
                    match host.force_off(id).await {
                        // It stopped by itself in the meantime.
                        Err(error) if error.kind() == ErrorKind::WrongState => {}
                        other => other?,
                    }
                }
                match host.delete(id, DeleteOptions { disks }).await {
                    // A guest without a definition is gone as soon as it is off.
                    Err(error) if active && error.kind() == ErrorKind::NotFound => Ok(()),
                    other => other,
                }
            }
        }
    }
}

impl Manager {
    /// Does `action` with those of `keys` it makes sense for; asks first where something is lost.
    pub(super) fn act(
        &mut self,
        chosen: &[RowKey],
        action: GuestAction,
        sender: &ComponentSender<Self>,
    ) {
        let keys: Vec<RowKey> = chosen
            .iter()
            .copied()
            .filter(|key| self.allows(*key, action))
            .collect();
        if keys.is_empty() {
            let live = chosen.iter().all(|key| self.is_live(*key));
            if action == GuestAction::Rename && !chosen.is_empty() && live {
                let told = "A guest is renamed while it is off: shut it down first.";
                self.toasts.add_toast(dialogs::error::toast(told));
            } else if !live {
                let told = "The host does not answer now: nothing was done.";
                self.toasts.add_toast(dialogs::error::toast(told));
            }
            return;
        }
        match action {
            GuestAction::Open => {
                for key in keys {
                    if let RowKey::Guest(host, guest) = key {
                        send(sender, ManagerOutput::Open(host, guest));
                    }
                }
            }
            GuestAction::DiscardSaved => {
                let names: Vec<String> = keys.iter().filter_map(|key| self.name(*key)).collect();
                let input = sender.input_sender().clone();
                dialogs::discard_saved::ask(&self.window, &names, move || {
                    for key in keys {
                        input.emit(ManagerInput::Perform(key, Request::Plain(action)));
                    }
                });
            }
            GuestAction::ForceOff => {
                let names: Vec<String> = keys.iter().filter_map(|key| self.name(*key)).collect();
                let input = sender.input_sender().clone();
                let installing = keys.iter().any(|key| self.is_installing(*key));
                dialogs::force_off::ask(&self.window, &names, installing, move || {
                    for key in keys {
                        input.emit(ManagerInput::Perform(key, Request::Plain(action)));
                    }
                });
            }
            GuestAction::SaveToFile => {
                if let [key] = keys[..] {
                    self.ask_for_file(key, sender);
                }
            }
            GuestAction::Rename => {
                if let [key] = keys[..] {
                    self.ask_for_name(key, sender);
                }
            }
            GuestAction::Delete => self.ask_before_deleting(keys, sender),
            _ => {
                for key in keys {
                    self.perform(key, Request::Plain(action), sender);
                }
            }
        }
    }

    /// Runs the selected guests that stand; when none does, pauses those that run.
    pub(super) fn run_or_pause(&mut self, sender: &ComponentSender<Self>) {
        let selected = self.view.selected();
        let wants = |key: &RowKey| {
            let content = self.list.item(*key)?.guest()?;
            GuestAction::run_or_pause(&content.guest)
        };
        let wishes: Vec<(RowKey, GuestAction)> = selected
            .iter()
            .filter_map(|key| Some((*key, wants(key)?)))
            .collect();
        let any_stands = wishes
            .iter()
            .any(|(_, action)| *action != GuestAction::Pause);
        for (key, action) in wishes {
            if (action == GuestAction::Pause) != any_stands {
                self.act(&[key], action, sender);
            }
        }
    }

    /// Asks the hypervisor.
    pub(super) fn perform(
        &mut self,
        key: RowKey,
        request: Request,
        sender: &ComponentSender<Self>,
    ) {
        let RowKey::Guest(host, id) = key else { return };
        let (Some(entry), Some(item)) = (self.list.host(host), self.list.item(key)) else {
            return;
        };
        item.set_pending(Some(request.action()));
        let (host, input) = (entry.host.clone(), sender.input_sender().clone());
        relm4::spawn_local(async move {
            let result = request.clone().run(&host, id).await;
            // The list is gone when the program ends.
            let _ = input.send(ManagerInput::Done(key, request, result));
        });
        self.selection_changed();
    }

    /// A request came to its end.
    pub(super) fn done(&mut self, key: RowKey, request: &Request, result: Result<()>) {
        let name = self.name(key);
        if let Some(item) = self.list.item(key) {
            item.set_pending(None);
        }
        self.selection_changed();
        match result {
            Ok(()) => {
                if let Some(text) = name.and_then(|name| told(request, &name)) {
                    self.toasts.add_toast(dialogs::error::toast(&text));
                }
            }
            Err(error) => self.tell(&error),
        }
    }

    /// Tells a failure in the way that suits it.
    pub(super) fn tell(&self, error: &Error) {
        dialogs::error::tell(&self.window, &self.toasts, error);
    }

    fn allows(&self, key: RowKey, action: GuestAction) -> bool {
        self.list
            .item(key)
            .and_then(|item| item.guest().map(|content| content.allows(action)))
            .unwrap_or(false)
    }

    /// Whether the host of that guest answers.
    fn is_live(&self, key: RowKey) -> bool {
        let RowKey::Guest(host, _) = key else {
            return true;
        };
        self.list
            .host(host)
            .is_some_and(|entry| entry.snapshot.state == HostState::Connected)
    }

    fn is_installing(&self, key: RowKey) -> bool {
        let content = self.list.item(key).and_then(|item| {
            let content = item.guest()?;
            Some(content.guest.installing)
        });
        content.unwrap_or(false)
    }

    pub(super) fn name(&self, key: RowKey) -> Option<String> {
        let content = self.list.item(key)?.guest()?;
        Some(content.guest.name.clone())
    }

    fn ask_for_name(&self, key: RowKey, sender: &ComponentSender<Self>) {
        let (RowKey::Guest(host, _), Some(name)) = (key, self.name(key)) else {
            return;
        };
        let taken = self.list.host(host).map_or_else(Vec::new, |entry| {
            let others = entry.snapshot.guests.iter().map(|guest| guest.name.clone());
            others.filter(|other| *other != name).collect()
        });
        let input = sender.input_sender().clone();
        dialogs::rename::ask(&self.window, &name, taken, move |name| {
            input.emit(ManagerInput::Perform(key, Request::Rename(name)));
        });
    }

    /// Finds out the disks of the guests, then asks which of them go too.
    fn ask_before_deleting(&self, keys: Vec<RowKey>, sender: &ComponentSender<Self>) {
        let mut guests = Vec::new();
        for key in keys {
            let RowKey::Guest(host, id) = key else {
                continue;
            };
            if let (Some(entry), Some(name)) = (self.list.host(host), self.name(key)) {
                let active = entry
                    .snapshot
                    .guest(id)
                    .is_some_and(|guest| guest.state.is_active());
                guests.push((key, id, entry.host.clone(), name, active));
            }
        }
        let (window, input) = (self.window.clone(), sender.input_sender().clone());
        relm4::spawn_local(async move {
            let mut doomed = Vec::new();
            let mut requests = Vec::new();
            for (key, id, host, name, active) in guests {
                // Without its definition no disk can be named, and none is deleted.
                let disks = host.details(id).await.map(|details| details.disks.clone());
                doomed.push(Doomed {
                    name,
                    active,
                    disks: disks.unwrap_or_default(),
                });
                requests.push((key, active));
            }
            dialogs::delete::ask(&window, &doomed, move |disks| {
                for ((key, active), disks) in requests.into_iter().zip(disks) {
                    input.emit(ManagerInput::Perform(
                        key,
                        Request::Delete { active, disks },
                    ));
                }
            });
        });
    }
}

/// What to say of a request that was taken and whose outcome is not to be seen, or not at once.
fn told(request: &Request, name: &str) -> Option<String> {
    let name = dialogs::shortened(name);
    match request {
        Request::Plain(GuestAction::ShutDown) => Some(format!("“{name}” was asked to shut down.")),
        Request::Plain(GuestAction::Reboot) => Some(format!("“{name}” was asked to reboot.")),
        Request::SaveTo(target) => Some(format!("“{name}” is saved in {}.", target.path)),
        _ => None,
    }
}
