//! The guest window itself: header, pages, and the routing between its parts.

mod acts;
mod displays;
mod messages;
mod news;
mod parts;
mod saving;
mod screen;
mod standing;
mod starting;

use std::sync::Arc;

use adw::prelude::*;
use backend::Host;
use backend::model::{Guest, GuestDetails, GuestId, HostSnapshot};
use gtk::glib;
use relm4::prelude::*;

use crate::dialogs;
use crate::guest::actions;
use crate::guest::power::Act;
use crate::guest::scene::Scene;
use crate::screen::header;
use crate::screen::link::Link;
use crate::screen::preferences::Preferences;
use crate::screen::shown::Screen;
use crate::screen::stills::StillsInput;
use crate::screen::vnc::VncInput;
use displays::Further;
use messages::GuestWindowAnswer;
pub use messages::{CreationEnd, GuestWindowInit, GuestWindowInput, GuestWindowOutput};
use parts::Parts;
use saving::Saving;
use starting::Starting;

/// The names of the pages.
const SCREEN: &str = "screen";
const CONSOLE: &str = "console";

/// The window of one guest.
pub struct GuestWindow {
    host: Host,
    name: String,
    preferences: Preferences,
    id: Option<GuestId>,
    seen: Option<Arc<HostSnapshot>>,
    guest: Option<Arc<Guest>>,
    details: Option<Arc<GuestDetails>>,
    link: Link,
    scene: Scene,
    /// Whether a VNC display was added for the next start.
    vnc_added: bool,
    /// Whether the seconds of the host's silence are being counted.
    counting: bool,
    /// While it is being saved from here.
    saving: Option<Saving>,
    /// While it is being started from here.
    starting: Option<Starting>,
    /// Whether the text console was looked at during this run of the guest.
    console_wanted: bool,
    parts: Parts,
    /// The windows of further displays.
    displays: Vec<Further>,
}

#[relm4::component(pub)]
impl Component for GuestWindow {
    type Init = GuestWindowInit;
    type Input = GuestWindowInput;
    type Output = GuestWindowOutput;
    type CommandOutput = GuestWindowAnswer;

