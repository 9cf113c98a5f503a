//! The window around the pages: room, focus, keys, clipboard and style.

use std::sync::Once;

use adw::prelude::*;
use gtk::glib;
use relm4::ComponentSender;

use super::{CreateDialog, CreateInput};
use crate::unlogged::Unlogged;

/// A page in the room it has: not too wide to read, and to be scrolled where the window is low.
pub(super) fn scrolled(page: &gtk::Box) -> gtk::ScrolledWindow {
    page.set_margin_top(18);
    page.set_margin_bottom(18);
    page.set_margin_start(18);
    page.set_margin_end(18);
    let clamp = adw::Clamp::builder().maximum_size(640).child(page).build();
    gtk::ScrolledWindow::builder()
        .hscrollbar_policy(gtk::PolicyType::Never)
        .child(&clamp)
        .build()
}

/// Puts the keys into the first field of a page that is turned to; unless the user walks along the
/// rail, who is not to be torn off it, or the page still has them from the last time.
pub(super) fn turn_to_the_first_field(stack: &gtk::Stack, rail: &gtk::Box) {
    let rail = rail.downgrade();
    stack.connect_visible_child_notify(move |stack| {
        let stack = stack.downgrade();
        let rail = rail.clone();
        // The stack moves the focus itself when it was within, but only after this signal.
        glib::idle_add_local_once(move || {
            let (Some(stack), Some(rail)) = (stack.upgrade(), rail.upgrade()) else {
                return;
            };
            let holds_focus =
                |widget: &gtk::Widget| widget.state_flags().contains(gtk::StateFlags::FOCUS_WITHIN);
            if holds_focus(stack.upcast_ref()) || holds_focus(rail.upcast_ref()) {
                return;
            }
            if let Some(page) = stack.visible_child() {
                page.child_focus(gtk::DirectionType::TabForward);
            }
        });
    });
}

/// Alt with the arrows turns pages, Ctrl+Enter creates, Escape leaves.
pub(super) fn add_shortcuts(root: &adw::Window, sender: &ComponentSender<CreateDialog>) {
    let (on, back) = match root.direction() {
        gtk::TextDirection::Rtl => ("<Alt>Left", "<Alt>Right"),
        _ => ("<Alt>Right", "<Alt>Left"),
    };
    let controller = gtk::ShortcutController::new();
    controller.set_scope(gtk::ShortcutScope::Managed);
    let add = |key: &str, message: fn() -> CreateInput| {
        let input = sender.input_sender().clone();
        controller.add_shortcut(gtk::Shortcut::new(
            gtk::ShortcutTrigger::parse_string(key),
            Some(gtk::CallbackAction::new(move |_, _| {
                drop(input.send(message()));
                glib::Propagation::Stop
            })),
        ));
    };
    add(on, || CreateInput::Next);
    add(back, || CreateInput::Back);
    add("<Control>Return", || CreateInput::Create);
    add("<Control>KP_Enter", || CreateInput::Create);
    add("Escape", || CreateInput::Close);
    root.add_controller(controller);
}

/// Reads the clipboard, which may hold the address the user came with.
pub(super) fn read_clipboard(root: &adw::Window, sender: &ComponentSender<CreateDialog>) {
    let clipboard = root.clipboard();
    let input = sender.input_sender().clone();
    glib::spawn_future_local(async move {
        if let Ok(Some(text)) = clipboard.read_text_future().await {
            drop(input.send(CreateInput::Clipboard(Unlogged(text.into()))));
        }
    });
}

/// The dialog's own style, once for the program.
pub(super) fn load_style() {
    static LOADED: Once = Once::new();
    LOADED.call_once(|| relm4::set_global_css(include_str!("../style.css")));
}
