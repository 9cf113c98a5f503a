//! An empty libadwaita window: the least that a program of this kind costs. `make bench` measures
//! it as the floor.

use adw::prelude::*;

fn main() -> gtk::glib::ExitCode {
    let application = adw::Application::builder()
        .application_id("io.github.guesthouse.EmptyWindow")
        .build();
    application.connect_activate(|application| {
        adw::ApplicationWindow::builder()
            .application(application)
            .title("Empty")
            .default_width(900)
            .default_height(600)
            .content(&adw::HeaderBar::new())
            .build()
            .present();
    });
    application.run()
}
