//! What the header of a window with a screen does with the keyboard: it belongs to the guest.

use adw::prelude::*;

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
