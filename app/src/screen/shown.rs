//! What a window shows as a screen: a VNC display, or stills where there is none.

use gtk::prelude::*;
use relm4::prelude::*;
use vnc_widget::VncDisplay;

use super::cover::Below;
use super::keys::Stroke;
use super::link::Link;
use super::picture::Shot;
use super::stills::{self, Stills, StillsInput};
use super::typing::{self, Pace};
use super::vnc::{VncInput, VncScreen};

/// How a screen is shown.
pub enum Screen {
    /// Through VNC.
    Vnc(Controller<VncScreen>),
    /// By stills, and keys through the hypervisor.
    Stills(Controller<Stills>),
}

impl Screen {
    /// The widget that shows it.
    pub fn widget(&self) -> &gtk::Widget {
        match self {
            Self::Vnc(screen) => screen.widget().upcast_ref(),
            Self::Stills(stills) => stills.widget().upcast_ref(),
        }
    }

    /// The VNC display, where it is one.
    pub fn display(&self) -> Option<&VncDisplay> {
        match self {
            Self::Vnc(screen) => Some(screen.widget()),
            Self::Stills(_) => None,
        }
    }

    /// Whether there is a picture, be it the last one.
    pub fn has_picture(&self) -> bool {
        match self {
            Self::Vnc(screen) => screen.model().has_picture(),
            Self::Stills(stills) => stills.model().last().is_some(),
        }
    }

    /// What a message over it covers; `link`: how it is reached now.
    pub fn below(&self, link: &Link) -> Below {
        match self {
            Self::Vnc(_) => Below::of_display(self.has_picture(), link),
            Self::Stills(_) if self.has_picture() => Below::Picture,
            Self::Stills(_) => Below::Nothing,
        }
    }

    /// The picture that it shows.
    pub fn shot(&self) -> Option<Shot> {
        match self {
            Self::Vnc(screen) => screen.widget().still().map(Shot::Display),
            Self::Stills(stills) => stills.model().last().cloned().map(Shot::Taken),
        }
    }

    /// How the connection is protected, in words, and whether somebody on the way could read what is
    /// sent; while there is a connection of its own.
    pub fn protection(&self) -> Option<(String, bool)> {
        match self {
            Self::Vnc(screen) => screen.model().protection(),
            Self::Stills(_) => None,
        }
    }

    /// Whether it is wanted now.
    pub fn want(&self, wanted: bool) {
        match self {
            Self::Vnc(screen) => screen.emit(VncInput::Wanted(wanted)),
            Self::Stills(stills) => stills.emit(StillsInput::Wanted(wanted)),
        }
    }

    /// Tells the VNC display, where it is one.
    pub fn tell_vnc(&self, input: VncInput) {
        if let Self::Vnc(screen) = self {
            screen.emit(input);
        }
    }

    /// Presses keys together.
    pub fn press(&self, stroke: Stroke) {
        match self {
            Self::Vnc(screen) => screen.emit(VncInput::Press(stroke)),
            Self::Stills(stills) => stills.emit(StillsInput::Press(stroke)),
        }
    }

    /// Presses keys of a text. Returns whether they count as taken at once; otherwise the screen says
    /// when they were.
    pub fn type_keys(&self, stroke: Stroke) -> bool {
        match self {
            Self::Vnc(_) => {
                self.press(stroke);
                true
            }
            Self::Stills(stills) => {
                stills.emit(StillsInput::Type(stroke));
                false
            }
        }
    }

    /// When one character of a text follows another.
    pub fn pace(&self) -> Pace {
        match self {
            Self::Vnc(_) => typing::PACE,
            Self::Stills(_) => stills::PACE,
        }
    }

    /// Lets what is typed go to the other side; in full screen with all shortcuts.
    pub fn focus(&self, full_screen: bool) {
        match self {
            Self::Vnc(screen) if full_screen => screen.emit(VncInput::Grab),
            Self::Vnc(screen) => screen.emit(VncInput::Focus),
            Self::Stills(stills) => stills.emit(StillsInput::Focus),
        }
    }
}
