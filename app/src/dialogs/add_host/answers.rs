//! Plain answers about a host, and the connection URI they make; both ways.
//!
//! <https://libvirt.org/uri.html>

use super::percent::{decode, encode};

/// libvirt's driver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Driver {
    /// QEMU, with KVM where there is one.
    Qemu,
    /// Xen.
    Xen,
    /// Another, by its name in an address.
    Other(String),
}

impl Driver {
    /// Its name in an address.
    pub fn word(&self) -> &str {
        match self {
            Self::Qemu => "qemu",
            Self::Xen => "xen",
            Self::Other(word) => word,
        }
    }

    /// The driver of that name.
    fn of(word: &str) -> Self {
        match word {
            "qemu" => Self::Qemu,
            "xen" => Self::Xen,
            _ => Self::Other(word.to_owned()),
        }
    }
}

/// Whose guests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The host's.
    System,
    /// The user's own.
    Session,
    /// What another path leads to, which is given without the slash before it.
    Other(String),
}

impl Target {
    /// The path without the slash before it.
    pub fn path(&self) -> &str {
        match self {
            Self::System => "system",
            Self::Session => "session",
            Self::Other(path) => path,
        }
    }

    fn of(path: &str) -> Self {
        match path {
            "system" => Self::System,
            "session" => Self::Session,
            _ => Self::Other(path.to_owned()),
        }
    }
}

/// Where the host is, and by what it is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// This computer.
    Here,
    /// Another, through ssh.
    Ssh,
    /// Another, through TLS with certificates.
    Tls,
    /// Another, through TCP and nothing else.
    Tcp,
    /// A socket of this computer, forwarded from another or of a daemon of its own.
    Socket,
}

impl Reach {
    /// Whether the address names a computer.
    pub fn names_host(self) -> bool {
        matches!(self, Self::Ssh | Self::Tls | Self::Tcp)
    }

    fn transport(self) -> &'static str {
        match self {
            Self::Here => "",
            Self::Ssh => "+ssh",
            Self::Tls => "+tls",
            Self::Tcp => "+tcp",
            Self::Socket => "+unix",
        }
    }
}

/// What is asked about a host. What does not matter for how it is reached is not in the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// libvirt's driver.
    pub driver: Driver,
    /// Whose guests.
    pub target: Target,
    /// How it is reached.
    pub reach: Reach,
    /// The computer's name or address; one of IPv6 without brackets.
    pub host: String,
    /// The user there, or nothing for the usual one.
    pub user: String,
    /// The port, or nothing for the usual one.
    pub port: String,
    /// ssh's private key, or nothing for the usual ones.
    pub key: String,
    /// The socket's path.
    pub socket: String,
    /// Further parameters of the address, as they stand there.
    pub further: Vec<String>,
}

impl Default for Answers {
    /// Another computer's QEMU through ssh; this computer's is in the list already.
    fn default() -> Self {
        Self {
            driver: Driver::Qemu,
            target: Target::System,
            reach: Reach::Ssh,
            host: String::new(),
            user: String::new(),
            port: String::new(),
            key: String::new(),
            socket: String::new(),
            further: Vec::new(),
        }
    }
}

impl Answers {
    /// The connection URI.
    pub fn uri(&self) -> String {
        let mut uri = format!("{}{}://", self.driver.word(), self.reach.transport());
        if self.reach.names_host() {
            if !self.user.is_empty() {
                uri.push_str(&encode(&self.user, b""));
                uri.push('@');
            }
            if self.host.contains(':') {
                // IPv6, perhaps with the name of an interface after a percent sign.
                uri.push_str(&format!("[{}]", encode(&self.host, b":")));
            } else {
                uri.push_str(&encode(&self.host, b""));
            }
            if !self.port.is_empty() {
                uri.push_str(&format!(":{}", self.port));
            }
        }
        uri.push('/');
        uri.push_str(&encode(self.target.path(), b"/"));
        let parameter = |name: &str, path: &str| format!("{name}={}", encode(path, b"/"));
        let mut query = Vec::new();
        match self.reach {
            Reach::Ssh if !self.key.is_empty() => query.push(parameter("keyfile", &self.key)),
            Reach::Socket if !self.socket.is_empty() => {
                query.push(parameter("socket", &self.socket));
            }
            _ => {}
        }
        query.extend(self.further.iter().cloned());
        if !query.is_empty() {
            uri.push('?');
            uri.push_str(&query.join("&"));
        }
        uri
    }

