//! The menus of a screen.

use gtk::gio;
use gtk::prelude::*;
use relm4::gtk;

use super::table::{
    ALL, APART, COLOURS, DEPTHS, FIGURES, FIT, FOLLOW_WINDOW, FULL_SCREEN, PICTURE, QUALITY,
    RECORD, RESET, RESTART, SCREEN, SHUT_DOWN, SIZE, VIEW_ONLY,
};
use crate::screen::quality::Quality;

/// The part of a window's main menu that is about its screen; `other_side` is what the screen
/// belongs to: the guest, or the server. `trade`: whether some of the picture can be given up for
/// speed, which QEMU's server does not heed, and which saves nothing on this computer. `screens`: what
/// [`offer_screens`] fills.
pub fn menu(other_side: &str, trade: bool, screens: &gio::Menu) -> gio::Menu {
    let menu = gio::Menu::new();
    menu.append(Some("_Full Screen"), Some(FULL_SCREEN));
    menu.append_submenu(Some("_Size"), &sizes());
    if trade {
        let qualities = Quality::ALL.map(|quality| (quality.label(), quality.name()));
        menu.append_submenu(Some("_Quality"), &choices(QUALITY, &qualities));
        let colours = DEPTHS.map(|(name, label, _)| (label, name));
        menu.append_submenu(Some("Co_lours"), &choices(COLOURS, &colours));
    }
    menu.append(
        Some(&format!("{other_side} Follows the _Window’s Size")),
        Some(FOLLOW_WINDOW),
    );
    menu.append(Some("_View Only"), Some(VIEW_ONLY));
    menu.append(Some("Connection F_igures"), Some(FIGURES));
    let rest = gio::Menu::new();
    rest.append(Some("Keep a _Picture…"), Some(PICTURE));
    rest.append(Some("_Record a Video…"), Some(RECORD));
    menu.append_section(None, screens);
    menu.append_section(None, &rest);
    menu
}

/// The same for a window that shows stills.
pub fn menu_of_stills() -> gio::Menu {
    let menu = gio::Menu::new();
    menu.append(Some("_Full Screen"), Some(FULL_SCREEN));
    menu.append(Some("Keep a _Picture…"), Some(PICTURE));
    menu
}

/// Says in a section of a menu how the connection to the screen is protected, or nothing while there
/// is none.
pub fn tell_protection(section: &gio::Menu, protection: Option<&(String, bool)>) {
    section.remove_all();
    if let Some((words, _)) = protection {
        // Nothing to be done with it: an item without an action is grey.
        section.append(Some(&format!("Connection: {words}")), Some("screen.none"));
    }
}

/// How many of the other side's screens are offered: what a desk has room for, and not as many windows as
/// a server likes.
pub const MOST_SCREENS: usize = 16;

/// Offers in a section of a menu to show one of the other side's screens only, where it has several.
pub fn offer_screens(section: &gio::Menu, screens: &[rfb::Screen]) {
    let wanted = labels(screens);
    // It may be open, and servers tell the same more than once.
    if offered(section) == wanted {
        return;
    }
    section.remove_all();
    if !wanted.is_empty() {
        let menu = gio::Menu::new();
        for (label, name) in &wanted {
            menu.append_item(&choice(SCREEN, label, name));
        }
        let rest = gio::Menu::new();
        if screens.len() <= MOST_SCREENS {
            // Only windows that can do it have the action.
            let apart = gio::MenuItem::new(Some("_Each in a Window of Its Own"), Some(APART));
            apart.set_attribute_value("hidden-when", Some(&"action-missing".to_variant()));
            rest.append_item(&apart);
        }
        menu.append_section(None, &rest);
        section.append_submenu(Some("Scr_eens"), &menu);
    }
}

/// The labels and parameters that a section offers.
fn offered(section: &gio::Menu) -> Vec<(String, String)> {
    // GIO does not look whether there is an item.
    let link = (section.n_items() > 0).then(|| section.item_link(0, gio::MENU_LINK_SUBMENU));
    let Some(menu) = link.flatten() else {
        return Vec::new();
    };
    let text = |item, attribute| {
        let value = menu.item_attribute_value(item, attribute, None);
        value.and_then(|value| value.get()).unwrap_or_default()
    };
    // The last one is a section.
    (0..menu.n_items() - 1)
        .map(|item| {
            let label = text(item, gio::MENU_ATTRIBUTE_LABEL);
            (label, text(item, gio::MENU_ATTRIBUTE_TARGET))
        })
        .collect()
}

