//! The header of a window with a screen: the buttons that every one has, and what it does with the
//! keyboard, which belongs to the guest.

use adw::prelude::*;
use gtk::gio;

use super::controls;

/// The button of the window's main menu, to be packed at the end first.
pub fn main_menu(menu: &gio::Menu) -> gtk::MenuButton {
    let button = menu_button("open-menu-symbolic", "Main Menu", menu);
    button.set_tooltip_text(Some("Main Menu (F10)"));
    button.set_primary(true);
    button
}

/// The button for full screen, to be packed beside it.
pub fn full_screen_button() -> gtk::Button {
    let button = gtk::Button::builder()
        .icon_name("view-fullscreen-symbolic")
        .tooltip_text("Full Screen (F11)")
        .action_name(controls::FULL_SCREEN)
        .build();
    button.update_property(&[gtk::accessible::Property::Label("Full Screen")]);
    button
}

/// A button that opens a menu, called so.
pub(super) fn menu_button(icon: &str, name: &str, menu: &gio::Menu) -> gtk::MenuButton {
    let button = gtk::MenuButton::builder()
        .icon_name(icon)
        .tooltip_text(name)
        .menu_model(menu)
        .build();
    button.update_property(&[gtk::accessible::Property::Label(name)]);
    button
}

/// Sees to it that what is typed goes on to the guest after `header` was used with the pointer, and
/// calls `menu_closed` when one of its menus has closed, since the keyboard then lies on the menu's
/// button and a space typed for the guest would open the menu again.
pub fn leave_keys_to_the_screen(header: &adw::HeaderBar, menu_closed: impl Fn() + Clone + 'static) {
    visit(header.upcast_ref(), &menu_closed);
}

fn visit(widget: &gtk::Widget, menu_closed: &(impl Fn() + Clone + 'static)) {
    let popover = widget
        .downcast_ref::<gtk::MenuButton>()
        .and_then(gtk::MenuButton::popover);
    if let Some(popover) = popover {
        let menu_closed = menu_closed.clone();
        popover.connect_closed(move |_| menu_closed());
    }
    if widget.is::<gtk::Button>() {
        widget.set_focus_on_click(false);
    }
    let children = std::iter::successors(widget.first_child(), WidgetExt::next_sibling);
    for child in children {
        visit(&child, menu_closed);
    }
}
