//! The keys of the guest list.

use adw::prelude::*;

/// The keys with what they do.
const GROUPS: &[(&str, &[(&str, &str)])] = &[
    (
        "Virtual Machines",
        &[
            ("<Ctrl>n", "Create a virtual machine"),
            ("Return", "Open"),
            ("space", "Run or pause"),
            ("Delete", "Delete"),
            ("F2", "Rename"),
            ("<Shift>F10", "More actions"),
        ],
    ),
    (
        "List",
        &[
            ("<Ctrl>f", "Search, as does just typing"),
            ("Escape", "Leave the search"),
            ("<Ctrl>a", "Select all"),
            ("Left Right", "Fold or unfold a host"),
        ],
    ),
    (
        "Program",
        &[
            ("F10", "Menu"),
            ("<Ctrl>comma", "Preferences"),
            ("<Ctrl>question", "These keys"),
            ("<Ctrl>w", "Close the window"),
            ("<Ctrl>q", "Quit"),
        ],
    ),
];

/// Shows the keys.
pub fn present(parent: &impl IsA<gtk::Window>) {
    let builder = gtk::Builder::from_string(&ui());
    if let Some(window) = builder.object::<gtk::ShortcutsWindow>("shortcuts") {
        window.set_transient_for(Some(parent));
        window.present();
    }
}

/// The window as the builder wants it: before GTK 4.14 there is no other way to fill one.
fn ui() -> String {
    let escape = |text: &str| gtk::glib::markup_escape_text(text);
    let mut ui = String::from(
        r#"<interface><object class="GtkShortcutsWindow" id="shortcuts"><property name="modal">1</property>
<child><object class="GtkShortcutsSection"><property name="section-name">main</property>"#,
    );
    for (title, keys) in GROUPS {
        ui.push_str(r#"<child><object class="GtkShortcutsGroup"><property name="title">"#);
        ui.push_str(&escape(title));
        ui.push_str("</property>");
        for (accelerator, what) in *keys {
            ui.push_str(
                r#"<child><object class="GtkShortcutsShortcut"><property name="accelerator">"#,
            );
            ui.push_str(&escape(accelerator));
            ui.push_str(r#"</property><property name="title">"#);
            ui.push_str(&escape(what));
            ui.push_str("</property></object></child>");
        }
        ui.push_str("</object></child>");
    }
    ui.push_str("</object></child></object></interface>");
    ui
}
