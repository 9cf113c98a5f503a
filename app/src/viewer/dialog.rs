//! Asking for the address of a VNC server.

use adw::prelude::*;

use super::address::VncAddress;

/// Asks for an address over `parent`; calls `chosen` with it, unless the user thinks better of it.
pub fn ask_address(parent: &impl IsA<gtk::Window>, chosen: impl Fn(VncAddress) + 'static) {
    let dialog = adw::MessageDialog::new(
        Some(parent),
        Some("Open a VNC Address"),
        Some("HOST, HOST:DISPLAY or HOST::PORT"),
    );
    let problem = gtk::Label::builder()
        .wrap(true)
        .max_width_chars(40)
        .css_classes(["error", "caption"])
        .visible(false)
        .build();
    let entry = gtk::Entry::builder()
        .placeholder_text("myserver:1")
        .activates_default(true)
        .tooltip_text("Address of the VNC server")
        .build();
    entry.update_property(&[gtk::accessible::Property::Label(
        "Address of the VNC server",
    )]);
    let content = gtk::Box::new(gtk::Orientation::Vertical, 6);
    content.append(&entry);
    content.append(&problem);
    dialog.set_extra_child(Some(&content));
    dialog.add_responses(&[("cancel", "_Cancel"), ("open", "_Open")]);
    dialog.set_response_appearance("open", adw::ResponseAppearance::Suggested);
    dialog.set_response_enabled("open", false);
    dialog.set_default_response(Some("open"));
    dialog.set_close_response("cancel");
    let watched = dialog.downgrade();
    entry.connect_changed(move |entry| {
        let Some(dialog) = watched.upgrade() else {
            return;
        };
        let text = entry.text();
        let parsed: Result<VncAddress, _> = text.parse();
        dialog.set_response_enabled("open", parsed.is_ok());
        // Nothing typed yet is no mistake.
        let mistake = parsed.err().filter(|_| !text.trim().is_empty());
        problem.set_visible(mistake.is_some());
        problem.set_label(&mistake.map(|error| error.to_string()).unwrap_or_default());
    });
    dialog.connect_response(Some("open"), move |_, _| {
        if let Ok(address) = entry.text().parse() {
            chosen(address);
        }
    });
    dialog.present();
}