    view! {
        adw::ApplicationWindow {
            set_default_size: (1024, 815),
            #[watch]
            set_title: Some(&model.name),
            connect_close_request[sender] => move |_| {
                sender.input_sender().emit(GuestWindowInput::Closed);
                glib::Propagation::Proceed
            },

            #[wrap(Some)]
            set_content = &gtk::Box {
                set_orientation: gtk::Orientation::Vertical,

                #[name(header)]
                adw::HeaderBar {
                    #[watch]
                    set_visible: !model.parts.around.is_full_screen(),

                    pack_start = &gtk::Button {
                        set_icon_name: "go-previous-symbolic",
                        set_tooltip_text: Some("Show All Guests (Ctrl+Shift+G)"),
                        set_action_name: Some("guest.show-list"),
                        update_property: &[gtk::accessible::Property::Label("Show All Guests")],
                    },
                    pack_start = &gtk::Box {
                        set_orientation: gtk::Orientation::Vertical,
                        set_valign: gtk::Align::Center,

                        gtk::Label {
                            add_css_class: "heading",
                            set_xalign: 0.0,
                            set_ellipsize: gtk::pango::EllipsizeMode::Middle,
                            set_width_chars: 8,
                            set_max_width_chars: 24,
                            #[watch]
                            set_label: &model.name,
                            #[watch]
                            set_tooltip_text: Some(&model.name),
                        },
                        gtk::Label {
                            set_css_classes: &["caption", "dim-label"],
                            set_xalign: 0.0,
                            set_ellipsize: gtk::pango::EllipsizeMode::End,
                            #[watch]
                            set_label: model.state_word(),
                            #[watch]
                            set_tooltip_text: Some(model.state_word()),
                            #[watch]
                            set_visible: !model.state_word().is_empty(),
                        },
                    },

                    #[wrap(Some)]
                    set_title_widget = &adw::ViewSwitcher {
                        set_policy: adw::ViewSwitcherPolicy::Wide,
                        set_stack: Some(&pages),
                        #[watch]
                        set_visible: model.has_console() && model.parts.creation.is_none(),
                    },

                    pack_end: &main_menu,
                    pack_end: &header::full_screen_button(),
                    pack_end: model.parts.around.keys_button(),
                    #[name(stop)]
                    pack_end = &adw::SplitButton {
                        set_icon_name: "system-shutdown-symbolic",
                        set_tooltip_text: Some("Shut Down"),
                        set_dropdown_tooltip: "More Ways to Stop",
                        set_menu_model: Some(&actions::stop_menu()),
                        set_action_name: Some("guest.shut-down"),
                        #[watch]
                        set_visible: model.guest.is_some(),
                    },
                    pack_end = &gtk::Button {
                        #[watch]
                        set_visible: model.guest.is_some(),
                        #[watch]
                        set_icon_name: model.main_act().icon(),
                        #[watch]
                        set_tooltip_text: Some(model.main_act().label()),
                        #[watch]
                        set_action_name: Some(&format!("guest.{}", model.main_act().action())),
                        #[watch]
                        update_property: &[
                            gtk::accessible::Property::Label(model.main_act().label()),
                        ],
                    },
                    pack_end = model.parts.memory.widget(),
                    pack_end: model.parts.around.sound_button(),
                    pack_end: model.parts.around.recording_button(),
                },

                #[local_ref]
                toasts -> adw::ToastOverlay {
                    set_vexpand: true,
                    gtk::Overlay {
                        gtk::Stack {
                            #[local_ref]
                            creation_page -> adw::Bin {},
                            #[local_ref]
                            pages -> adw::ViewStack {
                                connect_visible_child_notify[sender] => move |_| {
                                    // It changes once more when the window is taken apart.
                                    let _ = sender.input_sender().send(GuestWindowInput::PageChanged);
                                },
                            },
                            #[watch]
                            set_visible_child: if model.parts.creation.is_some() {
                                creation_page.upcast_ref::<gtk::Widget>()
                            } else {
                                pages.upcast_ref()
                            },
                        },
                        // After the child: GTK 4.8 gives events to what came last.
                        add_overlay = model.parts.around.tab(),
                    },
                },
            },
        }
    }

    fn init(
        init: Self::Init,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        relm4::main_application().add_window(&root);
        let parts = Parts::new(&init, &root, &sender);
        let creation_page = parts.creation_page.clone();
        let pages = parts.pages.clone();
        let toasts = parts.around.toasts().clone();
        let main_menu = header::main_menu(&actions::main_menu(
            parts.around.screens_menu(),
            &parts.displays,
            &parts.protection,
        ));
        let mut model = Self {
            parts,
            host: init.host,
            name: init.name,
            preferences: init.preferences,
            id: None,
            seen: None,
            guest: None,
            details: None,
            link: Link::Idle,
            scene: Scene::Clear,
            vnc_added: false,
            counting: false,
            saving: None,
            starting: None,
            console_wanted: false,
            displays: Vec::new(),
        };
        if let Some(job) = init.creation {
            model.show_creation(job, &sender);
        }
        let widgets = view_output!();
        model.parts.around.attend(&widgets.header);
        name_halves(&widgets.stop, "Shut Down", "More Ways to Stop");
        if let Some(id) = init.id {
            model.begin(id, &sender);
        }
        model.enable_actions();
        root.present();
        ComponentParts { model, widgets }
    }

