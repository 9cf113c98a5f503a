//! After the handshake: messages from the server (RFC 6143, section 7.6).

use crate::{
    bytes::Bytes,
    client::Outbox,
    clipboard,
    config::ClientConfig,
    damage::Damage,
    decode::{Decoder, Encoding},
    error::{Error, Result},
    event::{Event, PointerMode, ResizeOrigin},
    framebuffer::Framebuffer,
    handshake::ServerInit,
    input_buffer::Step,
    message,
    pixel_format::PixelFormat,
    screen::Screen,
    statistics::Statistics,
    update::Update,
};

/// Work, in pixels, after which the owner may look at something else: about a millisecond's.
const WORK_AT_ONCE: u64 = 1 << 20;

/// What a step costs beside its pixels, in the work of drawing one.
const STEP_WORK: u64 = 1 << 10;

/// Bytes of an entry of a colour map: red, green and blue.
const COLOUR_LENGTH: usize = 6;

/// What the next bytes belong to.
#[derive(Debug)]
enum Reading {
    /// A new message.
    Message,
    /// A framebuffer update.
    Update(Update),
    /// Entries of the colour map: the first one's number, and how many are still to come.
    ColourMap { next: usize, left: usize },
    /// A cut text of so many bytes.
    CutText(usize),
    /// So many bytes that nobody wants.
    Skip(u64),
}

/// A connection whose handshake is over.
#[derive(Debug)]
pub(crate) struct Session {
    reading: Reading,
    pub(crate) desktop: Desktop,
}

/// What the server has told about its desktop.
#[derive(Debug)]
pub(crate) struct Desktop {
    pub(crate) framebuffer: Framebuffer,
    pub(crate) damage: Damage,
    pub(crate) decoder: Decoder,
    /// Whether anything has been drawn.
    has_pixels: bool,
    /// Whether all was asked for anew, and no update has begun since.
    redraw_asked: bool,
    /// The first screen, of servers that let clients resize.
    pub(crate) screen: Option<Screen>,
    pub(crate) takes_scancodes: bool,
    pub(crate) pointer_mode: PointerMode,
    max_pixels: u32,
    /// Pixels that were drawn, more or less, since the last pause.
    work: u64,
}

impl Session {
    /// Makes the framebuffer and tells the server what we want.
    pub(crate) fn new(
        init: ServerInit,
        config: &ClientConfig,
        outbox: &mut Outbox,
    ) -> Result<Self> {
        let ServerInit {
            width,
            height,
            format: announced,
            name,
        } = init;
        let framebuffer = Framebuffer::new(width, height, config.max_framebuffer_pixels)?;
        let asked = PixelFormat::to_ask_for(config.colours, announced);
        if let Some(format) = asked {
            message::set_pixel_format(&mut outbox.bytes, format);
        }
        message::set_encodings(&mut outbox.bytes, config);
        outbox.event(Event::Connected {
            name,
            width,
            height,
        });
        Ok(Self {
            reading: Reading::Message,
            desktop: Desktop {
                framebuffer,
                damage: Damage::default(),
                decoder: Decoder::new(asked.unwrap_or(announced)),
                has_pixels: false,
                redraw_asked: false,
                screen: None,
                takes_scancodes: false,
                pointer_mode: PointerMode::Absolute,
                max_pixels: config.max_framebuffer_pixels,
                work: 0,
            },
        })
    }

    pub(crate) fn framebuffer(&self) -> &Framebuffer {
        &self.desktop.framebuffer
    }

    pub(crate) fn into_framebuffer(self) -> Framebuffer {
        self.desktop.framebuffer
    }

    pub(crate) fn take_damage(&mut self) -> Damage {
        std::mem::take(&mut self.desktop.damage)
    }

    /// Whether what has been taken so far ends with a whole message or rectangle.
    pub(crate) fn at_boundary(&self) -> bool {
        match &self.reading {
            Reading::Message => true,
            Reading::Update(update) => update.at_boundary(),
            Reading::ColourMap { .. } | Reading::CutText(_) | Reading::Skip(_) => false,
        }
    }

    /// To be asked after each step: whether it is time for a pause.
    pub(crate) fn has_worked_enough(&mut self) -> bool {
        let work = self.desktop.work + STEP_WORK;
        let enough = work >= WORK_AT_ONCE;
        self.desktop.work = if enough { 0 } else { work };
        enough
    }

    pub(crate) fn takes_scancodes(&self) -> bool {
        self.desktop.takes_scancodes
    }

    pub(crate) fn pointer_mode(&self) -> PointerMode {
        self.desktop.pointer_mode
    }

    pub(crate) fn screen(&self) -> Option<Screen> {
        self.desktop.screen
    }

