//! Looks for a secret in all of this process's memory, what was given back included.

use std::{fs::File, os::unix::fs::FileExt};

use zeroize::{Zeroize, Zeroizing};

/// How long the secret is, and which part of it is looked for: an allocator writes its own notes where
/// what it was given back begins.
const LENGTH: usize = 120;
const SOUGHT: std::ops::Range<usize> = 40..LENGTH;

/// How much is looked through at a time.
const BLOCK: usize = 1 << 16;

/// A letter of the secret, which is written down nowhere.
fn letter(place: usize) -> u8 {
    b'a' + (place * place * 7 + place * 3 + place / 5) as u8 % 26
}

/// A secret that is nowhere else in memory.
pub(crate) fn secret() -> Zeroizing<String> {
    let mut secret = String::with_capacity(LENGTH);
    secret.extend((0..LENGTH).map(|place| char::from(letter(place))));
    Zeroizing::new(secret)
}

/// The same, to be handed on to one who wipes it.
pub(crate) fn secret_to_give() -> String {
    std::mem::take(&mut *secret())
}

/// Whether the secret is anywhere in memory that can be written.
pub(crate) fn holds_secret() -> bool {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let memory = File::open("/proc/self/mem").unwrap();
    let mut block = vec![0; BLOCK + SOUGHT.len()];
    let mut found = false;
    for line in maps.lines() {
        let mut fields = line.split_whitespace();
        let (range, rights) = (fields.next().unwrap(), fields.next().unwrap());
        if !rights.starts_with("rw") {
            continue;
        }
        let (start, end) = range.split_once('-').unwrap();
        let number = |text| u64::from_str_radix(text, 16).unwrap();
        let end = number(end);
        let mut place = number(start);
        while place < end {
            let length = block.len().min((end - place) as usize);
            // What cannot be read holds nothing of ours.
            if memory.read_exact_at(&mut block[..length], place).is_ok() {
                found |= block[..length].windows(SOUGHT.len()).any(is_sought);
            }
            place += BLOCK as u64;
        }
    }
    block.zeroize();
    found
}

fn is_sought(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .zip(SOUGHT)
        .all(|(&byte, place)| byte == letter(place))
}
