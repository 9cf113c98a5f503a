//! One tile of the picture.

use gtk::{gdk, glib, graphene, prelude::*};

use super::{
    drawing::Drawing, pixel_image::PixelImage, resample::Resampling, sharpen::Resampled,
    still::Content,
};
use crate::tiles::{BYTES_PER_PIXEL, Pixels, Tile};

/// A tile as it is drawn.
#[derive(Debug)]
pub(super) struct TileImage {
    width: u32,
    height: u32,
    form: Form,
}

#[derive(Debug)]
enum Form {
    Pixels(PixelImage),
    /// One colour all over: blue, green, red, 255.
    Plain([u8; BYTES_PER_PIXEL]),
}

impl TileImage {
    /// Takes the tile's memory over without a copy.
    pub(super) fn new(tile: Tile, resampled: Option<Resampled>, drawing: Drawing) -> Self {
        let (width, height) = (tile.width, tile.height);
        let form = match tile.pixels {
            Pixels::Rows(rows) => {
                Form::Pixels(PixelImage::new((width, height), rows, resampled, drawing))
            }
            Pixels::Plain(colour) => Form::Plain(colour),
        };
        Self {
            width,
            height,
            form,
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

    /// What is to be seen on it.
    pub(super) fn content(&self) -> Content {
        match &self.form {
            Form::Pixels(pixels) => Content::Rows(pixels.bytes().clone()),
            Form::Plain(colour) => Content::Plain(*colour),
        }
    }

    /// Draws the tile so that it fills `area`, in the size into which its pixels are to be brought
    /// before, if that is done.
    pub(super) fn append_to(
        &self,
        snapshot: &gtk::Snapshot,
        area: &graphene::Rect,
        resampling: Resampling,
        drawing: Drawing,
    ) {
        match &self.form {
            Form::Pixels(pixels) => pixels.append_to(snapshot, area, resampling, drawing),
            Form::Plain(colour) => snapshot.append_color(&rgba(*colour), area),
        }
    }

    /// Its pixels, if they have to be brought into another size and were not.
    pub(super) fn order(&self, how: Resampling, drawing: Drawing) -> Option<&glib::Bytes> {
        match &self.form {
            Form::Pixels(pixels) => pixels.order(how, drawing),
            Form::Plain(_) => None,
        }
    }

    /// Takes over what was made of these pixels, if they are still the same.
    pub(super) fn take_over(&self, rows: &glib::Bytes, resampled: Resampled) {
        if let Form::Pixels(pixels) = &self.form {
            pixels.take_over(rows, resampled);
        }
    }

    /// Gives back what is only needed to draw it.
    pub(super) fn is_out_of_sight(&self) {
        if let Form::Pixels(pixels) = &self.form {
            pixels.is_out_of_sight();
        }
    }
}

fn rgba([blue, green, red, _]: [u8; BYTES_PER_PIXEL]) -> gdk::RGBA {
    let [red, green, blue] = [red, green, blue].map(|part| f32::from(part) / 255.0);
    gdk::RGBA::new(red, green, blue, 1.0)
}