    fn update_with_view(
        &mut self,
        widgets: &mut Self::Widgets,
        input: Self::Input,
        sender: ComponentSender<Self>,
        root: &Self::Root,
    ) {
        match input {
            GuestWindowInput::Present => root.present(),
            GuestWindowInput::Act(Act::ForceOff) => self.confirm_force_off(root, &sender),
            GuestWindowInput::Act(Act::Start) => self.start(&sender),
            GuestWindowInput::Act(Act::Save) => self.save(&sender),
            GuestWindowInput::Act(Act::SaveToFile) => self.ask_for_file(root, &sender),
            GuestWindowInput::SaveTo(target) => self.save_to(target, &sender),
            GuestWindowInput::Act(act) => self.act(act, &sender),
            GuestWindowInput::ForceOff => self.act(Act::ForceOff, &sender),
            GuestWindowInput::Around(happened) => {
                let screen = self.parts.screen.as_ref();
                if self.parts.around.heed(happened, screen) {
                    self.focus_page();
                }
            }
            GuestWindowInput::OpenDisplay(number) => self.open_display(number, &sender),
            GuestWindowInput::Display(number, news) => {
                self.display_news(number, news, root, &sender);
            }
            GuestWindowInput::OpenMemory => self.parts.memory.widget().popup(),
            GuestWindowInput::ShowList => tell(&sender, GuestWindowOutput::ShowManager),
            GuestWindowInput::Close => root.close(),
            GuestWindowInput::Closed => {
                self.displays.clear();
                tell(&sender, GuestWindowOutput::Closed);
            }
            GuestWindowInput::PageChanged => self.page_changed(),
            GuestWindowInput::CreationEnded(end) => self.creation_ended(&end, root, &sender),
            GuestWindowInput::Vnc(output) => self.vnc_news(output),
            GuestWindowInput::Stills(output) => self.stills_news(output, &sender),
            GuestWindowInput::LeaveConsole => {
                root.set_fullscreened(false);
                widgets.header.child_focus(gtk::DirectionType::TabForward);
            }
            GuestWindowInput::CoverAct => {
                let scene = self.scene.clone();
                self.cover_act(&scene, root, &sender);
            }
            GuestWindowInput::AddVnc => self.add_vnc(&sender),
            GuestWindowInput::Answer(answer) => self.tell_vnc(VncInput::Answer(answer)),
        }
        self.update_view(widgets, sender);
    }

    fn update_cmd(
        &mut self,
        answer: Self::CommandOutput,
        sender: ComponentSender<Self>,
        root: &Self::Root,
    ) {
        match answer {
            GuestWindowAnswer::News(snapshot) => self.take_news(snapshot, &sender),
            GuestWindowAnswer::Details(Ok(details)) => self.take_details(details, &sender),
            // The guest or the host is gone; the snapshots say so.
            GuestWindowAnswer::Details(Err(_)) => {}
            GuestWindowAnswer::Acted(Act::Start, result) => {
                self.started();
                if let Err(error) = result {
                    dialogs::error::tell(root, self.parts.around.toasts(), &error);
                }
            }
            GuestWindowAnswer::Acted(act, Ok(())) => self.acted(act, &sender),
            GuestWindowAnswer::Acted(_, Err(error)) | GuestWindowAnswer::VncAdded(Err(error)) => {
                dialogs::error::tell(root, self.parts.around.toasts(), &error);
            }
            GuestWindowAnswer::StartGoesOn => self.start_goes_on(&sender),
            GuestWindowAnswer::SaveProgress(progress) => self.save_progress(progress),
            GuestWindowAnswer::Saved(file, result) => self.saved(file, result, root),
            GuestWindowAnswer::SecondPassed => {
                self.counting = false;
                self.stage_scene();
                self.count_absence(&sender);
            }
            GuestWindowAnswer::Heeded(act, run) => self.offer_force(act, run),
            GuestWindowAnswer::VncAdded(Ok(())) => {
                self.vnc_added = true;
                if let Some(Screen::Stills(stills)) = &self.parts.screen {
                    stills.emit(StillsInput::VncAdded);
                }
                self.stage_scene();
            }
        }
    }
}

/// Tells the program. One that is ending needs no telling.
fn tell(sender: &ComponentSender<GuestWindow>, output: GuestWindowOutput) {
    let _ = sender.output(output);
}

/// Names the two buttons inside a split button: by itself it hands its name to neither.
fn name_halves(split: &adw::SplitButton, main: &str, more: &str) {
    let halves = std::iter::successors(split.first_child(), WidgetExt::next_sibling);
    for half in halves {
        let name = if half.is::<gtk::MenuButton>() {
            more
        } else {
            main
        };
        half.update_property(&[gtk::accessible::Property::Label(name)]);
    }
}
