//! One framebuffer update: a row of rectangles (RFC 6143, section 7.6.1).

mod pseudo;

use crate::{
    bytes::Bytes,
    client::Outbox,
    decode::{Encoding, Progress, Reader},
    error::{Error, Result},
    event::Event,
    input_buffer::Step,
    rect::Rect,
    session::Desktop,
    statistics::Statistics,
};
use pseudo::Pseudo;

const HEADER_LENGTH: usize = 12;

/// A count of rectangles that stands for "until `LastRect`".
const UNTIL_LAST_RECT: u16 = 0xffff;

/// What the next bytes of the update are.
#[derive(Debug)]
enum Part {
    Header,
    Pixels(Encoding, Rect, Reader),
    Pseudo(Pseudo, Rect),
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
            Part::Header => self.header(input, desktop)?,
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
            Part::Pseudo(pseudo, rect) => {
                let (pseudo, rect) = (*pseudo, *rect);
                let length = pseudo.length(rect, desktop.decoder.colours(), input)?;
                let Some(data) = input.get(..length) else {
                    return Ok(Step::Need(length));
                };
                pseudo.apply(rect, data, desktop, outbox)?;
                self.rectangle_finished();
                if pseudo == Pseudo::LastRect {
                    self.left = Some(0);
                }
                Step::Consumed(length)
            }
        };
        if self.is_finished() {
            statistics.updates += 1;
            outbox.event(Event::FrameComplete);
        }
        Ok(step)
    }

    /// Reads a rectangle's header.
    fn header(&mut self, input: &[u8], desktop: &Desktop) -> Result<Step> {
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
        self.part = if let Some(encoding) = Encoding::from_number(number) {
            check(rect, desktop)?;
            let lengths = desktop.decoder.colours().lengths();
            Part::Pixels(encoding, rect, Reader::new(encoding, rect, lengths))
        } else if let Some(pseudo) = Pseudo::from_number(number) {
            Part::Pseudo(pseudo, rect)
        } else {
            return Err(Error::protocol(
                "an update",
                format!("there is no telling how long a rectangle of encoding {number} is"),
            ));
        };
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