    /// Takes the next part off the front of `input`.
    pub(crate) fn step(
        &mut self,
        input: &[u8],
        outbox: &mut Outbox,
        statistics: &mut Statistics,
    ) -> Result<Step> {
        let step = match &mut self.reading {
            Reading::Message => self.message(input, outbox, statistics)?,
            Reading::Update(update) => {
                let step = update.step(input, &mut self.desktop, outbox, statistics)?;
                if update.is_finished() {
                    self.reading = Reading::Message;
                }
                step
            }
            Reading::ColourMap { next, left } => {
                let (entries, _) = input.as_chunks::<COLOUR_LENGTH>();
                let now = entries.len().min(*left);
                if now == 0 {
                    return Ok(Step::Need(COLOUR_LENGTH));
                }
                let colours = self.desktop.decoder.colours_mut();
                colours.set_map(*next, &entries[..now]);
                *next += now;
                *left -= now;
                if *left == 0 {
                    self.reading = Reading::Message;
                    self.desktop.colours_changed(outbox);
                }
                Step::Consumed(now * COLOUR_LENGTH)
            }
            Reading::CutText(length) => match Bytes::new(input).take(*length) {
                None => Step::Need(*length),
                Some(text) => {
                    outbox.event(Event::CutText(clipboard::from_latin1(text)));
                    self.reading = Reading::Message;
                    Step::Consumed(text.len())
                }
            },
            Reading::Skip(_) if input.is_empty() => Step::Need(1),
            Reading::Skip(left) => {
                let now = (*left).min(input.len() as u64);
                *left -= now;
                if *left == 0 {
                    self.reading = Reading::Message;
                }
                Step::Consumed(now as usize)
            }
        };
        Ok(step)
    }

    /// Reads the fixed part of a message.
    fn message(
        &mut self,
        input: &[u8],
        outbox: &mut Outbox,
        statistics: &mut Statistics,
    ) -> Result<Step> {
        const UPDATE: usize = 4;
        const COLOUR_MAP: usize = 6;
        const CUT_TEXT: usize = 8;

        let Some(&kind) = input.first() else {
            return Ok(Step::Need(1));
        };
        let length = match kind {
            0 => UPDATE,
            1 => COLOUR_MAP,
            2 => 1,
            3 => CUT_TEXT,
            other => {
                return Err(Error::protocol(
                    "the session",
                    format!("there is no message of type {other}"),
                ));
            }
        };
        let mut bytes = Bytes::new(input);
        let Some(header) = bytes.take(length) else {
            return Ok(Step::Need(length));
        };
        self.reading = match *header {
            [0, _, high, low] => {
                let update = Update::new(u16::from_be_bytes([high, low]));
                self.desktop.redraw_asked = false;
                if update.is_finished() {
                    statistics.updates += 1;
                    outbox.event(Event::FrameComplete);
                    Reading::Message
                } else {
                    Reading::Update(update)
                }
            }
            [1, _, first_high, first_low, high, low] => {
                let left = usize::from(u16::from_be_bytes([high, low]));
                if left > 0 && self.desktop.decoder.colours().has_map() {
                    let next = u16::from_be_bytes([first_high, first_low]).into();
                    Reading::ColourMap { next, left }
                } else {
                    // Nobody asked for a map, but servers may have sent it before they were told.
                    skip((left * COLOUR_LENGTH) as u64)
                }
            }
            [3, _, _, _, a, b, c, d] => {
                let length = u32::from_be_bytes([a, b, c, d]);
                if length as usize > clipboard::MAX_TEXT {
                    skip(length.into())
                } else {
                    Reading::CutText(length as usize)
                }
            }
            _ => {
                outbox.event(Event::Bell);
                Reading::Message
            }
        };
        Ok(Step::Consumed(length))
    }
}

fn skip(length: u64) -> Reading {
    if length == 0 {
        Reading::Message
    } else {
        Reading::Skip(length)
    }
}

impl Desktop {
    /// Gives the framebuffer another size. The server announcing the size it has is no change.
    pub(crate) fn resize(
        &mut self,
        width: u16,
        height: u16,
        by: ResizeOrigin,
        outbox: &mut Outbox,
    ) -> Result<()> {
        if (self.framebuffer.width(), self.framebuffer.height()) == (width, height) {
            return Ok(());
        }
        self.framebuffer.resize(width, height, self.max_pixels)?;
        self.damage = Damage::default();
        // The owner should hear of the new size before anything of it counts as damaged.
        self.work = WORK_AT_ONCE;
        outbox.event(Event::Resized { width, height, by });
        Ok(())
    }

    /// The colours of a map have changed. What was drawn in the old ones has lost the indices that it
    /// came from, and servers do not send it again by themselves: it is asked for.
    fn colours_changed(&mut self, outbox: &mut Outbox) {
        if self.has_pixels && !self.redraw_asked {
            self.redraw_asked = true;
            message::update_request(&mut outbox.bytes, false, self.framebuffer.bounds());
        }
    }

    /// Notes that so many pixels may have been drawn.
    pub(crate) fn worked(&mut self, pixels: u64) {
        self.work = self.work.saturating_add(pixels);
    }

    /// Notes that a rectangle has been drawn.
    pub(crate) fn drawn(
        &mut self,
        rect: crate::Rect,
        encoding: Encoding,
        statistics: &mut Statistics,
    ) {
        self.damage.add(rect);
        self.has_pixels = true;
        statistics.count_rectangle(encoding, rect.area());
    }
}
