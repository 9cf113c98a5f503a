//! The lines of a report as rows, section by section.

use adw::prelude::*;
use backend::check::{Line, Report, Verdict};
use gtk::pango;

/// What the buttons of a row do.
pub trait Buttons: Clone + 'static {
    /// Puts a command into the clipboard.
    fn copy(&self, command: &str);
    /// Proposes to run the remedy of the line at that place in the report.
    fn run(&self, place: usize);
}

/// The icon of a verdict; the word stands beside it.
pub fn icon(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Good => "emblem-ok-symbolic",
        Verdict::Note => "dialog-information-symbolic",
        Verdict::Problem => "dialog-error-symbolic",
    }
}

/// The colour of a verdict, as a style class.
pub fn colour(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Good => "success",
        Verdict::Note => "accent",
        Verdict::Problem => "error",
    }
}

/// All rows of `report`. `can_run` tells of a line's place whether its remedy can be run from here.
pub fn build(report: &Report, can_run: impl Fn(usize) -> bool, buttons: &impl Buttons) -> gtk::Box {
    let column = gtk::Box::new(gtk::Orientation::Vertical, 24);
    // Sentences of all sections begin below one another.
    let width = gtk::SizeGroup::new(gtk::SizeGroupMode::Horizontal);
    let mut place = 0;
    for (section, lines) in report.sections() {
        let list = gtk::ListBox::builder()
            .selection_mode(gtk::SelectionMode::None)
            .css_classes(["boxed-list"])
            .build();
        for line in lines {
            list.append(&row(line, place, can_run(place), &width, buttons));
            place += 1;
        }
        let group = adw::PreferencesGroup::builder()
            .title(section.title())
            .build();
        group.add(&list);
        column.append(&group);
    }
    column
}

fn row(
    line: &Line,
    place: usize,
    can_run: bool,
    width: &gtk::SizeGroup,
    buttons: &impl Buttons,
) -> gtk::ListBoxRow {
    let word = line.verdict.word();
    let head = gtk::Box::builder()
        .spacing(6)
        .valign(gtk::Align::Start)
        .css_classes([colour(line.verdict)])
        .build();
    head.append(&gtk::Image::from_icon_name(icon(line.verdict)));
    head.append(&gtk::Label::builder().label(word).xalign(0.0).build());
    width.add_widget(&head);

    let texts = gtk::Box::new(gtk::Orientation::Vertical, 6);
    texts.set_hexpand(true);
    texts.append(&text(&line.message, &[]));
    if let Some(detail) = &line.detail {
        texts.append(&text(detail, &["dim-label", "caption"]));
    }
    if let Some(remedy) = &line.remedy {
        texts.append(&text(&remedy.sentence, &[]));
        if let Some(line) = &remedy.command {
            texts.append(&copyable(line, buttons));
        }
        if can_run {
            texts.append(&run_button(&remedy.sentence, place, buttons));
        }
    }

    let content = gtk::Box::builder()
        .spacing(12)
        .margin_top(12)
        .margin_bottom(12)
        .margin_start(12)
        .margin_end(12)
        .build();
    content.append(&head);
    content.append(&texts);
    let row = gtk::ListBoxRow::builder()
        .child(&content)
        .activatable(false)
        .focusable(false)
        .build();
    row.update_property(&[gtk::accessible::Property::Label(&format!(
        "{word}: {}",
        line.message
    ))]);
    row
}

fn text(text: &str, classes: &[&str]) -> gtk::Label {
    gtk::Label::builder()
        .label(text)
        .selectable(true)
        .wrap(true)
        .wrap_mode(pango::WrapMode::WordChar)
        .natural_wrap_mode(gtk::NaturalWrapMode::None)
        .xalign(0.0)
        .css_classes(classes.to_vec())
        .build()
}

/// A command to be read and selected.
pub fn command(command: &str) -> gtk::Box {
    let label = text(command, &["monospace"]);
    label.set_hexpand(true);
    let frame = gtk::Box::builder().css_classes(["command"]).build();
    frame.append(&label);
    frame
}

fn copyable(line: &str, buttons: &impl Buttons) -> gtk::Box {
    let frame = command(line);
    let copy = gtk::Button::builder()
        .icon_name("edit-copy-symbolic")
        .tooltip_text("Copy the Command")
        .valign(gtk::Align::Center)
        .css_classes(["flat"])
        .build();
    copy.update_property(&[gtk::accessible::Property::Label("Copy the Command")]);
    let (buttons, line) = (buttons.clone(), line.to_owned());
    copy.connect_clicked(move |_| buttons.copy(&line));
    frame.append(&copy);
    frame
}

fn run_button(sentence: &str, place: usize, buttons: &impl Buttons) -> gtk::Button {
    let run = gtk::Button::builder()
        .label("Run…")
        .tooltip_text("Shows first what is run")
        .halign(gtk::Align::Start)
        .build();
    run.update_property(&[gtk::accessible::Property::Label(&format!(
        "Run: {sentence}"
    ))]);
    let buttons = buttons.clone();
    run.connect_clicked(move |_| buttons.run(place));
    run
}
