//! The list of what a client understands (RFC 6143, section 7.5.2).

use super::pseudo;
use crate::{config::ClientConfig, decode::Encoding};

/// Sends the list. The order of pixel encodings is that of preference; that of the others means
/// nothing, but for cursors, where servers take one that comes early.
pub(crate) fn set_encodings(out: &mut Vec<u8>, config: &ClientConfig) {
    let mut numbers: Vec<i32> = config
        .encodings
        .as_slice()
        .iter()
        .map(|encoding| encoding.number())
        .collect();
    if !numbers.contains(&Encoding::Raw.number()) {
        numbers.push(Encoding::Raw.number());
    }
    numbers.extend([pseudo::LAST_RECT, pseudo::DESKTOP_NAME]);
    numbers.extend(chosen(config));
    numbers.extend(levels(config));
    out.extend_from_slice(&[2, 0]);
    out.extend_from_slice(&(numbers.len() as u16).to_be_bytes());
    for number in numbers {
        out.extend_from_slice(&number.to_be_bytes());
    }
}

/// Extensions, by what the owner wants.
fn chosen(config: &ClientConfig) -> impl Iterator<Item = i32> {
    let choices: [(bool, &[i32]); 8] = [
        (
            config.local_cursor && config.rich_cursors,
            &[pseudo::CURSOR_WITH_ALPHA, pseudo::VMWARE_CURSOR],
        ),
        (config.local_cursor, &[pseudo::CURSOR]),
        (
            config.local_cursor && config.rich_cursors,
            &[
                pseudo::X_CURSOR,
                pseudo::POINTER_POSITION,
                pseudo::VMWARE_POINTER_POSITION,
            ],
        ),
        (
            config.resizable,
            &[pseudo::EXTENDED_DESKTOP_SIZE, pseudo::DESKTOP_SIZE],
        ),
        (
            config.extended_input,
            &[
                pseudo::QEMU_EXTENDED_KEY,
                pseudo::QEMU_POINTER_MOTION,
                pseudo::QEMU_LED_STATE,
                pseudo::VMWARE_LED_STATE,
                pseudo::EXTENDED_MOUSE_BUTTONS,
            ],
        ),
        (
            config.flow_control,
            &[pseudo::FENCE, pseudo::CONTINUOUS_UPDATES],
        ),
        (config.clipboard, &[pseudo::EXTENDED_CLIPBOARD]),
        (config.machine, &[pseudo::QEMU_AUDIO, pseudo::XVP]),
    ];
    choices
        .into_iter()
        .filter(|&(wanted, _)| wanted)
        .flat_map(|(_, numbers)| numbers.iter().copied())
}

/// How pixels are to be made smaller.
fn levels(config: &ClientConfig) -> impl Iterator<Item = i32> {
    let level = |start: i32, most: u8| move |level: u8| start + i32::from(level.min(most));
    [
        config.quality.map(level(pseudo::QUALITY, 9)),
        config.fine_quality.map(level(pseudo::FINE_QUALITY, 100)),
        config
            .subsampling
            .map(|subsampling| pseudo::SUBSAMPLING + subsampling as i32),
        config.compression.map(level(pseudo::COMPRESSION, 9)),
    ]
    .into_iter()
    .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{EncodingPreference, Subsampling};

    #[test]
    fn encodings_in_the_order_of_preference() {
        let mut out = Vec::new();
        let config = ClientConfig {
            encodings: EncodingPreference::only(Encoding::Zrle),
            quality: Some(9),
            fine_quality: Some(85),
            subsampling: Some(Subsampling::Half),
            compression: Some(200),
            local_cursor: false,
            resizable: false,
            ..ClientConfig::basic()
        };
        set_encodings(&mut out, &config);
        let numbers: Vec<i32> = out[4..]
            .as_chunks()
            .0
            .iter()
            .map(|bytes| i32::from_be_bytes(*bytes))
            .collect();
        assert_eq!(out[..4], [2, 0, 0, 8]);
        assert_eq!(numbers, [16, 0, -224, -307, -23, -427, -766, -247]);
    }
}
