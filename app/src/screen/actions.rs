//! Actions and shortcuts as windows with a screen in them need them.

use gtk::prelude::*;
use gtk::{gio, glib};
use relm4::{Sender, gtk};

/// Makes the actions of a window; each sends a message.
pub struct ActionsBuilder<M> {
    group: gio::SimpleActionGroup,
    input: Sender<M>,
}

impl<M: std::fmt::Debug + 'static> ActionsBuilder<M> {
    /// Begins with no action; messages go to `input`.
    pub fn new(input: &Sender<M>) -> Self {
        Self {
            group: gio::SimpleActionGroup::new(),
            input: input.clone(),
        }
    }

    /// An action that does something.
    pub fn plain(&self, name: &str, message: impl Fn() -> M + 'static) {
        let action = gio::SimpleAction::new(name, None);
        let input = self.input.clone();
        action.connect_activate(move |_, _| input.emit(message()));
        self.group.add_action(&action);
    }

    /// An action that is on or off, off at first.
    pub fn toggle(&self, name: &str, message: impl Fn(bool) -> M + 'static) {
        let action = gio::SimpleAction::new_stateful(name, None, &false.to_variant());
        let input = self.input.clone();
        action.connect_change_state(move |action, state| {
            if let Some(on) = state.and_then(glib::Variant::get) {
                action.set_state(&bool::to_variant(&on));
                input.emit(message(on));
            }
        });
        self.group.add_action(&action);
    }

    /// An action whose state is one of several names, `first` at the beginning.
    pub fn choice(&self, name: &str, first: &str, message: impl Fn(String) -> M + 'static) {
        let action = gio::SimpleAction::new_stateful(
            name,
            Some(glib::VariantTy::STRING),
            &first.to_variant(),
        );
        let input = self.input.clone();
        action.connect_change_state(move |action, state| {
            if let Some(chosen) = state.and_then(glib::Variant::get::<String>) {
                action.set_state(&chosen.to_variant());
                input.emit(message(chosen));
            }
        });
        self.group.add_action(&action);
    }

    /// An action that takes a name.
    pub fn named(&self, name: &str, message: impl Fn(String) -> M + 'static) {
        let action = gio::SimpleAction::new(name, Some(glib::VariantTy::STRING));
        let input = self.input.clone();
        action.connect_activate(move |_, name| {
            if let Some(name) = name.and_then(glib::Variant::get) {
                input.emit(message(name));
            }
        });
        self.group.add_action(&action);
    }

    /// The actions so far.
    #[cfg(test)]
    pub fn group(&self) -> &gio::SimpleActionGroup {
        &self.group
    }

    /// Gives the actions to `window`, where they are called `GROUP.NAME`.
    pub fn install(self, window: &impl IsA<gtk::Widget>, group: &str) -> gio::SimpleActionGroup {
        window.insert_action_group(group, Some(&self.group));
        self.group
    }
}

/// Shortcuts of a window, as pairs of keys and detailed action names. They work everywhere in the
/// window, but not while `grabbed` says that the guest has the keyboard.
pub fn shortcuts<'a>(
    shortcuts: impl IntoIterator<Item = (&'a str, String)>,
    grabbed: impl Fn() -> bool + Clone + 'static,
) -> gtk::ShortcutController {
    let controller = gtk::ShortcutController::new();
    // Before the screen or the terminal, which would send them to the guest.
    controller.set_propagation_phase(gtk::PropagationPhase::Capture);
    for (keys, name) in shortcuts {
        let grabbed = grabbed.clone();
        let action = gtk::CallbackAction::new(move |widget, _| {
            if grabbed() {
                return glib::Propagation::Proceed;
            }
            let done = gio::Action::parse_detailed_name(&name)
                .is_ok_and(|(name, target)| widget.activate_action(&name, target.as_ref()).is_ok());
            if done {
                glib::Propagation::Stop
            } else {
                glib::Propagation::Proceed
            }
        });
        controller.add_shortcut(gtk::Shortcut::new(
            gtk::ShortcutTrigger::parse_string(keys),
            Some(action),
        ));
    }
    controller
}
