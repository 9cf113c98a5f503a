//! The program's own style, loaded once.

use gtk::gdk;

/// Adds the style sheet to `display`.
pub fn load(display: &gdk::Display) {
    let provider = gtk::CssProvider::new();
    provider.load_from_data(concat!(
        include_str!("style.css"),
        include_str!("screen.css")
    ));
    gtk::style_context_add_provider_for_display(
        display,
        &provider,
        gtk::STYLE_PROVIDER_PRIORITY_APPLICATION,
    );
}
