//! Where the picture lies in the widget.
//!
//! Three units meet here: *guest pixels* of the picture, *device pixels* of the monitor, and
//! *logical pixels*, in which GTK measures; the device scale says how many device pixels make one
//! logical one. Whatever is drawn begins and ends at whole device pixels: tiles with edges between
//! two pixels would show as lines, since each is blended with what lies below it.

use gtk::graphene;
use rfb::Rect;

use super::resample::Resampling;
use crate::tiles::TILE_HEIGHT;

/// How the picture is fitted into the widget.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub enum Scaling {
    /// As large as the widget allows, in its own proportions.
    #[default]
    Fit,
    /// One pixel of the picture is one pixel of the monitor; scrollbars appear when there is not
    /// enough room. The same as a zoom of 1.
    OneToOne,
    /// One pixel of the picture is so many pixels of the monitor each way, kept between
    /// [`MIN_ZOOM`](Self::MIN_ZOOM) and [`MAX_ZOOM`](Self::MAX_ZOOM); scrollbars appear when there
    /// is not enough room. At whole numbers each pixel of the picture is a sharp square.
    Zoom(f64),
}

impl Scaling {
    /// The smallest zoom.
    pub const MIN_ZOOM: f64 = 0.1;
    /// The largest zoom.
    pub const MAX_ZOOM: f64 = 16.0;

    /// Device pixels per guest pixel, where that does not depend on the widget's size.
    pub(crate) fn zoom(self) -> Option<f64> {
        match self {
            Self::Fit => None,
            Self::OneToOne => Some(1.0),
            // Not a number is compared with neither, and shall be harmless.
            Self::Zoom(zoom) if zoom.is_nan() => Some(1.0),
            Self::Zoom(zoom) => Some(zoom.clamp(Self::MIN_ZOOM, Self::MAX_ZOOM)),
        }
    }
}

/// Where a picture lies in a widget, in device pixels relative to the widget.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Placement {
    /// Left edge.
    left: f64,
    /// Top edge.
    top: f64,
    /// Width on the monitor.
    width: f64,
    /// Height on the monitor.
    height: f64,
    /// The part of the framebuffer that the picture shows, in guest pixels; never empty.
    part: Rect,
    /// Device pixels per logical pixel.
    device_scale: f64,
}

impl Placement {
    /// Places this part of a framebuffer into a widget.
    ///
    /// `allocation` is the widget's size in logical pixels; `origin` its place on the window's
    /// surface, needed because edges are to lie at whole device pixels of the surface. `None` when
    /// there is nothing to see.
    pub(crate) fn new(
        scaling: Scaling,
        part: Rect,
        allocation: (f64, f64),
        origin: (f64, f64),
        device_scale: f64,
    ) -> Option<Self> {
        let room = (allocation.0 * device_scale, allocation.1 * device_scale);
        if part.is_empty() || room.0 < 1.0 || room.1 < 1.0 {
            return None;
        }
        let (guest_width, guest_height) = (f64::from(part.width), f64::from(part.height));
        let zoom = scaling
            .zoom()
            .unwrap_or_else(|| (room.0 / guest_width).min(room.1 / guest_height));
        let scaled = |length: f64| (length * zoom).round().max(1.0);
        let (width, height) = (scaled(guest_width), scaled(guest_height));
        let edge = |room: f64, length: f64, origin: f64| {
            let origin = origin * device_scale;
            let centred = ((room - length) / 2.0).max(0.0);
            (origin + centred).round() - origin
        };
        Some(Self {
            left: edge(room.0, width, origin.0),
            top: edge(room.1, height, origin.1),
            width,
            height,
            part,
            device_scale,
        })
    }

    /// The part of the framebuffer that is drawn, in guest pixels.
    pub(crate) fn part(&self) -> Rect {
        self.part
    }

    /// Device pixels per guest pixel.
    pub(crate) fn zoom(&self) -> f64 {
        self.width / f64::from(self.part.width)
    }

    /// What is to be done with the pixels before the renderer brings them to their size.
    pub(crate) fn resampling(&self) -> Resampling {
        let (width, height) = (self.width as u32, self.height as u32);
        let guest = (u32::from(self.part.width), u32::from(self.part.height));
        let factor = width / guest.0;
        // A screen of few pixels would fill the window with one, and whole tiles, of which it may be a
        // small part, are enlarged.
        let is_sane = factor > 1 && f64::from(factor) <= Scaling::MAX_ZOOM;
        if is_sane && (guest.0 * factor, guest.1 * factor) == (width, height) {
            return Resampling::Squares(factor);
        }
        // The reduction's largest power of two, so that tiles are whole multiples of it.
        match 1.0 / self.zoom() {
            reduction if reduction < 2.0 => Resampling::None,
            reduction => {
                Resampling::Averages(1 << (reduction as u32).ilog2().min(TILE_HEIGHT.ilog2()))
            }
        }
    }

