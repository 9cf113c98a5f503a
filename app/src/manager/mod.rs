//! The guest list: every host's guests with what they do, and what can be done with them.

mod action;
mod actions;
mod banner;
mod details;
mod figures;
mod files;
mod guest_row;
mod history;
mod host_action;
mod host_row;
mod item;
mod list;
mod pages;
mod requests;
mod rows;
mod search;
mod search_field;
mod searching;
mod sight;
#[cfg(test)]
mod testing;
mod view;
mod visibility;
pub mod words;

use std::collections::HashMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use adw::prelude::*;
use backend::host::StatsInterest;
use backend::model::{GuestId, HostState};
use backend::{Error, Result};
use gtk::{gio, glib};
use relm4::{Component, ComponentParts, ComponentSender};

use crate::hosts::{HostEntry, HostId};
use crate::{daemon, dialogs};

use action::GuestAction;
use banner::Banner;
use details::DetailQueue;
pub use host_action::HostAction;
use host_action::Means;
use host_row::HostEvent;
use list::GuestList;
use pages::Page;
pub use requests::Request;
use rows::RowKey;
use search_field::SearchField;
use view::{Listeners, View};

/// What the guest list starts with.
#[derive(Debug)]
pub struct ManagerInit {
    /// The window it fills.
    pub window: adw::ApplicationWindow,
    /// URIs of the hosts whose guests are folded away.
    pub collapsed: Vec<String>,
}

/// What happens to the guest list.
#[derive(Debug)]
pub enum ManagerInput {
    /// The hosts as they are now.
    Hosts(Vec<HostEntry>),
    /// Show that host's part of the list.
    Reveal(HostId),
    /// That host was added, and answers as these words say.
    Added(HostId, String),
    /// A failure to tell, once there is a window to tell it over.
    Tell(Error),
    /// The search field holds this.
    Search(String),
    /// Open the search, or close it.
    ToggleSearch,
    /// Other guests are selected, or they changed.
    Selection,
    /// Ask for a file and restore the guest in it.
    Restore,
    /// Do this with the selected guests.
    Act(GuestAction),
    /// Run the selected guests that stand, pause those that run.
    RunOrPause,
    /// Do this with that guest.
    ActOn(RowKey, GuestAction),
    /// The user confirmed or filled in what a dialog asked.
    Perform(RowKey, Request),
    /// A request came to its end.
    Done(RowKey, Request, Result<()>),
    /// A host's head had something pressed.
    Host(HostId, HostEvent),
    /// The page or the strip about the only host had something pressed.
    OnlyHost(HostAction),
    /// These guests came into sight.
    Seen(Vec<RowKey>),
    /// A definition was fetched, or could not be.
    Fetched,
    /// The window came into view or went out of it.
    Visible(bool),
    /// A second passed while a host is silent.
    Tick,
}

/// What the guest list asks of the program.
#[derive(Debug, Clone)]
pub enum ManagerOutput {
    /// Show that guest's window.
    Open(HostId, GuestId),
    /// Create a guest, on that host if it can.
    Create(Option<HostId>),
    /// Ask for a host to add.
    AddHost,
    /// Make a guest out of that file, or of one to be chosen.
    Import(Option<PathBuf>),
    /// Do this with that host.
    Host(HostId, HostAction),
    /// Do this with this machine's system hypervisor, for which the session stands in.
    System(HostAction),
    /// The guests of that host are folded away, or are not any more.
    Collapsed(HostId, bool),
}

/// The guest list.
#[derive(Debug)]
pub struct Manager {
    window: adw::ApplicationWindow,
    list: GuestList,
    view: View,
    toasts: adw::ToastOverlay,
    stack: gtk::Stack,
    banner: Banner,
    search_field: SearchField,
    search: String,
    page: Page,
    page_slot: adw::Bin,
    means: Means,
    actions: HashMap<GuestAction, gio::SimpleAction>,
    primary: GuestAction,
    any_selected: bool,
    visible: bool,
    untold: Vec<Error>,
    interests: HashMap<HostId, StatsInterest>,
    details: DetailQueue,
    ticking: bool,
    /// Whether there ever was a row.
    listed: bool,
    collapsed_uris: Vec<String>,
}

