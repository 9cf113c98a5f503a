//! What a screen reader is told of the display.
//!
//! The screen itself is a picture to it: what is drawn there are pixels of another computer. What
//! can be told is whose screen it is, how the connection stands, where keys go, and how to leave.

use std::cell::RefCell;

use gtk::{accessible::Property, glib::subclass::prelude::*, prelude::*};

use super::{DisplayState, canvas::Canvas};

/// What has been told last, so that nothing is told twice.
#[derive(Default)]
pub(super) struct Told {
    name: RefCell<String>,
    state: RefCell<Option<DisplayState>>,
    description: RefCell<String>,
}

impl Canvas {
    /// The server gave its screen this name.
    pub(super) fn tell_name(&self, name: &str) {
        self.imp().told.name.replace(name.to_owned());
        let label = if name.is_empty() {
            "Remote screen".to_owned()
        } else {
            format!("Screen of {name}")
        };
        self.update_property(&[Property::Label(&label)]);
    }

    /// The connection stands so.
    pub(super) fn tell_state(&self, state: &DisplayState) {
        let settled = matches!(
            state,
            DisplayState::Connected | DisplayState::Disconnected { .. }
        );
        self.update_state(&[gtk::accessible::State::Busy(!settled)]);
        self.imp().told.state.replace(Some(state.clone()));
        self.describe();
    }

    /// Something that the description depends on may have changed.
    pub(super) fn describe(&self) {
        let told = &self.imp().told;
        let state = told.state.borrow();
        let keys = self.release_keys();
        let description = match state.as_ref() {
            None | Some(DisplayState::Disconnected { .. }) => "Not connected.".to_owned(),
            Some(DisplayState::Connected) if self.is_read_only() => {
                "Connected, for looking only: keys and clicks are not sent.".to_owned()
            }
            Some(DisplayState::Connected) if self.is_grabbed() => {
                format!("Connected. All keys go to the remote computer. {keys} leads back.")
            }
            Some(DisplayState::Connected) => format!(
                "Connected. Keys go to the remote computer, shortcuts to this one. \
                 {keys} leads out."
            ),
            Some(_) => "Being connected.".to_owned(),
        };
        drop(state);
        if *told.description.borrow() != description {
            self.update_property(&[Property::Description(&description)]);
            told.description.replace(description);
        }
    }
}
