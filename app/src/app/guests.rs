//! Opening guests, and making new ones.

use std::path::PathBuf;

use backend::model::{GuestId, HostState};
use backend::{Error, ErrorKind};
use gtk::prelude::*;
use relm4::ComponentController;
use wizard::Choices;

use super::App;
use crate::dialogs;
use crate::hosts::HostId;
use crate::windows::{self, WindowsInput};

impl App {
    pub(super) fn open_guest(&self, host: HostId, id: GuestId) {
        let hosts = self.hosts.borrow();
        let Some(entry) = hosts.get(host) else { return };
        // A guest that is gone has no window to show; the list is about to say so.
        if let Some(guest) = entry.snapshot.guest(id) {
            self.windows.emit(WindowsInput::Open {
                host: entry.host.clone(),
                id,
                name: guest.name.clone(),
            });
        }
    }

    /// Opens the dialog that creates a guest, with `preferred` chosen if it is given.
    pub(super) fn create_guest(&self, preferred: Option<HostId>, choices: Option<Choices>) {
        let mut shown = self.hosts.borrow().shown();
        shown.retain(|entry| entry.snapshot.state == HostState::Connected);
        if shown.is_empty() {
            let error = Error::new(
                ErrorKind::Disconnected,
                "There is no host to create a virtual machine on.",
            )
            .with_remedy("Connect to a host first.");
            dialogs::error::present(&self.window, &error);
            return;
        }
        for entry in &shown {
            self.hosts.borrow_mut().note_creation(entry.id);
        }
        let preferred = shown.iter().position(|entry| Some(entry.id) == preferred);
        let preferred = preferred.unwrap_or(0);
        let hosts = shown.iter().map(|entry| entry.host.clone()).collect();
        let recent = self.store.get().recent_urls.clone();
        let init = windows::create_init(hosts, preferred, recent, choices, &self.window);
        self.windows.emit(WindowsInput::Create(Box::new(init)));
    }

    /// Makes a guest out of a file that describes one.
    pub(super) fn import(&self, file: Option<PathBuf>) {
        let window = self.window.clone();
        let hosts = self.hosts.clone();
        relm4::spawn_local(async move {
            let file = match file {
                Some(file) => file,
                None => match dialogs::import::choose(&window).await {
                    Some(file) => file,
                    None => return,
                },
            };
            let candidates = hosts
                .borrow()
                .shown()
                .into_iter()
                .filter(|entry| entry.snapshot.state == HostState::Connected)
                .filter_map(|entry| Some((entry.host, entry.snapshot.info.clone()?)))
                .collect();
            dialogs::import::run(&window, candidates, file).await;
        });
    }

    /// Opens the create dialog with the choices of an attempt that failed, while their host is
    /// there; what was chosen for one host says little about another.
    pub(super) fn create_again(&self, choices: Option<Choices>) {
        // Put away, it would count as closed, and the program as at its end, until the dialog is there.
        self.window.present();
        let host = choices.as_ref().and_then(|choices| {
            let uri = choices.host().uri();
            let hosts = self.hosts.borrow();
            let shown = hosts.shown();
            shown
                .iter()
                .find(|entry| entry.uri() == uri && entry.snapshot.state == HostState::Connected)
                .map(|entry| entry.id)
        });
        self.create_guest(host, choices.filter(|_| host.is_some()));
    }
}
