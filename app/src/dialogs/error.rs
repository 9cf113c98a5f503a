//! How every failure is told: what happened, what to do about it, and on request the words of the
//! library underneath.

use adw::prelude::*;
use backend::{Error, ErrorKind};

/// Shows `error` in a dialog over `parent`. The user dismisses it; nothing waits for it.
///
/// A second failure with the same words while the first is still shown is not stacked on top of it.
pub fn present(parent: &impl IsA<gtk::Window>, error: &Error) {
    if is_no_news(error) {
        return;
    }
    let parent = parent.upcast_ref::<gtk::Window>();
    let shown = gtk::Window::list_toplevels().into_iter().any(|window| {
        window.downcast::<adw::MessageDialog>().is_ok_and(|dialog| {
            dialog.is_visible()
                && dialog.transient_for().as_ref() == Some(parent)
                && dialog.heading().as_deref() == Some(error.message())
        })
    });
    if shown {
        return;
    }
    let body: Vec<&str> = error
        .remedy()
        .into_iter()
        .chain(error.left_behind())
        .collect();
    let body = body.join("\n\n");
    let dialog = adw::MessageDialog::builder()
        .transient_for(parent)
        .modal(true)
        .heading(error.message())
        .body(body)
        .default_response("close")
        .close_response("close")
        .build();
    if let Some(detail) = error.detail() {
        dialog.set_extra_child(Some(&details(detail)));
    }
    dialog.add_response("close", "_Close");
    dialog.present();
}

/// Tells `error` in the way that suits it: as a message that passes by itself when it can be
/// ignored, in a dialog otherwise. What the user cancelled is not told at all.
pub fn tell(parent: &impl IsA<gtk::Window>, overlay: &adw::ToastOverlay, error: &Error) {
    match error.kind() {
        _ if is_no_news(error) => {}
        ErrorKind::WrongState if error.message().chars().count() <= 90 => {
            overlay.add_toast(toast(error.message()));
        }
        _ => present(parent, error),
    }
}

/// Whether it is what the user wanted: cancelled, with nothing left of it.
fn is_no_news(error: &Error) -> bool {
    error.kind() == ErrorKind::Cancelled && error.left_behind().is_none()
}

/// A message that passes by itself.
pub fn toast(message: &str) -> adw::Toast {
    // AdwToast reads its title as markup.
    adw::Toast::new(&gtk::glib::markup_escape_text(message))
}

/// Room for the words underneath; a message dialog gives them no more than they insist on.
const DETAILS_HEIGHT: i32 = 120;

/// The words of the library underneath, folded away; they can be selected and copied.
pub fn details(detail: &str) -> gtk::Expander {
    let label = gtk::Label::builder()
        .label(detail)
        .selectable(true)
        .wrap(true)
        .wrap_mode(gtk::pango::WrapMode::WordChar)
        .max_width_chars(50)
        .xalign(0.0)
        .css_classes(["monospace", "error-detail"])
        .build();
    let scroller = gtk::ScrolledWindow::builder()
        .hscrollbar_policy(gtk::PolicyType::Never)
        .min_content_height(DETAILS_HEIGHT)
        .child(&label)
        .build();
    gtk::Expander::builder()
        .label("_Details")
        .use_underline(true)
        .child(&scroller)
        .build()
}
