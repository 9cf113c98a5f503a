//! User name and password as they are (`VeNCrypt`'s Plain sub-type, and Tight's Unix login).

use super::credentials::Credentials;

/// Writes them, if there are both.
pub(crate) fn write(credentials: &Credentials, out: &mut Vec<u8>) -> bool {
    let Some(user) = credentials.user_name() else {
        return false;
    };
    let password = credentials.expose_password();
    let length = |text: &str| u32::try_from(text.len()).map(u32::to_be_bytes);
    let (Ok(user_length), Ok(password_length)) = (length(user), length(password)) else {
        return false;
    };
    // All at once: a vector that grows leaves a copy behind.
    out.reserve_exact(8 + user.len() + password.len());
    out.extend_from_slice(&user_length);
    out.extend_from_slice(&password_length);
    out.extend_from_slice(user.as_bytes());
    out.extend_from_slice(password.as_bytes());
    true
}