/// Screens in the order in which they are numbered: from left to right, then from top to bottom.
pub fn in_order(screens: &[rfb::Screen]) -> Vec<rfb::Screen> {
    let mut screens = screens.to_vec();
    screens.sort_by_key(|screen| (screen.area.x, screen.area.y, screen.id));
    screens
}

/// Labels and parameters for all screens together and for each, in the order in which they are numbered;
/// none where there are not several.
fn labels(screens: &[rfb::Screen]) -> Vec<(String, String)> {
    if screens.len() < 2 {
        return Vec::new();
    }
    let screens = in_order(screens);
    let all = ("_All".to_owned(), ALL.to_owned());
    let numbered = screens
        .iter()
        .take(MOST_SCREENS)
        .zip(1..)
        .map(|(screen, number)| {
            let (width, height) = (screen.area.width, screen.area.height);
            // One digit can be a key, more cannot.
            let mnemonic = if number < 10 { "_" } else { "" };
            let label = format!("{mnemonic}{number} · {width} × {height}");
            (label, screen.id.to_string())
        });
    std::iter::once(all).chain(numbered).collect()
}

/// Offers in a section of a menu to turn the server's machine off and on, where it `can`.
pub fn offer_power(section: &gio::Menu, can: bool) {
    section.remove_all();
    if can {
        let acts = gio::Menu::new();
        acts.append(Some("_Shut Down"), Some(SHUT_DOWN));
        acts.append(Some("_Restart"), Some(RESTART));
        acts.append(Some("R_eset…"), Some(RESET));
        section.append_submenu(Some("_Machine"), &acts);
    }
}

/// Sizes to choose from, in percent.
const SIZES: &[u32] = &[25, 50, 75, 100, 125, 150, 200, 300, 400];

fn sizes() -> gio::Menu {
    let menu = gio::Menu::new();
    let usual = [("_Fit the Window", FIT), ("_Actual Size", "100")];
    menu.append_section(None, &choices(SIZE, &usual));
    let others = gio::Menu::new();
    for percent in SIZES.iter().filter(|percent| **percent != 100) {
        let item = choice(SIZE, &format!("{percent} %"), &percent.to_string());
        others.append_item(&item);
    }
    menu.append_section(None, &others);
    menu
}

/// Items of which one is chosen, by their labels and the action's parameters.
fn choices(action: &str, items: &[(&str, &str)]) -> gio::Menu {
    let menu = gio::Menu::new();
    for (label, name) in items {
        menu.append_item(&choice(action, label, name));
    }
    menu
}

fn choice(action: &str, label: &str, name: &str) -> gio::MenuItem {
    let item = gio::MenuItem::new(Some(label), None);
    item.set_action_and_target_value(Some(action), Some(&name.to_variant()));
    item
}

/// The next of the [`SIZES`] above (`step` positive) or below `percent`.
pub(super) fn next_size(percent: u32, step: i8) -> u32 {
    let next = if step > 0 {
        SIZES.iter().find(|size| **size > percent)
    } else {
        SIZES.iter().rev().find(|size| **size < percent)
    };
    next.copied().unwrap_or(percent)
}

#[cfg(test)]
mod tests {
    use rfb::{Rect, Screen};

    use super::{gio, labels, next_size, offer_screens, offered};
    use gtk::prelude::*;

    #[test]
    fn screens_are_numbered_as_they_stand() {
        let screen = |id, x, y| Screen {
            id,
            area: Rect::new(x, y, 800, 600 + y),
            flags: 0,
        };
        let screens = [screen(4, 800, 0), screen(9, 0, 600), screen(5, 0, 0)];
        let label = |text: &str, id: &str| (text.to_owned(), id.to_owned());
        assert_eq!(
            labels(&screens),
            [
                label("_All", "all"),
                label("_1 · 800 × 600", "5"),
                label("_2 · 800 × 1200", "9"),
                label("_3 · 800 × 600", "4"),
            ]
        );
        let section = gio::Menu::new();
        offer_screens(&section, &screens);
        assert_eq!(offered(&section), labels(&screens));
        for few in [&screens[..1], &[]] {
            offer_screens(&section, few);
            assert_eq!(section.n_items(), 0, "there is nothing to choose");
        }
    }

    #[test]
    fn zooming_goes_from_size_to_size_and_stops_at_the_ends() {
        assert_eq!(next_size(87, 1), 100);
        assert_eq!(next_size(87, -1), 75);
        assert_eq!(next_size(100, 1), 125);
        assert_eq!(next_size(400, 1), 400);
        assert_eq!(next_size(10, -1), 10);
    }
}
