//! The web client: bounded in time, size and redirections, and every failure a sentence.

use std::error::Error as StdError;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Client, ClientBuilder, Response, StatusCode, Url, redirect};

use super::address::shown;
use crate::error::{Error, ErrorKind, Result};

const MOST_REDIRECTS: usize = 8;

/// How long a server is waited for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// To accept the connection.
    pub(super) connect: Duration,
    /// Longest silence while something is being received.
    pub(super) read: Duration,
    /// For a small text as a whole, so that a server that drips cannot hold us.
    pub(super) text: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            read: Duration::from_secs(15),
            text: Duration::from_secs(30),
        }
    }
}

/// A web client for the trees of one server.
#[derive(Debug, Clone)]
pub(super) struct Fetcher {
    client: Client,
    patience: Patience,
}

/// A text that was fetched.
#[derive(Debug)]
pub(super) struct Text {
    /// Where it came from in the end, after redirections.
    pub(super) url: Url,
    /// Its words; bytes that are no UTF-8 are replaced.
    pub(super) body: String,
    /// Its media type, where the server says.
    pub(super) media_type: Option<String>,
}

/// A file that is there.
#[derive(Debug)]
pub(super) struct Head {
    /// Where it is in the end, after redirections.
    pub(super) url: Url,
    /// Its size in bytes, where the server says.
    pub(super) size: Option<u64>,
}

/// A server's answer about one address.
#[derive(Debug)]
pub(super) enum Answer<T> {
    /// It is there.
    Found(T),
    /// The server has nothing there, or does not let us know: 403 is how object stores say so.
    Absent(StatusCode),
}

impl<T> Answer<T> {
    /// What was found.
    pub(super) fn found(self) -> Option<T> {
        match self {
            Self::Found(found) => Some(found),
            Self::Absent(_) => None,
        }
    }
}

impl Fetcher {
    /// A client for `url` and its neighbours.
    ///
    /// # Errors
    /// When no client can be made, for lack of certificates for an `https` address.
    pub(super) fn new(url: &Url, patience: Patience) -> Result<Self> {
        // Some other part of the program may have installed one already: as good as ours.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = match builder(url, patience).build() {
            // A machine without certificates can still use what needs none.
            Err(_) if url.scheme() == "http" => builder(url, patience).tls_certs_only([]).build(),
            other => other,
        };
        let client = client.map_err(|error| {
            Error::new(
                ErrorKind::Unreachable,
                "No secure connection can be made: this machine has no certificates to check \
                 servers with.",
            )
            .with_remedy("Install the package ca-certificates, or use an http:// address.")
            .with_detail(chain(&error))
        })?;
        Ok(Self { client, patience })
    }

    /// Fetches a text of at most `limit` bytes.
    ///
    /// # Errors
    /// Whatever keeps the server from answering; answers of 401 and from 500 on; a longer text.
    pub(super) async fn text(&self, url: &Url, limit: usize) -> Result<Answer<Text>> {
        let response = self
            .client
            .get(url.clone())
            .timeout(self.patience.text)
            .send()
            .await
            .map_err(|error| failure(url, &error))?;
        let mut response = match sort(url, response)? {
            Answer::Found(response) => response,
            Answer::Absent(status) => return Ok(Answer::Absent(status)),
        };
        let too_long = || {
            Error::new(
                ErrorKind::NotAnInstallTree,
                format!(
                    "The file {} is far longer than such a file ever is.",
                    shown(url)
                ),
            )
            .with_remedy("Try another mirror.")
        };
        if response
            .content_length()
            .is_some_and(|length| length > limit as u64)
        {
            return Err(too_long());
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| failure(url, &error))?
        {
            if bytes.len() + chunk.len() > limit {
                return Err(too_long());
            }
            bytes.extend_from_slice(&chunk);
        }
        let media_type = header(&response, &CONTENT_TYPE).map(str::to_ascii_lowercase);
        Ok(Answer::Found(Text {
            url: response.url().clone(),
            body: String::from_utf8_lossy(&bytes).into_owned(),
            media_type,
        }))
    }

    /// Asks whether a file is there and how large it is.
    ///
    /// # Errors
    /// As for [`Self::text`].
    pub(super) async fn head(&self, url: &Url) -> Result<Answer<Head>> {
        let response = self
            .client
            .head(url.clone())
            .timeout(self.patience.text)
            .send()
            .await
            .map_err(|error| failure(url, &error))?;
        // Some small servers know no HEAD; the answer to a GET says as much, and its body is not
        // read.
        let response = if matches!(
            response.status(),
            StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED
        ) {
            self.get(url).await?
        } else {
            response
        };
        Ok(match sort(url, response)? {
            Answer::Absent(status) => Answer::Absent(status),
            Answer::Found(response) => Answer::Found(Head {
                // reqwest's content_length is that of the (empty) body of a HEAD answer.
                size: header(&response, &CONTENT_LENGTH).and_then(|length| length.parse().ok()),
                url: response.url().clone(),
            }),
        })
    }

    /// Begins to fetch a large file; only the pauses are bounded in time.
    ///
    /// # Errors
    /// What keeps the server from answering. The status is the caller's to look at.
    pub(super) async fn get(&self, url: &Url) -> Result<Response> {
        self.client
            .get(url.clone())
            .send()
            .await
            .map_err(|error| failure(url, &error))
    }
}