    /// The answers that make `uri`; nothing where it says what they cannot.
    pub fn of(uri: &str) -> Option<Self> {
        let (scheme, rest) = uri.split_once("://")?;
        let (driver, transport) = scheme.split_once('+').unwrap_or((scheme, ""));
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        if uri.contains('#') {
            return None;
        }
        let (authority, path) = rest.split_once('/')?;
        let mut answers = Self {
            driver: Driver::of(driver),
            target: Target::of(&decode(path)?),
            ..Self::default()
        };
        answers.take_authority(authority)?;
        answers.reach = match (transport, authority.is_empty()) {
            ("", true) => Reach::Here,
            ("unix", true) => Reach::Socket,
            ("ssh", false) => Reach::Ssh,
            // libvirt's way where an address names a host and no transport.
            ("tls" | "", false) => Reach::Tls,
            ("tcp", false) => Reach::Tcp,
            _ => return None,
        };
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match (name, answers.reach) {
                ("keyfile", Reach::Ssh) if answers.key.is_empty() => answers.key = decode(value)?,
                ("socket", Reach::Socket) if answers.socket.is_empty() => {
                    answers.socket = decode(value)?;
                }
                // A local daemon's other socket.
                ("socket", Reach::Here) => {
                    answers.reach = Reach::Socket;
                    answers.socket = decode(value)?;
                }
                _ => answers.further.push(parameter.to_owned()),
            }
        }
        if answers.reach == Reach::Socket && answers.socket.is_empty() {
            answers.reach = Reach::Here;
        }
        Some(answers)
    }

    fn take_authority(&mut self, authority: &str) -> Option<()> {
        let (user, place) = match authority.rsplit_once('@') {
            Some((user, place)) => (user, place),
            None => ("", authority),
        };
        // What comes after a colon there is a password, which has no place in an answer.
        if user.contains(':') {
            return None;
        }
        self.user = decode(user)?;
        let (host, port) = match place.strip_prefix('[') {
            Some(bracketed) => {
                let (host, rest) = bracketed.split_once(']')?;
                match rest.strip_prefix(':') {
                    Some(port) => (host, port),
                    None if rest.is_empty() => (host, ""),
                    None => return None,
                }
            }
            None => place.split_once(':').unwrap_or((place, "")),
        };
        self.host = decode(host)?;
        // A user or a port of nobody.
        if self.host.is_empty() && !authority.is_empty() {
            return None;
        }
        port.clone_into(&mut self.port);
        Some(())
    }

    /// What is wrong with an answer, as a sentence; an answer that is not there yet is not wrong.
    pub fn objection(&self) -> Option<&'static str> {
        if let Driver::Other(word) = &self.driver
            && !word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        {
            return Some("The driver is a word, such as “lxc” or “bhyve”.");
        }
        if self.driver == Driver::Xen && self.target == Target::Session {
            return Some("Users have no virtual machines of their own with Xen.");
        }
        if self.reach.names_host() {
            let of_a_name = |c: char| c.is_alphanumeric() || "-._".contains(c);
            let address = self.host.contains(':');
            let fits = |c: char| of_a_name(c) || (address && ":%".contains(c));
            if !self.host.chars().all(fits) || self.host.starts_with('-') {
                return Some(
                    "The computer is named alone, or by its address; user and port have their own \
                     fields.",
                );
            }
            if !self.port.is_empty() && !matches!(self.port.parse::<u16>(), Ok(1..)) {
                return Some("A port is a number from 1 to 65535.");
            }
        }
        if self.reach == Reach::Socket && !self.socket.is_empty() && !self.socket.starts_with('/') {
            return Some("The path of a socket begins with a slash.");
        }
        None
    }

    /// What is still to be said, as a sentence.
    pub fn missing(&self) -> Option<&'static str> {
        if self.driver.word().is_empty() {
            return Some("Name libvirt's driver, such as “lxc” or “bhyve”.");
        }
        if self.reach.names_host() && self.host.is_empty() {
            return Some("Name the other computer.");
        }
        if self.reach == Reach::Socket && self.socket.is_empty() {
            return Some("Give the path of the socket.");
        }
        None
    }
}

#[cfg(test)]
mod tests;
