//! Holding the pointer: it stays on the picture while its movements are told.
//!
//! GTK 4 has no way to confine, lock or warp the pointer, so each windowing system is asked in its
//! own words. Where this cannot be done, [`grip`] returns `None`, and movements are guessed from
//! the places at which GTK sees the pointer.

#[cfg(feature = "wayland")]
mod wayland;
#[cfg(feature = "x11")]
mod x11;

use gtk::gdk;
#[cfg(any(feature = "wayland", feature = "x11"))]
use gtk::prelude::*;

/// A rectangle of a window's surface, in logical pixels: where a held pointer has to stay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// What becomes of a pointer that is to be held.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(not(any(feature = "wayland", feature = "x11")), allow(dead_code))]
pub(super) enum Grip {
    /// It is held, and will not move on the monitor.
    Held,
    /// The hand moved by so much to the right and down, in logical pixels, with the acceleration
    /// that the user has chosen for the pointer.
    Moved(f64, f64),
    /// It is not held any more, or could not be.
    Lost,
}

/// Holds the pointer on one display.
pub(super) trait PointerGrip {
    /// Asks for the pointer to be held within `area` of `surface`, or for another area if it is
    /// held. The answer is [`Grip::Held`] when the windowing system agrees, which it may do much
    /// later, and any number of times.
    fn hold(&self, surface: &gdk::Surface, area: Area);

    /// Lets it go, or no longer asks for it. Nothing is told from then on.
    fn release(&self);
}

/// How the pointer can be held on `display`; `tell` is called on GTK's thread, and never from
/// within a call of [`PointerGrip`]'s methods.
pub(super) fn grip(
    display: &gdk::Display,
    tell: impl Fn(Grip) + 'static,
) -> Option<Box<dyn PointerGrip>> {
    #[cfg(feature = "wayland")]
    if let Some(display) = display.downcast_ref() {
        return wayland::WaylandGrip::new(display, Box::new(tell))
            .map(|grip| Box::new(grip) as Box<dyn PointerGrip>);
    }
    #[cfg(feature = "x11")]
    if let Some(display) = display.downcast_ref() {
        return Some(Box::new(x11::X11Grip::new(display, Box::new(tell))));
    }
    let _ = (display, tell);
    None
}

/// Whom a grip tells.
#[cfg(any(feature = "wayland", feature = "x11"))]
type Tell = Box<dyn Fn(Grip)>;