/// Sorts an answer's status: there, not there, or a failure.
pub(super) fn sort(url: &Url, response: Response) -> Result<Answer<Response>> {
    let status = response.status();
    let host = host(url);
    if status.is_success() {
        return Ok(Answer::Found(response));
    }
    let error = |message: String| Error::new(ErrorKind::Unreachable, message);
    match status.as_u16() {
        401 | 407 => Err(error(format!("{host} asks for a user name and password."))
            .with_remedy("Use a mirror that is open to everyone.")
            .with_detail(format!("{status} at {}", shown(url)))),
        408 | 429 => Err(error(format!("{host} is too busy to answer now."))
            .with_remedy("Try again in a while, or use another mirror.")
            .with_detail(format!("{status} at {}", shown(url)))),
        500.. => Err(error(format!(
            "{host} has a problem of its own (error {}).",
            status.as_u16()
        ))
        .with_remedy("Try again in a while, or use another mirror.")
        .with_detail(format!("{status} at {}", shown(url)))),
        _ => Ok(Answer::Absent(status)),
    }
}

/// Marks a redirection from `https` to `http`.
#[derive(Debug, thiserror::Error)]
#[error("redirected from https to http")]
struct Downgrade;

fn builder(url: &Url, patience: Patience) -> ClientBuilder {
    let redirects = redirect::Policy::custom(|attempt| {
        if attempt.previous().len() > MOST_REDIRECTS {
            return attempt.error("too many redirections");
        }
        let was_secure = attempt
            .previous()
            .last()
            .is_some_and(|url| url.scheme() == "https");
        if was_secure && attempt.url().scheme() != "https" {
            return attempt.error(Downgrade);
        }
        attempt.follow()
    });
    let builder = Client::builder()
        .user_agent(concat!("guesthouse/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(patience.connect)
        .read_timeout(patience.read)
        .redirect(redirects);
    // A proxy's idea of "localhost" is another machine.
    if is_this_machine(url) {
        builder.no_proxy()
    } else {
        builder
    }
}

/// Whether `url` points at the machine it is read on.
pub(super) fn is_this_machine(url: &Url) -> bool {
    let Some(host) = url.host_str() else {
        return false;
    };
    host == "localhost"
        || host.ends_with(".localhost")
        || host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn host(url: &Url) -> &str {
    url.host_str().unwrap_or("the server")
}

fn header<'a>(response: &'a Response, name: &reqwest::header::HeaderName) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

/// Says why `url` could not be fetched.
pub(super) fn failure(url: &Url, error: &reqwest::Error) -> Error {
    let host = host(url);
    let reason = Reason::of(error);
    let unreachable = |message: String| Error::new(ErrorKind::Unreachable, message);
    let said = match reason {
        Reason::UnknownHost => unreachable(format!("There is no server called {host}."))
            .with_remedy("Check the spelling of the address, and that this machine is online."),
        Reason::Refused => unreachable(format!("{host} is there, but no web server answers."))
            .with_remedy("Check the address and its port, or use another mirror."),
        Reason::NoRoute => unreachable(format!("There is no way to {host} from this machine."))
            .with_remedy("Check that this machine is online."),
        Reason::Timeout => unreachable(format!("{host} did not answer in time."))
            .with_remedy("Try again, or use another mirror."),
        Reason::NotTls => unreachable(format!("{host} does not speak https at this address."))
            .with_remedy("If you trust the network in between, use http:// instead."),
        Reason::Certificate => unreachable(format!(
            "{host} cannot prove that it is {host}: its certificate is not good."
        ))
        .with_remedy(
            "Check this machine's clock. If it is right, use another mirror, or the http:// \
             address if you trust the network in between.",
        ),
        Reason::Tls => unreachable(format!("No secure connection could be made to {host}."))
            .with_remedy("Use another mirror."),
        Reason::Downgrade => unreachable(format!(
            "{host} sends on from https to http, where what is fetched could be tampered with."
        ))
        .with_remedy(
            "Use another mirror, or the http:// address if you trust the network in between.",
        ),
        Reason::Redirect => {
            unreachable(format!("{host} sends on from place to place without end."))
                .with_remedy("Use another mirror.")
        }
        Reason::Broken => unreachable(format!("{host} broke off in the middle, or sent nonsense."))
            .with_remedy("Try again, or use another mirror."),
    };
    said.with_detail(chain(error))
}

/// Why a request failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    UnknownHost,
    Refused,
    NoRoute,
    Timeout,
    NotTls,
    Certificate,
    Tls,
    Downgrade,
    Redirect,
    Broken,
}

impl Reason {
    fn of(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::Timeout;
        }
        for cause in causes(error) {
            if cause.is::<Downgrade>() {
                return Self::Downgrade;
            }
            if let Some(reason) = cause.downcast_ref::<rustls::Error>().map(Self::of_tls) {
                return reason;
            }
            if let Some(reason) = cause.downcast_ref::<io::Error>().and_then(Self::of_io) {
                return reason;
            }
        }
        if error.is_redirect() {
            return Self::Redirect;
        }
        // The connector's own error type is private; its words are all there is.
        if error.is_connect() && causes(error).any(|cause| cause.to_string().contains("dns error"))
        {
            return Self::UnknownHost;
        }
        Self::Broken
    }

    fn of_io(error: &io::Error) -> Option<Self> {
        // rustls' errors travel inside io::Error, which does not list them among its sources.
        if let Some(tls) = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<rustls::Error>())
        {
            return Some(Self::of_tls(tls));
        }
        Some(match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::Refused,
            io::ErrorKind::TimedOut => Self::Timeout,
            io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::NetworkDown => Self::NoRoute,
            _ => return None,
        })
    }

    fn of_tls(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => {
                Self::Certificate
            }
            rustls::Error::InvalidMessage(_) => Self::NotTls,
            _ => Self::Tls,
        }
    }
}

fn causes<'a>(error: &'a reqwest::Error) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}

/// The words of an error and of all it stems from, without the address (it may hold a password).
fn chain(error: &reqwest::Error) -> String {
    let mut words: Vec<String> = Vec::new();
    for cause in causes(error) {
        let text = cause.to_string();
        if words.last() != Some(&text) {
            words.push(text);
        }
    }
    if words.is_empty() {
        words.push(String::from(match () {
            () if error.is_timeout() => "timed out",
            () if error.is_decode() || error.is_body() => "bad body",
            () => "request failed",
        }));
    }
    words.join(": ")
}
