//! Second page: name, installer and network.

use std::sync::Arc;

use adw::prelude::*;
use backend::install::NetworkSource;
use relm4::{ComponentParts, ComponentSender, SimpleComponent};

use super::{Agreement, PageOutput, View, fill_choice, mark_error, show_text, tell};
use crate::draft::{Edit, Field};
use crate::widgets::Notice;

/// The page.
pub(crate) struct SystemPage {
    view: Option<Arc<View>>,
    agreed_name: Agreement<String>,
    agreed_arguments: Agreement<String>,
    /// What the network card can be connected to, in the order of the choice.
    networks: Vec<NetworkSource>,
}

/// What the page is told.
#[derive(Debug)]
pub(crate) enum SystemInput {
    /// Show this.
    Show(Arc<View>),
    /// The network at this place of the choice was chosen.
    Network(u32),
}

/// Installers in the order of the choice.
const INSTALLERS: [&str; 2] = ["Graphical", "Text"];

#[relm4::component(pub(crate))]
impl SimpleComponent for SystemPage {
    type Init = ();
    type Input = SystemInput;
    type Output = PageOutput;

    view! {
        gtk::Box {
            set_orientation: gtk::Orientation::Vertical,
            set_spacing: 18,

            adw::PreferencesGroup {
                #[name = "name"]
                add = &adw::EntryRow {
                    set_title: "Name",
                    set_activates_default: true,
                    set_input_hints: gtk::InputHints::NO_SPELLCHECK,
                    connect_changed[sender] => move |entry| {
                        let edit = Edit::Name(entry.text().into());
                        drop(sender.output(PageOutput::Edit(edit)));
                    } @name_changed,
                },

                #[name = "name_notice"]
                add = &Notice {
                    set_margin_top: 9,
                    set_margin_start: 6,
                },
            },

            adw::PreferencesGroup {
                set_title: "System",

                #[name = "system"]
                add = &adw::ActionRow {
                    set_use_markup: false,
                    set_title_lines: 2,
                    #[watch]
                    set_title: &model.system(),
                    #[watch]
                    set_subtitle: &model.source(),
                    set_subtitle_lines: 1,
                    #[watch]
                    set_tooltip_text: Some(&model.source()),
                },

                #[name = "installer"]
                add = &adw::ComboRow {
                    set_title: "Installer",
                    set_model: Some(&gtk::StringList::new(&INSTALLERS)),
                    #[watch]
                    set_visible: model.has_both_installers(),
                    connect_selected_notify[sender] => move |row| {
                        let edit = Edit::Graphical(row.selected() == 0);
                        drop(sender.output(PageOutput::Edit(edit)));
                    } @installer_chosen,
                },

                #[name = "arguments"]
                add = &adw::EntryRow {
                    set_title: "Installer arguments",
                    set_tooltip_text: Some("Added to the installer's kernel command line"),
                    set_activates_default: true,
                    set_input_hints: gtk::InputHints::NO_SPELLCHECK,
                    connect_changed[sender] => move |entry| {
                        let edit = Edit::ExtraArguments(entry.text().into());
                        drop(sender.output(PageOutput::Edit(edit)));
                    } @arguments_changed,
                },

                #[name = "arguments_notice"]
                add = &Notice {
                    set_margin_top: 9,
                    set_margin_start: 6,
                },
            },

            adw::PreferencesGroup {
                #[name = "network"]
                add = &adw::ComboRow {
                    set_title: "Network",
                    connect_selected_notify[sender] => move |row| {
                        sender.input(SystemInput::Network(row.selected()));
                    } @network_chosen,
                },

                #[name = "network_notice"]
                add = &Notice {
                    set_margin_top: 9,
                    set_margin_start: 6,
                },
            },
        }
    }

    fn init(
        (): Self::Init,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let model = Self {
            view: None,
            agreed_name: Agreement::new(String::new()),
            agreed_arguments: Agreement::new(String::new()),
            networks: Vec::new(),
        };
        let widgets = view_output!();
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: Self::Input, sender: ComponentSender<Self>) {
        match message {
            SystemInput::Show(view) => {
                self.networks = networks(&view);
                self.view = Some(view);
            }
            SystemInput::Network(index) => {
                if let Some(network) = self.networks.get(index as usize) {
                    let edit = Edit::Network(network.clone());
                    drop(sender.output(PageOutput::Edit(edit)));
                }
            }
        }
    }

    fn pre_view() {
        if let Some(view) = &model.view {
            let draft = &view.draft;
            let told = &draft.name;
            show_text(
                &*name,
                name_changed,
                &model.agreed_name,
                told.value(),
                told.is_by_hand(),
            );
            show_text(
                &*arguments,
                arguments_changed,
                &model.agreed_arguments,
                &draft.extra_arguments,
                true,
            );
            mark_error(name, view.problem(Field::Name));
            mark_error(arguments, view.problem(Field::ExtraArguments));
            tell(name_notice, view.problem(Field::Name));
            tell(arguments_notice, view.problem(Field::ExtraArguments));
            tell(network_notice, view.problem(Field::Network));

            installer.block_signal(installer_chosen);
            installer.set_selected(u32::from(!draft.graphical.get()));
            installer.unblock_signal(installer_chosen);

            let names: Vec<String> = model.networks.iter().map(network_name).collect();
            let chosen = model
                .networks
                .iter()
                .position(|network| network == draft.network.value())
                .unwrap_or_default();
            network.block_signal(network_chosen);
            fill_choice(network, &names, chosen);
            network.unblock_signal(network_chosen);
        }
    }
}

fn network_name(source: &NetworkSource) -> String {
    match source {
        NetworkSource::Network(name) => name.clone(),
        NetworkSource::Bridge(name) => format!("Bridge {name}"),
        // It needs nothing on the host, and nothing reaches the guest.
        NetworkSource::User => "User network (outward only)".to_owned(),
        NetworkSource::None => "None".to_owned(),
    }
}

/// What can be chosen; what was chosen by other means stays among it.
fn networks(view: &View) -> Vec<NetworkSource> {
    let mut sources = match &view.host {
        Some(host) => host.network_sources(),
        None => vec![NetworkSource::User],
    };
    let chosen = view.draft.network.value();
    if !sources.contains(chosen) {
        sources.push(chosen.clone());
    }
    sources
}

impl SystemPage {
    fn system(&self) -> String {
        let tree = self.view.as_ref().and_then(|view| view.draft.tree());
        tree.map_or_else(|| "Not known yet".to_owned(), |tree| tree.system())
    }

    fn source(&self) -> String {
        let tree = self.view.as_ref().and_then(|view| view.draft.tree());
        tree.map_or_else(
            || "It shows once the install URL was looked at".to_owned(),
            |tree| crate::draft::address::without_credentials(&tree.url),
        )
    }

    fn has_both_installers(&self) -> bool {
        let tree = self.view.as_ref().and_then(|view| view.draft.tree());
        tree.is_some_and(|tree| {
            let has = |graphical| {
                tree.installers
                    .iter()
                    .any(|installer| installer.graphical == graphical)
            };
            has(true) && has(false)
        })
    }
}
