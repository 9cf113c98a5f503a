//! The keyboard grab: when every key goes to the server.

use gtk::{gdk, glib, glib::subclass::prelude::*, prelude::*};

use super::{
    canvas::Canvas,
    host_shortcuts::{HostShortcuts, ParseShortcutError},
    release_keys::ReleaseKeys,
};
use crate::transport::Input;

/// What a canvas puts on its window.
pub(super) struct RootHooks {
    /// Weak: the window owns the canvas, and nobody else would end a circle.
    window: glib::WeakRef<gtk::Window>,
    keys: gtk::EventControllerKey,
    active: glib::SignalHandlerId,
}

impl Canvas {
    /// Listens to the window's keys, which a grab takes before the window's shortcuts see them,
    /// and to whether it is active.
    pub(super) fn hook_root(&self) {
        let Some(window) = self.root().and_downcast::<gtk::Window>() else {
            return;
        };
        let keys = gtk::EventControllerKey::new();
        keys.set_propagation_phase(gtk::PropagationPhase::Capture);
        let canvas = self.downgrade();
        keys.connect_key_pressed(move |_, keyval, keycode, state| {
            match canvas.upgrade().filter(Self::is_grabbed) {
                Some(canvas) => canvas.key_pressed(keyval, keycode, state),
                None => glib::Propagation::Proceed,
            }
        });
        let canvas = self.downgrade();
        keys.connect_key_released(move |_, keyval, keycode, state| {
            if let Some(canvas) = canvas.upgrade().filter(Self::is_grabbed) {
                canvas.key_released(keyval, keycode, state);
            }
        });
        window.add_controller(keys.clone());
        let canvas = self.downgrade();
        let active = window.connect_is_active_notify(move |_| {
            if let Some(canvas) = canvas.upgrade() {
                canvas.focus_changed();
            }
        });
        self.imp().root_hooks.replace(Some(RootHooks {
            window: window.downgrade(),
            keys,
            active,
        }));
    }

    pub(super) fn unhook_root(&self) {
        self.release_everything();
        self.set_grabbed(false);
        let hooks = self.imp().root_hooks.take();
        if let Some((hooks, window)) = hooks.and_then(|h| h.window.upgrade().map(|w| (h, w))) {
            window.remove_controller(&hooks.keys);
            window.disconnect(hooks.active);
        }
    }

    pub(super) fn grab_keyboard(&self) {
        self.imp().grab_wanted.set(true);
        self.grab_focus();
        self.update_grab();
    }

    pub(super) fn release_keyboard(&self) {
        self.imp().grab_wanted.set(false);
        self.release_everything();
        self.update_grab();
        if self.has_focus()
            && let Some(root) = self.root()
        {
            root.set_focus(None::<&gtk::Widget>);
        }
    }

    pub(super) fn release_keys(&self) -> ReleaseKeys {
        self.imp().keyboard.borrow().release_keys().clone()
    }

    pub(super) fn set_release_keys(&self, keys: ReleaseKeys) {
        self.imp().keyboard.borrow_mut().set_release_keys(keys);
        self.describe();
    }

    pub(super) fn set_host_shortcuts(&self, shortcuts: &[&str]) -> Result<(), ParseShortcutError> {
        self.imp()
            .host_shortcuts
            .replace(HostShortcuts::parse(shortcuts)?);
        Ok(())
    }

    /// The canvas or its window got or lost the focus.
    pub(super) fn focus_changed(&self) {
        let in_use = self.is_in_use();
        if !in_use {
            self.release_everything();
        }
        if self.imp().in_use.replace(in_use) != in_use {
            self.notify_in_use();
        }
        self.update_grab();
    }

    /// Whether what is typed arrives here.
    fn is_in_use(&self) -> bool {
        let hooks = self.imp().root_hooks.borrow();
        let window = hooks.as_ref().and_then(|hooks| hooks.window.upgrade());
        self.has_focus() && window.is_some_and(|window| window.is_active())
    }

    /// Begins or ends the grab as circumstances ask.
    pub(super) fn update_grab(&self) {
        let wanted = self.imp().grab_wanted.get();
        self.set_grabbed(wanted && self.takes_input() && self.is_in_use());
    }

    fn set_grabbed(&self, grabbed: bool) {
        if self.imp().grabbed.replace(grabbed) == grabbed {
            return;
        }
        self.imp().shortcuts_lent.set(false);
        self.inhibit_system_shortcuts(grabbed);
        self.update_hold();
        self.describe();
        self.notify_grabbed();
    }

    fn inhibit_system_shortcuts(&self, inhibit: bool) {
        let surface = self.native().and_then(|native| native.surface());
        if let Some(toplevel) = surface.and_downcast::<gdk::Toplevel>() {
            if inhibit {
                toplevel.inhibit_system_shortcuts(None::<&gdk::Event>);
            } else {
                toplevel.restore_system_shortcuts();
            }
        }
    }

    /// Gives the desktop its shortcuts back for as long as these modifiers are down, if one of
    /// those that stay with the host begins with them: a key that has arrived here cannot be given
    /// to the desktop any more.
    pub(super) fn lend_shortcuts(&self, modifiers: gdk::ModifierType) {
        if !self.is_grabbed() {
            return;
        }
        let lend = self.imp().host_shortcuts.borrow().may_follow(modifiers);
        if self.imp().shortcuts_lent.replace(lend) != lend {
            self.inhibit_system_shortcuts(!lend);
        }
    }

    /// Tells the server that no key and no button is down any more.
    pub(super) fn release_everything(&self) {
        self.flush_motion();
        let keys = self.imp().keyboard.borrow_mut().release_all();
        for key in keys {
            self.send(Input::Key {
                key,
                pressed: false,
            });
        }
        self.forget_fingers();
        if self.imp().pointer.borrow_mut().release_all() {
            self.send_pointer_buttons();
        }
    }
}