#[relm4::component(pub)]
impl Component for Manager {
    type Init = ManagerInit;
    type Input = ManagerInput;
    type Output = ManagerOutput;
    type CommandOutput = ();

    view! {
        gtk::Box {
            set_orientation: gtk::Orientation::Vertical,

            adw::HeaderBar {
                #[wrap(Some)]
                set_title_widget = &adw::WindowTitle::new("Guesthouse", "") {},

                pack_start = &gtk::Button {
                    set_icon_name: "list-add-symbolic",
                    set_tooltip_text: Some("Create a Virtual Machine (Ctrl+N)"),
                    set_action_name: Some("win.create"),
                    update_property: &[gtk::accessible::Property::Label("Create a Virtual Machine")],
                },
                pack_start: model.search_field.button(),
                pack_end = &gtk::MenuButton {
                    set_icon_name: "open-menu-symbolic",
                    set_tooltip_text: Some("Menu (F10)"),
                    set_primary: true,
                    set_menu_model: Some(&actions::main_menu()),
                    update_property: &[gtk::accessible::Property::Label("Menu")],
                },
                pack_end = &gtk::Box {
                    #[watch]
                    set_visible: model.any_selected,
                    set_spacing: 6,

                    gtk::Button {
                        #[watch]
                        set_icon_name: model.primary.icon(),
                        #[watch]
                        set_tooltip_text: Some(&format!("{} (Space)", model.primary.plain_label())),
                        #[watch]
                        set_action_name: Some(&format!("guest.{}", model.primary.name())),
                        #[watch]
                        update_property: &[gtk::accessible::Property::Label(
                            &format!("{} Selected", model.primary.plain_label())
                        )],
                    },
                    gtk::Button {
                        set_icon_name: GuestAction::ShutDown.icon(),
                        set_tooltip_text: Some("Shut Down"),
                        set_action_name: Some("guest.shut-down"),
                        update_property: &[gtk::accessible::Property::Label("Shut Down Selected")],
                    },
                    gtk::MenuButton {
                        set_icon_name: "view-more-symbolic",
                        set_tooltip_text: Some("More Actions (Shift+F10)"),
                        set_menu_model: Some(&view::guest_menu()),
                        update_property: &[gtk::accessible::Property::Label("More Actions")],
                    },
                },
            },

            append: model.search_field.bar(),
            append: model.banner.widget(),

            #[local_ref]
            toasts -> adw::ToastOverlay {
                set_vexpand: true,
                #[local_ref]
                #[wrap(Some)]
                set_child = stack -> gtk::Stack {
                    add_named: (model.view.widget(), Some("list")),
                    #[local_ref]
                    add_named[Some("page")] = page_slot -> adw::Bin {},
                },
            },
        }
    }

