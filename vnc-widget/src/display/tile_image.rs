//! One tile of the picture, in the form in which the window's renderer takes it best.
//!
//! Renderers that draw on a graphics card take textures: each is uploaded once. GSK's cairo renderer
//! converts every texture of a window anew whenever something in the window changes, whether it is to
//! be drawn or not (GTK 4.8 even by way of floating-point numbers, which took 19 ms for 1920 x 1080
//! pixels). It gets cairo surfaces, which are drawn as they are, and only where something changed.

use std::cell::{OnceCell, RefCell};

use gtk::{cairo, gdk, glib, graphene, gsk, prelude::*};

use crate::tiles::{BYTES_PER_PIXEL, Tile};

/// What draws a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drawing {
    /// GSK's cairo renderer.
    Cairo,
    /// Any other.
    Textures,
}

impl Drawing {
    /// Of the window that a widget is in.
    pub(super) fn of(widget: &impl IsA<gtk::Widget>) -> Self {
        let native = widget.as_ref().native();
        let renderer = native.and_then(|native| native.renderer());
        if renderer.is_some_and(|renderer| renderer.is::<gsk::CairoRenderer>()) {
            Self::Cairo
        } else {
            Self::Textures
        }
    }
}

/// One tile's pixels.
#[derive(Debug)]
pub(super) struct TileImage {
    width: u32,
    height: u32,
    /// The pixels where there is no surface, or once somebody has asked for them.
    bytes: OnceCell<glib::Bytes>,
    texture: OnceCell<gdk::Texture>,
    /// The texture with squares for pixels, each so many pixels wide: renderers blur what they enlarge,
    /// and before GTK 4.10 cannot be told not to. It is there only while it is to be seen, so that the
    /// memory for it does not grow with the picture, but with the window.
    enlarged: RefCell<Option<(u32, gdk::Texture)>>,
    surface: Option<Surface>,
}

/// Where a surface is drawn, and whether with squares for pixels.
type Look = (graphene::Rect, bool);

#[derive(Debug)]
struct Surface {
    /// How it was drawn last, and where.
    node: RefCell<Option<(Look, gsk::RenderNode)>>,
    // After the nodes: cairo copies a surface that goes before them.
    image: cairo::ImageSurface,
}

impl TileImage {
    /// Takes the tile's memory over without a copy.
    pub(super) fn new(tile: Tile, drawing: Drawing) -> Self {
        let (width, height) = (tile.width, tile.height);
        let new = |bytes, surface| Self {
            width,
            height,
            bytes,
            texture: OnceCell::new(),
            enlarged: RefCell::default(),
            surface,
        };
        if drawing == Drawing::Textures {
            let bytes = glib::Bytes::from_owned(tile.pixels);
            return new(OnceCell::from(bytes), None);
        }
        let image = cairo::ImageSurface::create_for_data(
            tile.pixels,
            cairo::Format::Rgb24,
            width as i32,
            height as i32,
            (width as usize * BYTES_PER_PIXEL) as i32,
        );
        match image {
            Ok(image) => {
                let node = RefCell::default();
                new(OnceCell::new(), Some(Surface { node, image }))
            }
            // There is no memory for the few bytes of a surface: black is the least of worries.
            Err(_) => new(OnceCell::from(glib::Bytes::from_static(&[])), None),
        }
    }

    /// Width in pixels.
    pub(super) fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub(super) fn height(&self) -> u32 {
        self.height
    }

    /// Draws the tile so that it fills `area`, with pixels so many times as large, if that is told.
    pub(super) fn append_to(
        &self,
        snapshot: &gtk::Snapshot,
        area: &graphene::Rect,
        enlargement: Option<u32>,
        drawing: Drawing,
    ) {
        if let (Some(surface), Drawing::Cairo) = (&self.surface, drawing) {
            if let Some(node) = surface.node((*area, enlargement.is_some())) {
                snapshot.append_node(node);
            }
            return;
        }
        let sharp = enlargement.and_then(|factor| self.enlarged(factor));
        if let Some(texture) = sharp.or_else(|| self.texture()) {
            snapshot.append_texture(&texture, area);
        }
    }

