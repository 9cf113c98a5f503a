//! What draws a window.

use gtk::{gsk, prelude::*};

/// What draws a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drawing {
    /// GSK's cairo renderer.
    Cairo,
    /// Any other.
    Textures,
}

impl Drawing {
    /// Of the window that a widget is in.
    pub(super) fn of(widget: &impl IsA<gtk::Widget>) -> Self {
        let native = widget.as_ref().native();
        let renderer = native.and_then(|native| native.renderer());
        if renderer.is_some_and(|renderer| renderer.is::<gsk::CairoRenderer>()) {
            Self::Cairo
        } else {
            Self::Textures
        }
    }
}
