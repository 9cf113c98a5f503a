//! The viewer: a window on any VNC server.

mod address;
mod dialog;
mod window;

use std::cell::Cell;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use gtk::gdk;
use gtk::gio;
use gtk::prelude::*;
use relm4::RelmApp;

use crate::screen::preferences::Preferences;
use crate::settings::Store;

pub use address::VncAddress;
pub use dialog::ask_address;
pub use window::{ViewerOutput, ViewerWindow};

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
    let preferences = preferences();
    RelmApp::from_app(application)
        // The arguments were understood already.
        .with_args(vec!["guesthouse".to_owned()])
        .run::<ViewerWindow>((address, preferences));
    ExitCode::SUCCESS
}

/// What the user likes of screens, which a viewer on its own changes in the settings as well: in
/// nothing else of them, for the rest of the program may be running and keep its own.
fn preferences() -> Preferences {
    let (store, _) = Store::load(Store::default_path());
    let preferences = Preferences::new(store.get().screen.clone());
    // One after the other, and what is older than what was written is not.
    let (asked, written) = (Cell::new(0_u64), Arc::new(Mutex::new(0)));
    preferences.keep(move |screen| {
        asked.set(asked.get() + 1);
        let (revision, written) = (asked.get(), written.clone());
        gio::spawn_blocking(move || {
            let mut written = written.lock().unwrap_or_else(PoisonError::into_inner);
            if *written < revision {
                let (mut store, _) = Store::load(Store::default_path());
                store.update_now(|settings| settings.screen = screen);
                *written = revision;
            }
        });
    });
    preferences
}
