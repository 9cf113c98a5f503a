//! The window's actions: what menus, buttons and keys of the guest list name.

use std::collections::HashMap;

use adw::prelude::*;
use gtk::gio;
use relm4::ComponentSender;

use crate::dialogs;
use crate::manager::action::GuestAction;
use crate::manager::{HostAction, Manager, ManagerInput, ManagerOutput};

impl Manager {
    /// Adds the actions `win.*`, and `only-host.*` for [`super::pages`].
    pub(super) fn add_window_actions(&self, root: &gtk::Box, sender: &ComponentSender<Self>) {
        let add = |name: &str, run: Box<dyn Fn()>| {
            let action = gio::SimpleAction::new(name, None);
            action.connect_activate(move |_, _| run());
            self.window.add_action(&action);
        };
        let output = sender.output_sender().clone();
        let (create, add_host, import) = (output.clone(), output.clone(), output.clone());
        accept_files(root, output);
        add(
            "create",
            Box::new(move || create.emit(ManagerOutput::Create(None))),
        );
        add(
            "add-host",
            Box::new(move || add_host.emit(ManagerOutput::AddHost)),
        );
        add(
            "import",
            Box::new(move || import.emit(ManagerOutput::Import(None))),
        );
        let input = sender.input_sender().clone();
        let (toggle, clear, restore) = (input.clone(), input.clone(), input);
        add(
            "restore",
            Box::new(move || restore.emit(ManagerInput::Restore)),
        );
        add(
            "search",
            Box::new(move || toggle.emit(ManagerInput::ToggleSearch)),
        );
        add(
            "clear-search",
            Box::new(move || clear.emit(ManagerInput::ToggleSearch)),
        );
        let window = self.window.downgrade();
        add(
            "about",
            Box::new(move || {
                if let Some(window) = window.upgrade() {
                    dialogs::about::present(&window);
                }
            }),
        );
        let window = self.window.downgrade();
        add(
            "shortcuts",
            Box::new(move || {
                if let Some(window) = window.upgrade() {
                    dialogs::shortcuts::present(&window);
                }
            }),
        );
        let window = self.window.downgrade();
        add(
            "close",
            Box::new(move || {
                if let Some(window) = window.upgrade() {
                    window.close();
                }
            }),
        );
        root.insert_action_group("only-host", Some(&Self::only_host_actions(sender)));
    }

    /// What the page and the banner about the only host can ask for; see `pages::build`.
    fn only_host_actions(sender: &ComponentSender<Self>) -> gio::SimpleActionGroup {
        let group = gio::SimpleActionGroup::new();
        for action in [
            HostAction::Connect,
            HostAction::UseSession,
            HostAction::StartDaemon,
            HostAction::Check,
        ] {
            let entry = gio::SimpleAction::new(action.name(), None);
            let input = sender.input_sender().clone();
            entry.connect_activate(move |_, _| input.emit(ManagerInput::OnlyHost(action)));
            group.add_action(&entry);
        }
        group
    }
}

/// Takes files that are dropped on the list as descriptions of guests.
fn accept_files(root: &gtk::Box, output: relm4::Sender<ManagerOutput>) {
    let target = gtk::DropTarget::new(gio::File::static_type(), gtk::gdk::DragAction::COPY);
    target.connect_drop(move |_, value, _, _| {
        let file = value.get::<gio::File>().ok();
        match file.and_then(|file| file.path()) {
            Some(path) => output.send(ManagerOutput::Import(Some(path))).is_ok(),
            None => false,
        }
    });
    root.add_controller(target);
}

/// The actions on the selected guests, as the group `guest`.
pub(super) fn add_guest_actions(
    root: &gtk::Box,
    sender: &ComponentSender<Manager>,
) -> HashMap<GuestAction, gio::SimpleAction> {
    let group = gio::SimpleActionGroup::new();
    let actions = GuestAction::ALL.map(|action| {
        let entry = gio::SimpleAction::new(action.name(), None);
        entry.set_enabled(false);
        let input = sender.input_sender().clone();
        entry.connect_activate(move |_, _| input.emit(ManagerInput::Act(action)));
        group.add_action(&entry);
        (action, entry)
    });
    root.insert_action_group("guest", Some(&group));
    actions.into_iter().collect()
}

/// The program's menu.
pub(super) fn main_menu() -> gio::Menu {
    let menu = gio::Menu::new();
    let guests = gio::Menu::new();
    guests.append(Some("_Import a Virtual Machine…"), Some("win.import"));
    guests.append(Some("_Restore from a File…"), Some("win.restore"));
    menu.append_section(None, &guests);
    let hosts = gio::Menu::new();
    hosts.append(Some("_Add a Host…"), Some("win.add-host"));
    hosts.append(Some("Open _VNC Address…"), Some("app.view"));
    menu.append_section(None, &hosts);
    let program = gio::Menu::new();
    program.append(Some("_Preferences"), Some("app.preferences"));
    program.append(Some("_Keyboard Shortcuts"), Some("win.shortcuts"));
    program.append(Some("A_bout Guesthouse"), Some("win.about"));
    program.append(Some("_Quit"), Some("app.quit"));
    menu.append_section(None, &program);
    menu
}
