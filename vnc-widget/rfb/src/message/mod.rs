//! Messages from client to server (RFC 6143, section 7.5, and QEMU's and TigerVNC's additions).

use crate::{pixel_format::PixelFormat, rect::Rect, screen::Screen};

mod encodings;
pub(crate) mod pseudo;

pub(crate) use encodings::set_encodings;

pub(crate) fn set_pixel_format(out: &mut Vec<u8>, format: PixelFormat) {
    out.extend_from_slice(&[0, 0, 0, 0]);
    out.extend_from_slice(&format.to_bytes());
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

/// A pointer event with up to eight buttons.
pub(crate) fn pointer_event(out: &mut Vec<u8>, x: u16, y: u16, buttons: u8) {
    out.extend_from_slice(&[5, buttons]);
    put_u16s(out, &[x, y]);
}

/// A pointer event with nine buttons, for servers with the extended mouse buttons
/// pseudo-encoding: where the eighth bit is set, another byte has the buttons from the eighth on.
pub(crate) fn extended_pointer_event(out: &mut Vec<u8>, x: u16, y: u16, buttons: u16) {
    const EXTENDED: u8 = 0x80;
    const MORE_BUTTONS: u16 = 0b11;
    let low = (buttons & 0x7f) as u8;
    let high = (buttons >> 7 & MORE_BUTTONS) as u8;
    if high == 0 {
        pointer_event(out, x, y, low);
    } else {
        pointer_event(out, x, y, low | EXTENDED);
        out.push(high);
    }
}

pub(crate) fn set_desktop_size(out: &mut Vec<u8>, width: u16, height: u16, screens: &[Screen]) {
    out.extend_from_slice(&[251, 0]);
    put_u16s(out, &[width, height]);
    out.extend_from_slice(&[screens.len() as u8, 0]);
    for screen in screens {
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
}

/// Turns continuous updates of an area on or off (TigerVNC).
pub(crate) fn continuous_updates(out: &mut Vec<u8>, enable: bool, area: Rect) {
    out.extend_from_slice(&[150, enable.into()]);
    put_u16s(out, &[area.x, area.y, area.width, area.height]);
}

fn put_u16s(out: &mut Vec<u8>, values: &[u16]) {
    for value in values {
        out.extend_from_slice(&value.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        extended_pointer_event(&mut out, 1, 2, 0b1_0000_0001);
        extended_pointer_event(&mut out, 1, 2, 0b0_1000_0000);
        extended_pointer_event(&mut out, 1, 2, 0b0_0000_0100);
        assert_eq!(
            out,
            [
                5, 0x81, 0, 1, 0, 2, 2, 5, 0x80, 0, 1, 0, 2, 1, 5, 4, 0, 1, 0, 2
            ]
        );
        out.clear();
        continuous_updates(&mut out, true, Rect::new(0, 0, 3, 4));
        assert_eq!(out, [150, 1, 0, 0, 0, 0, 0, 3, 0, 4]);
        out.clear();
        set_desktop_size(
            &mut out,
            1024,
            768,
            &[Screen {
                id: 7,
                area: Rect::new(0, 0, 1024, 768),
                flags: 9,
            }],
        );
        assert_eq!(
            out,
            [
                251, 0, 4, 0, 3, 0, 1, 0, 0, 0, 0, 7, 0, 0, 0, 0, 4, 0, 3, 0, 0, 0, 0, 9
            ]
        );
    }
}
