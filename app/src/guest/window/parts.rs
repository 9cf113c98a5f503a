//! The components inside the window.

use adw::prelude::*;
use relm4::prelude::*;

use super::{GuestWindow, GuestWindowInit, GuestWindowInput, SCREEN};
use crate::guest::actions::Actions;
use crate::guest::console::Console;
use crate::guest::creation::Creation;
use crate::guest::memory::MemoryButton;
use crate::guest::stills::Stills;
use crate::screen::companions::Companions;
use crate::screen::controls::{self, Controls, ScreenAct};
use crate::screen::cover::{Below, Cover, CoverOutput};
use crate::screen::full_screen::{FullScreenOutput, FullScreenTab};
use crate::screen::keys;
use crate::screen::link::Link;
use crate::screen::picture::Shot;
use crate::screen::recording::Recording;
use crate::screen::typing::TypeText;
use crate::screen::vnc::VncScreen;

/// The components, and what they are put into.
pub(super) struct Parts {
    pub(super) creation: Option<Controller<Creation>>,
    pub(super) screen: Option<Screen>,
    pub(super) console: Option<Controller<Console>>,
    pub(super) cover: Controller<Cover>,
    /// The part of the main menu that says how the connection to the screen is protected.
    pub(super) protection: gtk::gio::Menu,
    pub(super) memory: Controller<MemoryButton>,
    pub(super) tab: Controller<FullScreenTab>,
    pub(super) recording: Controller<Recording>,
    pub(super) typing: Option<Controller<TypeText>>,
    pub(super) actions: Actions,
    pub(super) controls: Controls,
    pub(super) companions: Companions,
    /// What the parts are put into.
    pub(super) creation_page: adw::Bin,
    pub(super) pages: adw::ViewStack,
    pub(super) screen_place: adw::Bin,
    pub(super) toasts: adw::ToastOverlay,
}

impl Parts {
    /// The components of a new window.
    pub(super) fn new(
        init: &GuestWindowInit,
        root: &adw::ApplicationWindow,
        sender: &ComponentSender<GuestWindow>,
    ) -> Self {
        let creation_page = adw::Bin::new();
        let pages = adw::ViewStack::new();
        let toasts = adw::ToastOverlay::new();
        // A place for the screen that stays: a child set after its overlays would take their events.
        let screen_place = adw::Bin::new();
        let screen_page = gtk::Overlay::new();
        let cover =
            Cover::builder()
                .launch(())
                .forward(sender.input_sender(), |output| match output {
                    CoverOutput::Act => GuestWindowInput::CoverAct,
                    CoverOutput::Second => GuestWindowInput::AddVnc,
                    CoverOutput::Answer(answer) => GuestWindowInput::Answer(answer),
                });
        screen_page.set_child(Some(&screen_place));
        let companions = Companions::new();
        screen_page.add_overlay(companions.strip());
        screen_page.add_overlay(cover.widget());
        let page = pages.add_titled(&screen_page, Some(SCREEN), "_Screen");
        page.set_icon_name(Some("video-display-symbolic"));
        page.set_use_underline(true);

        Self {
            creation: None,
            screen: None,
            console: None,
            cover,
            memory: MemoryButton::builder().launch(init.host.clone()).detach(),
            tab: FullScreenTab::builder()
                .launch((init.name.clone(), keys::menu(init.preferences.own_keys())))
                .forward(sender.input_sender(), |FullScreenOutput::Leave| {
                    GuestWindowInput::Screen(ScreenAct::ToggleFullScreen)
                }),
            recording: Recording::builder()
                .launch((root.clone(), toasts.clone()))
                .detach(),
            typing: None,
            companions,
            actions: Actions::new(root, sender.input_sender()),
            controls: Controls::new(root, sender.input_sender(), GuestWindowInput::Screen),
            creation_page: creation_page.clone(),
            pages: pages.clone(),
            screen_place,
            protection: gtk::gio::Menu::new(),
            toasts: toasts.clone(),
        }
    }

    /// Says in the main menu how the connection to the screen is protected.
    pub(super) fn tell_protection(&self) {
        let protection = match &self.screen {
            Some(Screen::Vnc(screen)) => screen.model().protection(),
            Some(Screen::Stills(_)) | None => None,
        };
        controls::tell_protection(&self.protection, protection.as_ref());
    }
}

/// How the screen is shown.
pub(super) enum Screen {
    Vnc(Controller<VncScreen>),
    Stills(Controller<Stills>),
}

impl Screen {
    pub(super) fn widget(&self) -> &gtk::Widget {
        match self {
            Self::Vnc(screen) => screen.widget().upcast_ref(),
            Self::Stills(stills) => stills.widget().upcast_ref(),
        }
    }

    /// What a message over it covers; `link`: how it is reached now.
    pub(super) fn below(&self, link: &Link) -> Below {
        match self {
            Self::Vnc(screen) => Below::of_display(screen.model().has_picture(), link),
            Self::Stills(stills) if stills.model().last().is_some() => Below::Picture,
            Self::Stills(_) => Below::Nothing,
        }
    }

    pub(super) fn shot(&self) -> Option<Shot> {
        match self {
            Self::Vnc(screen) => screen.widget().still().map(Shot::Display),
            Self::Stills(stills) => stills.model().last().cloned().map(Shot::Taken),
        }
    }
}
