//! First page: where to install from, and on which host.

use std::sync::Arc;

use adw::prelude::*;
use relm4::{ComponentParts, ComponentSender, SimpleComponent};

use super::{Agreement, PageOutput, View, fill_choice, mark_error, show_text, tell};
use crate::draft::{Detection, Edit, Field, Severity, address};
use crate::plan;
use crate::unlogged::Unlogged;
use crate::widgets::{Notice, Tone, set_text};

/// The page.
pub(crate) struct SourcePage {
    view: Option<Arc<View>>,
    agreed_url: Agreement<String>,
    entry: adw::EntryRow,
    suggestions: adw::PreferencesGroup,
    rows: Vec<adw::ActionRow>,
    recent: Vec<String>,
    /// What the rows were made for: clipboard offer and processor.
    offered: (Option<String>, Option<String>),
}

/// What the page needs to begin.
#[derive(Debug)]
pub(crate) struct SourceInit {
    /// Install URLs used before, the latest first.
    pub(crate) recent_urls: Vec<String>,
}

/// What the page is told.
#[derive(Debug)]
pub(crate) enum SourceInput {
    /// Show this.
    Show(Arc<View>),
    /// Take this address, which the user picked.
    Take(Unlogged<String>),
}

/// How many addresses used before are offered.
const MAX_RECENT: usize = 4;

#[relm4::component(pub(crate))]
impl SimpleComponent for SourcePage {
    type Init = SourceInit;
    type Input = SourceInput;
    type Output = PageOutput;

    view! {
        gtk::Box {
            set_orientation: gtk::Orientation::Vertical,
            set_spacing: 18,

            adw::PreferencesGroup {
                set_title: "Where to install from",
                set_description: Some("The address of an install tree: Debian, Ubuntu, Fedora and their kin."),

                #[local_ref]
                add = &entry -> adw::EntryRow {
                    set_title: "Install URL",
                    set_input_purpose: gtk::InputPurpose::Url,
                    set_input_hints: gtk::InputHints::NO_SPELLCHECK,
                    connect_changed[sender] => move |entry| {
                        let edit = Edit::Url(entry.text().into());
                        drop(sender.output(PageOutput::Edit(edit)));
                    } @url_changed,
                    connect_entry_activated[sender] => move |_| {
                        drop(sender.output(PageOutput::LookNow { advance: true }));
                    },
                },

                #[name = "found"]
                add = &Notice {
                    set_margin_top: 9,
                    set_margin_start: 6,
                },
            },

            adw::PreferencesGroup {
                #[watch]
                set_visible: model.view.as_ref().is_some_and(|view| view.host_names.len() > 1 || view.problem(Field::Host).is_some()),

                #[name = "host"]
                add = &adw::ComboRow {
                    set_title: "Host",
                    #[watch]
                    set_visible: model.view.as_ref().is_some_and(|view| view.host_names.len() > 1),
                    connect_selected_notify[sender] => move |row| {
                        let index = row.selected() as usize;
                        drop(sender.output(PageOutput::Host(index)));
                    } @host_chosen,
                },

                #[name = "host_notice"]
                add = &Notice {
                    set_margin_top: 9,
                    set_margin_start: 6,
                },
            },

            #[local_ref]
            suggestions -> adw::PreferencesGroup {
                set_title: "Suggestions",
            },
        }
    }

    fn init(
        init: Self::Init,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let entry = adw::EntryRow::new();
        let suggestions = adw::PreferencesGroup::new();
        let mut recent = init.recent_urls;
        recent.truncate(MAX_RECENT);
        let model = Self {
            view: None,
            agreed_url: Agreement::new(String::new()),
            entry: entry.clone(),
            suggestions: suggestions.clone(),
            rows: Vec::new(),
            recent,
            offered: (None, None),
        };
        let widgets = view_output!();
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: Self::Input, sender: ComponentSender<Self>) {
        match message {
            SourceInput::Show(view) => {
                self.suggest(&view, &sender);
                self.view = Some(view);
            }
            SourceInput::Take(Unlogged(url)) => {
                set_text(&self.entry, &url);
                drop(sender.output(PageOutput::LookNow { advance: false }));
            }
        }
    }

