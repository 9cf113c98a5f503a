//! What every window that shows a screen has around it, and what is done there with the screen: the
//! same in guests' windows, viewers, and those of further displays.

use adw::prelude::*;
use gtk::gio;
use relm4::prelude::*;
use relm4::{Sender, gtk};
use vnc_widget::VncDisplay;

use super::actions::shortcuts;
use super::companions::Companions;
use super::controls::{self, Controls, ScreenAct};
use super::full_screen::{FullScreenInput, FullScreenOutput, FullScreenTab};
use super::header::{leave_keys_to_the_screen, menu_button};
use super::keys::{self, Stroke};
use super::preferences::Preferences;
use super::recording::{Recording, RecordingInput};
use super::save;
use super::shown::Screen;
use super::typing::{TypeText, TypeTextInit, TypeTextInput, TypeTextOutput};
use super::vnc::{VncInput, VncOutput};
use crate::dialogs;

/// What is around a screen in a window. `M` is what the window is told.
pub struct ScreenWindow<M: 'static> {
    window: adw::ApplicationWindow,
    input: Sender<M>,
    message: fn(ScreenInput) -> M,
    preferences: Preferences,
    name: String,
    full_screen: bool,
    /// Whether the other side takes keys of a text.
    reachable: bool,
    controls: Controls,
    companions: Companions,
    keys: gtk::MenuButton,
    recording: Controller<Recording>,
    tab: Controller<FullScreenTab>,
    toasts: adw::ToastOverlay,
    typing: Option<Controller<TypeText>>,
}

/// What happens around a screen.
#[derive(Debug)]
pub enum ScreenInput {
    /// Do this with the screen, by the user's wish.
    Act(ScreenAct),
    /// The window reports in which a text is typed.
    Typing(TypeTextOutput),
    /// The window entered or left full screen.
    FullScreenChanged,
    /// A menu of the header has closed.
    MenuClosed,
}

