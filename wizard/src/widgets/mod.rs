//! Pieces of interface that know nothing of the dialog; the program uses them elsewhere too.

mod notice;
mod size_row;
mod space_bar;
mod storage_picker;

use gtk::prelude::*;

pub use notice::{Notice, Tone};
pub use size_row::{Curve, Mark, SizeRow};
pub use space_bar::SpaceBar;
pub use storage_picker::StoragePicker;

/// Gives an entry, spin button or row the accessible name `label`: itself, and the text within that
/// assistive programs type into.
pub fn name_editable(widget: &(impl IsA<gtk::Accessible> + IsA<gtk::Editable>), label: &str) {
    widget.update_property(&[gtk::accessible::Property::Label(label)]);
    let mut inner = widget.delegate();
    while let Some(editable) = inner {
        if let Some(accessible) = editable.dynamic_cast_ref::<gtk::Accessible>() {
            accessible.update_property(&[gtk::accessible::Property::Label(label)]);
        }
        inner = editable.delegate();
    }
}

/// Replaces the text of an editable where it differs, with the cursor at the end.
pub fn set_text(editable: &impl IsA<gtk::Editable>, text: &str) {
    if editable.text() != text {
        editable.set_text(text);
        editable.set_position(-1);
    }
}
