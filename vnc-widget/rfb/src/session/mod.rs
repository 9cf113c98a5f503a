//! After the handshake: messages from the server (RFC 6143, section 7.6).

mod continuous;
mod desktop;
mod header;

use crate::{
    audio::AudioMessage,
    bytes::Bytes,
    client::Outbox,
    clipboard::{self, Clipboard, latin1},
    config::ClientConfig,
    damage::Damage,
    error::{Error, Result},
    event::{AudioEvent, Event},
    fence::{Fence, Fences},
    framebuffer::Framebuffer,
    handshake::ServerInit,
    input_buffer::Step,
    message,
    pixel_format::PixelFormat,
    statistics::Statistics,
    update::Update,
};
pub(crate) use desktop::Desktop;
use desktop::WORK_AT_ONCE;
use header::{COLOUR_MAP, CUT_TEXT, END_OF_CONTINUOUS_UPDATES, FENCE, QEMU, UPDATE, XVP};

/// What a step costs beside its pixels, in the work of drawing one.
const STEP_WORK: u64 = 1 << 10;

/// The most of a message of sound that becomes one event, in bytes: a multiple of a sample of all
/// channels, in every format.
const SOUND_AT_ONCE: usize = 64 << 10;

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
    /// A message of the extended clipboard, of so many bytes.
    Clipboard(usize),
    /// So many bytes of sound.
    Sound(usize),
    /// So many bytes that nobody wants.
    Skip(u64),
}

/// A connection whose handshake is over.
#[derive(Debug)]
pub(crate) struct Session {
    reading: Reading,
    pub(crate) desktop: Desktop,
    pub(crate) clipboard: Clipboard,
    pub(crate) fences: Fences,
    /// Whether sound is wanted.
    pub(crate) listening: bool,
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
            desktop: Desktop::new(
                framebuffer,
                config.max_framebuffer_pixels,
                asked.unwrap_or(announced),
            ),
            clipboard: Clipboard::default(),
            fences: Fences::default(),
            listening: false,
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
            _ => false,
        }
    }

    /// To be asked after each step: whether it is time for a pause.
    pub(crate) fn has_worked_enough(&mut self) -> bool {
        self.desktop.has_worked_enough(STEP_WORK)
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
                    outbox.event(Event::CutText(latin1::from_latin1(text).into()));
                    self.reading = Reading::Message;
                    Step::Consumed(text.len())
                }
            },
            Reading::Clipboard(length) => match Bytes::new(input).take(*length) {
                None => Step::Need(*length),
                Some(bytes) => {
                    self.clipboard.receive(bytes, outbox);
                    self.desktop.worked(WORK_AT_ONCE);
                    self.reading = Reading::Message;
                    Step::Consumed(bytes.len())
                }
            },
            Reading::Sound(left) => {
                let now = (*left).min(SOUND_AT_ONCE);
                let Some(data) = Bytes::new(input).take(now) else {
                    return Ok(Step::Need(now));
                };
                if self.listening {
                    outbox.event(Event::Audio(AudioEvent::Data(data.to_vec())));
                }
                *left -= now;
                if *left == 0 {
                    self.reading = Reading::Message;
                }
                Step::Consumed(now)
            }
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
        let Some(length) = header::length(input)? else {
            return Ok(Step::Need(input.len() + 1));
        };
        let mut bytes = Bytes::new(input);
        let Some(header) = bytes.take(length) else {
            return Ok(Step::Need(length));
        };
        self.reading = match *header {
            [UPDATE, _, high, low] => {
                let update = Update::new(u16::from_be_bytes([high, low]));
                self.desktop.update_begins();
                if update.is_finished() {
                    statistics.updates += 1;
                    outbox.event(Event::FrameComplete);
                    Reading::Message
                } else {
                    Reading::Update(update)
                }
            }
            [COLOUR_MAP, _, first_high, first_low, high, low] => {
                let left = usize::from(u16::from_be_bytes([high, low]));
                if left > 0 && self.desktop.decoder.colours().has_map() {
                    let next = u16::from_be_bytes([first_high, first_low]).into();
                    Reading::ColourMap { next, left }
                } else {
                    // Nobody asked for a map, but servers may have sent it before they were told.
                    skip((left * COLOUR_LENGTH) as u64)
                }
            }
            [CUT_TEXT, _, _, _, a, b, c, d] => cut_text(i32::from_be_bytes([a, b, c, d])),
            [FENCE, _, _, _, a, b, c, d, _, ref payload @ ..] => {
                let fence = Fence::new(u32::from_be_bytes([a, b, c, d]), payload);
                self.fence(fence, outbox);
                Reading::Message
            }
            [XVP, _, _, code] => {
                self.power(code, outbox);
                Reading::Message
            }
            [QEMU, _, high, low, ref rest @ ..] => {
                let length = rest.first_chunk().copied().map_or(0, u32::from_be_bytes);
                self.audio(u16::from_be_bytes([high, low]), length, outbox)?
            }
            [END_OF_CONTINUOUS_UPDATES] => {
                self.desktop.continuous_updates_ended(outbox);
                Reading::Message
            }
            _ => {
                outbox.event(Event::Bell);
                Reading::Message
            }
        };
        Ok(Step::Consumed(length))
    }

    fn fence(&mut self, fence: Fence, outbox: &mut Outbox) {
        self.desktop.features.fences = true;
        if fence.is_request() {
            self.fences.requested(fence, &mut outbox.bytes);
        } else {
            outbox.event(Event::FenceAnswered(fence.into_payload()));
        }
    }

    fn power(&mut self, code: u8, outbox: &mut Outbox) {
        match code {
            0 => outbox.event(Event::PowerFailed),
            1 if !self.desktop.features.power => {
                self.desktop.features.power = true;
                outbox.event(Event::PowerAvailable);
            }
            _ => {}
        }
    }

    fn audio(&mut self, operation: u16, length: u32, outbox: &mut Outbox) -> Result<Reading> {
        let event = match AudioMessage::new(operation, length) {
            Some(AudioMessage::Data(0)) => return Ok(Reading::Message),
            Some(AudioMessage::Data(length)) => return Ok(Reading::Sound(length as usize)),
            Some(AudioMessage::Begin) => AudioEvent::Started,
            Some(AudioMessage::End) => AudioEvent::Stopped,
            None => {
                return Err(Error::protocol(
                    "the session",
                    format!("there is no audio operation {operation}"),
                ));
            }
        };
        if self.listening {
            outbox.event(Event::Audio(event));
        }
        Ok(Reading::Message)
    }
}

/// What follows the head of a cut text. A negative length is one of the extended clipboard.
fn cut_text(length: i32) -> Reading {
    let bytes = length.unsigned_abs() as usize;
    match length {
        0 => Reading::CutText(0),
        1.. if bytes <= clipboard::MAX_TEXT => Reading::CutText(bytes),
        ..0 if bytes <= clipboard::extended::MAX_MESSAGE => Reading::Clipboard(bytes),
        _ => skip(bytes as u64),
    }
}

fn skip(length: u64) -> Reading {
    if length == 0 {
        Reading::Message
    } else {
        Reading::Skip(length)
    }
}
