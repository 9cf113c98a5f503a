//! The viewer's window.

mod acts;
mod power;

use std::cell::RefCell;
use std::rc::Rc;

use adw::prelude::*;
use gtk::{gio, glib};
use relm4::prelude::*;
use rfb::PowerAction;

use super::address::VncAddress;
use crate::dialogs;
use crate::screen::actions::{ActionsBuilder, shortcuts};
use crate::screen::companions::Companions;
use crate::screen::controls::{self, Controls, ScreenAct};
use crate::screen::cover::{Below, Cover, CoverInput, CoverOutput, Message};
use crate::screen::full_screen::{FullScreenInput, FullScreenOutput, FullScreenTab};
use crate::screen::header::leave_keys_to_the_screen;
use crate::screen::keys;
use crate::screen::link::Link;
use crate::screen::preferences::Preferences;
use crate::screen::quality::Quality;
use crate::screen::question::Answer;
use crate::screen::recording::Recording;
use crate::screen::typing::{TypeText, TypeTextOutput};
use crate::screen::vnc::{VncInput, VncOutput, VncScreen, Way};

/// Shortcuts of the window; those with Ctrl and Shift are rarely wanted on the other side.
const SHORTCUTS: &[(&str, &str)] = &[
    ("F11", controls::FULL_SCREEN),
    ("<Control>comma", controls::PREFERENCES),
    ("<Control><Shift>p", controls::PICTURE),
    ("<Control><Shift>w", "viewer.close"),
];

/// A window on a VNC server.
pub struct ViewerWindow {
    address: VncAddress,
    preferences: Preferences,
    /// What the server calls its screen.
    desktop: Option<String>,
    link: Link,
    /// How the connection is protected, and whether others could read what is sent.
    protection: Option<(String, bool)>,
    protection_menu: gio::Menu,
    /// The part of the main menu that turns the server's machine off and on.
    power_menu: gio::Menu,
    /// What was said of it last, while that is to be read.
    power_toast: Rc<RefCell<Option<adw::Toast>>>,
    full_screen: bool,
    screen: Controller<VncScreen>,
    cover: Controller<Cover>,
    tab: Controller<FullScreenTab>,
    recording: Controller<Recording>,
    typing: Option<Controller<TypeText>>,
    controls: Controls,
    companions: Companions,
    toasts: adw::ToastOverlay,
}

/// What the window is told, mostly by its own parts.
#[derive(Debug)]
pub enum ViewerInput {
    /// The screen reports.
    Vnc(VncOutput),
    /// The user confirmed that the server's machine is to do this.
    Power(PowerAction),
    /// The button of the message over the picture was pressed.
    CoverAct,
    /// What the server asked was answered.
    Answer(Answer),
    /// Do this with the screen, by the user's wish.
    Screen(ScreenAct),
    /// The window reports in which a text is typed.
    Typing(TypeTextOutput),
    /// The window entered or left full screen.
    FullScreenChanged(bool),
    /// A menu of the header has closed.
    MenuClosed,
    /// Close the window.
    Close,
    /// The window was closed.
    Closed,
}

/// What the program is told.
#[derive(Debug)]
pub enum ViewerOutput {
    /// The window was closed: let go of its controller.
    Closed,
}

#[relm4::component(pub)]
impl Component for ViewerWindow {
    type Init = (VncAddress, Preferences);
    type Input = ViewerInput;
    type Output = ViewerOutput;
    type CommandOutput = ();

