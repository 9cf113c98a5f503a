//! From a text to keys.

use super::layout::Layout;
use crate::screen::keys::Stroke;

/// As many characters as are named that cannot be typed.
const MOST_NAMED: usize = 12;

/// A text with line ends as the Enter key makes them.
fn characters(text: &str) -> impl Iterator<Item = char> {
    let mut last = ' ';
    text.chars().filter_map(move |character| {
        let before = std::mem::replace(&mut last, character);
        match character {
            '\n' if before == '\r' => None,
            '\r' => Some('\n'),
            other => Some(other),
        }
    })
}

/// Everything to press for `text`; characters without keys are left out.
pub(super) fn strokes(text: &str, layout: &Layout) -> Vec<Stroke> {
    characters(text)
        .filter_map(|character| layout.strokes(character))
        .flatten()
        .collect()
}

/// The characters of `text` that have no keys, each once, fit to be shown in a sentence.
pub(super) fn missing(text: &str, layout: &Layout) -> String {
    let mut missing = Vec::new();
    for character in characters(text) {
        if !missing.contains(&character) && layout.strokes(character).is_none() {
            missing.push(character);
            if missing.len() > MOST_NAMED {
                break;
            }
        }
    }
    let named: Vec<String> = missing
        .iter()
        .take(MOST_NAMED)
        .map(|character| {
            if character.is_control() || character.is_whitespace() {
                format!("U+{:04X}", u32::from(*character))
            } else {
                character.to_string()
            }
        })
        .collect();
    let more = if missing.len() > MOST_NAMED {
        " and others"
    } else {
        ""
    };
    format!("{}{more}", named.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_strokes_and_what_is_missing_is_named() {
        let layout = Layout::load("us").unwrap();
        let keycodes = |text| -> Vec<Vec<u32>> {
            strokes(text, &layout)
                .iter()
                .map(Stroke::keycodes)
                .collect()
        };
        assert_eq!(keycodes("aB\r\n"), [vec![30], vec![42, 48], vec![28]]);
        assert_eq!(keycodes("a€b"), [vec![30], vec![48]]);
        assert_eq!(missing("a€b€\u{7}\u{a0}", &layout), "€ U+0007 U+00A0");
        assert_eq!(missing("plain\ttext\n", &layout), "");
        let many: String = ('α'..='ω').collect();
        assert!(missing(&many, &layout).ends_with("and others"));
    }
}