    fn init(
        init: Self::Init,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let means = Means {
            root: daemon::is_root(),
            installed: backend::local::is_installed(),
        };
        let list = GuestList::new();
        let view = View::new(list.store(), means, &listeners(&sender));
        let toasts = adw::ToastOverlay::new();
        let stack = gtk::Stack::new();
        let page_slot = adw::Bin::new();
        let (typed, left, closed) = (sender.input_sender().clone(), view.clone(), view.clone());
        let chosen = typed.clone();
        let search_field = SearchField::new(
            move |text| typed.emit(ManagerInput::Search(text)),
            move || chosen.emit(ManagerInput::Act(GuestAction::Open)),
            move || left.focus_selected(),
            move || closed.grab_focus(),
        );
        let banner = Banner::new();

        let model = Self {
            actions: actions::add_guest_actions(&root, &sender),
            window: init.window,
            list,
            view,
            toasts: toasts.clone(),
            stack: stack.clone(),
            banner,
            search_field,
            search: String::new(),
            page: Page::List,
            page_slot: page_slot.clone(),
            means,
            primary: GuestAction::Start,
            any_selected: false,
            visible: false,
            untold: Vec::new(),
            interests: HashMap::new(),
            details: DetailQueue::default(),
            ticking: false,
            listed: false,
            collapsed_uris: init.collapsed,
        };
        let (toasts, stack, page_slot) = (&toasts, &stack, &page_slot);
        let widgets = view_output!();
        model.add_window_actions(&root, &sender);
        model.search_field.open_by_typing(&model.window);
        let input = sender.input_sender().clone();
        visibility::follow(&model.window, move |visible| {
            input.emit(ManagerInput::Visible(visible));
        });
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: Self::Input, sender: ComponentSender<Self>, _root: &Self::Root) {
        match message {
            ManagerInput::Hosts(hosts) => self.set_hosts(hosts, &sender),
            ManagerInput::Reveal(id) => self.reveal(id),
            ManagerInput::Added(id, words) => {
                self.reveal(id);
                let told = format!("Added: {words}.");
                self.toasts.add_toast(dialogs::error::toast(&told));
            }
            ManagerInput::Tell(error) if self.visible => self.tell(&error),
            ManagerInput::Tell(error) => self.untold.push(error),
            ManagerInput::Search(text) => self.set_search(text, &sender),
            ManagerInput::ToggleSearch => self.search_field.toggle(),
            ManagerInput::Selection => self.selection_changed(),
            ManagerInput::Restore => self.restore(),
            ManagerInput::Act(action) => {
                let selected = self.view.selected();
                self.act(&selected, action, &sender);
            }
            ManagerInput::RunOrPause => self.run_or_pause(&sender),
            ManagerInput::ActOn(key, action) => self.act(&[key], action, &sender),
            ManagerInput::Perform(key, request) => self.perform(key, request, &sender),
            ManagerInput::Done(key, request, result) => self.done(key, &request, result),
            ManagerInput::Host(id, HostEvent::Fold) => {
                let collapsed = !self.list.is_collapsed(id);
                self.list.set_collapsed(id, collapsed);
                send(&sender, ManagerOutput::Collapsed(id, collapsed));
            }
            ManagerInput::Host(id, HostEvent::Act(action)) => {
                send(&sender, ManagerOutput::Host(id, action));
            }
            ManagerInput::OnlyHost(action) => {
                let hosts = self.list.hosts();
                if hosts.iter().any(|entry| entry.instead_of.is_some()) {
                    send(&sender, ManagerOutput::System(action));
                } else if let [only] = hosts {
                    send(&sender, ManagerOutput::Host(only.id, action));
                }
            }
            ManagerInput::Seen(keys) => {
                self.details.want_first(keys.into_iter());
                self.fetch(&sender);
            }
            ManagerInput::Fetched => {
                self.details.done();
                self.fetch(&sender);
            }
            ManagerInput::Visible(visible) => {
                self.visible = visible;
                self.update_interests();
                if visible && !self.ticking {
                    self.ticking = self.list.tick() && tick_later(&sender);
                }
                if visible {
                    for error in std::mem::take(&mut self.untold) {
                        self.tell(&error);
                    }
                }
            }
            ManagerInput::Tick => {
                self.ticking = self.visible && self.list.tick() && tick_later(&sender);
            }
        }
    }
}

impl Manager {
    fn reveal(&self, id: HostId) {
        if let Some(place) = self.list.place_of_host(id) {
            self.view.reveal(place);
        }
    }

