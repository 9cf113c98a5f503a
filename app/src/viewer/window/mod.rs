//! The viewer's window.

mod acts;
mod apart;
mod power;

use std::cell::RefCell;
use std::rc::Rc;

use adw::prelude::*;
use gtk::{gio, glib};
use relm4::prelude::*;
use rfb::PowerAction;
use vnc_widget::VncDisplay;

use super::address::VncAddress;
use crate::screen::actions::ActionsBuilder;
use crate::screen::controls::{self, ScreenAct};
use crate::screen::cover::{Cover, CoverInput, CoverOutput, Message};
use crate::screen::header;
use crate::screen::link::Link;
use crate::screen::preferences::Preferences;
use crate::screen::quality::Quality;
use crate::screen::question::Answer;
use crate::screen::shown::Screen;
use crate::screen::vnc::{VncInput, VncOutput, VncScreen, Way};
use crate::screen::window::{ScreenInput, ScreenWindow};
use apart::OneScreen;

/// A window on a VNC server.
pub struct ViewerWindow {
    address: VncAddress,
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
    screen: Screen,
    cover: Controller<Cover>,
    around: ScreenWindow<ViewerInput>,
    /// The windows of the server's other screens, opened from this one.
    others: Vec<OneScreen>,
    /// How many there have been.
    opened: u32,
}

/// What a viewer begins with.
#[derive(Debug)]
pub struct ViewerInit {
    /// The server.
    pub address: VncAddress,
    /// What the user likes of screens.
    pub preferences: Preferences,
    /// What is chosen of the display from the beginning, by the window that opens this one for one of
    /// several screens. Nothing in the first window.
    pub chosen: Vec<ScreenAct>,
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
    /// Something happened around the screen.
    Around(ScreenInput),
    /// The server has other screens than before: the window says which it shows.
    ScreensChanged,
    /// Show each of the server's screens in a window of its own.
    ScreensApart,
    /// The window of a single screen, of that number, was closed.
    OtherClosed(u32),
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
    type Init = ViewerInit;
    type Input = ViewerInput;
    type Output = ViewerOutput;
    type CommandOutput = ();

