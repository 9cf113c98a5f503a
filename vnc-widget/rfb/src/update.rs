//! One framebuffer update: a row of rectangles (RFC 6143, section 7.6.1).

use crate::{
    bytes::Bytes,
    client::Outbox,
    decode::{Encoding, Progress, Reader, cursor},
    error::{Error, Result},
    event::{Event, PointerMode, ResizeOrigin},
    handshake::{MAX_NAME, printable},
    input_buffer::Step,
    message::pseudo,
    rect::Rect,
    screen::{self, Screen},
    session::Desktop,
    statistics::Statistics,
};

const HEADER_LENGTH: usize = 12;

/// A count of rectangles that stands for "until `LastRect`".
const UNTIL_LAST_RECT: u16 = 0xffff;

/// What the next bytes of the update are.
#[derive(Debug)]
enum Part {
    Header,
    Pixels(Encoding, Rect, Reader),
    Cursor(Rect),
    ExtendedDesktopSize(Rect),
    DesktopName,
}

/// An update that is being received.
#[derive(Debug)]
pub(crate) struct Update {
    part: Part,
    /// Rectangles that have not been finished; `None`: nobody knows.
    left: Option<u16>,
}

impl Update {
    pub(crate) fn new(rectangles: u16) -> Self {
        Self {
            part: Part::Header,
            left: (rectangles != UNTIL_LAST_RECT).then_some(rectangles),
        }
    }

    /// Whether all rectangles have been received.
    pub(crate) fn is_finished(&self) -> bool {
        self.left == Some(0)
    }

    /// Whether what has been taken so far ends with a whole rectangle.
    pub(crate) fn at_boundary(&self) -> bool {
        matches!(self.part, Part::Header)
    }

    /// Takes the next part off the front of `input`.
    pub(crate) fn step(
        &mut self,
        input: &[u8],
        desktop: &mut Desktop,
        outbox: &mut Outbox,
        statistics: &mut Statistics,
    ) -> Result<Step> {
        let step = match &mut self.part {
            Part::Header => self.header(input, desktop, outbox)?,
            Part::Pixels(encoding, rect, reader) => {
                let piece = match reader.next(input)? {
                    Progress::Need(count) => return Ok(Step::Need(count)),
                    Progress::Piece(piece) => piece,
                };
                let Desktop {
                    decoder,
                    framebuffer,
                    ..
                } = desktop;
                decoder.decode(*encoding, &piece, &input[..piece.length], framebuffer)?;
                desktop.worked(piece.work);
                if piece.last {
                    desktop.drawn(*rect, *encoding, statistics);
                    self.rectangle_finished();
                }
                Step::Consumed(piece.length)
            }
            Part::Cursor(rect) => {
                let colours = desktop.decoder.colours();
                let length = cursor::length(*rect, colours.lengths().pixel)?;
                let Some(data) = input.get(..length) else {
                    return Ok(Step::Need(length));
                };
                outbox.event(Event::CursorChanged(cursor::decode(*rect, data, colours)));
                self.rectangle_finished();
                Step::Consumed(length)
            }
            Part::ExtendedDesktopSize(rect) => {
                let rect = *rect;
                let length = match input.first() {
                    None => return Ok(Step::Need(4)),
                    Some(&screens) => 4 + usize::from(screens) * Screen::LENGTH,
                };
                let Some(data) = input.get(..length) else {
                    return Ok(Step::Need(length));
                };
                extended_desktop_size(rect, &data[4..], desktop, outbox)?;
                self.rectangle_finished();
                Step::Consumed(length)
            }
            Part::DesktopName => {
                let mut bytes = Bytes::new(input);
                let Some(length) = bytes.u32() else {
                    return Ok(Step::Need(4));
                };
                if length > MAX_NAME {
                    return Err(Error::protocol(
                        "a desktop name",
                        format!("{length} bytes for a name"),
                    ));
                }
                let Some(name) = bytes.take(length as usize) else {
                    return Ok(Step::Need(4 + length as usize));
                };
                outbox.event(Event::DesktopName(printable(name)));
                self.rectangle_finished();
                Step::Consumed(4 + name.len())
            }
        };
        if self.is_finished() {
            statistics.updates += 1;
            outbox.event(Event::FrameComplete);
        }
        Ok(step)
    }

