//! The rail at the side: where in the dialog one is, and which pages need a look.

use std::sync::Arc;

use adw::prelude::*;
use gtk::glib::SignalHandlerId;
use relm4::{ComponentParts, ComponentSender, SimpleComponent};

use crate::draft::{Severity, Step};
use crate::pages::View;

/// The rail.
pub(crate) struct Rail {
    list: gtk::ListBox,
    rows: Vec<RailRow>,
    selected: SignalHandlerId,
}

/// What the rail is told.
#[derive(Debug)]
pub(crate) enum RailInput {
    /// Show this page as the present one, and how the others stand.
    Show(Step, Arc<View>),
    /// The row at this place was chosen.
    Chosen(i32),
}

/// The widgets of one page on the rail.
struct RailRow {
    row: gtk::ListBoxRow,
    mark: gtk::Image,
}

#[relm4::component(pub(crate))]
impl SimpleComponent for Rail {
    type Init = ();
    type Input = RailInput;
    type Output = Step;

    view! {
        gtk::Box {
            set_orientation: gtk::Orientation::Vertical,
            add_css_class: "create-rail",

            #[local_ref]
            list -> gtk::ListBox {
                set_vexpand: true,
                set_width_request: 240,
                add_css_class: "navigation-sidebar",
                update_property: &[gtk::accessible::Property::Label("Pages")],
            },
        }
    }

    fn init(
        (): Self::Init,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let list = gtk::ListBox::new();
        let rows: Vec<RailRow> = Step::ALL.into_iter().map(rail_row).collect();
        for row in &rows {
            list.append(&row.row);
        }
        let input = sender.input_sender().clone();
        let selected = list.connect_row_selected(move |_, row| {
            if let Some(row) = row {
                drop(input.send(RailInput::Chosen(row.index())));
            }
        });
        let model = Self {
            list: list.clone(),
            rows,
            selected,
        };
        let widgets = view_output!();
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: Self::Input, sender: ComponentSender<Self>) {
        match message {
            RailInput::Show(step, view) => self.show(step, &view),
            RailInput::Chosen(index) => {
                let step = usize::try_from(index)
                    .ok()
                    .and_then(|index| Step::ALL.get(index));
                if let Some(&step) = step {
                    // A dialog that is gone turns no pages.
                    let _ = sender.output(step);
                }
            }
        }
    }
}

impl Rail {
    fn show(&self, present: Step, view: &View) {
        for (step, row) in Step::ALL.into_iter().zip(&self.rows) {
            let worst = view
                .problems
                .iter()
                .filter(|problem| problem.field.step() == step)
                .map(|problem| problem.severity)
                .max();
            let (icon, class, state) = match worst {
                Some(Severity::Error) => ("dialog-error-symbolic", "error", "needs a change"),
                Some(Severity::Warning) => ("dialog-warning-symbolic", "warning", "has a warning"),
                Some(Severity::Missing) => ("", "", "not filled in"),
                Some(Severity::Note) | None if step == Step::Review => ("", "", ""),
                Some(Severity::Note) | None => ("object-select-symbolic", "dim-label", "done"),
            };
            row.mark.set_icon_name(Some(icon));
            row.mark.set_css_classes(&[class]);
            row.mark.set_visible(!icon.is_empty());
            let name = if state.is_empty() {
                step.title().to_owned()
            } else {
                format!("{}, {state}", step.title())
            };
            row.row
                .update_property(&[gtk::accessible::Property::Label(&name)]);
            if step == present && !row.row.is_selected() {
                // Only the user's own choice is to be reported.
                self.list.block_signal(&self.selected);
                self.list.select_row(Some(&row.row));
                self.list.unblock_signal(&self.selected);
            }
        }
    }
}

fn rail_row(step: Step) -> RailRow {
    let number = gtk::Label::new(Some(&(step.index() + 1).to_string()));
    number.add_css_class("step-number");
    number.set_valign(gtk::Align::Center);
    let title = gtk::Label::builder()
        .label(step.title())
        .xalign(0.0)
        .hexpand(true)
        .ellipsize(gtk::pango::EllipsizeMode::End)
        .build();
    let mark = gtk::Image::new();
    let content = gtk::Box::new(gtk::Orientation::Horizontal, 12);
    content.append(&number);
    content.append(&title);
    content.append(&mark);
    let row = gtk::ListBoxRow::builder().child(&content).build();
    RailRow { row, mark }
}