    /// Logical pixels per guest pixel.
    pub(crate) fn logical_zoom(&self) -> f64 {
        self.zoom() / self.device_scale
    }

    /// Where a rectangle of the framebuffer is drawn, in logical pixels, or would be if it were part of
    /// the picture. Rectangles that touch each other in the guest touch here.
    pub(crate) fn area(&self, x: u32, y: u32, width: u32, height: u32) -> graphene::Rect {
        let Rect {
            x: first_column,
            y: first_row,
            width: columns,
            height: rows,
        } = self.part;
        let horizontal = |x: u32| self.edge((self.left, self.width), x, (first_column, columns));
        let vertical = |y: u32| self.edge((self.top, self.height), y, (first_row, rows));
        let (left, top) = (horizontal(x), vertical(y));
        graphene::Rect::new(
            left as f32,
            top as f32,
            (horizontal(x + width) - left) as f32,
            (vertical(y + height) - top) as f32,
        )
    }

    /// Where all of the picture is drawn, in logical pixels.
    pub(crate) fn whole(&self) -> graphene::Rect {
        let Rect {
            x,
            y,
            width,
            height,
        } = self.part;
        self.area(x.into(), y.into(), width.into(), height.into())
    }

    /// The logical coordinate of the edge before guest column (or row) `position`. `drawn` is where the
    /// picture begins in device pixels, and its length; `guest` the same in guest pixels.
    fn edge(&self, (start, length): (f64, f64), position: u32, guest: (u16, u16)) -> f64 {
        let position = f64::from(position) - f64::from(guest.0);
        let along = (length * position / f64::from(guest.1)).round();
        (start + along) / self.device_scale
    }

    /// Whether a point of the widget, in logical pixels, lies on the picture.
    pub(crate) fn contains(&self, x: f64, y: f64) -> bool {
        let within = |position: f64, start: f64, length: f64| {
            (0.0..length).contains(&(position * self.device_scale - start))
        };
        within(x, self.left, self.width) && within(y, self.top, self.height)
    }

    /// The pixel of the framebuffer at a point of the widget in logical pixels; the nearest one for points
    /// beside the picture.
    pub(crate) fn guest_pixel(&self, x: f64, y: f64) -> (u16, u16) {
        let pixel = |position: f64, start: f64, length: f64, first: u16, count: u16| {
            let share = (position * self.device_scale - start) / length;
            // Casts of floats saturate, and what is not a number becomes 0.
            let along = (share * f64::from(count)).floor().max(0.0) as u16;
            first.saturating_add(along.min(count - 1))
        };
        let Rect {
            x: first_column,
            y: first_row,
            width: columns,
            height: rows,
        } = self.part;
        (
            pixel(x, self.left, self.width, first_column, columns),
            pixel(y, self.top, self.height, first_row, rows),
        )
    }
}

