//! Guests and files: saving into one, restoring from one. Each asks first.

use backend::Host;
use backend::model::HostState;
use relm4::ComponentSender;

use crate::dialogs;
use crate::manager::requests::Request;
use crate::manager::rows::RowKey;
use crate::manager::{Manager, ManagerInput};

impl Manager {
    /// Asks where the guest is to be saved.
    pub(super) fn ask_for_file(&self, key: RowKey, sender: &ComponentSender<Self>) {
        let (RowKey::Guest(host, _), Some(name)) = (key, self.name(key)) else {
            return;
        };
        let Some(entry) = self.list.host(host) else {
            return;
        };
        let (window, host) = (self.window.clone(), entry.host.clone());
        let input = sender.input_sender().clone();
        relm4::spawn_local(async move {
            if let Some(target) = dialogs::save_to_file::ask(&window, &host, &name).await {
                // The list is gone when the program ends.
                let _ = input.send(ManagerInput::Perform(key, Request::SaveTo(target)));
            }
        });
    }

    /// Asks for a file, and lets the guest in it go on.
    pub(super) fn restore(&self) {
        let connected = |entry: &&crate::hosts::HostEntry| {
            entry.snapshot.state == HostState::Connected && entry.snapshot.info.is_some()
        };
        let hosts = self.list.hosts().iter().filter(connected);
        let hosts: Vec<Host> = hosts.map(|entry| entry.host.clone()).collect();
        let (window, toasts) = (self.window.clone(), self.toasts.clone());
        relm4::spawn_local(async move {
            let watched = hosts.clone();
            let Some(restored) = dialogs::restore::run(&window, hosts).await else {
                return;
            };
            let listed = || {
                let snapshots = watched.iter().map(Host::snapshot);
                let mut guests = snapshots.filter_map(|seen| seen.guest(restored.id).cloned());
                guests.next().map(|guest| guest.name.clone())
            };
            let name = restored.name.clone().or_else(listed);
            let name = name.unwrap_or_else(|| "The virtual machine".to_owned());
            let text = format!("“{}” goes on. The file is kept.", dialogs::shortened(&name));
            toasts.add_toast(dialogs::error::toast(&text));
        });
    }
}
