//! The small files that describe a tree: `.treeinfo` (sections of `key = value`) and `Release`
//! (lines of `Key: value`). Readers take what they understand and pass over the rest.

/// A file of sections, as Python's `configparser` writes them.
#[derive(Debug, Default)]
pub(super) struct Sections<'a> {
    entries: Vec<(&'a str, &'a str, &'a str)>,
}

impl<'a> Sections<'a> {
    /// Reads all of `text`.
    pub(super) fn parse(text: &'a str) -> Self {
        let mut entries = Vec::new();
        let mut section = "";
        for line in text.lines() {
            let line = line.trim();
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            if let Some(name) = line
                .strip_prefix('[')
                .and_then(|line| line.strip_suffix(']'))
            {
                section = name.trim();
            } else if let Some((key, value)) = line.split_once('=') {
                entries.push((section, key.trim(), value.trim()));
            }
        }
        Self { entries }
    }

    /// The value of `key` in `section`, unless it is empty.
    pub(super) fn get(&self, section: &str, key: &str) -> Option<&'a str> {
        self.entries
            .iter()
            .find(|(in_section, name, value)| {
                *in_section == section && name.eq_ignore_ascii_case(key) && !value.is_empty()
            })
            .map(|(.., value)| *value)
    }

    /// The first of several places that has a value.
    pub(super) fn first(&self, places: &[(&str, &str)]) -> Option<&'a str> {
        places
            .iter()
            .find_map(|(section, key)| self.get(section, key))
    }

    /// Names of sections that begin with `prefix`, without it, each once.
    pub(super) fn sections_after(&self, prefix: &str) -> Vec<&'a str> {
        let mut names: Vec<&str> = self
            .entries
            .iter()
            .filter_map(|(section, ..)| section.strip_prefix(prefix))
            .collect();
        names.dedup();
        names
    }

    /// The SHA-256 of `path` in `[checksums]`, whose values are `TYPE:HEX`.
    pub(super) fn checksum(&self, path: &str) -> Option<String> {
        let value = self.get("checksums", path)?;
        let (kind, hex) = value.split_once(':')?;
        kind.trim()
            .eq_ignore_ascii_case("sha256")
            .then(|| sha256(hex))
            .flatten()
    }
}

/// The value of `key` in a file of `Key: value` lines.
pub(super) fn field<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let value = value.trim();
        (name == key && !value.is_empty()).then_some(value)
    })
}

/// `text` in lower case if it is a SHA-256 in hex.
pub(super) fn sha256(text: &str) -> Option<String> {
    let text = text.trim();
    (text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .then(|| text.to_ascii_lowercase())
}

/// A short label out of a file that anybody may have written, fit to show: one line, no control
/// characters, at most 60 characters.
pub(super) fn label(text: &str) -> String {
    text.chars()
        .filter(|char| !char.is_control())
        .take(60)
        .collect::<String>()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections() {
        let text = "# c\n[general]\nfamily = Fedora\nempty =\n\n[images-x86_64]\nkernel = a=b\n\
                    broken line\n[checksums]\nimages/x = sha256:AAAA\n";
        let sections = Sections::parse(text);
        assert_eq!(sections.get("general", "Family"), Some("Fedora"));
        assert_eq!(sections.get("general", "empty"), None);
        assert_eq!(sections.get("images-x86_64", "kernel"), Some("a=b"));
        assert_eq!(sections.sections_after("images-"), ["x86_64"]);
        assert_eq!(sections.checksum("images/x"), None, "no SHA-256");
    }

    #[test]
    fn checksums_are_checked_themselves() {
        let hex = "AB".repeat(32);
        let text = format!("[checksums]\na = sha256:{hex}\nb = md5:{hex}\nc = sha256: zz\n");
        let sections = Sections::parse(&text);
        assert_eq!(sections.checksum("a"), Some("ab".repeat(32)));
        assert_eq!(sections.checksum("b"), None);
        assert_eq!(sections.checksum("c"), None);
    }

    #[test]
    fn labels_are_tame() {
        assert_eq!(label(" Fe\u{1b}[2Jdora\n"), "Fe[2Jdora");
        assert_eq!(label(&"x".repeat(1000)).len(), 60);
    }
}