/// The room, in logical pixels, that `guest` pixels of `zoom` device pixels each need.
pub(crate) fn logical_length(guest: u32, zoom: f64, device_scale: f64) -> i32 {
    ((f64::from(guest) * zoom).round() / device_scale).ceil() as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: Rect = Rect::new(0, 0, 1024, 768);

    fn fit(allocation: (f64, f64), device_scale: f64) -> Placement {
        Placement::new(Scaling::Fit, SCREEN, allocation, (0.0, 0.0), device_scale).unwrap()
    }

    fn rect(x: f32, y: f32, width: f32, height: f32) -> graphene::Rect {
        graphene::Rect::new(x, y, width, height)
    }

    #[test]
    fn nothing_to_place() {
        let place = |part, room| Placement::new(Scaling::Fit, part, room, (0.0, 0.0), 1.0);
        assert_eq!(place(Rect::new(9, 9, 0, 768), (100.0, 100.0)), None);
        assert_eq!(place(SCREEN, (0.0, 100.0)), None);
    }

    #[test]
    fn fit_keeps_proportions_and_centres() {
        let placement = fit((1024.0, 1000.0), 1.0);
        assert_eq!(
            placement.area(0, 0, 1024, 768),
            rect(0.0, 116.0, 1024.0, 768.0)
        );
        let placement = fit((512.0, 400.0), 1.0);
        assert_eq!(
            placement.area(0, 0, 1024, 768),
            rect(0.0, 8.0, 512.0, 384.0)
        );
        assert!((placement.zoom() - 0.5).abs() < 1e-9);
    }

    #[test]
    fn one_to_one_is_in_device_pixels() {
        let place = |scale| {
            Placement::new(
                Scaling::OneToOne,
                SCREEN,
                (2000.0, 2000.0),
                (0.0, 0.0),
                scale,
            )
            .unwrap()
        };
        assert_eq!(
            place(1.0).area(0, 0, 1024, 768),
            rect(488.0, 616.0, 1024.0, 768.0)
        );
        assert_eq!(
            place(2.0).area(0, 0, 1024, 768),
            rect(744.0, 808.0, 512.0, 384.0)
        );
        assert!((place(1.25).zoom() - 1.0).abs() < 1e-9);
        assert!((place(1.25).logical_zoom() - 0.8).abs() < 1e-9);
    }

    #[test]
    fn a_picture_larger_than_the_room_begins_at_the_corner() {
        let placement =
            Placement::new(Scaling::OneToOne, SCREEN, (100.0, 100.0), (0.0, 0.0), 1.0).unwrap();
        assert_eq!(
            placement.area(0, 0, 1024, 768),
            rect(0.0, 0.0, 1024.0, 768.0)
        );
    }

    #[test]
    fn every_edge_is_a_whole_device_pixel_of_the_surface() {
        for device_scale in [1.0, 1.25, 1.5, 1.75, 2.0, 3.0] {
            for origin in [0.0, 1.0, 37.0] {
                for step in 0..60 {
                    let size = 301.0 + f64::from(step) * 13.0;
                    for scaling in [
                        Scaling::Fit,
                        Scaling::OneToOne,
                        Scaling::Zoom(0.73),
                        Scaling::Zoom(1.37),
                    ] {
                        let placement = Placement::new(
                            scaling,
                            Rect::new(77, 1234, 1921, 1081),
                            (size, size * 0.7),
                            (origin, origin * 3.0),
                            device_scale,
                        )
                        .unwrap();
                        for x in (0..3000).step_by(256) {
                            let area = placement.area(x, 0, 1, 1);
                            let device = (f64::from(area.x()) + origin) * device_scale;
                            assert!(
                                (device - device.round()).abs() < 1e-3,
                                "{device} at {device_scale}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn neighbours_touch() {
        let placement = fit((747.0, 561.0), 1.0);
        for x in (0..1024).step_by(256) {
            let (a, b) = (
                placement.area(x, 0, 256, 256),
                placement.area(x + 256, 0, 1, 1),
            );
            assert!((a.x() + a.width() - b.x()).abs() < 1e-4);
        }
    }

    #[test]
    fn zoom_is_in_device_pixels_and_has_its_limits() {
        let place = |zoom, scale| {
            let scaling = Scaling::Zoom(zoom);
            Placement::new(scaling, SCREEN, (9e4, 9e4), (0.0, 0.0), scale).unwrap()
        };
        assert!((place(1.5, 1.0).zoom() - 1.5).abs() < 1e-9);
        assert!((place(3.0, 2.0).zoom() - 3.0).abs() < 1e-9);
        assert!((place(3.0, 2.0).logical_zoom() - 1.5).abs() < 1e-9);
        assert!((place(1e9, 1.0).zoom() - Scaling::MAX_ZOOM).abs() < 1e-9);
        assert!((place(-1.0, 1.0).zoom() - Scaling::MIN_ZOOM).abs() < 1e-3);
        assert!((place(f64::NAN, 1.0).zoom() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn whole_zooms_are_squares_and_small_ones_averages() {
        let resampling = |zoom, scale| {
            let scaling = Scaling::Zoom(zoom);
            let room = (9e4, 9e4);
            Placement::new(scaling, SCREEN, room, (0.0, 0.0), scale)
                .unwrap()
                .resampling()
        };
        assert_eq!(resampling(2.0, 1.0), Resampling::Squares(2));
        assert_eq!(resampling(3.0, 1.25), Resampling::Squares(3));
        for zoom in [0.51, 0.73, 1.0, 1.5, 2.001] {
            assert_eq!(resampling(zoom, 1.0), Resampling::None, "{zoom}");
        }
        assert_eq!(resampling(0.5, 1.0), Resampling::Averages(2));
        assert_eq!(resampling(0.3, 1.0), Resampling::Averages(2));
        assert_eq!(resampling(0.25, 2.0), Resampling::Averages(4));
        assert_eq!(resampling(0.1, 1.0), Resampling::Averages(8));
        // Fitted: the same.
        assert_eq!(
            fit((2048.0, 1600.0), 1.0).resampling(),
            Resampling::Squares(2)
        );
        assert_eq!(fit((2050.0, 1600.0), 1.0).resampling(), Resampling::None);
        assert_eq!(fit((1.0, 1.0), 1.0).resampling(), Resampling::Averages(64));
    }

    #[test]
    fn points_map_to_the_pixel_that_is_drawn_there() {
        let placement = fit((512.0, 400.0), 1.0);
        assert_eq!(placement.guest_pixel(0.0, 8.0), (0, 0));
        assert_eq!(placement.guest_pixel(0.6, 8.6), (1, 1));
        assert_eq!(placement.guest_pixel(511.9, 391.9), (1023, 767));
        assert!(placement.contains(0.0, 8.0) && placement.contains(511.9, 391.9));
        assert!(!placement.contains(0.0, 7.9) && !placement.contains(512.0, 8.0));
        // Beside the picture: the nearest pixel, never one that does not exist.
        assert_eq!(placement.guest_pixel(-50.0, 0.0), (0, 0));
        assert_eq!(placement.guest_pixel(9999.0, 9999.0), (1023, 767));
        assert_eq!(placement.guest_pixel(f64::NAN, f64::INFINITY), (0, 767));
    }

    #[test]
    fn one_to_one_points_are_exact_at_every_scale() {
        for scale in [1.0, 1.25, 2.0] {
            let placement = Placement::new(
                Scaling::OneToOne,
                SCREEN,
                (4000.0, 4000.0),
                (0.0, 0.0),
                scale,
            )
            .unwrap();
            for (x, y) in [(0, 0), (1, 2), (511, 300), (1023, 767)] {
                let area = placement.area(x, y, 1, 1);
                let centre = area.center();
                assert_eq!(
                    placement.guest_pixel(centre.x().into(), centre.y().into()),
                    (x as u16, y as u16)
                );
            }
        }
    }

    #[test]
    fn one_screen_of_several_is_placed_as_if_it_were_alone() {
        let right = Rect::new(1000, 50, 1024, 768);
        for (scaling, room, scale) in [
            (Scaling::Fit, (512.0, 400.0), 1.0),
            (Scaling::OneToOne, (2000.0, 1000.0), 1.25),
            (Scaling::Zoom(3.0), (5000.0, 4000.0), 1.0),
            (Scaling::Zoom(0.73), (2000.0, 1000.0), 2.0),
        ] {
            let place = |part| Placement::new(scaling, part, room, (3.0, 5.0), scale).unwrap();
            let (alone, part) = (place(SCREEN), place(right));
            assert_eq!(part.whole(), alone.whole());
            assert_eq!(part.resampling(), alone.resampling());
            assert!((part.zoom() - alone.zoom()).abs() < 1e-9);
            for (x, y) in [(0, 0), (1, 700), (1023, 767)] {
                assert_eq!(part.area(1000 + x, 50 + y, 1, 1), alone.area(x, y, 1, 1));
            }
            for x in [-9.0, 0.0, 33.3, 511.9, 9999.0] {
                let (column, row) = alone.guest_pixel(x, x);
                assert_eq!(part.guest_pixel(x, x), (column + 1000, row + 50));
                assert_eq!(part.contains(x, 33.0), alone.contains(x, 33.0));
            }
        }
    }

    #[test]
    fn tiles_that_begin_before_a_screen_lie_where_they_would() {
        let right = Rect::new(1000, 50, 1024, 768);
        let placement =
            Placement::new(Scaling::OneToOne, right, (1024.0, 768.0), (0.0, 0.0), 1.0).unwrap();
        assert_eq!(
            placement.area(768, 0, 256, 64),
            rect(-232.0, -50.0, 256.0, 64.0)
        );
        // The last pixel that the protocol can tell.
        let last = Rect::new(65535, 65535, 1, 1);
        let placement = Placement::new(Scaling::Fit, last, (10.0, 10.0), (0.0, 0.0), 1.0).unwrap();
        assert_eq!(placement.guest_pixel(9.0, 99.0), (65535, 65535));
    }

    #[test]
    fn a_screen_of_few_pixels_is_left_to_the_renderer() {
        let of = |length| {
            let part = Rect::new(1000, 50, length, length);
            let room = (1024.0, 1024.0);
            let placement = Placement::new(Scaling::Fit, part, room, (0.0, 0.0), 1.0).unwrap();
            placement.resampling()
        };
        assert_eq!(of(64), Resampling::Squares(16));
        assert_eq!(of(32), Resampling::None);
        assert_eq!(of(1), Resampling::None);
    }

    #[test]
    fn room_is_rounded_up() {
        assert_eq!(logical_length(1024, 1.0, 1.0), 1024);
        assert_eq!(logical_length(1025, 1.0, 2.0), 513);
        assert_eq!(logical_length(1000, 1.0, 1.25), 800);
        assert_eq!(logical_length(1025, 0.5, 1.0), 513);
        assert_eq!(logical_length(1000, 4.0, 2.0), 2000);
    }
}
