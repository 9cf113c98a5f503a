//! The root of the program: it owns the hosts, the settings and the windows, and routes between
//! them.

mod actions;
mod guests;
mod hosts;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use adw::prelude::*;
use gtk::{gdk, glib};
use relm4::{
    Component, ComponentController, ComponentParts, ComponentSender, Controller, SimpleComponent,
};

use backend::model::HostSnapshot;
use backend::{Error, Result};

use crate::creations::Creations;
use crate::dialogs::add_host::Added;
use crate::hosts::{HostId, Hosts, Role};
use crate::manager::{Manager, ManagerInit, ManagerInput, ManagerOutput};
use crate::screen::preferences::Preferences;
use crate::settings::{ScreenSettings, Store, WindowSettings};
use crate::windows::{Windows, WindowsInput, WindowsOutput};
use crate::{dialogs, runtime, style, viewer};

/// What the program starts with.
#[derive(Debug)]
pub struct AppInit {
    /// The hosts, already connecting.
    pub hosts: Rc<RefCell<Hosts>>,
    /// The settings.
    pub store: Store,
    /// Why the settings could not be read.
    pub problem: Option<Error>,
}

/// What happens to the program.
#[derive(Debug)]
pub enum AppInput {
    /// The program was started again: bring the guest list to the front.
    Show,
    /// Show that host, beside those that are shown.
    ShowHost(String),
    /// Something is newly known of a host.
    News(HostId, Arc<HostSnapshot>),
    /// The guest list asks for something.
    Manager(ManagerOutput),
    /// The user added a host.
    HostAdded(Added),
    /// The system's libvirt daemon was started, or could not be.
    DaemonStarted(Result<()>),
    /// The guest list's window is being closed.
    ManagerClosed,
    /// One of the other windows reports.
    Windows(WindowsOutput),
    /// Show the preferences.
    Preferences,
    /// The user likes something else of screens.
    ScreenSettings(ScreenSettings),
    /// Ask for the address of a VNC server to open.
    AskAddress,
    /// End the program, but not in the middle of a creation without asking.
    Quit,
    /// End the program although guests are being created.
    CancelAndQuit,
    /// Nothing stands against the end any more.
    End,
}

/// The root component; its window is the guest list's.
#[derive(Debug)]
pub struct App {
    hosts: Rc<RefCell<Hosts>>,
    store: Store,
    preferences: Preferences,
    window: adw::ApplicationWindow,
    manager: Controller<Manager>,
    windows: Controller<Windows>,
    /// How many windows are open beside this one; the program lives as long as any.
    others: usize,
    creations: Creations,
}

#[relm4::component(pub)]
impl SimpleComponent for App {
    type Init = AppInit;
    type Input = AppInput;
    type Output = ();

    view! {
        adw::ApplicationWindow {
            set_title: Some("Guesthouse"),
            set_content: Some(model.manager.widget()),
            connect_close_request[sender] => move |_| {
                sender.input(AppInput::ManagerClosed);
                glib::Propagation::Stop
            },
        }
    }

