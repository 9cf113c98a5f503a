//! The row with what virt-manager remembers and the list does not have yet.

use adw::prelude::*;

use super::virt_manager::Remembered;

/// A row that unfolds into one for each connection; hidden while there are none.
#[derive(Debug)]
pub struct FoundRow {
    group: adw::PreferencesGroup,
    row: adw::ExpanderRow,
    shown: Vec<adw::ActionRow>,
}

impl FoundRow {
    /// A row with nothing in it; `all` is called to add everything.
    pub fn new(all: impl Fn() + 'static) -> Self {
        let row = adw::ExpanderRow::builder()
            .title("Found in virt-manager")
            .build();
        row.add_action(&button("Add All", all));
        let group = adw::PreferencesGroup::new();
        group.add(&row);
        group.set_visible(false);
        Self {
            group,
            row,
            shown: Vec::new(),
        }
    }

    /// The widget.
    pub fn widget(&self) -> &adw::PreferencesGroup {
        &self.group
    }

    /// Shows these; `one` is called with the URI of the one to add.
    pub fn show(&mut self, found: &[Remembered], one: impl Fn(&str) + Clone + 'static) {
        for row in self.shown.drain(..) {
            self.row.remove(&row);
        }
        self.group.set_visible(!found.is_empty());
        self.row.set_subtitle(&match found.len() {
            1 => "1 host that is not in the list yet".to_owned(),
            number => format!("{number} hosts that are not in the list yet"),
        });
        for remembered in found {
            let row = adw::ActionRow::builder()
                .use_markup(false)
                .title(&remembered.uri)
                .build();
            if remembered.autoconnect {
                row.set_subtitle("Connected when virt-manager starts");
            }
            let (one, uri) = (one.clone(), remembered.uri.clone());
            let add = button("Add", move || one(&uri));
            let spoken = format!("Add {}", remembered.uri);
            add.update_property(&[gtk::accessible::Property::Label(&spoken)]);
            row.add_suffix(&add);
            self.row.add_row(&row);
            self.shown.push(row);
        }
    }
}

fn button(label: &str, pressed: impl Fn() + 'static) -> gtk::Button {
    let button = gtk::Button::builder()
        .label(label)
        .valign(gtk::Align::Center)
        .build();
    button.connect_clicked(move |_| pressed());
    button
}
