//! What the theme does not know of the display.

use std::cell::Cell;

use gtk::gdk;

/// The scrollbars are as dark as what lies around the picture, in every theme; a bright frame would
/// outshine the screen. The hint's colours are those that the theme has for what lies over
/// pictures. Those who come to the picture by the keyboard see a rim around it, which GTK shows for
/// a moment.
const STYLE: &str = "
    vncdisplay > label { padding: 6px 12px; border-radius: 6px; }
    vncdisplay scrollbar, vncdisplay junction {
        background: #1c1c1f; border-color: transparent; box-shadow: none;
    }
    vncdisplay scrollbar slider { background-color: #9a9996; }
    vncdisplay scrollbar slider:hover, vncdisplay scrollbar slider:active {
        background-color: #deddda;
    }
    vnccanvas:focus-visible {
        outline: 2px solid @theme_selected_bg_color; outline-offset: -2px;
    }
";

/// Above the theme, and below whatever a program or a user wants.
const PRIORITY: u32 = gtk::STYLE_PROVIDER_PRIORITY_THEME + 1;

/// Adds the style to the windowing system's display, once.
pub(super) fn add(display: &gdk::Display) {
    thread_local!(static ADDED: Cell<bool> = const { Cell::new(false) });
    if !ADDED.replace(true) {
        let provider = gtk::CssProvider::new();
        provider.load_from_data(STYLE);
        gtk::style_context_add_provider_for_display(display, &provider, PRIORITY);
    }
}
