//! The page that explains why a host could not be connected.

use adw::prelude::*;
use backend::Error;

use crate::dialogs::error;

/// What happened with `uri`, why, and what to do; the words of the library underneath on request.
pub fn page(uri: &str, failure: &Error) -> gtk::Box {
    let column = gtk::Box::new(gtk::Orientation::Vertical, 12);
    let icon = gtk::Image::builder()
        .icon_name("network-offline-symbolic")
        .pixel_size(48)
        .css_classes(["dim-label"])
        .build();
    column.append(&icon);
    column.append(&text(failure.message(), "title-3"));
    if let Some(remedy) = failure.remedy() {
        column.append(&text(remedy, "body"));
    }
    column.append(&text(uri, "dim-label"));
    if let Some(detail) = failure.detail() {
        column.append(&error::details(detail));
    }
    column
}

fn text(text: &str, class: &str) -> gtk::Label {
    gtk::Label::builder()
        .label(text)
        .selectable(true)
        .wrap(true)
        .wrap_mode(gtk::pango::WrapMode::WordChar)
        .justify(gtk::Justification::Center)
        .css_classes([class])
        .build()
}
