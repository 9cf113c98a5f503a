//! What is beside a screen, in every window that shows one: a strip of figures over its edge, the
//! button that lets it be heard, and the part of the menu that offers one of several screens.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use adw::prelude::*;
use gtk::gio;
use gtk::glib::{self, SignalHandlerId};
use vnc_widget::{DisplayStatistics, VncDisplay};

use super::controls;

/// The widgets, and the display that they are about.
pub struct Companions {
    strip: gtk::Label,
    sound: gtk::ToggleButton,
    screens: gio::Menu,
    attached: Rc<RefCell<Option<Attached>>>,
    shows_strip: Cell<bool>,
}

/// A display, with what was connected to it.
struct Attached {
    display: glib::WeakRef<VncDisplay>,
    /// While the strip is shown: somebody who listens costs the display something.
    figures: Option<SignalHandlerId>,
    others: Vec<SignalHandlerId>,
}

impl Drop for Attached {
    fn drop(&mut self) {
        if let Some(display) = self.display.upgrade() {
            for handler in self.figures.take().into_iter().chain(self.others.drain(..)) {
                display.disconnect(handler);
            }
        }
    }
}

impl Companions {
    /// The widgets, about no display yet.
    pub fn new() -> Self {
        let strip = gtk::Label::builder()
            .halign(gtk::Align::Start)
            .valign(gtk::Align::End)
            .margin_start(6)
            .margin_bottom(6)
            .css_classes(["connection-figures", "numeric", "caption"])
            // Clicks are the screen's.
            .can_target(false)
            .visible(false)
            .build();
        let sound = gtk::ToggleButton::builder()
            .icon_name("audio-volume-muted-symbolic")
            .tooltip_text("Play Sound")
            .focus_on_click(false)
            .visible(false)
            .build();
        sound.update_property(&[gtk::accessible::Property::Label("Play Sound")]);
        let attached = Rc::<RefCell<Option<Attached>>>::default();
        let about = Rc::downgrade(&attached);
        sound.connect_toggled(move |sound| {
            sound.set_icon_name(if sound.is_active() {
                "audio-volume-high-symbolic"
            } else {
                "audio-volume-muted-symbolic"
            });
            let Some(attached) = about.upgrade() else {
                return;
            };
            let attached = attached.borrow();
            if let Some(display) = attached.as_ref().and_then(|each| each.display.upgrade()) {
                display.set_audio(sound.is_active());
            }
        });
        Self {
            strip,
            sound,
            screens: gio::Menu::new(),
            attached,
            shows_strip: Cell::default(),
        }
    }

    /// The strip, to be laid over the screen.
    pub fn strip(&self) -> &gtk::Label {
        &self.strip
    }

    /// The button, for the header.
    pub fn sound(&self) -> &gtk::ToggleButton {
        &self.sound
    }

    /// The part of the main menu that offers one of several screens; empty where there is one.
    pub fn screens(&self) -> &gio::Menu {
        &self.screens
    }

    /// Is about that display from now on, or about none.
    pub fn attach(&self, display: Option<&VncDisplay>) {
        // The new one is silent, as the button says then; the old one is about to go.
        self.sound.set_active(false);
        self.attached.replace(None);
        self.sound.set_visible(false);
        self.strip.set_visible(false);
        let offered = display.map(VncDisplay::screens).unwrap_or_default();
        controls::offer_screens(&self.screens, &offered);
        let Some(display) = display else { return };
        let section = self.screens.clone();
        let screens = display.connect_screens_changed(move |display| {
            controls::offer_screens(&section, &display.screens());
        });
        let sound = self.sound.downgrade();
        let available = display.connect_audio_available(move |display| {
            if let Some(sound) = sound.upgrade() {
                sound.set_visible(display.audio_available());
            }
        });
        self.sound.set_visible(display.audio_available());
        let others = vec![available, screens];
        self.attached.replace(Some(Attached {
            display: display.downgrade(),
            figures: None,
            others,
        }));
        self.show_strip(self.shows_strip.get());
    }

    /// Shows the strip of figures, or hides it.
    pub fn show_strip(&self, show: bool) {
        self.shows_strip.set(show);
        let mut attached = self.attached.borrow_mut();
        let Some(attached) = attached.as_mut() else {
            return;
        };
        let Some(display) = attached.display.upgrade() else {
            return;
        };
        self.strip.set_visible(show);
        if !show {
            if let Some(handler) = attached.figures.take() {
                display.disconnect(handler);
            }
        } else if attached.figures.is_none() {
            self.strip.set_label("Measuring…");
            let strip = self.strip.downgrade();
            attached.figures = Some(display.connect_statistics(move |display, figures| {
                if let Some(strip) = strip.upgrade() {
                    strip.set_label(&in_words(figures, display.quality().0));
                }
            }));
        }
    }
}

/// The figures of about a second: `Tight · 12.3 Mbit/s · 24 frames/s · input to picture 18 ms`; and the
/// JPEG quality, where one is asked for.
fn in_words(figures: &DisplayStatistics, quality: Option<u8>) -> String {
    let mut parts = Vec::new();
    if let Some(encoding) = figures.encoding {
        parts.push(encoding.to_string());
    }
    if let Some(quality) = quality {
        parts.push(format!("JPEG quality {quality} of 9"));
    }
    parts.push(rate(figures.bits_per_second));
    parts.push(format!("{:.0} frames/s", figures.frames_per_second));
    if let Some(time) = figures.input_to_picture {
        parts.push(format!("input to picture {} ms", time.as_millis()));
    }
    parts.join(" · ")
}

fn rate(bits: f64) -> String {
    let kilo = bits / 1000.0;
    if kilo < 1000.0 {
        format!("{kilo:.0} kbit/s")
    } else {
        format!("{:.1} Mbit/s", kilo / 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::rate;

    #[test]
    fn rates_have_units_that_suit() {
        assert_eq!(rate(0.0), "0 kbit/s");
        assert_eq!(rate(80_400.0), "80 kbit/s");
        assert_eq!(rate(12_340_000.0), "12.3 Mbit/s");
    }
}
