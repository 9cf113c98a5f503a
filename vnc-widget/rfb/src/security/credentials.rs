//! What a person types in to be let in.

use zeroize::Zeroizing;

/// Answers [`Event::NeedCredentials`](crate::Event::NeedCredentials). Wiped from memory when it goes,
/// and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    user: Option<Zeroizing<String>>,
    password: Zeroizing<String>,
    in_clear: bool,
}

impl Credentials {
    /// A password alone. It does not answer where a user name is asked for as well.
    pub fn password(password: impl Into<String>) -> Self {
        Self {
            user: None,
            password: Zeroizing::new(password.into()),
            in_clear: false,
        }
    }

    /// A user name and a password. Where only a password is asked for, the name is not used.
    pub fn user(name: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            user: Some(Zeroizing::new(name.into())),
            ..Self::password(password)
        }
    }

    /// Allows them to be sent where everybody on the way can read them: without this they do not
    /// answer [`CredentialKind::UsernameAndPasswordInClear`].
    ///
    /// [`CredentialKind::UsernameAndPasswordInClear`]: crate::CredentialKind::UsernameAndPasswordInClear
    #[must_use]
    pub fn even_in_clear(mut self) -> Self {
        self.in_clear = true;
        self
    }

    /// The user name, if there is one.
    pub fn user_name(&self) -> Option<&str> {
        self.user.as_deref().map(String::as_str)
    }

    /// The password itself, for the one who needs it.
    pub fn expose_password(&self) -> &str {
        &self.password
    }

    /// Whether they may be sent as they are.
    pub(crate) fn allowed_in_clear(&self) -> bool {
        self.in_clear
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_not_printed() {
        let credentials = Credentials::user("keeper", "secret");
        assert_eq!(format!("{credentials:?}"), "Credentials");
    }
}
