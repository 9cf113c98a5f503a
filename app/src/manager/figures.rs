//! The figures of a running guest, drawn as one widget: processor use as a little chart, memory as
//! a bar, both with their numbers. A list has hundreds of rows; labels and level bars for each would
//! cost a second of start-up and many megabytes.

use gtk::glib;
use gtk::prelude::*;
use gtk::subclass::prelude::*;

use crate::manager::history::READINGS;

/// What is drawn. Whoever changes nothing here draws nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// Processor use in percent, the newest last, and as text; none before the first reading.
    pub cpu: Option<([u8; READINGS], String)>,
    /// Memory the guest has, in thousandths of the most it can be given.
    pub memory_given: u16,
    /// Memory the guest itself says it uses, in thousandths of the most it can be given.
    pub memory_used: Option<u16>,
    /// Memory as text.
    pub memory: String,
}

/// Height of the chart.
const CHART_HEIGHT: f32 = 16.0;
/// Width of a bar of the chart, and of the gap after it.
const CHART_BAR: f32 = 3.0;
const CHART_GAP: f32 = 1.0;
/// The memory bar.
const BAR_WIDTH: f32 = 72.0;
const BAR_HEIGHT: f32 = 6.0;
/// Between the parts.
const SPACING: f32 = 6.0;
const WIDE_SPACING: f32 = 18.0;

mod imp {
    use std::cell::{Ref, RefCell};

    use gtk::prelude::*;
    use gtk::subclass::prelude::*;
    use gtk::{gdk, glib, graphene, gsk, pango};

    use super::{
        BAR_HEIGHT, BAR_WIDTH, CHART_BAR, CHART_GAP, CHART_HEIGHT, READINGS, Reading, SPACING,
        WIDE_SPACING,
    };

    /// The texts, laid out once per change.
    pub struct Texts {
        cpu_caption: pango::Layout,
        cpu: pango::Layout,
        widest_cpu: pango::Layout,
        memory_caption: pango::Layout,
        memory: pango::Layout,
    }

    #[derive(Default)]
    pub struct Figures {
        pub reading: RefCell<Reading>,
        pub texts: RefCell<Option<Texts>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for Figures {
        const NAME: &'static str = "GuesthouseFigures";
        type Type = super::Figures;
        type ParentType = gtk::Widget;

        fn class_init(class: &mut Self::Class) {
            class.set_css_name("figures");
            class.set_accessible_role(gtk::AccessibleRole::Presentation);
        }
    }

    impl ObjectImpl for Figures {}

    impl WidgetImpl for Figures {
        fn measure(&self, orientation: gtk::Orientation, _for_size: i32) -> (i32, i32, i32, i32) {
            match orientation {
                gtk::Orientation::Vertical => {
                    let texts = self.texts();
                    let height = texts.cpu_caption.pixel_size().1.max(CHART_HEIGHT as i32);
                    (height, height, -1, -1)
                }
                _ => (0, 380, -1, -1),
            }
        }

        fn snapshot(&self, snapshot: &gtk::Snapshot) {
            let widget = self.obj();
            let reading = self.reading.borrow();
            let texts = self.texts();
            let style = widget.style_context();
            let ink = style.color();
            let accent = style.lookup_color("accent_color").unwrap_or(ink);
            let pen = Pen {
                snapshot,
                width: widget.width() as f32,
                height: widget.height() as f32,
                mirrored: widget.direction() == gtk::TextDirection::Rtl,
            };
            let dim = faded(ink, 0.62);
            let track = faded(ink, 0.15);

            let mut x = 0.0;
            if let Some((percent, _)) = &reading.cpu {
                x = pen.text(&texts.cpu_caption, x, dim) + SPACING;
                x = pen.chart(percent, x, accent, track) + SPACING;
                pen.text(&texts.cpu, x, ink);
                x += texts.widest_cpu.pixel_size().0 as f32 + WIDE_SPACING;
            }
            let rest = pen.width - x;
            let memory = texts.memory.pixel_size().0 as f32;
            let caption = texts.memory_caption.pixel_size().0 as f32;
            // The number matters most; bar and caption go where there is no room for them.
            if rest >= caption + BAR_WIDTH + memory + 2.0 * SPACING {
                x = pen.text(&texts.memory_caption, x, dim) + SPACING;
            }
            if rest >= BAR_WIDTH + memory + SPACING {
                x = pen.bar(&reading, x, accent, track) + SPACING;
            }
            pen.text(&texts.memory, x, ink);
        }
    }

