//! Names of guests: which are possible, and which to propose.

use backend::install::InstallTree;

/// The longest name, in bytes of UTF-8. The host makes file names out of it with endings of its
/// own, and Linux allows those 255 bytes.
pub const MAX_BYTES: usize = 200;

/// Why a text cannot be a guest's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameFault {
    /// There is none.
    Empty,
    /// It holds this character.
    Character(char),
    /// It begins with this character, which is possible only further on.
    Beginning(char),
    /// It is longer than [`MAX_BYTES`].
    TooLong,
}

impl NameFault {
    /// What is wrong, as a sentence.
    pub fn sentence(&self) -> String {
        match self {
            Self::Empty => "Give the virtual machine a name.".into(),
            Self::Character(c) if c.is_whitespace() => {
                "A name cannot hold spaces; a hyphen does well instead.".into()
            }
            Self::Character(c) if c.is_control() => {
                "A name cannot hold invisible characters.".into()
            }
            Self::Character(c) => {
                format!("A name cannot hold “{c}”: use letters, digits and - _ . +")
            }
            Self::Beginning(c) => {
                format!("A name cannot begin with “{c}”: begin with a letter or a digit.")
            }
            Self::TooLong => "This name is too long for the files the host makes from it.".into(),
        }
    }
}

/// Checks the form of a name; whether it is free is another question.
///
/// Narrower than libvirt, which takes nearly anything: the name ends up in file names, in shell
/// commands and in the guest's own host name, and everybody is happier without quoting.
///
/// # Errors
/// The first fault found.
pub fn check(name: &str) -> Result<(), NameFault> {
    let first = name.chars().next().ok_or(NameFault::Empty)?;
    if let Some(bad) = name.chars().find(|&c| !is_possible(c)) {
        return Err(NameFault::Character(bad));
    }
    if !first.is_alphanumeric() {
        return Err(NameFault::Beginning(first));
    }
    if name.len() > MAX_BYTES {
        return Err(NameFault::TooLong);
    }
    Ok(())
}

fn is_possible(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '+')
}

/// The name to propose for a guest that gets this system: `debian-12`.
pub fn for_tree(tree: &InstallTree) -> String {
    let release = if tree.version.is_empty() {
        tree.codename.as_deref().unwrap_or_default()
    } else {
        &tree.version
    };
    let name = slug(&format!("{} {release}", tree.distribution));
    if name.is_empty() {
        "guest".into()
    } else {
        name
    }
}

/// `text` in lower case with every run of impossible characters made one hyphen, cut to a length
/// that leaves room for a number.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        if is_possible(c) {
            if slug.len() + c.len_utf8() > MAX_BYTES / 4 {
                break;
            }
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_start_matches(|c: char| !c.is_alphanumeric())
        .trim_end_matches('-')
        .to_owned()
}

/// `base`, or the first of `base-2`, `base-3` and so on that is not taken.
pub fn make_unique(base: &str, is_taken: impl Fn(&str) -> bool) -> String {
    if !is_taken(base) {
        return base.to_owned();
    }
    (2..=u32::MAX)
        .map(|number| format!("{base}-{number}"))
        .find(|name| !is_taken(name))
        .unwrap_or_else(|| base.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::fixtures::debian;

    #[test]
    fn ordinary_names_are_possible() {
        for name in ["debian-12", "a", "7", "web.example", "c++_build", "küche"] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn faults_are_named() {
        assert_eq!(check(""), Err(NameFault::Empty));
        assert_eq!(check("my guest"), Err(NameFault::Character(' ')));
        assert_eq!(check("a/b"), Err(NameFault::Character('/')));
        assert_eq!(check("a\nb"), Err(NameFault::Character('\n')));
        assert_eq!(check("a\u{7}b"), Err(NameFault::Character('\u{7}')));
        assert_eq!(check("-rf"), Err(NameFault::Beginning('-')));
        assert_eq!(check(".."), Err(NameFault::Beginning('.')));
        assert_eq!(check(&"a".repeat(MAX_BYTES)), Ok(()));
        assert_eq!(check(&"a".repeat(MAX_BYTES + 1)), Err(NameFault::TooLong));
        assert_eq!(check(&"ä".repeat(MAX_BYTES)), Err(NameFault::TooLong));
    }

    #[test]
    fn each_fault_is_a_sentence() {
        for fault in [
            NameFault::Empty,
            NameFault::Character(' '),
            NameFault::Character('/'),
            NameFault::Character('\u{7}'),
            NameFault::Beginning('-'),
            NameFault::TooLong,
        ] {
            let sentence = fault.sentence();
            assert!(sentence.chars().next().is_some_and(char::is_uppercase));
            assert!(!sentence.contains('\u{7}'), "{sentence}");
        }
    }

    #[test]
    fn proposals_come_from_the_system() {
        let mut tree = debian();
        assert_eq!(for_tree(&tree), "debian-12");
        tree.distribution = "Fedora Linux".into();
        tree.version = "43".into();
        assert_eq!(for_tree(&tree), "fedora-linux-43");
        tree.version = String::new();
        tree.codename = Some("Sid".into());
        assert_eq!(for_tree(&tree), "fedora-linux-sid");
    }

    #[test]
    fn a_proposal_is_always_possible() {
        for (distribution, version) in [
            ("", ""),
            ("???", "/"),
            ("--x", ".. "),
            ("Debian GNU/Linux", "12 (bookworm)"),
            ("ﬁ İ", "\u{0}"),
            (&*"x".repeat(5000), "1"),
            (&*"ß".repeat(5000), ""),
        ] {
            let mut tree = debian();
            tree.distribution = distribution.into();
            tree.version = version.into();
            tree.codename = None;
            let name = for_tree(&tree);
            assert_eq!(check(&name), Ok(()), "{name:?} from {distribution:?}");
        }
    }

    #[test]
    fn taken_names_get_a_number() {
        let taken = ["debian-12", "debian-12-2", "other"];
        let is_taken = |name: &str| taken.contains(&name);
        assert_eq!(make_unique("debian-12", is_taken), "debian-12-3");
        assert_eq!(make_unique("fedora-43", is_taken), "fedora-43");
    }
}
