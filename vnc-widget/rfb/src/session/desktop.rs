//! What the server has told about its desktop.

use super::continuous::ContinuousUpdates;
use crate::{
    client::Outbox,
    damage::Damage,
    decode::{Decoder, Encoding, cursor},
    error::Result,
    event::{Event, PointerMode, ResizeOrigin},
    features::Features,
    framebuffer::Framebuffer,
    led::Leds,
    message,
    pixel_format::PixelFormat,
    screen::Screen,
    statistics::Statistics,
};

/// Work, in pixels, after which the owner may look at something else: about a millisecond's.
pub(super) const WORK_AT_ONCE: u64 = 1 << 20;

/// The desktop, and the means to draw it.
#[derive(Debug)]
pub(crate) struct Desktop {
    pub(crate) framebuffer: Framebuffer,
    pub(crate) damage: Damage,
    pub(crate) decoder: Decoder,
    /// The arrangement of screens, of servers that let clients change it; never empty then.
    pub(crate) screens: Vec<Screen>,
    pub(crate) features: Features,
    pub(crate) pointer_mode: PointerMode,
    /// The lock keys, of servers that tell.
    pub(crate) leds: Option<Leds>,
    continuous: ContinuousUpdates,
    /// Whether anything has been drawn.
    has_pixels: bool,
    /// Whether all was asked for anew, and no update has begun since.
    redraw_asked: bool,
    max_pixels: u32,
    /// Pixels that were drawn, more or less, since the last pause.
    work: u64,
}

impl Desktop {
    /// Of a server that sends pixels in this format.
    pub(super) fn new(framebuffer: Framebuffer, max_pixels: u32, format: PixelFormat) -> Self {
        Self {
            framebuffer,
            damage: Damage::default(),
            decoder: Decoder::new(format),
            screens: Vec::new(),
            features: Features::default(),
            pointer_mode: PointerMode::Absolute,
            leds: None,
            continuous: ContinuousUpdates::default(),
            has_pixels: false,
            redraw_asked: false,
            max_pixels,
            work: 0,
        }
    }

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
        // They are of an area, which is another one now.
        let area = self.framebuffer.bounds();
        self.continuous.area_changed(area, outbox);
        Ok(())
    }

    /// Has updates sent by the server itself, or on request only. Whether the server can do it.
    pub(crate) fn update_continuously(&mut self, enable: bool, outbox: &mut Outbox) -> bool {
        let area = self.framebuffer.bounds();
        self.continuous.enable(enable, area, outbox)
    }

    /// Whether the server can send updates by itself.
    pub(crate) fn can_update_continuously(&self) -> bool {
        self.continuous.are_possible()
    }

    /// The server says that updates come on request only.
    pub(super) fn continuous_updates_ended(&mut self, outbox: &mut Outbox) {
        self.continuous.ended(outbox);
    }

    /// An update begins: it answers whatever was asked for before.
    pub(super) fn update_begins(&mut self) {
        self.redraw_asked = false;
    }

    /// The colours of a map have changed. What was drawn in the old ones has lost the indices that it
    /// came from, and servers do not send it again by themselves: it is asked for.
    pub(super) fn colours_changed(&mut self, outbox: &mut Outbox) {
        if self.has_pixels && !self.redraw_asked {
            self.redraw_asked = true;
            message::update_request(&mut outbox.bytes, false, self.framebuffer.bounds());
        }
    }

    /// How servers like this one order the bytes of a cursor with alpha.
    pub(crate) fn cursor_order(&self) -> cursor::Order {
        if self.features.pointer_motion {
            cursor::Order::Bgra
        } else {
            cursor::Order::Rgba
        }
    }

    /// Notes that so many pixels may have been drawn.
    pub(crate) fn worked(&mut self, pixels: u64) {
        self.work = self.work.saturating_add(pixels);
    }

    /// Notes a step, which costs as much as so many pixels. Whether it is time for a pause.
    pub(super) fn has_worked_enough(&mut self, step: u64) -> bool {
        let work = self.work.saturating_add(step);
        let enough = work >= WORK_AT_ONCE;
        self.work = if enough { 0 } else { work };
        enough
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