    view! {
        adw::ApplicationWindow {
            set_default_size: (1024, 815),
            #[watch]
            set_title: Some(&model.name()),
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
                    set_visible: !model.around.is_full_screen(),

                    #[wrap(Some)]
                    set_title_widget = &adw::WindowTitle {
                        #[watch]
                        set_title: &model.title(),
                        #[watch]
                        set_subtitle: &model.subtitle(),
                    },

                    pack_end: &main_menu,
                    pack_end: &header::full_screen_button(),
                    pack_end: model.around.keys_button(),
                    pack_end: model.around.sound_button(),
                    pack_end: model.around.recording_button(),
                },

                #[local_ref]
                toasts -> adw::ToastOverlay {},
            },
        }
    }

    fn init(
        init: Self::Init,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        relm4::main_application().add_window(&root);
        let ViewerInit {
            address,
            preferences,
            chosen,
        } = init;
        let input = sender.input_sender();
        let way = Way::Address {
            host: address.host.clone(),
            port: address.port,
        };
        let screen = VncScreen::builder()
            .launch(way)
            .forward(input, ViewerInput::Vnc);
        let changes = input.clone();
        screen.widget().connect_screens_changed(move |_| {
            // The display may outlive its window by a moment.
            let _ = changes.send(ViewerInput::ScreensChanged);
        });
        let screen = Screen::Vnc(screen);
        let cover = Cover::builder()
            .launch(())
            .forward(input, |output| match output {
                CoverOutput::Act => ViewerInput::CoverAct,
                CoverOutput::Second => ViewerInput::Close,
                CoverOutput::Answer(answer) => ViewerInput::Answer(answer),
            });
        let quality = Quality::of_name(&preferences.get().quality);
        let title = address.to_string();
        let around = ScreenWindow::new(
            &root,
            title,
            preferences,
            input,
            ViewerInput::Around,
            || false,
        );
        around.attach(&screen);
        around.choose(ScreenAct::Quality(quality), &screen);
        // Windows of single screens do not open others.
        add_actions(&root, input, chosen.is_empty());
        for act in chosen {
            around.choose(act, &screen);
        }
        screen.want(true);
        // With Ctrl and Shift, which are rarely wanted on the other side.
        around.add_shortcuts(&[("<Control><Shift>w", "viewer.close")]);
        let model = Self {
            address,
            desktop: None,
            link: Link::Idle,
            protection: None,
            protection_menu: gio::Menu::new(),
            power_menu: gio::Menu::new(),
            power_toast: Rc::default(),
            screen,
            cover,
            around,
            others: Vec::new(),
            opened: 0,
        };
        let toasts = model
            .around
            .surround(model.screen.widget(), model.cover.widget());
        let main_menu = header::main_menu(&main_menu(
            model.around.screens_menu(),
            &model.power_menu,
            &model.protection_menu,
        ));
        let widgets = view_output!();
        model.around.attend(&widgets.header);
        root.present();
        ComponentParts { model, widgets }
    }

    fn update(&mut self, input: Self::Input, sender: ComponentSender<Self>, root: &Self::Root) {
        match input {
            ViewerInput::Vnc(news) => self.vnc_news(news),
            ViewerInput::Around(ScreenInput::Act(ScreenAct::Power(act))) => {
                self.ask_power(act, root, &sender);
            }
            ViewerInput::Around(happened) => {
                if self.around.heed(happened, Some(&self.screen)) {
                    self.focus_screen();
                }
                // Another screen may have been chosen.
                self.around.set_name(&self.name());
            }
            ViewerInput::Power(act) => self.power(act),
            ViewerInput::CoverAct => self.screen.tell_vnc(VncInput::Again),
            ViewerInput::Answer(answer) => self.screen.tell_vnc(VncInput::Answer(answer)),
            // The view looks for itself.
            ViewerInput::ScreensChanged => self.around.set_name(&self.name()),
            ViewerInput::ScreensApart => self.show_apart(&sender),
            ViewerInput::OtherClosed(serial) => self.others.retain(|other| !other.is(serial)),
            ViewerInput::Close => root.close(),
            ViewerInput::Closed => {
                self.others.clear();
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

    /// What the window is called where its header is not seen.
    fn name(&self) -> String {
        let words: Vec<String> = std::iter::once(self.title())
            .chain(self.which_screen())
            .collect();
        words.join(": ")
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
        let words = address.into_iter().chain(self.which_screen());
        let words: Vec<String> = words.chain(warning).collect();
        words.join(" · ")
    }

    fn vnc_news(&mut self, news: VncOutput) {
        match self.around.heed_vnc(news, Some(&self.screen)) {
            Some(VncOutput::Link(link)) => self.take_link(link),
            Some(VncOutput::CanPower) => controls::offer_power(&self.power_menu, true),
            Some(VncOutput::PowerFailed(act)) => self.power_failed(act),
            _ => {}
        }
    }

    fn take_link(&mut self, link: Link) {
        let display = self.screen.display();
        let desktop = display.and_then(VncDisplay::desktop_name);
        let can_power = display.is_some_and(VncDisplay::can_power);
        controls::offer_power(&self.power_menu, can_power);
        self.desktop = desktop.or_else(|| self.desktop.take());
        self.around.set_name(&self.name());
        let message = message(&link, &self.address);
        let below = self.screen.below(&link);
        self.cover
            .emit(CoverInput::Show(message.map(Box::new), below));
        self.link = link;
        self.protection = self.screen.protection();
        controls::tell_protection(&self.protection_menu, self.protection.as_ref());
        let up = self.link == Link::Up;
        self.around.set_reachable(up);
        self.around.enable(self.screen.has_picture(), true, up);
        self.focus_screen();
    }

    fn focus_screen(&self) {
        if self.link == Link::Up {
            self.screen.focus(self.around.is_full_screen());
        }
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

fn add_actions(
    window: &impl IsA<gtk::Widget>,
    input: &relm4::Sender<ViewerInput>,
    opens_others: bool,
) {
    let actions = ActionsBuilder::new(input);
    actions.plain("close", || ViewerInput::Close);
    if opens_others {
        actions.plain("screens-apart", || ViewerInput::ScreensApart);
    }
    actions.install(window, "viewer");
}

fn main_menu(screens: &gio::Menu, power: &gio::Menu, protection: &gio::Menu) -> gio::Menu {
    let menu = gio::Menu::new();
    menu.append_section(None, &controls::menu("Server", true, screens));
    menu.append_section(None, power);
    menu.append_section(None, protection);
    let rest = gio::Menu::new();
    rest.append(Some("Pr_eferences"), Some(controls::PREFERENCES));
    rest.append(Some("_Close"), Some("viewer.close"));
    menu.append_section(None, &rest);
    menu
}
