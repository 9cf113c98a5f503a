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

/// Replaces the text of an editable where it differs, with the cursor at the end.
pub fn set_text(editable: &impl IsA<gtk::Editable>, text: &str) {
    if editable.text() != text {
        editable.set_text(text);
        editable.set_position(-1);
    }
}
