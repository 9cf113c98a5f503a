//! The window of a further display of a guest. VNC shows the first one; of the others there are stills,
//! and keys through the hypervisor.

use adw::prelude::*;
use backend::Host;
use backend::model::GuestId;
use gtk::{gio, glib};
use relm4::prelude::*;

use super::scene::Scene;
use crate::screen::controls;
use crate::screen::cover::{Below, Cover, CoverInput, CoverOutput, Message};
use crate::screen::header;
use crate::screen::link::Link;
use crate::screen::preferences::Preferences;
use crate::screen::shown::Screen;
use crate::screen::stills::{Stills, StillsInit, StillsOutput};
use crate::screen::window::{ScreenInput, ScreenWindow};

/// The window of one display.
pub(super) struct DisplayWindow {
    /// The display's number, from 1 on.
    number: u32,
    standing: Standing,
    link: Link,
    /// Whether the guest has not switched the display on.
    dark: bool,
    screen: Screen,
    cover: Controller<Cover>,
    around: ScreenWindow<DisplayInput>,
}

/// What a display's window begins with.
#[derive(Debug)]
pub(super) struct DisplayInit {
    /// The host that the guest is on.
    pub(super) host: Host,
    /// The guest.
    pub(super) id: GuestId,
    /// The guest's name.
    pub(super) name: String,
    /// The display's number, from 1 on.
    pub(super) number: u32,
    /// What the user likes of screens.
    pub(super) preferences: Preferences,
}

/// How the guest stands, as its own window sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standing {
    /// The guest's name.
    pub(super) name: String,
    /// Its state in a word.
    pub(super) state: &'static str,
    /// What lies over the display's picture.
    pub(super) scene: Scene,
    /// Whether there are stills to be had.
    pub(super) wanted: bool,
}

/// What the window is told.
#[derive(Debug)]
pub(super) enum DisplayInput {
    /// Come to the front.
    Present,
    /// The guest stands like this.
    Guest(Standing),
    /// The stills report.
    Stills(StillsOutput),
    /// Something happened around the screen.
    Around(ScreenInput),
    /// The button of the message over the picture was pressed.
    CoverAct,
    /// The window was closed.
    Closed,
}

/// What the guest's window is told.
#[derive(Debug)]
pub enum DisplayOutput {
    /// How the way to the display stands.
    Link(Link),
    /// The user wants done what the message over the picture offers.
    Act,
    /// The window was closed: let go of its controller.
    Closed,
}

#[relm4::component(pub(super))]
impl Component for DisplayWindow {
    type Init = DisplayInit;
    type Input = DisplayInput;
    type Output = DisplayOutput;
    type CommandOutput = ();

    view! {
        adw::ApplicationWindow {
            #[watch]
            set_title: Some(&model.title()),

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
                        set_subtitle: model.standing.state,
                    },

                    pack_end: &header::main_menu(&main_menu()),
                    pack_end: &header::full_screen_button(),
                    pack_end: model.around.keys_button(),
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
        restore_size(&root, &init.preferences);
        let input = sender.input_sender().clone();
        let preferences = init.preferences.clone();
        root.connect_close_request(move |window| {
            remember_size(window, &preferences);
            // The guest's window may have gone before.
            let _ = input.send(DisplayInput::Closed);
            glib::Propagation::Proceed
        });
        let input = sender.input_sender();
        let stills = StillsInit {
            host: init.host,
            id: init.id,
            screen: init.number.saturating_sub(1),
        };
        let stills = Stills::builder()
            .launch(stills)
            .forward(input, DisplayInput::Stills);
        let cover = Cover::builder()
            .launch(())
            .forward(input, |output| match output {
                CoverOutput::Act | CoverOutput::Second | CoverOutput::Answer(_) => {
                    DisplayInput::CoverAct
                }
            });
        let title = title(&init.name, init.number);
        let around = ScreenWindow::new(
            &root,
            title,
            init.preferences,
            input,
            DisplayInput::Around,
            || false,
        );
        around.add_shortcuts(&[("<Control><Shift>w", "window.close")]);
        let model = Self {
            number: init.number,
            standing: Standing {
                name: init.name,
                state: "",
                scene: Scene::Connecting { again: false },
                wanted: false,
            },
            link: Link::Idle,
            dark: false,
            screen: Screen::Stills(stills),
            cover,
            around,
        };
        model.around.attach(&model.screen);
        model.enable();
        let toasts = model
            .around
            .surround(model.screen.widget(), model.cover.widget());
        let widgets = view_output!();
        model.around.attend(&widgets.header);
        root.present();
        ComponentParts { model, widgets }
    }

