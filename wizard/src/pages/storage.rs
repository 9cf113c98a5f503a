//! Fourth page: where the disk goes and how large it is.

use std::sync::Arc;

use adw::prelude::*;
use backend::install::DiskPlace;
use relm4::{ComponentParts, ComponentSender, SimpleComponent};

use super::{Agreement, PageOutput, View, mark_error, show_size, show_text, tell};
use crate::draft::{Edit, Field, Inspection};
use crate::format;
use crate::widgets::{Curve, Mark, Notice, SizeRow, SpaceBar, StoragePicker, Tone};

/// The page.
pub(crate) struct StoragePage {
    view: Option<Arc<View>>,
    agreed_path: Agreement<String>,
    agreed_size: Agreement<u64>,
}

/// What the page is told.
#[derive(Debug)]
pub(crate) enum StorageInput {
    /// Show this.
    Show(Arc<View>),
}

/// Where the slider ends at least, in GiB.
const SLIDER_TO: u64 = 64;

#[relm4::component(pub(crate))]
impl SimpleComponent for StoragePage {
    type Init = ();
    type Input = StorageInput;
    type Output = PageOutput;

    view! {
        gtk::Box {
            set_orientation: gtk::Orientation::Vertical,
            set_spacing: 18,

            adw::PreferencesGroup {
                set_title: "Disk",
                set_description: Some("A new file; what is there already is never overwritten."),

                #[local_ref]
                add = &path -> StoragePicker {
                    set_activates_default: true,
                    set_input_hints: gtk::InputHints::NO_SPELLCHECK,
                    connect_changed[sender] => move |entry| {
                        let edit = Edit::Disk(entry.text().into());
                        drop(sender.output(PageOutput::Edit(edit)));
                    } @path_changed,
                },

                #[name = "path_notice"]
                add = &Notice {
                    set_margin_top: 9,
                    set_margin_start: 6,
                },
            },

            adw::PreferencesGroup {
                #[local_ref]
                add = &size -> SizeRow {},

                #[name = "space"]
                add = &gtk::Box {
                    set_orientation: gtk::Orientation::Vertical,
                    set_spacing: 6,
                    set_margin_top: 12,
                    set_margin_start: 6,
                    set_margin_end: 6,

                    #[name = "bar"]
                    SpaceBar {},

                    gtk::Label {
                        set_xalign: 0.0,
                        set_wrap: true,
                        add_css_class: "caption",
                        add_css_class: "dim-label",
                        add_css_class: "numeric",
                        #[watch]
                        set_label: &model.space_in_words(),
                    },
                },
            },
        }
    }

    fn init(
        (): Self::Init,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let path = StoragePicker::new("Disk path");
        let output = sender.output_sender().clone();
        path.connect_pool_picked(move |pool| {
            drop(output.send(PageOutput::Edit(Edit::Pool(pool.to_owned()))));
        });
        let size = SizeRow::new("Disk size", "GiB", Curve::Doubling, format::parse_gib);
        let output = sender.output_sender().clone();
        size.connect_value_changed(move |gib| {
            drop(output.send(PageOutput::Edit(Edit::DiskGib(gib))));
        });
        let model = Self {
            view: None,
            agreed_path: Agreement::new(String::new()),
            agreed_size: Agreement::new(size.value()),
        };
        let widgets = view_output!();
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: Self::Input, _sender: ComponentSender<Self>) {
        let StorageInput::Show(view) = message;
        self.view = Some(view);
    }

    fn pre_view() {
        if let Some(view) = &model.view {
            let draft = &view.draft;
            if let Some(host) = &view.host {
                path.set_pools(&host.pools);
            }
            let told = &draft.disk;
            show_text(
                &*path,
                path_changed,
                &model.agreed_path,
                told.value(),
                told.is_by_hand(),
            );
            mark_error(path, view.problem(Field::Disk));
            match view.problem(Field::Disk) {
                None if draft.inspection == Inspection::Looking => {
                    path_notice.say(Tone::Busy, "Asking the host about this place…", None);
                }
                problem => tell(path_notice, problem),
            }
            show_disk_size(size, &model.agreed_size, view);
            match storage_space(view) {
                Some((capacity, available)) => {
                    let wanted = draft.disk_gib.get().saturating_mul(1 << 30);
                    bar.show_space(capacity, capacity - available, wanted);
                    bar.set_visible(true);
                }
                None => bar.set_visible(false),
            }
        }
    }
}

fn show_disk_size(row: &SizeRow, agreed: &Agreement<u64>, view: &View) {
    let draft = &view.draft;
    let free = storage_space(view).map(|(_, available)| available >> 30);
    row.set_range(1, free.unwrap_or_default().max(SLIDER_TO));
    let mut marks = Vec::new();
    if let Some(tree) = draft.tree() {
        marks.push(Mark {
            value: tree.recommended_disk_gib,
            label: format!("recommended {} GiB", tree.recommended_disk_gib),
            above: true,
        });
    }
    if let Some(free) = free {
        marks.push(Mark {
            value: free,
            label: format!("free {free} GiB"),
            above: false,
        });
    }
    row.set_marks(marks);
    let size = &draft.disk_gib;
    show_size(row, agreed, size.get(), size.is_by_hand());
    tell(row.notice(), view.problem(Field::DiskSize));
}

/// Bytes in all and free where the disk goes. Of a place that is no pool only the free ones are
/// known, and count as all.
fn storage_space(view: &View) -> Option<(u64, u64)> {
    let inspected = match &view.draft.inspection {
        Inspection::Known(report) => report.available,
        _ => None,
    };
    let host = view.host.as_ref()?;
    let pool = match view.draft.place(host)? {
        DiskPlace::Volume { pool, .. } => host.pools.iter().find(|known| known.name == pool),
        DiskPlace::Path(_) => None,
    };
    let available = inspected.or(pool.map(|pool| pool.available))?;
    let capacity = pool.map_or(available, |pool| pool.capacity.max(available));
    Some((capacity, available))
}

impl StoragePage {
    /// What the disk takes at first and at most, and what there is.
    fn space_in_words(&self) -> String {
        let Some(view) = &self.view else {
            return String::new();
        };
        let size = view.draft.disk_gib.get();
        let free = storage_space(view)
            .map(|(_, available)| format!(" {} are free.", format::bytes(available)))
            .unwrap_or_default();
        format!(
            "Takes next to nothing at first, and at most {size} GiB as the guest fills it.{free}"
        )
    }
}
