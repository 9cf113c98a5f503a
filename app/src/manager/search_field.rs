//! The search field: a bar that slides in, opened by its button, by Ctrl+F or by just typing.

use adw::prelude::*;
use gtk::{gdk, glib};

/// The bar, its field, and the button that opens it.
#[derive(Debug)]
pub struct SearchField {
    bar: gtk::SearchBar,
    entry: gtk::SearchEntry,
    button: gtk::ToggleButton,
}

impl SearchField {
    /// A closed bar. `changed` is called with what is searched for, `chosen` when Enter takes what was
    /// found, `left` when Down leaves the field for what was found, and `closed` when the bar was put away; the field is empty then.
    pub fn new(
        changed: impl Fn(String) + 'static,
        chosen: impl Fn() + 'static,
        left: impl Fn() + 'static,
        closed: impl Fn() + 'static,
    ) -> Self {
        let entry = gtk::SearchEntry::builder()
            .placeholder_text("Name, system, state or host")
            .width_chars(36)
            // Typing is answered at once: there is nothing to wait for.
            .search_delay(0)
            .build();
        entry.update_property(&[gtk::accessible::Property::Label("Search Virtual Machines")]);
        let bar = gtk::SearchBar::builder().child(&entry).build();
        bar.connect_entry(&entry);
        let button = gtk::ToggleButton::builder()
            .icon_name("system-search-symbolic")
            .tooltip_text("Search (Ctrl+F)")
            .build();
        button.update_property(&[gtk::accessible::Property::Label("Search")]);
        bar.bind_property("search-mode-enabled", &button, "active")
            .bidirectional()
            .build();
        entry.connect_search_changed(move |entry| changed(entry.text().into()));
        entry.connect_activate(move |entry| {
            if !entry.text().is_empty() {
                chosen();
            }
        });
        let keys = gtk::EventControllerKey::new();
        keys.connect_key_pressed(move |_, key, _, _| match key {
            gdk::Key::Down | gdk::Key::KP_Down => {
                left();
                glib::Propagation::Stop
            }
            _ => glib::Propagation::Proceed,
        });
        entry.add_controller(keys);
        let field = entry.downgrade();
        bar.connect_search_mode_enabled_notify(move |bar| {
            let Some(entry) = field.upgrade() else { return };
            if bar.is_search_mode() {
                entry.grab_focus();
            } else {
                entry.set_text("");
                closed();
            }
        });
        Self { bar, entry, button }
    }

    /// The bar.
    pub fn bar(&self) -> &gtk::SearchBar {
        &self.bar
    }

    /// The button that opens it.
    pub fn button(&self) -> &gtk::ToggleButton {
        &self.button
    }

    /// Opens the bar, or puts it away.
    pub fn toggle(&self) {
        self.bar.set_search_mode(!self.bar.is_search_mode());
    }

    /// Opens the bar when something is typed in `window` that nothing else wanted, and puts it away
    /// when that is Escape.
    pub fn open_by_typing(&self, window: &impl IsA<gtk::Widget>) {
        self.take_letters(window, gtk::PropagationPhase::Bubble, |_, _| true);
        // Between its opening and its first frame the field has the keyboard and swallows letters.
        self.take_letters(window, gtk::PropagationPhase::Capture, |bar, entry| {
            bar.is_search_mode() && !entry.is_mapped()
        });
        let keys = gtk::EventControllerKey::new();
        let bar = self.bar.downgrade();
        keys.connect_key_pressed(move |_, key, _, _| match bar.upgrade() {
            Some(bar) if key == gdk::Key::Escape && bar.is_search_mode() => {
                bar.set_search_mode(false);
                glib::Propagation::Stop
            }
            _ => glib::Propagation::Proceed,
        });
        window.add_controller(keys);
    }

    /// Puts letters that are typed in `window` into the field, while `wanted` says so.
    fn take_letters(
        &self,
        window: &impl IsA<gtk::Widget>,
        phase: gtk::PropagationPhase,
        wanted: impl Fn(&gtk::SearchBar, &gtk::SearchEntry) -> bool + 'static,
    ) {
        let keys = gtk::EventControllerKey::new();
        keys.set_propagation_phase(phase);
        let (bar, entry) = (self.bar.downgrade(), self.entry.downgrade());
        keys.connect_key_pressed(move |_, key, _, modifiers| {
            let shortcut = gdk::ModifierType::CONTROL_MASK | gdk::ModifierType::ALT_MASK;
            let typed = key.to_unicode().filter(|&c| !c.is_control() && c != ' ');
            let (Some(bar), Some(entry), Some(typed)) = (bar.upgrade(), entry.upgrade(), typed)
            else {
                return glib::Propagation::Proceed;
            };
            if modifiers.intersects(shortcut) || !wanted(&bar, &entry) {
                return glib::Propagation::Proceed;
            }
            bar.set_search_mode(true);
            let mut end = -1;
            entry.insert_text(&typed.to_string(), &mut end);
            if !entry.state_flags().contains(gtk::StateFlags::FOCUS_WITHIN) {
                entry.grab_focus();
            }
            // Taking the keyboard selects what is there, and the next letter would replace it.
            entry.set_position(-1);
            glib::Propagation::Stop
        });
        window.add_controller(keys);
    }
}