    fn update(&mut self, input: Self::Input, sender: ComponentSender<Self>, root: &Self::Root) {
        match input {
            DisplayInput::Present => root.present(),
            DisplayInput::Guest(standing) => self.guest_stands(standing),
            DisplayInput::Stills(StillsOutput::Link(link)) => {
                self.link = link.clone();
                self.around.set_reachable(self.link == Link::Up);
                tell(&sender, DisplayOutput::Link(link));
            }
            DisplayInput::Stills(StillsOutput::Dark(dark)) => {
                self.dark = dark;
                self.cover();
            }
            DisplayInput::Stills(StillsOutput::Typed(result)) => self.around.tell_typed(result),
            // It is offered for the first display only.
            DisplayInput::Stills(StillsOutput::AddVnc) => {}
            DisplayInput::Around(happened) => {
                if self.around.heed(happened, Some(&self.screen)) {
                    self.focus();
                }
            }
            DisplayInput::CoverAct => tell(&sender, DisplayOutput::Act),
            DisplayInput::Closed => tell(&sender, DisplayOutput::Closed),
        }
    }
}

impl DisplayWindow {
    fn title(&self) -> String {
        title(&self.standing.name, self.number)
    }

    fn guest_stands(&mut self, standing: Standing) {
        let cleared = standing.scene == Scene::Clear && self.standing.scene != Scene::Clear;
        self.screen.want(standing.wanted);
        self.standing = standing;
        self.around.set_name(&self.title());
        self.cover();
        self.enable();
        if cleared {
            self.focus();
        }
    }

    /// Says over the picture what has to be said.
    fn cover(&self) {
        let (message, below) = match &self.standing.scene {
            // What the hypervisor writes in its place is no picture of the guest's.
            Scene::Clear if self.dark => (Some(self.darkness()), Below::Nothing),
            scene => (
                scene.message(&self.standing.name, false),
                self.screen.below(&self.link),
            ),
        };
        self.cover
            .emit(CoverInput::Show(message.map(Box::new), below));
    }

    fn darkness(&self) -> Message {
        Message {
            icon: Some("video-display-symbolic"),
            title: format!("Display {} is not in use", self.number),
            text:
                "The guest has not switched it on. Its picture comes as soon as the guest’s system \
                   uses it."
                    .to_owned(),
            ..Message::default()
        }
    }

    fn enable(&self) {
        let keys = self.link == Link::Up && self.standing.scene == Scene::Clear;
        self.around.enable(self.screen.has_picture(), false, keys);
    }

    fn focus(&self) {
        if self.standing.scene == Scene::Clear {
            self.screen.focus(self.around.is_full_screen());
        }
    }
}

/// Tells the guest's window. One that is gone needs no telling.
fn tell(sender: &ComponentSender<DisplayWindow>, output: DisplayOutput) {
    let _ = sender.output(output);
}

fn title(guest: &str, number: u32) -> String {
    format!("{guest}: display {number}")
}

fn main_menu() -> gio::Menu {
    let menu = gio::Menu::new();
    menu.append_section(None, &controls::menu_of_stills());
    let rest = gio::Menu::new();
    rest.append(Some("Pr_eferences"), Some(controls::PREFERENCES));
    rest.append(Some("_Close"), Some("window.close"));
    menu.append_section(None, &rest);
    menu
}

/// Makes the window as large as the last one was.
fn restore_size(window: &adw::ApplicationWindow, preferences: &Preferences) {
    let last = preferences.get().display_window;
    window.set_default_size(
        last.width.clamp(360, 16_384),
        last.height.clamp(294, 16_384),
    );
    window.set_maximized(last.maximized);
}

fn remember_size(window: &adw::ApplicationWindow, preferences: &Preferences) {
    let (width, height) = window.default_size();
    let maximized = window.is_maximized();
    preferences.update(|settings| {
        settings.display_window.width = width;
        settings.display_window.height = height;
        settings.display_window.maximized = maximized;
    });
}
