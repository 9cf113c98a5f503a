//! A window with one widget of each kind that the harness drives: what the harness itself is
//! tested on.

use adw::prelude::*;

fn main() -> gtk::glib::ExitCode {
    let application = adw::Application::builder()
        .application_id("io.github.guesthouse.Widgets")
        .build();
    application.connect_activate(|application| {
        let entry = adw::EntryRow::builder().title("Guest name").build();
        let memory = gtk::Scale::with_range(gtk::Orientation::Horizontal, 0.0, 4096.0, 64.0);
        memory.update_property(&[gtk::accessible::Property::Label("Memory")]);
        let greeting = gtk::Label::new(Some("Nothing yet"));
        let greet = gtk::Button::with_mnemonic("_Greet");
        greet.set_sensitive(false);
        entry.connect_changed({
            let greet = greet.clone();
            move |entry| greet.set_sensitive(!entry.text().is_empty())
        });
        greet.connect_clicked({
            let (greeting, entry, memory) = (greeting.clone(), entry.clone(), memory.clone());
            move |_| greeting.set_label(&format!("{} has {} MiB", entry.text(), memory.value()))
        });

        let list = gtk::ListBox::new();
        list.append(&entry);
        let content = gtk::Box::new(gtk::Orientation::Vertical, 12);
        content.append(&adw::HeaderBar::new());
        content.append(&list);
        content.append(&memory);
        content.append(&greet);
        content.append(&greeting);
        adw::ApplicationWindow::builder()
            .application(application)
            .title("Widgets")
            .default_width(400)
            .content(&content)
            .build()
            .present();
    });
    application.run()
}