    impl Figures {
        /// The texts, laid out anew where the reading has changed. A change of font reaches the
        /// layouts by themselves: they share the widget's context.
        fn texts(&self) -> Ref<'_, Texts> {
            if self.texts.borrow().is_none() {
                let texts = Texts::new(&self.obj(), &self.reading.borrow());
                self.texts.replace(Some(texts));
            }
            Ref::map(self.texts.borrow(), |texts| {
                texts.as_ref().expect("was filled a line above")
            })
        }
    }

    impl Texts {
        fn new(widget: &super::Figures, reading: &Reading) -> Self {
            let digits = pango::AttrList::new();
            digits.insert(pango::AttrFontFeatures::new("tnum=1"));
            let text = |text: &str| {
                let layout = widget.create_pango_layout(Some(text));
                layout.set_attributes(Some(&digits));
                layout
            };
            Self {
                cpu_caption: text("CPU"),
                cpu: text(reading.cpu.as_ref().map_or("", |(_, text)| text)),
                // The widest, so that what follows stays in its place.
                widest_cpu: text("100 %"),
                memory_caption: text("Memory"),
                memory: text(&reading.memory),
            }
        }
    }

    fn faded(color: gdk::RGBA, share: f32) -> gdk::RGBA {
        color.with_alpha(color.alpha() * share)
    }

    /// Draws from the start of the line on, whichever side that is.
    struct Pen<'a> {
        snapshot: &'a gtk::Snapshot,
        width: f32,
        height: f32,
        mirrored: bool,
    }

    impl Pen<'_> {
        fn rect(&self, x: f32, y: f32, width: f32, height: f32) -> graphene::Rect {
            let x = if self.mirrored {
                self.width - x - width
            } else {
                x
            };
            graphene::Rect::new(x, y, width, height)
        }

        /// Draws a text in the middle of the line's height; returns where it ends.
        fn text(&self, layout: &pango::Layout, x: f32, color: gdk::RGBA) -> f32 {
            let (width, height) = layout.pixel_size();
            let (width, height) = (width as f32, height as f32);
            let place = self.rect(x, ((self.height - height) / 2.0).round(), width, height);
            self.snapshot.save();
            self.snapshot
                .translate(&graphene::Point::new(place.x(), place.y()));
            self.snapshot.append_layout(layout, &color);
            self.snapshot.restore();
            x + width
        }

        fn chart(&self, percent: &[u8; READINGS], x: f32, ink: gdk::RGBA, track: gdk::RGBA) -> f32 {
            let bottom = f32::midpoint(self.height, CHART_HEIGHT).round();
            for (index, percent) in percent.iter().enumerate() {
                let at = x + index as f32 * (CHART_BAR + CHART_GAP);
                let height = (f32::from(*percent) / 100.0 * CHART_HEIGHT).round();
                if height < 1.0 {
                    self.snapshot
                        .append_color(&track, &self.rect(at, bottom - 1.0, CHART_BAR, 1.0));
                } else {
                    let bar = self.rect(at, bottom - height, CHART_BAR, height);
                    self.snapshot.append_color(&ink, &bar);
                }
            }
            x + READINGS as f32 * (CHART_BAR + CHART_GAP) - CHART_GAP
        }

        fn bar(&self, reading: &Reading, x: f32, ink: gdk::RGBA, track: gdk::RGBA) -> f32 {
            let y = ((self.height - BAR_HEIGHT) / 2.0).round();
            let whole = self.rect(x, y, BAR_WIDTH, BAR_HEIGHT);
            self.snapshot
                .push_rounded_clip(&gsk::RoundedRect::from_rect(whole, BAR_HEIGHT / 2.0));
            self.snapshot.append_color(&track, &whole);
            let part = |thousandths: u16| {
                let width = (BAR_WIDTH * f32::from(thousandths.min(1000)) / 1000.0).round();
                self.rect(x, y, width, BAR_HEIGHT)
            };
            let given = if reading.memory_used.is_some() {
                faded(ink, 0.4)
            } else {
                ink
            };
            self.snapshot
                .append_color(&given, &part(reading.memory_given));
            if let Some(used) = reading.memory_used {
                self.snapshot.append_color(&ink, &part(used));
            }
            self.snapshot.pop();
            x + BAR_WIDTH
        }
    }
}

glib::wrapper! {
    /// The figures of a running guest.
    pub struct Figures(ObjectSubclass<imp::Figures>)
        @extends gtk::Widget,
        @implements gtk::Accessible, gtk::Buildable, gtk::ConstraintTarget;
}

impl Figures {
    /// Figures that show nothing yet.
    pub fn new() -> Self {
        glib::Object::new()
    }

    /// Shows `reading`; draws only when it differs from what is shown.
    pub fn set(&self, reading: Reading) {
        let imp = self.imp();
        if *imp.reading.borrow() == reading {
            return;
        }
        imp.reading.replace(reading);
        imp.texts.replace(None);
        self.queue_draw();
    }
}
