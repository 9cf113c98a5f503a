//! The memory slider's track: where the thumb is, what the balloon has reached, what the guest
//! itself uses.
//!
//! It is a [`gtk::Scale`], so that keyboard, screen readers and scripts drive it as any slider; only
//! the trough is drawn here.

use std::cell::Cell;

use gtk::glib;
use gtk::prelude::*;
use gtk::subclass::prelude::*;
use gtk::{gdk, graphene, gsk};

use super::amount::Span;

glib::wrapper! {
    /// A slider in MiB with a fill and a line of its own.
    pub(in crate::guest) struct MemoryTrack(ObjectSubclass<imp::MemoryTrack>)
        @extends gtk::Scale, gtk::Range, gtk::Widget,
        @implements gtk::Accessible, gtk::Buildable, gtk::ConstraintTarget, gtk::Orientable;
}

impl Default for MemoryTrack {
    fn default() -> Self {
        glib::Object::builder()
            .property("draw-value", false)
            .property("has-origin", false)
            .property("hexpand", true)
            .build()
    }
}

impl MemoryTrack {
    /// Sets ends and steps, and puts the thumb at `value` MiB. Not a choice of the user's.
    pub(super) fn settle(&self, span: Span, value: f64) {
        let imp = self.imp();
        imp.settling.set(true);
        imp.span.set(Some(span));
        self.adjustment().configure(
            value,
            span.least as f64,
            span.most as f64,
            span.step as f64,
            (span.step * 8) as f64,
            0.0,
        );
        imp.settling.set(false);
    }

    /// Calls `chosen` with the MiB that the user moved the thumb to, by whatever means.
    pub(super) fn connect_chosen(&self, chosen: impl Fn(u64) + 'static) {
        self.connect_value_changed(move |track| {
            if !track.imp().settling.get() {
                chosen(track.value().round().max(0.0) as u64);
            }
        });
    }

    /// Sets what the balloon has reached and what the guest says it uses, in KiB.
    pub(super) fn set_figures(&self, reached_kib: Option<u64>, used_kib: Option<u64>) {
        let to_mib = |kib: Option<u64>| kib.map(|kib| kib as f64 / 1024.0);
        let figures = (to_mib(reached_kib), to_mib(used_kib));
        if self.imp().figures.replace(figures) != figures {
            self.queue_draw();
        }
    }
}

mod imp {
    use super::{
        Cell, ObjectImpl, ObjectImplExt, ObjectSubclass, ObjectSubclassExt, RangeImpl, ScaleImpl,
        Span, WidgetImpl, WidgetImplExt, gdk, glib, graphene, gsk,
    };
    use gtk::prelude::*;

    /// Height of the drawn trough.
    const TROUGH: f32 = 10.0;
    /// Width and height of the line that marks the guest's own use.
    const LINE: (f32, f32) = (3.0, 22.0);

    #[derive(Debug, Default)]
    pub(in crate::guest) struct MemoryTrack {
        pub(super) span: Cell<Option<Span>>,
        /// Whether the value is being set by the program.
        pub(super) settling: Cell<bool>,
        /// What the balloon has reached and what the guest uses, in MiB.
        pub(super) figures: Cell<(Option<f64>, Option<f64>)>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for MemoryTrack {
        const NAME: &'static str = "GuesthouseMemoryTrack";
        type Type = super::MemoryTrack;
        type ParentType = gtk::Scale;
    }

    impl ObjectImpl for MemoryTrack {
        fn constructed(&self) {
            self.parent_constructed();
            let track = self.obj();
            track.add_css_class("memory-track");
            // A dragged thumb stops at whole steps; typed and scripted values stay as given.
            track.connect_change_value(|track, scroll, value| {
                if scroll == gtk::ScrollType::Jump
                    && let Some(span) = track.imp_span()
                {
                    track.set_value(span.snap(value) as f64);
                    return glib::Propagation::Stop;
                }
                glib::Propagation::Proceed
            });
        }
    }

