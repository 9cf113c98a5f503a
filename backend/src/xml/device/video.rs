//! `<video>`: graphics cards.

use crate::xml::document::Element;

/// The most heads that any card has (virtio's).
const MOST_HEADS: u32 = 16;

/// How many screens a `<video>` has: one where its model does not say, none where it is no card.
pub(crate) fn screens(video: &Element) -> u32 {
    let model = video.child("model");
    let of_model = |name| model.and_then(|model| model.attribute(name));
    if of_model("type") == Some("none") {
        return 0;
    }
    let heads = of_model("heads").and_then(|heads| heads.parse().ok());
    heads.unwrap_or(1).clamp(1, MOST_HEADS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::document::Document;

    #[test]
    fn each_head_is_a_screen() {
        let screens = |text: &str| screens(&Document::parse(text).unwrap().root);
        assert_eq!(
            screens("<video><model type='virtio' heads='2'/></video>"),
            2
        );
        assert_eq!(screens("<video><model type='vga'/></video>"), 1);
        assert_eq!(screens("<video><model type='none'/></video>"), 0);
        assert_eq!(screens("<video/>"), 1);
        for nonsense in ["x", "", "-1", "99999999999"] {
            let video = format!("<video><model type='qxl' heads='{nonsense}'/></video>");
            assert_eq!(screens(&video), 1);
        }
        let many = "<video><model type='qxl' heads='4000000000'/></video>";
        assert_eq!(screens(many), MOST_HEADS);
    }
}
