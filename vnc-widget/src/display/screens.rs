//! Several screens of one server: which there are, and which of them is shown.

use std::{
    cell::{Cell, RefCell},
    sync::Arc,
};

use gtk::{
    glib::{SignalHandlerId, subclass::prelude::*},
    prelude::*,
};
use rfb::{Rect, Screen};

use super::{VncDisplay, canvas::Canvas, imp};
use crate::transport::Input;

/// What a canvas knows about the screens of its picture.
#[derive(Default)]
pub(super) struct Screens {
    /// The id of the one to show. `None`: all of the framebuffer.
    wish: Cell<Option<u32>>,
    /// What the server told last. The picture may still be one of before.
    told: RefCell<Arc<[Screen]>>,
    /// Those of the picture.
    drawn: RefCell<Arc<[Screen]>>,
    /// The part of the picture that is shown.
    part: Cell<Rect>,
}

impl Canvas {
    /// The server told its screens. Whether these are others than before.
    pub(super) fn tell_screens(&self, screens: Option<Arc<[Screen]>>) -> bool {
        screens.is_some_and(|screens| {
            let before = self.imp().screens.told.replace(Arc::clone(&screens));
            before != screens
        })
    }

    /// There is no server any more to have screens. Whether it had any.
    pub(super) fn forget_screens(&self) -> bool {
        !self.imp().screens.told.take().is_empty()
    }

    /// The screens that the server told.
    fn told_screens(&self) -> Arc<[Screen]> {
        Arc::clone(&self.imp().screens.told.borrow())
    }

    pub(super) fn shown_screen(&self) -> Option<u32> {
        self.imp().screens.wish.get()
    }

    /// The size, in guest pixels, of the screen that is to be shown. `None` if the server has told none
    /// of that id.
    pub(super) fn size_of_screen(&self, id: u32) -> Option<(u16, u16)> {
        let screen = find(&self.told_screens(), id)?;
        Some((screen.area.width, screen.area.height))
    }

    /// The part of the picture that is shown, in guest pixels. Empty if there is no picture.
    pub(super) fn part(&self) -> Rect {
        self.imp().screens.part.get()
    }

    /// The picture is one of these screens.
    pub(super) fn set_drawn_screens(&self, screens: Arc<[Screen]>) {
        self.imp().screens.drawn.replace(screens);
        self.choose_part();
    }

    /// Finds out anew which part of the picture is shown, by the screens that it is a picture of.
    fn choose_part(&self) {
        let screens = &self.imp().screens;
        let size = self.borrow_picture().size();
        let part = shown_part(&screens.drawn.borrow(), screens.wish.get(), size);
        let before = screens.part.replace(part);
        if before != part {
            self.imp().pointer.borrow_mut().picture_moved(before, part);
            self.queue_resize();
            self.queue_draw();
            self.update_cursor_zoom();
        }
    }
}

fn find(screens: &[Screen], id: u32) -> Option<Screen> {
    screens.iter().find(|screen| screen.id == id).copied()
}

/// The part of a framebuffer of this size that is shown: that of one of these screens, as far as it lies
/// within, or all.
fn shown_part(screens: &[Screen], wish: Option<u32>, size: (u32, u32)) -> Rect {
    // A framebuffer has at most 65535 pixels each way.
    let whole = Rect::new(0, 0, size.0 as u16, size.1 as u16);
    let screen = wish.and_then(|id| find(screens, id));
    let part = screen.and_then(|screen| screen.area.intersection(whole));
    part.unwrap_or(whole)
}

/// # Several screens
impl VncDisplay {
    /// The server's screens (monitors) and where they lie in its framebuffer, in its pixels, as far as
    /// it has told (`ExtendedDesktopSize`). Empty without a connection, and of servers that tell none;
    /// those have one screen, which is the framebuffer. TigerVNC tells all that there are, QEMU one for
    /// each of its displays.
    pub fn screens(&self) -> Vec<Screen> {
        self.imp().canvas().told_screens().to_vec()
    }

    /// Calls `f` whenever [`screens`](Self::screens) changes: a screen came, went, was moved or has
    /// another size, or they are all gone with the connection.
    pub fn connect_screens_changed<F: Fn(&Self) + 'static>(&self, f: F) -> SignalHandlerId {
        self.connect_local(imp::SCREENS_CHANGED, false, move |values| {
            f(&values[0].get().ok()?);
            None
        })
    }

    /// The [`id`](Screen::id) of the screen that is to be shown. `None`: all of the framebuffer.
    pub fn shown_screen(&self) -> Option<u32> {
        self.imp().canvas().shown_screen()
    }

    /// Shows one of the server's screens, by its [`id`](Screen::id), or all of the framebuffer (`None`,
    /// as at first). It holds for later connections too. As long as there is no such screen all is
    /// shown; the screen is as soon as it comes.
    ///
    /// The rest of the framebuffer is as if it were not there: the screen alone is scaled, centred,
    /// scrolled and pointed at, it is what a [`still`](Self::still) has, and what
    /// [follows the window](Self::set_follow_window). Several displays of one program can each show
    /// another screen, over a connection each.
    pub fn set_shown_screen(&self, id: Option<u32>) {
        let canvas = self.imp().canvas();
        if canvas.imp().screens.wish.replace(id) != id {
            canvas.choose_part();
            self.imp().request_resize_later();
        }
    }

    /// Asks the server for these screens instead of those that it has, in a framebuffer that is just
    /// large enough for them. Those that are to stay keep their [`id`](Screen::id) and
    /// [`flags`](Screen::flags); new ones have an id that no other has. What becomes of it is told by
    /// [`connect_screens_changed`](Self::connect_screens_changed): servers do as they like, and nothing
    /// happens where a server has told no screens, or these are none, more than 255, empty or of the
    /// same id.
    pub fn request_screens(&self, screens: &[Screen]) {
        self.imp().send(Input::Screens(screens.to_vec()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_server_says_something_is_shown() {
        let screens = [
            (1, Rect::new(0, 0, 100, 80)),
            (2, Rect::new(100, 20, 100, 80)),
            // Neither wholly within, nor at all; empty; and one whose id is taken.
            (3, Rect::new(150, 90, 65535, 65535)),
            (4, Rect::new(200, 0, 100, 100)),
            (5, Rect::new(10, 10, 0, 9)),
            (1, Rect::new(7, 7, 7, 7)),
        ];
        let screens = screens.map(|(id, area)| Screen { id, area, flags: 0 });
        let part = |wish| shown_part(&screens, wish, (200, 100));
        let whole = Rect::new(0, 0, 200, 100);
        assert_eq!(part(None), whole);
        assert_eq!(part(Some(1)), screens[0].area);
        assert_eq!(part(Some(2)), screens[1].area);
        assert_eq!(part(Some(3)), Rect::new(150, 90, 50, 10));
        for nothing in [4, 5, 6] {
            assert_eq!(part(Some(nothing)), whole, "{nothing}");
        }
        assert!(shown_part(&screens, Some(1), (0, 0)).is_empty());
    }
}
