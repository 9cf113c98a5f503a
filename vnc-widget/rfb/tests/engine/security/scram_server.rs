//! The server's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), written against another library than
//! the client's.

use std::num::NonZeroU32;

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::{digest, hmac, pbkdf2};

const SALT: &[u8] = b"some salt";

/// A server that knows the password.
pub(crate) struct ScramServer {
    salted: [u8; 32],
    iterations: u32,
    /// Both first messages.
    so_far: String,
    nonce: String,
}

impl ScramServer {
    pub(crate) fn new(password: &str, iterations: u32) -> Self {
        let mut salted = [0; 32];
        let times = NonZeroU32::new(iterations.min(4096)).unwrap();
        pbkdf2::derive(
            pbkdf2::PBKDF2_HMAC_SHA256,
            times,
            SALT,
            password.as_bytes(),
            &mut salted,
        );
        Self {
            salted,
            iterations,
            so_far: String::new(),
            nonce: String::new(),
        }
    }

    /// Answers the client's first message, which has to name `user`.
    pub(crate) fn first(&mut self, message: &[u8], user: &str) -> String {
        let message = std::str::from_utf8(message).unwrap();
        let bare = message.strip_prefix("n,,").expect("no channel binding");
        let nonce = bare.strip_prefix(&format!("n={user},r=")).expect(bare);
        self.nonce = format!("{nonce}server");
        let salt = STANDARD.encode(SALT);
        let answer = format!("r={},s={salt},i={}", self.nonce, self.iterations);
        self.so_far = format!("{bare},{answer}");
        answer
    }

    /// Answers the client's last message; whether the password was right.
    pub(crate) fn last(&self, message: &[u8]) -> Result<String, String> {
        let message = std::str::from_utf8(message).unwrap();
        let (without_proof, proof) = message.rsplit_once(",p=").unwrap();
        assert_eq!(without_proof, format!("c=biws,r={}", self.nonce));
        let all = format!("{},{without_proof}", self.so_far);
        let sign =
            |key: &[u8], text: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text);
        let stored = digest::digest(&digest::SHA256, sign(&self.salted, b"Client Key").as_ref());
        let signature = sign(stored.as_ref(), all.as_bytes());
        let proof = STANDARD.decode(proof).unwrap();
        let key: Vec<u8> = proof
            .iter()
            .zip(signature.as_ref())
            .map(|(a, b)| a ^ b)
            .collect();
        if digest::digest(&digest::SHA256, &key).as_ref() != stored.as_ref() {
            return Err("e=invalid-proof".to_owned());
        }
        let server_key = sign(&self.salted, b"Server Key");
        let verifier = sign(server_key.as_ref(), all.as_bytes());
        Ok(format!("v={}", STANDARD.encode(verifier)))
    }
}