    fn init(
        init: Self::Init,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let AppInit {
            hosts,
            store,
            problem,
        } = init;
        if let Some(display) = gdk::Display::default() {
            style::load(&display);
        }
        let WindowSettings {
            width,
            height,
            maximized,
            ..
        } = store.get().window;
        root.set_default_size(width.clamp(360, 16_384), height.clamp(294, 16_384));
        root.set_maximized(maximized);

        let manager = Manager::builder()
            .launch(ManagerInit {
                window: root.clone(),
                collapsed: store.get().collapsed.clone(),
            })
            .forward(sender.input_sender(), AppInput::Manager);
        actions::add(&sender);
        let preferences = Preferences::new(store.get().screen.clone());
        preferences.keep({
            let input = sender.input_sender().clone();
            move |settings| input.emit(AppInput::ScreenSettings(settings))
        });
        let windows = Windows::builder()
            .launch(preferences.clone())
            .forward(sender.input_sender(), AppInput::Windows);
        let model = Self {
            hosts,
            store,
            preferences,
            window: root.clone(),
            manager,
            windows,
            others: 0,
            creations: Creations::default(),
        };
        let widgets = view_output!();

        for entry in model.hosts.borrow().all() {
            hosts::watch(&sender, entry.id, entry.host.watch());
        }
        model.show_hosts();
        if let Some(problem) = problem {
            model.manager.emit(ManagerInput::Tell(problem));
        }
        if let Some(mut failures) = model.hosts.borrow_mut().take_failures() {
            let manager = model.manager.sender().clone();
            relm4::spawn_local(async move {
                while let Some(failure) = failures.recv().await {
                    manager.emit(ManagerInput::Tell(failure));
                }
            });
        }
        dialogs::question::put_all(&model.hosts, &root);
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: Self::Input, sender: ComponentSender<Self>) {
        match message {
            AppInput::Show => self.window.present(),
            AppInput::ShowHost(uri) => {
                let id = self.open(&uri, Role::Chosen { remembered: false }, &sender);
                self.manager.emit(ManagerInput::Reveal(id));
                self.window.present();
            }
            AppInput::News(id, snapshot) => {
                let opened = self.hosts.borrow_mut().apply(id, snapshot);
                if let Some(id) = opened {
                    self.watch_new(&sender, id);
                }
                self.show_hosts();
            }
            AppInput::Manager(output) => self.route(output, &sender),
            AppInput::HostAdded(Added { host, words }) => {
                let uri = host.uri();
                self.store.update(&runtime::handle(), |settings| {
                    settings.remember_host(&uri);
                });
                let role = Role::Chosen { remembered: true };
                let id = self.take_in(|hosts| hosts.adopt(host, role), &sender);
                if let Some(words) = words {
                    self.manager.emit(ManagerInput::Added(id, words));
                }
            }
            AppInput::DaemonStarted(result) => {
                if let Err(error) = result {
                    dialogs::error::present(&self.window, &error);
                }
                if let Some(entry) = self.hosts.borrow().system() {
                    entry.host.reconnect();
                }
            }
            AppInput::Preferences => {
                let over = relm4::main_application().active_window();
                let over = over.unwrap_or_else(|| self.window.clone().upcast());
                dialogs::preferences::present(&over, &self.preferences);
            }
            AppInput::ScreenSettings(screen) => self
                .store
                .update(&runtime::handle(), |settings| settings.screen = screen),
            AppInput::Windows(output) => self.windows_report(output, &sender),
            AppInput::AskAddress => {
                let windows = self.windows.sender().clone();
                viewer::ask_address(&self.window, move |address| {
                    windows.emit(WindowsInput::View(address));
                });
            }
            // A guest that is being looked at stays in sight when the list is put away.
            AppInput::ManagerClosed if self.others > 0 => self.window.set_visible(false),
            AppInput::ManagerClosed | AppInput::Quit => self.quit(&sender),
            AppInput::CancelAndQuit => {
                let cancelled = self.creations.cancel();
                let input = sender.input_sender().clone();
                relm4::spawn_local(async move {
                    cancelled.await;
                    input.emit(AppInput::End);
                });
            }
            AppInput::End => self.end(),
        }
    }
}

impl App {
    /// Does what the guest list asks for.
    fn route(&mut self, output: ManagerOutput, sender: &ComponentSender<Self>) {
        match output {
            ManagerOutput::Open(host, guest) => self.open_guest(host, guest),
            ManagerOutput::Create(host) => self.create_guest(host, None),
            ManagerOutput::AddHost => {
                let known = self.hosts.borrow().listed();
                let opener = self.hosts.borrow().opener();
                let input = sender.input_sender().clone();
                dialogs::add_host::open(&self.window, known, opener, move |added| {
                    input.emit(AppInput::HostAdded(added));
                });
            }
            ManagerOutput::Import(file) => self.import(file),
            ManagerOutput::Host(id, action) => self.act_on_host(id, action, sender),
            ManagerOutput::System(action) => {
                let system = self.hosts.borrow().system().map(|entry| entry.id);
                if let Some(id) = system {
                    self.act_on_host(id, action, sender);
                }
            }
            ManagerOutput::Collapsed(id, collapsed) => {
                let uri = self
                    .hosts
                    .borrow()
                    .get(id)
                    .map(|entry| entry.uri().to_owned());
                if let Some(uri) = uri {
                    self.store.update(&runtime::handle(), |settings| {
                        settings.collapsed.retain(|known| *known != uri);
                        if collapsed {
                            settings.collapsed.push(uri);
                        }
                    });
                }
            }
        }
    }

    fn windows_report(&mut self, output: WindowsOutput, sender: &ComponentSender<Self>) {
        match output {
            WindowsOutput::ShowManager => self.window.present(),
            WindowsOutput::CreateAgain(choices) => self.create_again(choices),
            WindowsOutput::Creating { creation, url } => {
                self.creations.add(creation);
                self.store.update(&runtime::handle(), |settings| {
                    settings.remember_url(&url);
                });
            }
            WindowsOutput::Open(count) => {
                self.others = count;
                if count == 0 && !self.window.is_visible() {
                    self.quit(sender);
                }
            }
        }
    }

    /// Ends the program, or asks where that would cancel something.
    fn quit(&mut self, sender: &ComponentSender<Self>) {
        let creating = self.creations.names();
        if creating.is_empty() {
            self.end();
            return;
        }
        self.window.present();
        let input = sender.input_sender().clone();
        dialogs::quit::ask(&self.window, &creating, move || {
            input.emit(AppInput::CancelAndQuit);
        });
    }

    /// Remembers how the window was left and ends the program.
    fn end(&mut self) {
        let (width, height) = self.window.default_size();
        let maximized = self.window.is_maximized();
        self.store.update_now(|settings| {
            settings.window.maximized = maximized;
            settings.window.width = width;
            settings.window.height = height;
        });
        relm4::main_application().quit();
    }
}
