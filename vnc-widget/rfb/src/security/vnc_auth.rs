//! VNC authentication (RFC 6143, section 7.2.2).

use des::{
    Des,
    cipher::{Array, BlockCipherEncrypt, KeyInit},
};

/// Bytes of a challenge and of its answer.
pub(crate) const CHALLENGE_LENGTH: usize = 16;

/// DES takes eight bytes of key; the rest of a longer password does not count.
const KEY_LENGTH: usize = 8;

/// The answer to a challenge: its two halves encrypted with the password.
pub(crate) fn response(
    password: &str,
    challenge: [u8; CHALLENGE_LENGTH],
) -> [u8; CHALLENGE_LENGTH] {
    let mut key = [0; KEY_LENGTH];
    for (to, from) in key.iter_mut().zip(password.bytes()) {
        // VNC takes the bits of each byte in the opposite order to everybody else's DES.
        *to = from.reverse_bits();
    }
    let cipher = Des::new(&Array(key));
    let mut answer = challenge;
    for half in answer.as_chunks_mut().0 {
        let mut block = Array(*half);
        cipher.encrypt_block(&mut block);
        *half = block.0;
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key of zeros over a block of zeros: the standard's own well-known value.
    #[test]
    fn the_empty_password_is_a_key_of_zeros() {
        let block = [0x8c, 0xa6, 0x4d, 0xe9, 0xc1, 0xb1, 0x23, 0xa7];
        assert_eq!(response("", [0; 16]), [block, block].concat()[..]);
    }

    /// As OpenSSL encrypts it with the key 0E86CECEEEF64E26, which is "password" with the bits of
    /// each byte reversed.
    #[test]
    fn the_bits_of_the_key_are_reversed() {
        let expected = [
            0x56, 0x45, 0xab, 0xeb, 0x5f, 0x1e, 0x64, 0x75, 0xe8, 0xfe, 0xb1, 0x1b, 0xeb, 0x66,
            0xea, 0x19,
        ];
        assert_eq!(response("password", *b"0123456789abcdef"), expected);
    }

    #[test]
    fn only_eight_bytes_count() {
        let challenge = *b"0123456789abcdef";
        assert_eq!(
            response("password", challenge),
            response("password and more", challenge)
        );
        assert_ne!(
            response("password", challenge),
            response("passwor", challenge)
        );
    }
}
