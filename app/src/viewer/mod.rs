//! The viewer: a window on any VNC server.

mod address;
mod dialog;
mod window;

use std::cell::RefCell;
use std::process::ExitCode;
use std::rc::Rc;

use gtk::gdk;
use gtk::gio;
use gtk::prelude::*;
use relm4::RelmApp;

use crate::screen::preferences::Preferences;
use crate::settings::Store;

pub use address::VncAddress;
pub use dialog::ask_address;
pub use window::{ViewerInit, ViewerOutput, ViewerWindow};

/// Runs one viewer window on `address` until it is closed, without the rest of the program.
pub fn run(address: VncAddress) -> ExitCode {
    if gtk::init().is_err() {
        eprintln!(
            "guesthouse: there is no display to open a window on. Start it from a desktop session, \
             or under a virtual display: xvfb-run -a guesthouse view {address}"
        );
        return ExitCode::FAILURE;
    }
    // Not unique: each server has a process of its own, and the guest list need not run.
    let application = adw::Application::builder()
        .application_id(crate::application::ID)
        .flags(gio::ApplicationFlags::NON_UNIQUE)
        .build();
    application.connect_startup(|_| {
        if let Some(display) = gdk::Display::default() {
            crate::style::load(&display);
        }
    });
    let (preferences, store) = preferences();
    RelmApp::from_app(application)
        // The arguments were understood already.
        .with_args(vec!["guesthouse".to_owned()])
        .run::<ViewerWindow>(ViewerInit {
            address,
            preferences,
            chosen: Vec::new(),
        });
    store.borrow().flush();
    ExitCode::SUCCESS
}

/// What the user likes of screens, kept in the settings, which the rest of the program may be changing
/// as well.
fn preferences() -> (Preferences, Rc<RefCell<Store>>) {
    let (store, _) = Store::load(Store::default_path());
    let preferences = Preferences::new(store.get().screen.clone());
    let store = Rc::new(RefCell::new(store));
    let kept = store.clone();
    preferences.keep(move |screen| {
        let mut store = kept.borrow_mut();
        store.update(&crate::runtime::handle(), |settings| {
            settings.screen = screen;
        });
    });
    (preferences, store)
}
