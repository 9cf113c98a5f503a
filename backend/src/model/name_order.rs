//! The order in which people look for names: without regard to capitals, and numbers by value.

use std::cmp::Ordering;
use std::iter::Peekable;
use std::str::Chars;

/// Compares two names: `alpha`, `vm2`, `vm10`, `Zeta`. Names that differ only in capitals or in
/// noughts before a number are told apart by their characters, so equal means the same name.
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a.chars().peekable(), b.chars().peekable());
    loop {
        let order = match (left.peek(), right.peek()) {
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                number(&mut left).cmp(&number(&mut right))
            }
            (Some(_), Some(_)) => letter(&mut left).cmp(letter(&mut right)),
            (None, None) => return a.cmp(b),
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
        };
        if order.is_ne() {
            return order;
        }
    }
}

fn letter(chars: &mut Peekable<Chars<'_>>) -> impl Iterator<Item = char> + use<> {
    chars.next().into_iter().flat_map(char::to_lowercase)
}

/// The digits that follow, as something that orders by value however many they are.
fn number(chars: &mut Peekable<Chars<'_>>) -> (usize, String) {
    while chars.next_if_eq(&'0').is_some() {}
    let mut digits = String::new();
    while let Some(digit) = chars.next_if(char::is_ascii_digit) {
        digits.push(digit);
    }
    (digits.len(), digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_where_people_look_for_them() {
        let mut names = [
            "vm10", "Zeta", "vm2", "alpha", "vm", "VM2", "vm02", "", "vm2b",
        ];
        names.sort_by(|a, b| compare(a, b));
        assert_eq!(
            names,
            [
                "", "alpha", "vm", "VM2", "vm02", "vm2", "vm2b", "vm10", "Zeta"
            ]
        );
        let long = "9".repeat(300);
        assert_eq!(compare(&long, &format!("{long}0")), Ordering::Less);
        assert_eq!(compare("a", "a"), Ordering::Equal);
    }
}
