//! Messages from client to server (RFC 6143, section 7.5, and QEMU's and TigerVNC's additions).

use crate::{
    config::ClientConfig, decode::Encoding, pixel_format::PixelFormat, rect::Rect, screen::Screen,
};

/// Numbers of pseudo-encodings: what a client understands beside pixels.
pub(crate) mod pseudo {
    pub(crate) const CURSOR: i32 = -239;
    pub(crate) const DESKTOP_SIZE: i32 = -223;
    pub(crate) const LAST_RECT: i32 = -224;
    pub(crate) const QEMU_POINTER_MOTION: i32 = -257;
    pub(crate) const QEMU_EXTENDED_KEY: i32 = -258;
    pub(crate) const DESKTOP_NAME: i32 = -307;
    pub(crate) const EXTENDED_DESKTOP_SIZE: i32 = -308;
    /// JPEG quality 0; 1 to 9 follow upwards.
    pub(crate) const QUALITY: i32 = -32;
    /// Compression 0; 1 to 9 follow upwards.
    pub(crate) const COMPRESSION: i32 = -256;
}

pub(crate) fn set_pixel_format(out: &mut Vec<u8>, format: PixelFormat) {
    out.extend_from_slice(&[0, 0, 0, 0]);
    out.extend_from_slice(&format.to_bytes());
}

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
    if config.local_cursor {
        numbers.push(pseudo::CURSOR);
    }
    if config.resizable {
        numbers.extend([pseudo::EXTENDED_DESKTOP_SIZE, pseudo::DESKTOP_SIZE]);
    }
    if config.extended_input {
        numbers.extend([pseudo::QEMU_EXTENDED_KEY, pseudo::QEMU_POINTER_MOTION]);
    }
    let level = |level: u8| i32::from(level.min(9));
    numbers.extend(
        config
            .quality
            .map(|quality| pseudo::QUALITY + level(quality)),
    );
    numbers.extend(
        config
            .compression
            .map(|compression| pseudo::COMPRESSION + level(compression)),
    );
    out.extend_from_slice(&[2, 0]);
    out.extend_from_slice(&(numbers.len() as u16).to_be_bytes());
    for number in numbers {
        out.extend_from_slice(&number.to_be_bytes());
    }
}

pub(crate) fn update_request(out: &mut Vec<u8>, incremental: bool, area: Rect) {
    out.extend_from_slice(&[3, incremental.into()]);
    put_u16s(out, &[area.x, area.y, area.width, area.height]);
}

pub(crate) fn key_event(out: &mut Vec<u8>, keysym: u32, pressed: bool) {
    out.extend_from_slice(&[4, pressed.into(), 0, 0]);
    out.extend_from_slice(&keysym.to_be_bytes());
}

/// QEMU's extended key event: message 255, submessage 0.
pub(crate) fn extended_key_event(out: &mut Vec<u8>, keysym: u32, scancode: u32, pressed: bool) {
    out.extend_from_slice(&[255, 0, 0, pressed.into()]);
    out.extend_from_slice(&keysym.to_be_bytes());
    out.extend_from_slice(&scancode.to_be_bytes());
}

pub(crate) fn pointer_event(out: &mut Vec<u8>, x: u16, y: u16, buttons: u8) {
    out.extend_from_slice(&[5, buttons]);
    put_u16s(out, &[x, y]);
}

pub(crate) fn cut_text(out: &mut Vec<u8>, latin1: &[u8]) {
    out.extend_from_slice(&[6, 0, 0, 0]);
    out.extend_from_slice(&(latin1.len() as u32).to_be_bytes());
    out.extend_from_slice(latin1);
}

pub(crate) fn set_desktop_size(out: &mut Vec<u8>, width: u16, height: u16, screen: Screen) {
    out.extend_from_slice(&[251, 0]);
    put_u16s(out, &[width, height]);
    out.extend_from_slice(&[1, 0]);
    out.extend_from_slice(&screen.id.to_be_bytes());
    let Rect {
        x,
        y,
        width,
        height,
    } = screen.area;
    put_u16s(out, &[x, y, width, height]);
    out.extend_from_slice(&screen.flags.to_be_bytes());
}

fn put_u16s(out: &mut Vec<u8>, values: &[u16]) {
    for value in values {
        out.extend_from_slice(&value.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::EncodingPreference;

    #[test]
    fn encodings_in_the_order_of_preference() {
        let mut out = Vec::new();
        let config = ClientConfig {
            encodings: EncodingPreference::only(Encoding::Zrle),
            quality: Some(9),
            compression: Some(200),
            local_cursor: false,
            resizable: false,
            extended_input: false,
            ..ClientConfig::default()
        };
        set_encodings(&mut out, &config);
        let numbers: Vec<i32> = out[4..]
            .as_chunks()
            .0
            .iter()
            .map(|bytes| i32::from_be_bytes(*bytes))
            .collect();
        assert_eq!(out[..4], [2, 0, 0, 6]);
        assert_eq!(numbers, [16, 0, -224, -307, -23, -247]);
    }

    #[test]
    fn input_messages() {
        let mut out = Vec::new();
        key_event(&mut out, 0xffe3, true);
        assert_eq!(out, [4, 1, 0, 0, 0, 0, 0xff, 0xe3]);
        out.clear();
        extended_key_event(&mut out, 0xffe4, 0x9d, false);
        assert_eq!(out, [255, 0, 0, 0, 0, 0, 0xff, 0xe4, 0, 0, 0, 0x9d]);
        out.clear();
        pointer_event(&mut out, 258, 3, 0b101);
        assert_eq!(out, [5, 5, 1, 2, 0, 3]);
        out.clear();
        cut_text(&mut out, b"ab");
        assert_eq!(out, [6, 0, 0, 0, 0, 0, 0, 2, b'a', b'b']);
        out.clear();
        set_desktop_size(
            &mut out,
            1024,
            768,
            Screen {
                id: 7,
                area: Rect::new(0, 0, 1024, 768),
                flags: 9,
            },
        );
        assert_eq!(
            out,
            [
                251, 0, 4, 0, 3, 0, 1, 0, 0, 0, 0, 7, 0, 0, 0, 0, 4, 0, 3, 0, 0, 0, 0, 9
            ]
        );
    }
}
