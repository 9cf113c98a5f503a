//! The strip above the list that says why the user's session is shown, and what changes that.

use adw::prelude::*;

use crate::hosts::HostEntry;
use crate::manager::host_action::{HostAction, Means};

/// The strip. `AdwBanner` is newer than the oldest libadwaita that is supported.
#[derive(Debug)]
pub struct Banner {
    revealer: gtk::Revealer,
    label: gtk::Label,
    start: gtk::Button,
}

impl Banner {
    /// A strip that is not shown. Its buttons use the actions `only-host.*`.
    pub fn new() -> Self {
        let label = gtk::Label::builder()
            .wrap(true)
            .wrap_mode(gtk::pango::WrapMode::WordChar)
            .xalign(0.0)
            .hexpand(true)
            .build();
        let button = |label: &str, action: HostAction| {
            let button = gtk::Button::with_mnemonic(label);
            button.set_action_name(Some(&format!("only-host.{}", action.name())));
            button
        };
        let start = button("Start _libvirtd", HostAction::StartDaemon);
        let check = button("What Is _Missing?", HostAction::Check);
        let retry = button("_Try Again", HostAction::Connect);
        let buttons = gtk::Box::builder()
            .spacing(6)
            .halign(gtk::Align::End)
            .build();
        buttons.append(&start);
        buttons.append(&check);
        buttons.append(&retry);
        let strip = gtk::Box::builder()
            .orientation(gtk::Orientation::Vertical)
            .spacing(6)
            .css_classes(["strip"])
            .build();
        strip.append(&label);
        strip.append(&buttons);
        let revealer = gtk::Revealer::builder().child(&strip).build();
        Self {
            revealer,
            label,
            start,
        }
    }

    /// The widget.
    pub fn widget(&self) -> &gtk::Revealer {
        &self.revealer
    }

    /// Says what there is to say about `hosts`.
    pub fn update(&self, hosts: &[HostEntry], means: Means) {
        let reason = hosts.iter().find_map(|entry| entry.instead_of.as_ref());
        if let Some(reason) = reason {
            let text = format!(
                "{} These are your own session's virtual machines.",
                reason.message()
            );
            self.label.set_label(&text);
            self.label.set_tooltip_text(reason.remedy());
            let startable = reason.kind() == backend::ErrorKind::NoDaemon;
            self.start
                .set_visible(startable && means.root && means.installed);
        }
        self.revealer.set_reveal_child(reason.is_some());
    }
}
