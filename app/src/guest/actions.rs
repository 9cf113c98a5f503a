//! The guest window's actions, menus and shortcuts.

use gtk::gio;
use gtk::prelude::*;
use relm4::gtk;

use super::power::Act;
use super::window::GuestWindowInput;
use crate::screen::actions::ActionsBuilder;
use crate::screen::controls;

/// The group's name: actions are called `guest.NAME`.
const GROUP: &str = "guest";

/// Shortcuts of the window. While the guest has grabbed the keyboard they are the guest's; those
/// with Ctrl and Shift leave shells and editors in the text console alone.
pub(super) const SHORTCUTS: &[(&str, &str)] = &[
    ("<Control><Shift>m", "guest.memory"),
    ("<Control><Shift>g", "guest.show-list"),
    ("<Control><Shift>w", "guest.close"),
];

/// The window's actions.
pub(super) struct Actions {
    group: gio::SimpleActionGroup,
}

impl Actions {
    /// Adds the actions to `window`; each sends its message to `input`.
    pub(super) fn new(
        window: &impl IsA<gtk::Widget>,
        input: &relm4::Sender<GuestWindowInput>,
    ) -> Self {
        let actions = ActionsBuilder::new(input);
        actions.plain("memory", || GuestWindowInput::OpenMemory);
        actions.plain("show-list", || GuestWindowInput::ShowList);
        actions.plain("close", || GuestWindowInput::Close);
        actions.named("display", |number| {
            GuestWindowInput::OpenDisplay(number.parse().unwrap_or(1))
        });
        for act in Act::ALL {
            actions.plain(act.action(), move || GuestWindowInput::Act(act));
        }
        Self {
            group: actions.install(window, GROUP),
        }
    }

    /// Whether the action of that name can be used now.
    pub(super) fn enable(&self, name: &str, enabled: bool) {
        if let Some(action) = self
            .group
            .lookup_action(name)
            .and_downcast::<gio::SimpleAction>()
        {
            action.set_enabled(enabled);
        }
    }
}

/// What the stop button unfolds.
pub(super) fn stop_menu() -> gio::Menu {
    let menu = gio::Menu::new();
    menu.append(Some("_Shut Down"), Some("guest.shut-down"));
    menu.append(Some("_Reboot"), Some("guest.reboot"));
    menu.append(Some("S_ave"), Some("guest.save"));
    menu.append(Some("Save to F_ile…"), Some("guest.save-to-file"));
    let hard = gio::Menu::new();
    hard.append(Some("_Force Off…"), Some("guest.force-off"));
    menu.append_section(None, &hard);
    menu
}

/// Offers in a section of a menu what a guest with so many screens has beside the first one.
pub(super) fn offer_displays(section: &gio::Menu, screens: u32) {
    let offered = u32::try_from(section.n_items()).unwrap_or_default();
    // It may be open.
    if offered == screens.saturating_sub(1) {
        return;
    }
    section.remove_all();
    for number in 2..=screens {
        let item = gio::MenuItem::new(Some(&format!("Display {number}")), None);
        let target = number.to_string().to_variant();
        item.set_action_and_target_value(Some("guest.display"), Some(&target));
        section.append_item(&item);
    }
}

/// The window's main menu; `screens` offers one of several of its display, `displays` further displays,
/// `protection` says how the connection to the screen is protected.
pub(super) fn main_menu(
    screens: &gio::Menu,
    displays: &gio::Menu,
    protection: &gio::Menu,
) -> gio::Menu {
    let menu = gio::Menu::new();
    menu.append_section(None, &controls::menu("Guest", false, screens));
    menu.append_section(None, displays);
    menu.append_section(None, protection);
    let windows = gio::Menu::new();
    windows.append(Some("Pr_eferences"), Some(controls::PREFERENCES));
    windows.append(Some("Show All _Guests"), Some("guest.show-list"));
    windows.append(Some("_Close"), Some("guest.close"));
    menu.append_section(None, &windows);
    menu
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_guests_with_several_displays_have_some_to_offer() {
        let section = gio::Menu::new();
        for (screens, offered) in [(1, 0), (3, 2), (3, 2), (2, 1), (0, 0)] {
            offer_displays(&section, screens);
            assert_eq!(section.n_items(), offered, "{screens}");
        }
    }
}