impl<M: std::fmt::Debug + 'static> ScreenWindow<M> {
    /// What is around the screen in `window`, which is called `name`. What happens there goes to `input`
    /// as what `message` makes of it. `hidden` tells whether the window shows something else in the
    /// screen's place, which then has the keys of what only a display can do; so has a screen that is no
    /// display.
    pub fn new(
        window: &adw::ApplicationWindow,
        name: String,
        preferences: Preferences,
        input: &Sender<M>,
        message: fn(ScreenInput) -> M,
        hidden: impl Fn() -> bool + Clone + 'static,
    ) -> Self {
        let notify = input.clone();
        window.connect_fullscreened_notify(move |_| {
            // It changes once more when the window is taken apart.
            let _ = notify.send(message(ScreenInput::FullScreenChanged));
        });
        let controls = Controls::new(window, input, move |act| message(ScreenInput::Act(act)));
        let (grabbed, has_display) = (while_grabbed(window), controls.display_gate());
        window.add_controller(shortcuts(controls::shortcuts(false), grabbed.clone()));
        let kept = move || hidden() || grabbed() || !has_display();
        window.add_controller(shortcuts(controls::shortcuts(true), kept));
        let keys_menu = keys::menu(preferences.own_keys());
        let tab = FullScreenTab::builder()
            .launch((name.clone(), keys_menu.clone()))
            .forward(input, move |FullScreenOutput::Leave| {
                message(ScreenInput::Act(ScreenAct::ToggleFullScreen))
            });
        let toasts = adw::ToastOverlay::new();
        let recording = Recording::builder()
            .launch((window.clone(), toasts.clone()))
            .detach();
        let keys = menu_button("input-keyboard-symbolic", "Send Keys", &keys_menu);
        keys.set_sensitive(false);
        Self {
            controls,
            window: window.clone(),
            input: input.clone(),
            message,
            preferences,
            name,
            full_screen: false,
            reachable: false,
            companions: Companions::new(),
            keys,
            recording,
            tab,
            toasts,
            typing: None,
        }
    }

    /// What the user likes of screens.
    pub fn preferences(&self) -> &Preferences {
        &self.preferences
    }

    /// The button of the menu of keys.
    pub fn keys_button(&self) -> &gtk::MenuButton {
        &self.keys
    }

    /// The button that lets the screen be heard, where it can be.
    pub fn sound_button(&self) -> &gtk::ToggleButton {
        self.companions.sound()
    }

    /// The button that ends a recording, while there is one.
    pub fn recording_button(&self) -> &gtk::Button {
        self.recording.widget()
    }

    /// The part of the main menu that offers one of several screens.
    pub fn screens_menu(&self) -> &gio::Menu {
        self.companions.screens()
    }

    /// The strip of figures, to be laid over the screen.
    pub fn strip(&self) -> &gtk::Label {
        self.companions.strip()
    }

    /// The tab of full screen, to be laid over everything.
    pub fn tab(&self) -> &gtk::Box {
        self.tab.widget()
    }

    /// Lays the strip, `cover` and the tab over a screen that fills the window, and notices around all of
    /// it. Returns the latter.
    pub fn surround(
        &self,
        screen: &impl IsA<gtk::Widget>,
        cover: &impl IsA<gtk::Widget>,
    ) -> &adw::ToastOverlay {
        let layers = gtk::Overlay::new();
        layers.set_child(Some(screen));
        // After the child: GTK 4.8 gives events to what came last.
        layers.add_overlay(self.strip());
        layers.add_overlay(cover);
        layers.add_overlay(self.tab());
        self.toasts.set_child(Some(&layers));
        &self.toasts
    }

    /// What shows notices, around the window's content.
    pub fn toasts(&self) -> &adw::ToastOverlay {
        &self.toasts
    }

    /// Adds shortcuts of the window's own, as pairs of keys and detailed action names. They are the other
    /// side's while that has grabbed the keyboard.
    pub fn add_shortcuts(&self, own: &[(&str, &str)]) {
        let own = own.iter().map(|(keys, name)| (*keys, (*name).to_owned()));
        self.window
            .add_controller(shortcuts(own, while_grabbed(&self.window)));
    }

    /// Lets `header` leave what is typed to the screen.
    pub fn attend(&self, header: &adw::HeaderBar) {
        let (input, message) = (self.input.clone(), self.message);
        leave_keys_to_the_screen(header, move || {
            // It closes once more when the window is taken apart.
            let _ = input.send(message(ScreenInput::MenuClosed));
        });
    }

    /// Whether the window fills the screen it is on.
    pub fn is_full_screen(&self) -> bool {
        self.full_screen
    }

    /// The screen in the window is this from now on: its display is as the user likes it, and as the
    /// window's menu says. Nobody has to be told of it before.
    pub fn attach(&self, screen: &Screen) {
        if let Some(display) = screen.display() {
            self.preferences.rule(display);
            // The one before it may have been another's, or none.
            for act in self.controls.chosen() {
                screen.tell_vnc(VncInput::Act(act));
            }
        }
        self.companions.attach(screen.display());
        // What was recorded does not move any more.
        self.recording.emit(RecordingInput::End);
    }

    /// The window is called so from now on.
    pub fn set_name(&mut self, name: &str) {
        if self.name != name {
            name.clone_into(&mut self.name);
            self.tab.emit(FullScreenInput::Name(name.to_owned()));
        }
    }

    /// Does what another window or the settings say of the display itself, and has the menu say so.
    /// Nothing of it is remembered.
    pub fn choose(&self, act: ScreenAct, screen: &Screen) {
        self.controls.tell(&act);
        screen.tell_vnc(VncInput::Act(act));
    }

    /// What the menu says of the display itself.
    pub fn chosen(&self) -> [ScreenAct; 4] {
        self.controls.chosen()
    }

    /// The id of the one of several screens that is to be shown.
    pub fn chosen_screen(&self) -> Option<u32> {
        self.controls.screen()
    }

    /// What can be used now: `picture`, where there is one to keep; `live`: a display is shown; `keys`:
    /// somebody takes keys.
    pub fn enable(&self, picture: bool, live: bool, keys: bool) {
        self.controls.enable(picture, live, keys);
        self.keys.set_sensitive(keys);
    }

    /// A text is typed only while the other side can be reached.
    pub fn set_reachable(&mut self, reachable: bool) {
        self.reachable = reachable;
        if let Some(typing) = &self.typing {
            typing.emit(TypeTextInput::Reachable(reachable));
        }
    }

    /// Keys of a text were taken, or were not.
    pub fn tell_typed(&self, result: Result<(), String>) {
        if let Some(typing) = &self.typing {
            typing.emit(TypeTextInput::Taken(result));
        }
    }

    /// Does what is to be done, with the screen that the window shows. Returns whether what is typed
    /// should then go to what the window shows again.
    pub fn heed(&mut self, input: ScreenInput, screen: Option<&Screen>) -> bool {
        match input {
            ScreenInput::Act(act) => {
                self.act(act, screen);
                false
            }
            ScreenInput::Typing(TypeTextOutput::Press(stroke)) => {
                if screen.is_some_and(|screen| screen.type_keys(stroke)) {
                    // Nobody else tells it, and a text that began without VNC may wait for it.
                    self.tell_typed(Ok(()));
                }
                false
            }
            ScreenInput::Typing(TypeTextOutput::Closed) => {
                self.typing = None;
                true
            }
            ScreenInput::FullScreenChanged => {
                self.full_screen = self.window.is_fullscreen();
                self.tab.emit(FullScreenInput::Active(self.full_screen));
                self.hint(screen.and_then(Screen::display));
                true
            }
            ScreenInput::MenuClosed => true,
        }
    }

    /// Does what a VNC screen's news are about, except for what the window has to say itself: that is
    /// handed back.
    pub fn heed_vnc(&self, news: VncOutput, screen: Option<&Screen>) -> Option<VncOutput> {
        match news {
            VncOutput::Grabbed => self.hint(screen.and_then(Screen::display)),
            VncOutput::Failed(error) => {
                dialogs::error::tell(&self.window, &self.toasts, &error);
            }
            news => return Some(news),
        }
        None
    }

    /// Tells in full screen how to get the keyboard back, where the other side has it.
    fn hint(&self, display: Option<&VncDisplay>) {
        if let Some(display) = display.filter(|display| self.full_screen && display.is_grabbed()) {
            let keys = display.release_keys().to_string();
            self.tab.emit(FullScreenInput::Hint(keys));
        }
    }

    fn act(&mut self, act: ScreenAct, screen: Option<&Screen>) {
        let display = screen.and_then(Screen::display);
        match act {
            ScreenAct::SendKeys(names) => {
                if let (Some(screen), Some(stroke)) = (screen, Stroke::by_names(&names)) {
                    screen.press(stroke);
                }
            }
            ScreenAct::EditKeys => keys::edit(&self.window, &self.preferences),
            ScreenAct::TypeText { from_clipboard } => self.type_text(from_clipboard, screen),
            ScreenAct::Preferences => {
                dialogs::preferences::present(&self.window, &self.preferences);
            }
            ScreenAct::Figures(show) => self.companions.show_strip(show),
            ScreenAct::Zoom(step) => {
                let act = display.and_then(|display| self.controls.zoom(display, step));
                if let (Some(screen), Some(act)) = (screen, act) {
                    screen.tell_vnc(VncInput::Act(act));
                }
            }
            ScreenAct::ToggleFullScreen => {
                self.window.set_fullscreened(!self.window.is_fullscreen());
            }
            ScreenAct::KeepPicture => self.keep_picture(screen),
            ScreenAct::Record => {
                if let Some(display) = display {
                    let what = RecordingInput::Toggle(display.clone(), self.name.clone());
                    self.recording.emit(what);
                }
            }
            act => {
                if let ScreenAct::Quality(quality) = act {
                    self.preferences
                        .update(|settings| quality.name().clone_into(&mut settings.quality));
                }
                if let Some(screen) = screen {
                    screen.tell_vnc(VncInput::Act(act));
                }
            }
        }
    }

    fn type_text(&mut self, from_clipboard: bool, screen: Option<&Screen>) {
        let Some(screen) = screen else { return };
        let init = TypeTextInit {
            parent: self.window.clone().upcast(),
            name: self.name.clone(),
            from_clipboard,
            pace: screen.pace(),
            preferences: self.preferences.clone(),
        };
        let message = self.message;
        let typing = TypeText::builder()
            .launch(init)
            .forward(&self.input, move |output| {
                message(ScreenInput::Typing(output))
            });
        self.typing = Some(typing);
        self.set_reachable(self.reachable);
    }

    fn keep_picture(&self, screen: Option<&Screen>) {
        let (window, toasts) = (self.window.clone(), self.toasts.clone());
        match screen.and_then(Screen::shot) {
            Some(shot) => {
                let name = self.name.clone();
                relm4::spawn_local(save::save_and_tell(window, toasts, name, shot));
            }
            None => toasts.add_toast(dialogs::error::toast("There is no picture yet.")),
        }
    }
}

/// Tells whether a screen in `window` has grabbed the keyboard.
fn while_grabbed(window: &adw::ApplicationWindow) -> impl Fn() -> bool + Clone + use<> {
    let window = window.downgrade();
    move || {
        window
            .upgrade()
            .and_then(|window| GtkWindowExt::focus(&window))
            .and_then(|focus| focus.ancestor(VncDisplay::static_type()))
            .and_downcast::<VncDisplay>()
            .is_some_and(|display| display.is_grabbed())
    }
}