    fn set_hosts(&mut self, hosts: Vec<HostEntry>, sender: &ComponentSender<Self>) {
        for entry in &hosts {
            let before = self
                .list
                .host(entry.id)
                .map(|known| known.snapshot.state.clone());
            if before.is_none() && self.collapsed_uris.iter().any(|uri| uri == entry.uri()) {
                self.list.set_collapsed(entry.id, true);
            }
            let was_up = before == Some(HostState::Connected);
            if !was_up && entry.snapshot.state == HostState::Connected {
                self.details.forget(entry.id);
                self.view.look_again();
            }
        }
        self.list.set_hosts(hosts);
        self.banner.update(self.list.hosts(), self.means);
        self.update_interests();
        self.update_page();
        if !self.listed && !self.list.is_empty() {
            // The keyboard begins on the list, not on the first button of the header.
            self.listed = true;
            self.view.grab_focus();
        }
        self.selection_changed();
        if self.list.is_searching() {
            self.want_all_details(sender);
        }
        if !self.ticking && self.visible && self.list.tick() {
            self.ticking = tick_later(sender);
        }
    }

    fn update_page(&mut self) {
        let page = pages::choose(
            self.list.hosts(),
            !self.list.is_empty(),
            &self.search,
            self.means,
        );
        if page == self.page {
            return;
        }
        if page == Page::List {
            self.stack.set_visible_child_name("list");
        } else {
            self.page_slot.set_child(Some(&pages::build(&page)));
            self.stack.set_visible_child_name("page");
        }
        self.page = page;
    }

    /// Asks for figures of the hosts that are shown, while they can be seen.
    fn update_interests(&mut self) {
        let Self {
            interests,
            list,
            visible,
            ..
        } = self;
        if !*visible {
            interests.clear();
            return;
        }
        interests.retain(|id, _| list.host(*id).is_some());
        for entry in list.hosts() {
            interests
                .entry(entry.id)
                .or_insert_with(|| entry.host.watch_stats());
        }
    }

    /// Shows in header and menus what can be done with the selected guests.
    fn selection_changed(&mut self) {
        let selected = self.view.selected();
        let allowed = |action: GuestAction| {
            selected
                .iter()
                .filter_map(|key| self.list.item(*key))
                .any(|item| item.guest().is_some_and(|content| content.allows(action)))
        };
        for (action, entry) in &self.actions {
            let enabled = allowed(*action) && (selected.len() == 1 || !action.is_for_one());
            if entry.is_enabled() != enabled {
                entry.set_enabled(enabled);
            }
        }
        self.any_selected = !selected.is_empty();
        self.primary = [GuestAction::Pause, GuestAction::Resume]
            .into_iter()
            .find(|action| allowed(*action))
            .unwrap_or(GuestAction::Start);
    }
}

/// What the view tells, as inputs.
fn listeners(sender: &ComponentSender<Manager>) -> Listeners {
    let emit = |sender: &ComponentSender<Manager>| {
        let input = sender.input_sender().clone();
        move |message| input.emit(message)
    };
    let (action, host_event, key_action) = (emit(sender), emit(sender), emit(sender));
    let (run_or_pause, seen, selection) = (emit(sender), emit(sender), emit(sender));
    Listeners {
        action: Rc::new(move |key, what| action(ManagerInput::ActOn(key, what))),
        host_event: Rc::new(move |id, event| host_event(ManagerInput::Host(id, event))),
        run_or_pause: Rc::new(move || run_or_pause(ManagerInput::RunOrPause)),
        key_action: Rc::new(move |what| key_action(ManagerInput::Act(what))),
        seen: Rc::new(move |keys| seen(ManagerInput::Seen(keys))),
        selection: Rc::new(move || selection(ManagerInput::Selection)),
    }
}

/// Brings the age of silent hosts up to date in a second. Returns true.
fn tick_later(sender: &ComponentSender<Manager>) -> bool {
    let input = sender.input_sender().clone();
    glib::timeout_add_local_once(Duration::from_secs(1), move || {
        // The list is gone when the program ends.
        let _ = input.send(ManagerInput::Tick);
    });
    true
}

/// Tells the program; it is gone only when it ends.
fn send(sender: &ComponentSender<Manager>, output: ManagerOutput) {
    let _ = sender.output(output);
}