    view! {
        adw::ApplicationWindow {
            set_default_size: (1024, 815),
            #[watch]
            set_title: Some(&model.title()),
            connect_fullscreened_notify[sender] => move |window| {
                let full_screen = window.is_fullscreen();
                sender.input_sender().emit(ViewerInput::FullScreenChanged(full_screen));
            },
            connect_close_request[sender] => move |_| {
                sender.input_sender().emit(ViewerInput::Closed);
                glib::Propagation::Proceed
            },

            #[wrap(Some)]
            set_content = &gtk::Box {
                set_orientation: gtk::Orientation::Vertical,

                #[name(header)]
                adw::HeaderBar {
                    #[watch]
                    set_visible: !model.full_screen,

                    #[wrap(Some)]
                    set_title_widget = &adw::WindowTitle {
                        #[watch]
                        set_title: &model.title(),
                        #[watch]
                        set_subtitle: &model.subtitle(),
                    },

                    pack_end = &gtk::MenuButton {
                        set_icon_name: "open-menu-symbolic",
                        set_primary: true,
                        set_tooltip_text: Some("Main Menu (F10)"),
                        set_menu_model: Some(&main_menu(&model.power_menu, &model.protection_menu)),
                        update_property: &[gtk::accessible::Property::Label("Main Menu")],
                    },
                    pack_end = &gtk::Button {
                        set_icon_name: "view-fullscreen-symbolic",
                        set_tooltip_text: Some("Full Screen (F11)"),
                        set_action_name: Some(controls::FULL_SCREEN),
                        update_property: &[gtk::accessible::Property::Label("Full Screen")],
                    },
                    pack_end = &gtk::MenuButton {
                        set_icon_name: "input-keyboard-symbolic",
                        set_tooltip_text: Some("Send Keys"),
                        set_menu_model: Some(&keys::menu(model.preferences.own_keys())),
                        update_property: &[gtk::accessible::Property::Label("Send Keys")],
                        #[watch]
                        set_sensitive: model.link == Link::Up,
                    },
                    pack_end = model.companions.sound(),
                    pack_end = model.recording.widget(),
                },

                #[local_ref]
                toasts -> adw::ToastOverlay {
                    gtk::Overlay {
                        set_child: Some(model.screen.widget()),
                        // After the child: GTK 4.8 gives events to what came last.
                        add_overlay = model.companions.strip(),
                        add_overlay = model.cover.widget(),
                        add_overlay = model.tab.widget(),
                    },
                },
            },
        }
    }

    fn init(
        (address, preferences): Self::Init,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        relm4::main_application().add_window(&root);
        let input = sender.input_sender();
        let screen = VncScreen::builder()
            .launch(Way::Address {
                host: address.host.clone(),
                port: address.port,
            })
            .forward(input, ViewerInput::Vnc);
        let cover = Cover::builder()
            .launch(())
            .forward(input, |output| match output {
                CoverOutput::Act => ViewerInput::CoverAct,
                CoverOutput::Second => ViewerInput::Close,
                CoverOutput::Answer(answer) => ViewerInput::Answer(answer),
            });
        let tab = FullScreenTab::builder()
            .launch((address.to_string(), keys::menu(preferences.own_keys())))
            .forward(input, |FullScreenOutput::Leave| {
                ViewerInput::Screen(ScreenAct::ToggleFullScreen)
            });
        preferences.rule(screen.widget());
        let companions = Companions::new();
        companions.attach(Some(screen.widget()));
        let quality = Quality::of_name(&preferences.get().quality);
        screen.emit(VncInput::Act(ScreenAct::Quality(quality)));
        screen.emit(VncInput::Wanted(true));
        let toasts = adw::ToastOverlay::new();
        let model = Self {
            address,
            preferences,
            desktop: None,
            link: Link::Idle,
            protection: None,
            protection_menu: gio::Menu::new(),
            power_menu: gio::Menu::new(),
            power_toast: Rc::default(),
            full_screen: false,
            screen,
            cover,
            tab,
            recording: Recording::builder()
                .launch((root.clone(), toasts.clone()))
                .detach(),
            typing: None,
            controls: Controls::new(&root, input, ViewerInput::Screen),
            companions,
            toasts: toasts.clone(),
        };
        model.controls.tell_quality(quality);
        add_actions(&root, input);
        let display = model.screen.widget().downgrade();
        let grabbed = move || {
            display
                .upgrade()
                .is_some_and(|display| display.is_grabbed())
        };
        root.add_controller(shortcuts(SHORTCUTS, grabbed.clone()));
        root.add_controller(shortcuts(controls::ZOOM_SHORTCUTS, grabbed));
        let widgets = view_output!();
        let input = sender.input_sender().clone();
        leave_keys_to_the_screen(&widgets.header, move || {
            // It closes once more when the window is taken apart.
            let _ = input.send(ViewerInput::MenuClosed);
        });
        root.present();
        ComponentParts { model, widgets }
    }

    fn update(&mut self, input: Self::Input, sender: ComponentSender<Self>, root: &Self::Root) {
        match input {
            ViewerInput::Vnc(news) => self.vnc_news(news, root),
            ViewerInput::Power(act) => self.power(act),
            ViewerInput::CoverAct => self.screen.emit(VncInput::Again),
            ViewerInput::Answer(answer) => self.screen.emit(VncInput::Answer(answer)),
            ViewerInput::Screen(act) => self.screen_act(act, root, &sender),
            ViewerInput::Typing(TypeTextOutput::Press(stroke)) => {
                self.screen.emit(VncInput::Press(stroke));
            }
            ViewerInput::Typing(TypeTextOutput::Closed) => {
                self.typing = None;
                self.focus_screen();
            }
            ViewerInput::FullScreenChanged(on) => {
                self.full_screen = on;
                self.tab.emit(FullScreenInput::Active(on));
                if on && self.screen.widget().is_grabbed() {
                    self.hint();
                }
                self.focus_screen();
            }
            ViewerInput::MenuClosed => self.focus_screen(),
            ViewerInput::Close => root.close(),
            ViewerInput::Closed => {
                // A program that is ending needs no telling.
                let _ = sender.output(ViewerOutput::Closed);
            }
        }
    }
}

