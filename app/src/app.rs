//! The root of the program: it owns the hosts, the settings and the windows, and routes between
//! them.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use adw::prelude::*;
use gtk::{gdk, gio, glib};
use relm4::{ComponentParts, ComponentSender, SimpleComponent};

use backend::Error;
use backend::model::HostSnapshot;

use crate::hosts::{HostId, Hosts, Role};
use crate::settings::{Store, WindowSettings};
use crate::{application, dialogs, style};

/// At most so often is a host's news drawn; what comes between is drawn with the next.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(40);

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
    /// The guest list's window is being closed.
    ManagerClosed,
}

/// The root component; its window is the guest list's.
#[derive(Debug)]
pub struct App {
    hosts: Rc<RefCell<Hosts>>,
    store: Store,
    window: adw::ApplicationWindow,
}

#[relm4::component(pub)]
impl SimpleComponent for App {
    type Init = AppInit;
    type Input = AppInput;
    type Output = ();

    view! {
        adw::ApplicationWindow {
            set_title: Some("Guesthouse"),
            connect_close_request[sender] => move |_| {
                sender.input(AppInput::ManagerClosed);
                glib::Propagation::Stop
            },
            #[local_ref]
            toasts -> adw::ToastOverlay {},
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

        add_application_actions(&sender);
        let model = Self {
            hosts,
            store,
            window: root.clone(),
        };
        let toasts = adw::ToastOverlay::new();
        let widgets = view_output!();

        for entry in model.hosts.borrow().all() {
            watch(&sender, entry.id, entry.host.watch());
        }
        if let Some(problem) = problem {
            // Over a window that is there: the program shows first and complains afterwards.
            root.connect_map(move |window| {
                let window = window.clone();
                let (toasts, problem) = (toasts.clone(), problem.clone());
                glib::idle_add_local_once(move || dialogs::error::tell(&window, &toasts, &problem));
            });
        }
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: Self::Input, sender: ComponentSender<Self>) {
        match message {
            AppInput::Show => self.window.present(),
            AppInput::ShowHost(uri) => {
                let id = self
                    .hosts
                    .borrow_mut()
                    .open(&uri, Role::Chosen { remembered: false });
                self.watch_new(&sender, id);
                self.window.present();
            }
            AppInput::News(id, snapshot) => {
                let opened = self.hosts.borrow_mut().apply(id, snapshot);
                if let Some(id) = opened {
                    self.watch_new(&sender, id);
                }
            }
            AppInput::ManagerClosed => self.quit(),
        }
    }
}

impl App {
    fn watch_new(&self, sender: &ComponentSender<Self>, id: HostId) {
        if let Some(entry) = self.hosts.borrow().get(id) {
            watch(sender, id, entry.host.watch());
        }
    }

    /// Remembers how the window was left and ends the program.
    fn quit(&mut self) {
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

/// Sends on what becomes known of a host, until the host or the program is gone.
fn watch(
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

/// The actions through which another launch of the program speaks to this one.
fn add_application_actions(sender: &ComponentSender<App>) {
    let application = relm4::main_application();
    let show = gio::SimpleAction::new(application::SHOW, None);
    let input = sender.input_sender().clone();
    show.connect_activate(move |_, _| input.emit(AppInput::Show));
    application.add_action(&show);

    let show_host = gio::SimpleAction::new(application::SHOW_HOST, Some(glib::VariantTy::STRING));
    let input = sender.input_sender().clone();
    show_host.connect_activate(move |_, uri| {
        if let Some(uri) = uri.and_then(glib::Variant::str) {
            input.emit(AppInput::ShowHost(uri.to_owned()));
        }
    });
    application.add_action(&show_host);
}
