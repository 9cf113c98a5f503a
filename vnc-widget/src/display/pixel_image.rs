//! The pixels of one tile, in the form in which the window's renderer takes it best.
//!
//! Renderers that draw on a graphics card take textures: each is uploaded once. GSK's cairo renderer
//! converts every texture of a window anew whenever something in the window changes, whether it is to
//! be drawn or not (GTK 4.8 even by way of floating-point numbers, which took 19 ms for 1920 x 1080
//! pixels). It gets cairo surfaces, which are drawn as they are, and only where something changed.

use std::cell::{OnceCell, RefCell};

use gtk::{cairo, gdk, glib, graphene, gsk, prelude::*};

use super::{
    drawing::Drawing,
    resample::Resampling,
    sharpen::{self, Resampled},
};
use crate::tiles::BYTES_PER_PIXEL;

/// One tile's pixels.
#[derive(Debug)]
pub(super) struct PixelImage {
    width: u32,
    height: u32,
    /// The pixels where there is no surface, or once somebody has asked for them.
    bytes: OnceCell<glib::Bytes>,
    texture: OnceCell<gdk::Texture>,
    /// The texture in another size. It is there only while it is to be seen, so that the memory for it
    /// does not grow with the picture, but with the window.
    resampled: RefCell<Option<Resampled>>,
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

impl PixelImage {
    /// Takes the memory over without a copy.
    pub(super) fn new(
        (width, height): (u32, u32),
        rows: Vec<u8>,
        resampled: Option<Resampled>,
        drawing: Drawing,
    ) -> Self {
        let new = |bytes, resampled, surface| Self {
            width,
            height,
            bytes,
            texture: OnceCell::new(),
            resampled: RefCell::new(resampled),
            surface,
        };
        if drawing == Drawing::Textures {
            let bytes = glib::Bytes::from_owned(rows);
            return new(OnceCell::from(bytes), resampled, None);
        }
        let image = cairo::ImageSurface::create_for_data(
            rows,
            cairo::Format::Rgb24,
            width as i32,
            height as i32,
            (width as usize * BYTES_PER_PIXEL) as i32,
        );
        match image {
            Ok(image) => {
                let node = RefCell::default();
                new(OnceCell::new(), None, Some(Surface { node, image }))
            }
            // There is no memory for the few bytes of a surface: black is the least of worries.
            Err(_) => new(OnceCell::from(glib::Bytes::from_static(&[])), None, None),
        }
    }

    /// Draws them so that they fill `area`, in the size into which they are to be brought before, if
    /// that is done. Cairo needs no help with that.
    pub(super) fn append_to(
        &self,
        snapshot: &gtk::Snapshot,
        area: &graphene::Rect,
        resampling: Resampling,
        drawing: Drawing,
    ) {
        if let (Some(surface), Drawing::Cairo) = (&self.surface, drawing) {
            let sharp = matches!(resampling, Resampling::Squares(_));
            if let Some(node) = surface.node((*area, sharp)) {
                snapshot.append_node(node);
            }
            return;
        }
        let resampled = self.resampled.borrow();
        let resampled = resampled.as_ref().filter(|made| made.how == resampling);
        let resampled = resampled.and_then(|made| made.texture.clone());
        if let Some(texture) = resampled.or_else(|| self.texture()) {
            snapshot.append_texture(&texture, area);
        }
    }

    /// The pixels, if they have to be brought into another size and were not. What they were brought
    /// into before is given back.
    pub(super) fn order(&self, how: Resampling, drawing: Drawing) -> Option<&glib::Bytes> {
        let mut resampled = self.resampled.borrow_mut();
        if resampled.as_ref().is_some_and(|made| made.how == how) {
            return None;
        }
        *resampled = None;
        let draws_textures = self.surface.is_none() || drawing == Drawing::Textures;
        (how != Resampling::None && draws_textures).then(|| self.bytes())
    }

    /// Takes over what was made of these rows, if they are still the same.
    pub(super) fn take_over(&self, rows: &glib::Bytes, resampled: Resampled) {
        if self
            .bytes
            .get()
            .is_some_and(|own| own.as_ptr() == rows.as_ptr())
        {
            self.resampled.replace(Some(resampled));
        }
    }

    /// Gives back what is only needed to draw it.
    pub(super) fn is_out_of_sight(&self) {
        self.resampled.take();
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
            .get_or_init(|| sharpen::texture((self.width, self.height), bytes));
        Some(texture.clone())
    }
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
