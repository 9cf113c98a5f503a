//! Guesthouse.
fn main() {}
