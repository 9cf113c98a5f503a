//! The path of a file on a host: typed, or chosen where the host is this machine.

use adw::prelude::*;

/// An entry for such a path, with a button that opens a file chooser, and a line below for what is to
/// be said about it.
#[derive(Debug, Clone)]
pub struct HostPath {
    column: gtk::Box,
    entry: gtk::Entry,
    browse: gtk::Button,
    hint: gtk::Label,
}

impl HostPath {
    /// An entry called `name` to screen readers; its chooser is for `act` and has that `title`.
    pub fn new(name: &str, title: &'static str, act: gtk::FileChooserAction) -> Self {
        let entry = gtk::Entry::builder()
            .activates_default(true)
            .hexpand(true)
            .width_chars(40)
            .build();
        entry.update_property(&[gtk::accessible::Property::Label(name)]);
        let browse = gtk::Button::builder()
            .icon_name("document-open-symbolic")
            .tooltip_text("Choose a File")
            .build();
        browse.update_property(&[gtk::accessible::Property::Label("Choose a File")]);
        let row = gtk::Box::new(gtk::Orientation::Horizontal, 6);
        row.append(&entry);
        row.append(&browse);
        let hint = gtk::Label::builder()
            .xalign(0.0)
            .wrap(true)
            .wrap_mode(gtk::pango::WrapMode::WordChar)
            .max_width_chars(48)
            .css_classes(["caption", "dim-label"])
            .build();
        let column = gtk::Box::new(gtk::Orientation::Vertical, 6);
        column.append(&row);
        column.append(&hint);
        let typed = entry.clone();
        browse.connect_clicked(move |_| {
            let entry = typed.clone();
            relm4::spawn_local(async move {
                if let Some(path) = choose(&entry, title, act).await {
                    entry.set_text(&path);
                }
            });
        });
        Self {
            column,
            entry,
            browse,
            hint,
        }
    }

    /// The widget.
    pub fn widget(&self) -> &gtk::Box {
        &self.column
    }

    /// Lets the keyboard begin here.
    pub fn grab_focus(&self) {
        self.entry.grab_focus();
    }

    /// The path as typed.
    pub fn path(&self) -> String {
        self.entry.text().trim().to_owned()
    }

    /// Proposes a path.
    pub fn propose(&self, path: &str) {
        self.entry.set_text(path);
    }

    /// Says which host the path is of; only this machine's files can be chosen.
    pub fn of_host(&self, name: &str, local: bool) {
        self.browse.set_visible(local);
        self.hint
            .set_label(&format!("The path of a file on {name}."));
    }

    /// Calls `changed` whenever the path does, with whether it can be one.
    pub fn connect_changed(&self, changed: impl Fn(bool) + 'static) {
        self.entry.connect_changed(move |entry| {
            changed(may_be_file(entry.text().trim()));
        });
    }
}

/// Whether a path may be a file's; the host knows more.
fn may_be_file(path: &str) -> bool {
    path.starts_with('/') && !path.ends_with('/') && !path.chars().any(char::is_control)
}

async fn choose(
    entry: &gtk::Entry,
    title: &'static str,
    act: gtk::FileChooserAction,
) -> Option<String> {
    let parent = entry.root().and_downcast::<gtk::Window>();
    let accept = match act {
        gtk::FileChooserAction::Save => "_Choose",
        _ => "_Open",
    };
    let chooser = gtk::FileChooserNative::new(
        Some(title),
        parent.as_ref(),
        act,
        Some(accept),
        Some("_Cancel"),
    );
    chooser.set_modal(true);
    let typed = gtk::gio::File::for_path(entry.text().trim());
    if let Some(folder) = typed.parent() {
        // A folder that this user cannot see: the chooser opens where it likes.
        let _ = chooser.set_current_folder(Some(&folder));
    }
    if act == gtk::FileChooserAction::Save
        && let Some(name) = typed.basename()
    {
        chooser.set_current_name(&name.to_string_lossy());
    }
    let answer = chooser.run_future().await;
    let path = chooser.file().and_then(|file| file.path());
    chooser.destroy();
    let path = path.filter(|_| answer == gtk::ResponseType::Accept)?;
    Some(path.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_begins_at_the_root_and_names_a_file() {
        assert!(may_be_file("/a/b.save"));
        for bad in ["", "a", "/", "/a/", "/a\nb"] {
            assert!(!may_be_file(bad), "{bad:?}");
        }
    }
}
