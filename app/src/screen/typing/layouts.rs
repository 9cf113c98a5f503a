//! Which keyboard layouts there are.

use std::fs;

use relm4::gtk;
use relm4::gtk::prelude::*;

use super::TypeTextInput;

/// The list that comes with every desktop's keyboard data.
const LIST: &str = "/usr/share/X11/xkb/rules/evdev.lst";

/// Where distributions keep the layout that was chosen at installation.
const SYSTEM: [&str; 2] = [
    "/etc/default/keyboard",
    "/etc/X11/xorg.conf.d/00-keyboard.conf",
];

/// A layout, or a variant of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayoutName {
    /// How xkb calls it, `LAYOUT` or `LAYOUT:VARIANT`.
    pub id: String,
    /// How people call it.
    pub label: String,
}

/// All layouts, by their labels. Reads files.
pub(super) fn all() -> Vec<LayoutName> {
    let text = fs::read_to_string(LIST).unwrap_or_default();
    let mut layouts = parse(&text);
    if layouts.is_empty() {
        layouts.push(LayoutName {
            id: "us".to_owned(),
            label: "English (US)".to_owned(),
        });
    }
    layouts.sort_by_key(|layout| layout.label.to_lowercase());
    layouts
}

/// The layout of this computer, as far as it is written down where distributions do. Reads files.
pub(super) fn of_this_computer() -> Option<String> {
    SYSTEM.iter().find_map(|path| {
        let text = fs::read_to_string(path).ok()?;
        written_down(&text)
    })
}

/// Reads the layouts and variants out of xkb's list: sections under lines with exclamation marks,
/// in them a name and a description per line; a variant's description begins with its layout.
fn parse(list: &str) -> Vec<LayoutName> {
    let mut section = "";
    let mut found = Vec::new();
    for line in list.lines() {
        if let Some(name) = line.strip_prefix('!') {
            section = name.trim();
            continue;
        }
        let Some((name, description)) = line.trim().split_once(char::is_whitespace) else {
            continue;
        };
        let description = description.trim();
        let layout = match section {
            // What stands for a layout that its user makes.
            "layout" if name == "custom" => continue,
            "layout" => LayoutName {
                id: name.to_owned(),
                label: description.to_owned(),
            },
            "variant" => match description.split_once(':') {
                Some((layout, description)) => LayoutName {
                    id: format!("{}:{name}", layout.trim()),
                    label: description.trim().to_owned(),
                },
                None => continue,
            },
            _ => continue,
        };
        found.push(layout);
    }
    found
}

/// The first layout in a file of shell variables or of X's configuration.
fn written_down(text: &str) -> Option<String> {
    let value = |name: &str| {
        text.lines().find_map(|line| {
            let rest = line.trim().strip_prefix("Option").unwrap_or(line).trim();
            let rest = rest.trim_start_matches('"').strip_prefix(name)?;
            let value = rest.trim_matches(|letter: char| " \t\"'=".contains(letter));
            let first = value.split(',').next().unwrap_or_default();
            (!first.is_empty()).then(|| first.to_owned())
        })
    };
    let layout = value("XKBLAYOUT").or_else(|| value("XkbLayout"))?;
    Some(match value("XKBVARIANT").or_else(|| value("XkbVariant")) {
        Some(variant) => format!("{layout}:{variant}"),
        None => layout,
    })
}

/// The list of layouts, which can be searched: it is long.
pub(super) fn list_of_layouts(
    labels: &gtk::StringList,
    input: &relm4::Sender<TypeTextInput>,
) -> gtk::DropDown {
    let label = gtk::PropertyExpression::new(
        gtk::StringObject::static_type(),
        gtk::Expression::NONE,
        "string",
    );
    let list = gtk::DropDown::new(Some(labels.clone()), Some(label));
    list.set_enable_search(true);
    list.set_valign(gtk::Align::Center);
    let input = input.clone();
    list.connect_selected_notify(move |_| input.emit(TypeTextInput::Chosen));
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_and_variants_are_read() {
        let list = "! model\n  pc86  Generic\n\n! layout\n  de   German\n  custom  A user's\n\
                    ! variant\n  nodeadkeys  de: German (no dead keys)\n  odd\n! option\n  x  y: z\n";
        let read: Vec<_> = parse(list)
            .into_iter()
            .map(|layout| (layout.id, layout.label))
            .collect();
        let pair = |id: &str, label: &str| (id.to_owned(), label.to_owned());
        assert_eq!(
            read,
            [
                pair("de", "German"),
                pair("de:nodeadkeys", "German (no dead keys)")
            ]
        );
    }

    #[test]
    fn the_system_list_has_what_people_have() {
        let all = all();
        for id in ["us", "de", "fr", "de:nodeadkeys"] {
            assert!(all.iter().any(|layout| layout.id == id), "{id}");
        }
    }

    #[test]
    fn layouts_of_installed_systems_are_found() {
        let debian = "XKBMODEL=\"pc105\"\nXKBLAYOUT=\"de,us\"\nXKBVARIANT=\"nodeadkeys,\"\n";
        assert_eq!(written_down(debian).as_deref(), Some("de:nodeadkeys"));
        let plain = "XKBLAYOUT=\"gb\"\nXKBVARIANT=\"\"\n";
        assert_eq!(written_down(plain).as_deref(), Some("gb"));
        let fedora = "Section \"InputClass\"\n  Option \"XkbLayout\" \"fr\"\nEndSection\n";
        assert_eq!(written_down(fedora).as_deref(), Some("fr"));
        assert_eq!(written_down("# nothing"), None);
    }
}