    impl WidgetImpl for MemoryTrack {
        fn snapshot(&self, snapshot: &gtk::Snapshot) {
            self.draw_trough(snapshot);
            // The thumb lies over the trough.
            self.parent_snapshot(snapshot);
        }
    }

    impl RangeImpl for MemoryTrack {}
    impl ScaleImpl for MemoryTrack {}

    impl MemoryTrack {
        fn draw_trough(&self, snapshot: &gtk::Snapshot) {
            let track = self.obj();
            let area = track.range_rect();
            let middle = area.y() as f32 + area.height() as f32 / 2.0;
            let (left, width) = (area.x() as f32, area.width() as f32);
            let foreground = track.style_context().color();
            let trough = graphene::Rect::new(left, middle - TROUGH / 2.0, width, TROUGH);
            let faint = foreground.with_alpha(foreground.alpha() * 0.15);
            fill(snapshot, trough, &faint);

            let (reached, used) = self.figures.get();
            let rtl = track.direction() == gtk::TextDirection::Rtl;
            if let Some(reached) = reached {
                let end = self.place(reached);
                let bar = if rtl {
                    graphene::Rect::new(end, trough.y(), left + width - end, TROUGH)
                } else {
                    graphene::Rect::new(left, trough.y(), end - left, TROUGH)
                };
                fill(snapshot, bar, &accent(&track));
            }
            if let Some(used) = used {
                let (line, height) = LINE;
                let x = self.place(used) - line / 2.0;
                let mark = graphene::Rect::new(x, middle - height / 2.0, line, height);
                fill(snapshot, mark, &foreground);
            }
        }

        /// Where a value lies, in the widget's coordinates: where the middle of the thumb would be.
        fn place(&self, value: f64) -> f32 {
            let track = self.obj();
            let area = track.range_rect();
            let adjustment = track.adjustment();
            let thumb = f64::from(thumb_length(&track));
            let length = adjustment.upper() - adjustment.lower();
            let share = if length > 0.0 {
                ((value - adjustment.lower()) / length).clamp(0.0, 1.0)
            } else {
                1.0
            };
            let share = if track.direction() == gtk::TextDirection::Rtl {
                1.0 - share
            } else {
                share
            };
            let way = (f64::from(area.width()) - thumb).max(0.0);
            (f64::from(area.x()) + thumb / 2.0 + way * share) as f32
        }
    }

    impl super::MemoryTrack {
        fn imp_span(&self) -> Option<Span> {
            MemoryTrack::from_obj(self).span.get()
        }
    }

    /// The length along the track that the thumb takes. `gtk_range_get_slider_range` would tell, but
    /// its start is wrong in GTK 4.8; what lays the thumb out is its own measure.
    fn thumb_length(track: &super::MemoryTrack) -> i32 {
        let find = |parent: &gtk::Widget, name: &str| {
            std::iter::successors(parent.first_child(), WidgetExt::next_sibling)
                .find(|child| child.css_name() == name)
        };
        find(track.upcast_ref(), "trough")
            .and_then(|trough| find(&trough, "slider"))
            .map_or(0, |thumb| thumb.measure(gtk::Orientation::Horizontal, -1).1)
    }

    /// Fills a bar with round ends.
    fn fill(snapshot: &gtk::Snapshot, bar: graphene::Rect, color: &gdk::RGBA) {
        if bar.width() <= 0.0 {
            return;
        }
        let radius = bar.width().min(bar.height()) / 2.0;
        snapshot.push_rounded_clip(&gsk::RoundedRect::from_rect(bar, radius));
        snapshot.append_color(color, &bar);
        snapshot.pop();
    }

    /// The theme's accent, or a blue where the theme names none.
    fn accent(track: &super::MemoryTrack) -> gdk::RGBA {
        track
            .style_context()
            .lookup_color("accent_bg_color")
            .unwrap_or_else(|| gdk::RGBA::new(0.21, 0.52, 0.89, 1.0))
    }
}
