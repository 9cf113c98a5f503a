//! Addresses of VNC servers as people write them.

use std::fmt;
use std::str::FromStr;

/// The port of display 0.
const BASE_PORT: u16 = 5900;

/// Numbers after a single colon up to this are displays, larger ones ports; other viewers agree.
const LAST_DISPLAY: u16 = 99;

/// Where a VNC server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VncAddress {
    /// Name or address; brackets of an IPv6 address removed.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

/// Why a text is no address of a VNC server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressError {
    /// Nothing was given.
    Empty,
    /// What follows the colons is no display or port.
    BadNumber,
    /// The host's name holds something no name holds.
    BadHost,
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => {
                "Give the server as HOST, HOST:DISPLAY or HOST::PORT, for example myserver:1."
            }
            Self::BadNumber => {
                "After one colon a display number is expected (0 to 99), after two a port (1 to 65535)."
            }
            Self::BadHost => {
                "The host's name cannot be used; an IPv6 address is written in brackets, like [::1]:1."
            }
        })
    }
}

impl std::error::Error for AddressError {}

impl FromStr for VncAddress {
    type Err = AddressError;

    /// Understands `HOST`, `HOST:DISPLAY`, `HOST::PORT`, `[IPV6]…`, an empty host for this machine,
    /// and `vnc://HOST:PORT` (RFC 7869, section 2.1, where one colon means a port).
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        let (text, colon_means_port) = match text.get(..6) {
            Some(scheme) if scheme.eq_ignore_ascii_case("vnc://") => {
                let rest = &text[6..];
                (rest.split(['/', '?']).next().unwrap_or(rest), true)
            }
            _ => (text, false),
        };
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        let (host, number) = split(text)?;
        let host = if host.is_empty() { "localhost" } else { host };
        let port = match number {
            Number::None => BASE_PORT,
            Number::Port(port) => parse_port(port)?,
            Number::Display(port) if colon_means_port => parse_port(port)?,
            Number::Display(display) => match parse_number(display)? {
                number @ 0..=LAST_DISPLAY => BASE_PORT + number,
                port => port,
            },
        };
        Ok(Self {
            host: host.to_owned(),
            port,
        })
    }
}

impl fmt::Display for VncAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]", self.host)?;
        } else {
            f.write_str(&self.host)?;
        }
        match self.port.checked_sub(BASE_PORT) {
            Some(display @ 0..=LAST_DISPLAY) => write!(f, ":{display}"),
            _ => write!(f, "::{}", self.port),
        }
    }
}

/// What follows the host.
enum Number<'a> {
    None,
    Display(&'a str),
    Port(&'a str),
}

/// Parts host and number. A text with more than two colons can only be a bare IPv6 address.
fn split(text: &str) -> Result<(&str, Number<'_>), AddressError> {
    let (host, rest) = if let Some(bracketed) = text.strip_prefix('[') {
        let (host, rest) = bracketed.split_once(']').ok_or(AddressError::BadHost)?;
        if !host.contains(':') {
            return Err(AddressError::BadHost);
        }
        (host, rest)
    } else if text.parse::<std::net::Ipv6Addr>().is_ok() && !is_port_form(text) {
        (text, "")
    } else {
        let end = text.find(':').unwrap_or(text.len());
        text.split_at(end)
    };
    if host
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '/' | '@' | '[' | ']'))
    {
        return Err(AddressError::BadHost);
    }
    let number = if rest.is_empty() {
        Number::None
    } else if let Some(port) = rest.strip_prefix("::") {
        Number::Port(port)
    } else if let Some(display) = rest.strip_prefix(':') {
        Number::Display(display)
    } else {
        return Err(AddressError::BadHost);
    };
    Ok((host, number))
}

/// Whether a text is `::PORT`, which would also pass as an IPv6 address.
fn is_port_form(text: &str) -> bool {
    text.strip_prefix("::").is_some_and(|port| {
        port.len() > 1 && port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// A port: a number that is not zero.
fn parse_port(text: &str) -> Result<u16, AddressError> {
    match parse_number(text)? {
        0 => Err(AddressError::BadNumber),
        port => Ok(port),
    }
}

/// Digits only: `u16::from_str` would also take a sign.
fn parse_number(text: &str) -> Result<u16, AddressError> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().map_err(|_| AddressError::BadNumber)
    } else {
        Err(AddressError::BadNumber)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (String, u16) {
        let address: VncAddress = text.parse().expect(text);
        (address.host, address.port)
    }

    #[test]
    fn every_form_is_understood() {
        for (text, host, port) in [
            ("myserver", "myserver", 5900),
            ("myserver:0", "myserver", 5900),
            ("myserver:1", "myserver", 5901),
            ("myserver:99", "myserver", 5999),
            ("myserver:5901", "myserver", 5901),
            ("myserver::5901", "myserver", 5901),
            ("myserver::80", "myserver", 80),
            (":1", "localhost", 5901),
            ("::5907", "localhost", 5907),
            ("192.0.2.7:2", "192.0.2.7", 5902),
            ("[::1]", "::1", 5900),
            ("[::1]:1", "::1", 5901),
            ("[2001:db8::7]::5999", "2001:db8::7", 5999),
            ("2001:db8::7", "2001:db8::7", 5900),
            ("::1", "::1", 5900),
            ("vnc://myserver", "myserver", 5900),
            ("VNC://myserver:5901/?x=y", "myserver", 5901),
            ("  myserver:1 \n", "myserver", 5901),
        ] {
            assert_eq!(parsed(text), (host.to_owned(), port), "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused_with_a_reason() {
        for (text, error) in [
            ("", AddressError::Empty),
            ("  ", AddressError::Empty),
            ("vnc://", AddressError::Empty),
            ("host:", AddressError::BadNumber),
            ("host::", AddressError::BadNumber),
            ("host:+1", AddressError::BadNumber),
            ("host:-1", AddressError::BadNumber),
            ("host::0", AddressError::BadNumber),
            ("host::65536", AddressError::BadNumber),
            ("host:one", AddressError::BadNumber),
            ("[::1", AddressError::BadHost),
            ("[host]:1", AddressError::BadHost),
            ("[::1]x", AddressError::BadHost),
            ("a b:1", AddressError::BadHost),
            ("user@host:1", AddressError::BadHost),
            ("http://host", AddressError::BadNumber),
        ] {
            assert_eq!(text.parse::<VncAddress>(), Err(error), "{text}");
        }
    }

    #[test]
    fn what_is_shown_can_be_typed_again() {
        for text in ["myserver:1", "myserver::80", "[::1]:1", "[fe80::1]::5000"] {
            let address: VncAddress = text.parse().expect(text);
            assert_eq!(address.to_string(), text);
            assert_eq!(address.to_string().parse(), Ok(address));
        }
    }
}
