//! Pixels are brought into another size away from GTK's thread, which only draws what comes of it.
//!
//! What a frame changes is ready before the frame is shown, so that it is never seen blurred. Tiles that
//! are on the screen for another reason, because the zoom changed or the picture was scrolled, are drawn
//! by the renderer's own scaling until they are ready; a margin around what is to be seen is kept ready
//! for that.

use gtk::{gdk, glib, glib::subclass::prelude::*, graphene, prelude::*};
use tokio::runtime::Handle;

use super::{
    canvas::Canvas,
    drawing::Drawing,
    resample::{self, Resampling},
    scale::Placement,
};
use crate::{
    Error,
    tiles::{BYTES_PER_PIXEL, Frame, Pixels, Tile},
};

/// How far around what is to be seen tiles are kept ready, in logical pixels.
const MARGIN: f32 = 128.0;

/// A tile in another size. Without a texture there was no memory for it, and it is not tried again.
#[derive(Debug)]
pub(super) struct Resampled {
    pub(super) how: Resampling,
    pub(super) texture: Option<gdk::Texture>,
}

impl Resampled {
    /// Of rows of pixels without gaps. Takes its time.
    fn new(rows: &[u8], (width, height): (u32, u32), how: Resampling) -> Self {
        debug_assert!(
            !gtk::is_initialized_main_thread(),
            "GTK's thread does no work on pixels"
        );
        let size = how.size(width, height);
        let texture = resample::resample(rows, width, how)
            .map(|rows| texture(size, &glib::Bytes::from_owned(rows)));
        Self { how, texture }
    }
}

/// Rows of pixels without gaps as a texture. Costs next to nothing.
pub(super) fn texture((width, height): (u32, u32), rows: &glib::Bytes) -> gdk::Texture {
    gdk::MemoryTexture::new(
        width as i32,
        height as i32,
        // A format without the fourth byte needs GTK 4.14.
        gdk::MemoryFormat::B8g8r8a8Premultiplied,
        rows,
        width as usize * BYTES_PER_PIXEL,
    )
    .upcast()
}

/// A tile that is to be drawn in another size and was not brought into it.
pub(super) struct Order {
    /// Which tile of the picture it is.
    pub(super) index: usize,
    pub(super) rows: glib::Bytes,
    pub(super) size: (u32, u32),
    pub(super) how: Resampling,
}

/// An order that was carried out.
pub(super) struct Done {
    pub(super) order: Order,
    pub(super) resampled: Resampled,
}

/// What is to be done with a frame before it is shown.
pub(super) struct Plan {
    /// Where.
    runtime: Handle,
    how: Resampling,
    placement: Placement,
    /// What of the widget is to be ready.
    near: graphene::Rect,
}

impl Plan {
    fn resampled(&self, tile: &Tile) -> Option<Resampled> {
        let Pixels::Rows(rows) = &tile.pixels else {
            return None;
        };
        let ((x, y), size) = (tile.origin(), (tile.width, tile.height));
        let area = self.placement.area(x, y, size.0, size.1);
        area.intersection(&self.near)?;
        Some(Resampled::new(rows, size, self.how))
    }
}

/// A frame as it can be shown.
pub(super) struct Prepared {
    pub(super) frame: Frame,
    /// Of its tiles, in their order, those that were brought into another size.
    pub(super) resampled: Vec<Option<Resampled>>,
}

/// Carries a plan out. Without one there is nothing to wait for.
///
/// # Errors
/// A fault of this program.
pub(super) async fn prepare(frame: Frame, plan: Option<Plan>) -> Result<Prepared, Error> {
    let Some(plan) = plan else {
        let resampled = Vec::new();
        return Ok(Prepared { frame, resampled });
    };
    let prepared = plan.runtime.clone().spawn_blocking(move || {
        let resampled = frame.tiles.iter().map(|tile| plan.resampled(tile));
        let resampled = resampled.collect();
        Prepared { frame, resampled }
    });
    prepared.await.map_err(|_| Error::Fault)
}

/// What of a picture at this place is to be seen, and what is to be ready, if this much of the widget is
/// seen.
pub(super) fn view(
    placement: &Placement,
    seen: &graphene::Rect,
) -> (graphene::Rect, graphene::Rect) {
    let whole = placement.whole();
    let within = |area: &graphene::Rect| whole.intersection(area);
    let seen = within(seen).unwrap_or_else(graphene::Rect::zero);
    let near = within(&seen.inset_r(-MARGIN, -MARGIN)).unwrap_or_else(graphene::Rect::zero);
    (seen, near)
}

impl Canvas {
    /// What has to be done with a frame before it is shown. One of another size is shown as it is: where
    /// it will lie is not known yet.
    pub(super) fn plan(&self, frame: &Frame) -> Option<Plan> {
        let size = self.borrow_picture().size();
        if Drawing::of(self) == Drawing::Cairo || size != (frame.width, frame.height) {
            return None;
        }
        let runtime = self.imp().runtime.get()?.clone();
        let placement = self.placement()?;
        let how = placement.resampling();
        let (_, near) = view(&placement, &self.seen()?);
        (how != Resampling::None).then_some(Plan {
            runtime,
            how,
            placement,
            near,
        })
    }

    /// Has orders carried out, and the window drawn with what comes of it. While some are carried out
    /// others wait: they are found again then, as far as they are still wanted.
    pub(super) fn sharpen(&self, orders: Vec<Order>) {
        let Some(runtime) = self.imp().runtime.get().filter(|_| !orders.is_empty()) else {
            return;
        };
        if self.imp().sharpening.replace(true) {
            return;
        }
        let done = runtime.spawn_blocking(|| {
            let done = |order: Order| Done {
                resampled: Resampled::new(&order.rows, order.size, order.how),
                order,
            };
            orders.into_iter().map(done).collect::<Vec<_>>()
        });
        let canvas = self.downgrade();
        glib::spawn_future_local(async move {
            let done = done.await;
            let Some(canvas) = canvas.upgrade() else {
                return;
            };
            canvas.imp().sharpening.set(false);
            // After a fault the picture stays as it is; it would only happen again.
            if let Ok(done) = done {
                canvas.borrow_picture().take_over(done);
                canvas.queue_draw();
            }
        });
    }
}