    /// Reads a rectangle's header, and the whole rectangle where there is no more to it.
    fn header(&mut self, input: &[u8], desktop: &mut Desktop, outbox: &mut Outbox) -> Result<Step> {
        let mut bytes = Bytes::new(input);
        let (Some(x), Some(y), Some(width), Some(height), Some(number)) = (
            bytes.u16(),
            bytes.u16(),
            bytes.u16(),
            bytes.u16(),
            bytes.i32(),
        ) else {
            return Ok(Step::Need(HEADER_LENGTH));
        };
        let rect = Rect::new(x, y, width, height);
        if let Some(encoding) = Encoding::from_number(number) {
            check(rect, desktop)?;
            let lengths = desktop.decoder.colours().lengths();
            self.part = Part::Pixels(encoding, rect, Reader::new(encoding, rect, lengths));
            return Ok(Step::Consumed(HEADER_LENGTH));
        }
        match number {
            pseudo::CURSOR => self.part = Part::Cursor(rect),
            pseudo::EXTENDED_DESKTOP_SIZE => self.part = Part::ExtendedDesktopSize(rect),
            pseudo::DESKTOP_NAME => self.part = Part::DesktopName,
            pseudo::DESKTOP_SIZE => {
                desktop.resize(width, height, ResizeOrigin::Server, outbox)?;
                self.rectangle_finished();
            }
            pseudo::LAST_RECT => self.left = Some(0),
            pseudo::QEMU_EXTENDED_KEY => {
                desktop.takes_scancodes = true;
                self.rectangle_finished();
            }
            pseudo::QEMU_POINTER_MOTION => {
                let mode = if x == 0 {
                    PointerMode::Relative
                } else {
                    PointerMode::Absolute
                };
                if mode != desktop.pointer_mode {
                    desktop.pointer_mode = mode;
                    outbox.event(Event::PointerMode(mode));
                }
                self.rectangle_finished();
            }
            other => {
                return Err(Error::protocol(
                    "an update",
                    format!("there is no telling how long a rectangle of encoding {other} is"),
                ));
            }
        }
        Ok(Step::Consumed(HEADER_LENGTH))
    }

    fn rectangle_finished(&mut self) {
        self.part = Part::Header;
        self.left = self.left.map(|left| left.saturating_sub(1));
    }
}

/// Makes sure that a rectangle of pixels lies within the framebuffer.
fn check(rect: Rect, desktop: &Desktop) -> Result<()> {
    let bounds = desktop.framebuffer.bounds();
    if bounds.contains(rect) {
        return Ok(());
    }
    Err(Error::protocol(
        "an update",
        format!(
            "a rectangle of {} × {} at {}, {} on a screen of {} × {}",
            rect.width, rect.height, rect.x, rect.y, bounds.width, bounds.height
        ),
    ))
}

/// In this rectangle x and y are not a place but say who asked and what came of it.
fn extended_desktop_size(
    rect: Rect,
    screens: &[u8],
    desktop: &mut Desktop,
    outbox: &mut Outbox,
) -> Result<()> {
    let origin = screen::origin(rect.x);
    let first = Screen::read(&mut Bytes::new(screens)).unwrap_or_default();
    if origin == ResizeOrigin::ThisClient
        && let Some(refusal) = screen::refusal(rect.y)
    {
        desktop.screen.get_or_insert(first);
        outbox.event(Event::ResizeRefused(refusal));
        return Ok(());
    }
    desktop.screen = Some(first);
    desktop.resize(rect.width, rect.height, origin, outbox)
}
