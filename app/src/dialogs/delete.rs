//! Asks before guests are deleted, and which of their disks go with them.

use std::cell::Cell;

use adw::prelude::*;

/// Room for one disk in the list; a message dialog gives a list no more than it insists on.
const HEIGHT_OF_DISK: i32 = 36;
/// More lines than these scroll.
const MOST_DISKS: i32 = 7;

/// A guest that may be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doomed {
    /// Its name.
    pub name: String,
    /// Whether it runs, and so would be turned off first.
    pub active: bool,
    /// Its disks; none is deleted unless the user ticks it.
    pub disks: Vec<String>,
}

/// Says what goes; calls `confirmed` with the disks to delete, one list per guest.
pub fn ask(
    parent: &impl IsA<gtk::Window>,
    guests: &[Doomed],
    confirmed: impl FnOnce(Vec<Vec<String>>) + 'static,
) {
    let dialog = adw::MessageDialog::builder()
        .transient_for(parent)
        .modal(true)
        .heading(heading(guests))
        .body(body(guests))
        .default_response("cancel")
        .close_response("cancel")
        .build();
    dialog.add_responses(&[("cancel", "_Cancel"), ("delete", "_Delete")]);
    dialog.set_response_appearance("delete", adw::ResponseAppearance::Destructive);

    let mut ticks: Vec<Vec<(String, gtk::CheckButton)>> = Vec::new();
    let list = gtk::Box::new(gtk::Orientation::Vertical, 6);
    for guest in guests {
        let buttons = guest.disks.iter().map(|disk| (disk.clone(), tick(disk)));
        let buttons: Vec<_> = buttons.collect();
        for (_, button) in &buttons {
            list.append(button);
        }
        ticks.push(buttons);
    }
    let disks = ticks.iter().map(Vec::len).sum::<usize>();
    let disks = i32::try_from(disks).unwrap_or(MOST_DISKS);
    if disks > 0 {
        let title = gtk::Label::builder()
            .label("Delete these disks too, with everything on them:")
            .xalign(0.0)
            .wrap(true)
            .build();
        list.prepend(&title);
        let scroller = gtk::ScrolledWindow::builder()
            .hscrollbar_policy(gtk::PolicyType::Never)
            .min_content_height(HEIGHT_OF_DISK * (disks + 1).min(MOST_DISKS))
            .child(&list)
            .build();
        dialog.set_extra_child(Some(&scroller));
    }

    let confirmed = Cell::new(Some(confirmed));
    dialog.connect_response(Some("delete"), move |_, _| {
        if let Some(confirmed) = confirmed.take() {
            let ticked = |(disk, button): &(String, gtk::CheckButton)| {
                button.is_active().then(|| disk.clone())
            };
            confirmed(
                ticks
                    .iter()
                    .map(|disks| disks.iter().filter_map(ticked).collect())
                    .collect(),
            );
        }
    });
    dialog.present();
}

fn tick(disk: &str) -> gtk::CheckButton {
    let label = gtk::Label::builder()
        .label(disk)
        .ellipsize(gtk::pango::EllipsizeMode::Middle)
        .max_width_chars(44)
        .tooltip_text(disk)
        .build();
    let button = gtk::CheckButton::builder().child(&label).build();
    button.update_property(&[gtk::accessible::Property::Label(&format!("Delete {disk}"))]);
    button
}

fn heading(guests: &[Doomed]) -> String {
    match guests {
        [guest] => format!("Delete “{}”?", super::shortened(&guest.name)),
        _ => format!("Delete {} virtual machines?", guests.len()),
    }
}

fn body(guests: &[Doomed]) -> String {
    let active = guests.iter().filter(|guest| guest.active).count();
    let disks = guests.iter().any(|guest| !guest.disks.is_empty());
    let mut body = match (guests.len(), active) {
        (1, 0) => "Its definition and its saved memory are removed from the host.",
        (1, _) => {
            "It is running: it is turned off at once, then its definition is removed from the \
             host. Whatever its programs have not saved is lost."
        }
        (_, 0) => "Their definitions and their saved memory are removed from the host.",
        (..) => {
            "Those that are running are turned off at once, then the definitions are removed from \
             the host. Whatever their programs have not saved is lost."
        }
    }
    .to_owned();
    if disks {
        body.push_str(" Disks stay where they are unless you tick them.");
    }
    body.push_str(" This cannot be undone.");
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doomed(active: bool, disks: &[&str]) -> Doomed {
        Doomed {
            name: "web".to_owned(),
            active,
            disks: disks.iter().map(|&disk| disk.to_owned()).collect(),
        }
    }

    #[test]
    fn the_question_says_what_is_lost() {
        let off = body(&[doomed(false, &["/a.qcow2"])]);
        assert!(
            off.contains("Disks stay") && !off.contains("turned off"),
            "{off}"
        );
        let running = body(&[doomed(true, &[])]);
        assert!(
            running.contains("turned off at once") && !running.contains("Disks"),
            "{running}"
        );
        let both = [doomed(true, &[]), doomed(false, &[])];
        assert_eq!(heading(&both), "Delete 2 virtual machines?");
        assert!(body(&both).contains("Those that are running"));
    }
}
