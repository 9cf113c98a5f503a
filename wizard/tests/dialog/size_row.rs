//! The size row by itself: what is typed, slid and told.

use std::cell::RefCell;
use std::rc::Rc;

use gtk::prelude::*;
use wizard::format::parse_mib;
use wizard::widgets::{Curve, SizeRow};

use crate::screen::find;

/// All of them.
pub(crate) const ALL: &[(&str, fn())] = &[
    ("typed_sizes_are_told_at_once", typed_sizes_are_told_at_once),
    ("slid_sizes_are_round", slid_sizes_are_round),
    ("shown_sizes_are_not_told", shown_sizes_are_not_told),
];

fn row() -> (SizeRow, Rc<RefCell<Vec<u64>>>) {
    let row = SizeRow::new("Memory", "MiB", Curve::Doubling, parse_mib);
    row.set_range(256, 65_536);
    let told = Rc::new(RefCell::new(Vec::new()));
    let sink = Rc::clone(&told);
    row.connect_value_changed(move |value| sink.borrow_mut().push(value));
    (row, told)
}

fn spin(row: &SizeRow) -> gtk::SpinButton {
    find(row, |_: &gtk::SpinButton| true).expect("it has one")
}

fn scale(row: &SizeRow) -> gtk::Scale {
    find(row, |_: &gtk::Scale| true).expect("it has one")
}

fn typed_sizes_are_told_at_once() {
    let (row, told) = row();
    let spin = spin(&row);
    spin.set_text("2 GiB");
    assert_eq!(told.borrow().last(), Some(&2048));
    assert_eq!(spin.text(), "2 GiB", "what is being typed stays");
    assert!(
        (scale(&row).value() - 11.0).abs() < 1e-9,
        "the slider follows"
    );
    spin.set_text("nonsense");
    assert_eq!(row.value(), 2048, "nonsense is no size");
    spin.update();
    assert_eq!(spin.text(), "2048", "the last good size comes back");
    assert_eq!(told.borrow().last(), Some(&2048));
    spin.set_text("99999999");
    assert_eq!(
        row.value(),
        99_999_999,
        "typed sizes may lie beyond the slider"
    );
}

fn slid_sizes_are_round() {
    let (row, told) = row();
    scale(&row).set_value(10.061);
    assert_eq!(told.borrow().as_slice(), [1088]);
    assert_eq!(spin(&row).text(), "1088");
    scale(&row).set_value(1000.0);
    assert_eq!(row.value(), 65_536, "the slider ends at its range");
}

fn shown_sizes_are_not_told() {
    let (row, told) = row();
    row.set_value(4096);
    row.set_range(512, 8192);
    assert_eq!(spin(&row).text(), "4096");
    assert!(told.borrow().is_empty());
}
