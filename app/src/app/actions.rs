//! The actions of the application, and their keys.

use gtk::prelude::*;
use gtk::{gio, glib};
use relm4::ComponentSender;

use super::{App, AppInput};
use crate::application;

/// The actions through which another launch of the program speaks to this one.
pub(super) fn add(sender: &ComponentSender<App>) {
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

    let view = gio::SimpleAction::new(application::VIEW, None);
    let input = sender.input_sender().clone();
    view.connect_activate(move |_, _| input.emit(AppInput::AskAddress));
    application.add_action(&view);

    let preferences = gio::SimpleAction::new("preferences", None);
    let input = sender.input_sender().clone();
    preferences.connect_activate(move |_, _| input.emit(AppInput::Preferences));
    application.add_action(&preferences);

    let quit = gio::SimpleAction::new("quit", None);
    let input = sender.input_sender().clone();
    quit.connect_activate(move |_, _| input.emit(AppInput::Quit));
    application.add_action(&quit);

    for (action, keys) in [
        ("app.quit", ["<Ctrl>q"]),
        ("app.preferences", ["<Ctrl>comma"]),
        ("win.create", ["<Ctrl>n"]),
        ("win.search", ["<Ctrl>f"]),
        ("win.shortcuts", ["<Ctrl>question"]),
        ("win.close", ["<Ctrl>w"]),
    ] {
        application.set_accels_for_action(action, &keys);
    }
}
