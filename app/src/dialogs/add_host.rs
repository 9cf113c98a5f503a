//! Asks for the connection URI of another host.

use std::cell::Cell;

use adw::prelude::*;

/// Why `uri` cannot be a libvirt connection URI; `known` are those in the list.
pub fn objection(uri: &str, known: &[String]) -> Option<&'static str> {
    if uri.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Some("An address has no spaces.");
    }
    let Some((scheme, rest)) = uri.split_once(':') else {
        return Some("An address begins with the driver, such as “qemu+ssh:”.");
    };
    let (driver, transport) = scheme.split_once('+').unwrap_or((scheme, ""));
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    if !is_word(driver) {
        return Some("The driver before the colon is a word, such as “qemu” or “xen”.");
    }
    if !["", "ssh", "libssh", "libssh2", "tls", "tcp", "unix", "ext"].contains(&transport) {
        return Some("The transport after the plus is one of ssh, tls, tcp or unix.");
    }
    let Some(place) = rest.strip_prefix("//") else {
        return Some("After the colon come two slashes.");
    };
    let host = place.split('/').next().unwrap_or_default();
    if matches!(transport, "ssh" | "libssh" | "libssh2" | "tls" | "tcp") && host.is_empty() {
        return Some("With this transport the address names a host.");
    }
    if !place.contains('/') {
        return Some("After the host comes a path, such as “/system”.");
    }
    if known.iter().any(|known| known == uri) {
        return Some("That host is in the list already.");
    }
    None
}

/// Asks for a host; calls `confirmed` with a URI that makes sense and is not `known`.
pub fn ask(
    parent: &impl IsA<gtk::Window>,
    known: Vec<String>,
    confirmed: impl FnOnce(String) + 'static,
) {
    let dialog = adw::MessageDialog::builder()
        .transient_for(parent)
        .modal(true)
        .heading("Add a Host")
        .body("Where its libvirt is reached. It is remembered for the next time.")
        .default_response("add")
        .close_response("cancel")
        .build();
    dialog.add_responses(&[("cancel", "_Cancel"), ("add", "_Add")]);
    dialog.set_response_appearance("add", adw::ResponseAppearance::Suggested);
    dialog.set_response_enabled("add", false);

    let entry = gtk::Entry::builder()
        .placeholder_text("qemu+ssh://user@host/system")
        .input_purpose(gtk::InputPurpose::Url)
        .activates_default(true)
        .width_chars(36)
        .build();
    entry.update_property(&[gtk::accessible::Property::Label("Connection URI")]);
    let hint = gtk::Label::builder()
        .label("For instance qemu+ssh://user@host/system, or xen+ssh://root@host/system.")
        .xalign(0.0)
        .wrap(true)
        .css_classes(["caption", "dim-label"])
        .build();
    let column = gtk::Box::new(gtk::Orientation::Vertical, 6);
    column.append(&entry);
    column.append(&hint);
    dialog.set_extra_child(Some(&column));

    let weak = dialog.downgrade();
    let example = hint.label();
    entry.connect_changed(move |entry| {
        let text = entry.text();
        let objection = objection(text.trim(), &known);
        let empty = text.trim().is_empty();
        hint.set_label(
            objection
                .filter(|_| !empty)
                .unwrap_or(if empty { &example } else { "" }),
        );
        if let Some(dialog) = weak.upgrade() {
            dialog.set_response_enabled("add", objection.is_none());
        }
    });
    let (confirmed, typed) = (Cell::new(Some(confirmed)), entry.clone());
    dialog.connect_response(Some("add"), move |_, _| {
        if let Some(confirmed) = confirmed.take() {
            confirmed(typed.text().trim().to_owned());
        }
    });
    dialog.present();
    entry.grab_focus();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked_with_a_reason() {
        let known = ["qemu+ssh://a/system".to_owned()];
        for good in [
            "qemu:///system",
            "qemu:///session",
            "qemu+ssh://root@b/system",
            "qemu+ssh://b:2222/system?keyfile=/k",
            "xen+tls://xen1/",
            "test:///default",
            "qemu+unix:///system?socket=/run/x",
        ] {
            assert_eq!(objection(good, &known), None, "{good}");
        }
        for bad in [
            "",
            "host",
            "qemu",
            "qemu:/system",
            "://x/",
            "qemu+carrier://x/system",
            "qemu+ssh:///system",
            "qemu+ssh://b",
            "qemu+ssh://b c/system",
            "qemu+ssh://a/system",
        ] {
            assert!(objection(bad, &known).is_some(), "{bad}");
        }
    }
}