impl ViewerWindow {
    fn title(&self) -> String {
        match &self.desktop {
            Some(name) if !name.is_empty() => name.clone(),
            _ => self.address.to_string(),
        }
    }

    fn subtitle(&self) -> String {
        let address = match &self.desktop {
            Some(name) if !name.is_empty() => Some(self.address.to_string()),
            _ => None,
        };
        let exposed = self
            .protection
            .as_ref()
            .is_some_and(|(_, exposed)| *exposed);
        let warning = exposed.then(|| "unencrypted".to_owned());
        let words: Vec<String> = address.into_iter().chain(warning).collect();
        words.join(" · ")
    }

    fn vnc_news(&mut self, news: VncOutput, root: &adw::ApplicationWindow) {
        match news {
            VncOutput::Link(link) => self.take_link(link),
            VncOutput::Grabbed(grabbed) => {
                if grabbed && self.full_screen {
                    self.hint();
                }
            }
            VncOutput::CanPower => controls::offer_power(&self.power_menu, true),
            VncOutput::PowerFailed(act) => {
                self.power_failed(act);
            }
            VncOutput::Failed(error) => dialogs::error::tell(root, &self.toasts, &error),
        }
    }

    fn take_link(&mut self, link: Link) {
        let display = self.screen.widget();
        self.desktop = display.desktop_name().or_else(|| self.desktop.take());
        self.tab.emit(FullScreenInput::Name(self.title()));
        let message = message(&link, &self.address);
        let below = Below::of_display(self.screen.model().has_picture(), &link);
        self.cover
            .emit(CoverInput::Show(message.map(Box::new), below));
        self.link = link;
        self.protection = self.screen.model().protection();
        controls::tell_protection(&self.protection_menu, self.protection.as_ref());
        let can_power = self.screen.widget().can_power();
        controls::offer_power(&self.power_menu, can_power);
        self.tell_typing();
        let up = self.link == Link::Up;
        self.controls
            .enable(self.screen.model().has_picture(), true, up);
        self.focus_screen();
    }

    fn focus_screen(&self) {
        if self.link == Link::Up {
            self.screen.emit(if self.full_screen {
                VncInput::Grab
            } else {
                VncInput::Focus
            });
        }
    }

    /// Tells how to get the keyboard back.
    fn hint(&self) {
        let keys = self.screen.widget().release_keys().to_string();
        self.tab.emit(FullScreenInput::Hint(keys));
    }
}

/// What is said over the picture.
fn message(link: &Link, address: &VncAddress) -> Option<Message> {
    Some(match link {
        Link::Up => return None,
        Link::Idle | Link::Connecting { .. } | Link::Waiting { .. } => Message {
            title: format!("Connecting to {address}…"),
            late: true,
            ..Message::default()
        },
        Link::Asks(asked) => asked.message(&address.to_string()),
        Link::Ended { reason } => Message {
            icon: Some("network-offline-symbolic"),
            title: match reason {
                Some(_) => "The screen cannot be shown".to_owned(),
                None => "The server ended the connection".to_owned(),
            },
            text: reason.clone().unwrap_or_default(),
            act: Some("_Connect Again"),
            second: Some("C_lose"),
            ..Message::default()
        },
    })
}

fn add_actions(window: &impl IsA<gtk::Widget>, input: &relm4::Sender<ViewerInput>) {
    let actions = ActionsBuilder::new(input);
    actions.plain("close", || ViewerInput::Close);
    actions.install(window, "viewer");
}

fn main_menu(power: &gio::Menu, protection: &gio::Menu) -> gio::Menu {
    let menu = gio::Menu::new();
    menu.append_section(None, &controls::menu("Server", true));
    menu.append_section(None, power);
    menu.append_section(None, protection);
    let rest = gio::Menu::new();
    rest.append(Some("Pr_eferences"), Some(controls::PREFERENCES));
    rest.append(Some("_Close"), Some("viewer.close"));
    menu.append_section(None, &rest);
    menu
}