    fn pre_view() {
        if let Some(view) = &model.view {
            let told = &view.draft.url;
            show_text(
                &*entry,
                url_changed,
                &model.agreed_url,
                told.value(),
                told.is_by_hand(),
            );
            mark_error(entry, view.problem(Field::Url));
            show_detection(found, view);
            match view.problem(Field::Host) {
                Some(problem) if problem.severity == Severity::Missing => {
                    host_notice.say(Tone::Busy, &problem.message, None);
                }
                problem => tell(host_notice, problem),
            }
            host.block_signal(host_chosen);
            fill_choice(host, &view.host_names, view.host_index);
            host.unblock_signal(host_chosen);
        }
    }
}

impl SourcePage {
    /// Offers what is in the clipboard, what was used before, and what always works.
    fn suggest(&mut self, view: &View, sender: &ComponentSender<Self>) {
        let arch = view.host.as_ref().map(|host| host.arch.clone());
        let offered = (view.offer.clone(), arch);
        if self.offered == offered && !self.rows.is_empty() {
            return;
        }
        for row in self.rows.drain(..) {
            self.suggestions.remove(&row);
        }
        let arch = offered.1.as_deref().unwrap_or_default();
        let clipboard = offered
            .0
            .iter()
            .map(|url| Suggestion::address(url, "From the clipboard"));
        let recent = self
            .recent
            .iter()
            .map(|url| Suggestion::address(url, "Used before"));
        let well_known = address::well_known(arch).iter().map(|place| Suggestion {
            title: place.title.to_owned(),
            subtitle: place.url.to_owned(),
            url: place.url.to_owned(),
        });
        let mut seen = Vec::new();
        for suggestion in clipboard.chain(recent).chain(well_known) {
            if seen.contains(&suggestion.url) {
                continue;
            }
            let row = suggestion.row(sender);
            seen.push(suggestion.url);
            self.suggestions.add(&row);
            self.rows.push(row);
        }
        self.suggestions.set_visible(!self.rows.is_empty());
        self.offered = offered;
    }
}

/// An address to take with one click.
struct Suggestion {
    title: String,
    subtitle: String,
    url: String,
}

impl Suggestion {
    /// One that goes by its address; a password in it is not shown.
    fn address(url: &str, origin: &str) -> Self {
        Self {
            title: address::without_credentials(url),
            subtitle: origin.to_owned(),
            url: url.to_owned(),
        }
    }

    fn row(&self, sender: &ComponentSender<SourcePage>) -> adw::ActionRow {
        let row = adw::ActionRow::builder()
            .use_markup(false)
            .title(&self.title)
            .title_lines(1)
            .subtitle(&self.subtitle)
            .subtitle_lines(1)
            .tooltip_text(address::without_credentials(&self.url))
            .activatable(true)
            .build();
        let icon = gtk::Image::from_icon_name("edit-paste-symbolic");
        icon.add_css_class("dim-label");
        row.add_suffix(&icon);
        let input = sender.input_sender().clone();
        let url = self.url.clone();
        row.connect_activated(move |_| drop(input.send(SourceInput::Take(Unlogged(url.clone())))));
        row
    }
}

/// What the URL was found to hold, below it.
fn show_detection(notice: &Notice, view: &View) {
    match &view.draft.detection {
        Detection::Nothing => notice.clear(),
        Detection::Looking => notice.say(Tone::Busy, "Looking at what is there…", None),
        Detection::Found(tree) => notice.say(
            Tone::Good,
            &plan::preflight(tree, view.draft.graphical.get()),
            None,
        ),
        Detection::Failed(_) => tell(notice, view.problem(Field::Url)),
    }
}
