//! Rectangles that bring something else than pixels.

use crate::{
    bytes::Bytes,
    client::Outbox,
    decode::colours::Colours,
    decode::cursor,
    error::{Error, Result},
    event::{AudioEvent, Event, PointerMode, ResizeOrigin},
    handshake::{MAX_NAME, printable},
    led::Leds,
    message::pseudo,
    rect::Rect,
    screen::{self, Screen},
    session::Desktop,
};

/// What a rectangle tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pseudo {
    Cursor(cursor::Kind),
    PointerPosition,
    DesktopSize,
    ExtendedDesktopSize,
    DesktopName,
    LastRect,
    ExtendedKey,
    PointerMotion,
    ExtendedMouseButtons,
    Audio,
    /// The lock keys, in so many bytes.
    Leds(usize),
}

/// Bytes in front of the screens of an `ExtendedDesktopSize` rectangle.
const SCREENS_HEADER: usize = 4;

/// Bytes in front of a desktop's name.
const NAME_HEADER: usize = 4;

impl Pseudo {
    /// The one with this number on the wire.
    pub(super) fn from_number(number: i32) -> Option<Self> {
        Some(match number {
            pseudo::CURSOR => Self::Cursor(cursor::Kind::Plain),
            pseudo::X_CURSOR => Self::Cursor(cursor::Kind::X),
            pseudo::CURSOR_WITH_ALPHA => Self::Cursor(cursor::Kind::Alpha),
            pseudo::VMWARE_CURSOR => Self::Cursor(cursor::Kind::VMware),
            pseudo::POINTER_POSITION | pseudo::VMWARE_POINTER_POSITION => Self::PointerPosition,
            pseudo::DESKTOP_SIZE => Self::DesktopSize,
            pseudo::EXTENDED_DESKTOP_SIZE => Self::ExtendedDesktopSize,
            pseudo::DESKTOP_NAME => Self::DesktopName,
            pseudo::LAST_RECT => Self::LastRect,
            pseudo::QEMU_EXTENDED_KEY => Self::ExtendedKey,
            pseudo::QEMU_POINTER_MOTION => Self::PointerMotion,
            pseudo::EXTENDED_MOUSE_BUTTONS => Self::ExtendedMouseButtons,
            pseudo::QEMU_AUDIO => Self::Audio,
            pseudo::QEMU_LED_STATE => Self::Leds(1),
            pseudo::VMWARE_LED_STATE => Self::Leds(4),
            _ => return None,
        })
    }

    /// The bytes behind the rectangle's head; or how many must be there to tell.
    pub(super) fn length(self, rect: Rect, colours: &Colours, input: &[u8]) -> Result<usize> {
        match self {
            Self::Cursor(kind) => cursor::length(kind, rect, colours, input),
            Self::ExtendedDesktopSize => Ok(match input.first() {
                None => SCREENS_HEADER,
                Some(&screens) => SCREENS_HEADER + usize::from(screens) * Screen::LENGTH,
            }),
            Self::DesktopName => match Bytes::new(input).u32() {
                None => Ok(NAME_HEADER),
                Some(length) if length > MAX_NAME => Err(Error::protocol(
                    "a desktop name",
                    format!("{length} bytes for a name"),
                )),
                Some(length) => Ok(NAME_HEADER + length as usize),
            },
            Self::Leds(length) => Ok(length),
            _ => Ok(0),
        }
    }

    /// Takes over what `length(rect)` bytes tell.
    pub(super) fn apply(
        self,
        rect: Rect,
        data: &[u8],
        desktop: &mut Desktop,
        outbox: &mut Outbox,
    ) -> Result<()> {
        match self {
            Self::Cursor(kind) => {
                let colours = desktop.decoder.colours();
                let picture = cursor::decode(kind, desktop.cursor_order(), rect, colours, data);
                desktop.worked(rect.area());
                outbox.event(Event::CursorChanged(picture));
            }
            Self::PointerPosition => {
                let bounds = desktop.framebuffer.bounds();
                let x = rect.x.min(bounds.width.saturating_sub(1));
                let y = rect.y.min(bounds.height.saturating_sub(1));
                outbox.event(Event::PointerMoved { x, y });
            }
            Self::DesktopSize => {
                desktop.resize(rect.width, rect.height, ResizeOrigin::Server, outbox)?;
            }
            Self::ExtendedDesktopSize => {
                extended_desktop_size(rect, data, desktop, outbox)?;
            }
            Self::DesktopName => {
                let name = data.get(NAME_HEADER..).unwrap_or_default();
                outbox.event(Event::DesktopName(printable(name)));
            }
            Self::LastRect => {}
            Self::ExtendedKey => desktop.features.scancodes = true,
            Self::PointerMotion => {
                desktop.features.pointer_motion = true;
                let mode = if rect.x == 0 {
                    PointerMode::Relative
                } else {
                    PointerMode::Absolute
                };
                if mode != desktop.pointer_mode {
                    desktop.pointer_mode = mode;
                    outbox.event(Event::PointerMode(mode));
                }
            }
            Self::ExtendedMouseButtons => desktop.features.extended_buttons = true,
            Self::Audio => {
                if !desktop.features.audio {
                    desktop.features.audio = true;
                    outbox.event(Event::Audio(AudioEvent::Available));
                }
            }
            Self::Leds(_) => {
                let bits = data
                    .iter()
                    .fold(0, |bits, &byte| bits << 8 | u32::from(byte));
                let leds = Leds::from_bits(bits);
                if desktop.leds.replace(leds) != Some(leds) {
                    outbox.event(Event::Leds(leds));
                }
            }
        }
        Ok(())
    }
}

/// In this rectangle x and y are not a place but say who asked and what came of it.
fn extended_desktop_size(
    rect: Rect,
    data: &[u8],
    desktop: &mut Desktop,
    outbox: &mut Outbox,
) -> Result<()> {
    let mut bytes = Bytes::new(data.get(SCREENS_HEADER..).unwrap_or_default());
    let mut screens: Vec<Screen> = std::iter::from_fn(|| Screen::read(&mut bytes)).collect();
    if screens.is_empty() {
        // A client that resizes has to name a screen.
        screens.push(Screen {
            area: Rect::new(0, 0, rect.width, rect.height),
            ..Screen::default()
        });
    }
    let origin = screen::origin(rect.x);
    if origin == ResizeOrigin::ThisClient
        && let Some(refusal) = screen::refusal(rect.y)
    {
        // The rest is not to be relied on, but that there is such a thing.
        if desktop.screens.is_empty() {
            desktop.screens = screens;
            outbox.event(Event::ScreensChanged);
        }
        outbox.event(Event::ResizeRefused(refusal));
        return Ok(());
    }
    let changed = desktop.screens != screens;
    desktop.screens = screens;
    desktop.resize(rect.width, rect.height, origin, outbox)?;
    if changed {
        outbox.event(Event::ScreensChanged);
    }
    Ok(())
}
