//! The components inside the window.

use adw::prelude::*;
use relm4::prelude::*;

use super::{GuestWindow, GuestWindowInit, GuestWindowInput, SCREEN};
use crate::guest::actions::{Actions, SHORTCUTS};
use crate::guest::console::Console;
use crate::guest::creation::Creation;
use crate::guest::memory::MemoryButton;
use crate::screen::controls;
use crate::screen::cover::{Cover, CoverOutput};
use crate::screen::shown::Screen;
use crate::screen::window::ScreenWindow;

/// The components, and what they are put into.
pub(super) struct Parts {
    pub(super) creation: Option<Controller<Creation>>,
    pub(super) screen: Option<Screen>,
    pub(super) console: Option<Controller<Console>>,
    pub(super) cover: Controller<Cover>,
    /// The part of the main menu that offers further displays.
    pub(super) displays: gtk::gio::Menu,
    /// The part of the main menu that says how the connection to the screen is protected.
    pub(super) protection: gtk::gio::Menu,
    pub(super) memory: Controller<MemoryButton>,
    pub(super) actions: Actions,
    pub(super) around: ScreenWindow<GuestWindowInput>,
    /// What the parts are put into.
    pub(super) creation_page: adw::Bin,
    pub(super) pages: adw::ViewStack,
    pub(super) screen_place: adw::Bin,
}

impl Parts {
    /// The components of a new window.
    pub(super) fn new(
        init: &GuestWindowInit,
        root: &adw::ApplicationWindow,
        sender: &ComponentSender<GuestWindow>,
    ) -> Self {
        let pages = adw::ViewStack::new();
        let visible = pages.downgrade();
        let around = ScreenWindow::new(
            root,
            init.name.clone(),
            init.preferences.clone(),
            sender.input_sender(),
            GuestWindowInput::Around,
            move || {
                // Zooming by keys is the text console's where that is shown.
                let page = visible
                    .upgrade()
                    .and_then(|pages| pages.visible_child_name());
                page.is_none_or(|page| page != SCREEN)
            },
        );
        around.add_shortcuts(SHORTCUTS);
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
        screen_page.add_overlay(around.strip());
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
            actions: Actions::new(root, sender.input_sender()),
            around,
            creation_page: adw::Bin::new(),
            pages,
            screen_place,
            displays: gtk::gio::Menu::new(),
            protection: gtk::gio::Menu::new(),
        }
    }

    /// Says in the main menu how the connection to the screen is protected.
    pub(super) fn tell_protection(&self) {
        let protection = self.screen.as_ref().and_then(Screen::protection);
        controls::tell_protection(&self.protection, protection.as_ref());
    }
}