    /// Gives back what is only needed to draw it.
    pub(super) fn is_out_of_sight(&self) {
        self.enlarged.take();
        if let Some(surface) = &self.surface {
            surface.node.take();
        }
    }

    /// The rows without gaps, four bytes per pixel.
    pub(super) fn bytes(&self) -> &glib::Bytes {
        self.bytes.get_or_init(|| {
            let mut bytes = None;
            if let Some(surface) = &self.surface {
                // An error would be a surface that somebody has finished.
                let _ = surface
                    .image
                    .with_data(|data| bytes = Some(glib::Bytes::from(data)));
            }
            bytes.unwrap_or_else(|| glib::Bytes::from_static(&[]))
        })
    }

    /// `None` of a tile that there was no memory for.
    fn texture(&self) -> Option<gdk::Texture> {
        let bytes = self.bytes();
        if bytes.is_empty() {
            return None;
        }
        let texture = self
            .texture
            .get_or_init(|| texture(self.width, self.height, bytes));
        Some(texture.clone())
    }

    /// `None` without memory for it.
    fn enlarged(&self, factor: u32) -> Option<gdk::Texture> {
        let mut enlarged = self.enlarged.borrow_mut();
        if enlarged.as_ref().is_none_or(|(other, _)| *other != factor) {
            let pixels = squares(self.bytes(), self.width as usize, factor as usize)?;
            let (width, height) = (self.width * factor, self.height * factor);
            let bytes = glib::Bytes::from_owned(pixels);
            *enlarged = Some((factor, texture(width, height, &bytes)));
        }
        enlarged.as_ref().map(|(_, texture)| texture.clone())
    }
}

fn texture(width: u32, height: u32, bytes: &glib::Bytes) -> gdk::Texture {
    gdk::MemoryTexture::new(
        width as i32,
        height as i32,
        // A format without the fourth byte needs GTK 4.14. It is 255, or 0 with the other three
        // where there is nothing to see yet.
        gdk::MemoryFormat::B8g8r8a8Premultiplied,
        bytes,
        width as usize * BYTES_PER_PIXEL,
    )
    .upcast()
}

/// Pixels, in rows of so many, each `factor` times as wide and high.
fn squares(pixels: &[u8], width: usize, factor: usize) -> Option<Vec<u8>> {
    let mut enlarged = Vec::new();
    let length = pixels.len() * factor * factor;
    if length == 0 || enlarged.try_reserve_exact(length).is_err() {
        return None;
    }
    let wide = width * BYTES_PER_PIXEL * factor;
    for row in pixels.chunks_exact(width * BYTES_PER_PIXEL) {
        let start = enlarged.len();
        for pixel in row.chunks_exact(BYTES_PER_PIXEL) {
            for _ in 0..factor {
                enlarged.extend_from_slice(pixel);
            }
        }
        for _ in 1..factor {
            enlarged.extend_from_within(start..start + wide);
        }
    }
    Some(enlarged)
}

impl Surface {
    /// What draws it. The same as last time at the same place: what the renderer knows already it
    /// need not draw again.
    fn node(&self, look: Look) -> Option<gsk::RenderNode> {
        if let Some((last, node)) = &*self.node.borrow()
            && *last == look
        {
            return Some(node.clone());
        }
        let node = gsk::CairoNode::new(&look.0);
        // Without memory it stays empty, as anything else would.
        self.draw(&node.draw_context(), look).ok()?;
        let node = node.upcast();
        self.node.replace(Some((look, node.clone())));
        Some(node)
    }

    fn draw(&self, context: &cairo::Context, (area, sharp): Look) -> Result<(), cairo::Error> {
        let (width, height) = (self.image.width(), self.image.height());
        let [x, y, across, down] = [area.x(), area.y(), area.width(), area.height()].map(f64::from);
        context.rectangle(x, y, across, down);
        context.translate(x, y);
        context.scale(across / f64::from(width), down / f64::from(height));
        context.set_source_surface(&self.image, 0.0, 0.0)?;
        let source = context.source();
        // The last pixels are not to be mixed with what lies beyond the edge.
        source.set_extend(cairo::Extend::Pad);
        if sharp {
            source.set_filter(cairo::Filter::Nearest);
        }
        context.fill()
    }
}
