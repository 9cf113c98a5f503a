//! A screenshot without a window.

use std::time::Duration;

use rfb::{ClientConfig, CredentialKind, Credentials};
use tokio::{runtime::Handle, task::JoinHandle, time::sleep};

use crate::{
    Endpoint, Error, Picture, TlsPolicy, TrustQuestion,
    transport::{Connection, Delivery, Input, Phase},
};

/// A server that had no client for a while sends what it last knew, which may be nothing but black,
/// and at once afterwards what is on the screen (seen with QEMU 10). So the picture counts when
/// nothing has come for this long,
const QUIET: Duration = Duration::from_millis(400);

/// or, on a screen that never rests, after this long.
const RESTLESS: Duration = Duration::from_secs(3);

/// Connects, waits for a whole picture of the screen, with the pointer in it, and for the screen to
/// rest, and disconnects. Needs neither GTK nor a display.
///
/// `answer` is awaited whenever there is a [`Question`]; `None` stands for "nobody knows". The time
/// it takes does not count. `policy` says what is known of the server.
///
/// The future may be awaited anywhere; the work is done on `runtime`.
///
/// # Errors
/// As for any connection; [`Error::NoAnswer`] when the server lets pass `limit` without a picture,
/// [`Error::PasswordNeeded`] when it asks for credentials and there are none (or none that fit),
/// [`Error::NotTrusted`] when nobody says that it is the right server.
pub async fn capture(
    runtime: &Handle,
    endpoint: Endpoint,
    policy: TlsPolicy,
    answer: impl AsyncFn(Question) -> Option<Answer>,
    limit: Duration,
) -> Result<Picture, Error> {
    let target = endpoint.to_string();
    let config = ClientConfig {
        local_cursor: false,
        ..ClientConfig::basic()
    };
    let mut capture = Capture {
        connection: Connection::open(runtime, endpoint, config, policy),
        size: None,
        picture: None,
    };
    let no_answer = || Error::NoAnswer {
        target: target.clone(),
        after: limit,
    };
    let mut asked_before = false;
    loop {
        let begun = capture.begin(runtime, limit).await;
        match begun.ok_or_else(no_answer)?? {
            Begun::Picture => break,
            Begun::Question(question) => {
                let asked = match &question {
                    Question::Credentials(_) => None,
                    Question::Trust(question) => Some(question.certificate.fingerprint),
                };
                // What did not fit once will not fit again.
                if asked.is_none() && std::mem::replace(&mut asked_before, true) {
                    return Err(Error::PasswordNeeded);
                }
                let input = match (answer(question).await, asked) {
                    (Some(Answer::Credentials(credentials)), None) => {
                        Input::Credentials(credentials)
                    }
                    (Some(Answer::Trusted), Some(certificate)) => Input::Trust {
                        certificate,
                        trusted: true,
                    },
                    (_, None) => return Err(Error::PasswordNeeded),
                    (_, Some(_)) => return Err(Error::NotTrusted),
                };
                capture.connection.send(input);
            }
        }
    }
    capture.rest(runtime).await?;
    capture.picture.ok_or(Error::ClosedEarly)
}

/// What [`capture`] has to know to go on.
#[derive(Debug)]
#[non_exhaustive]
pub enum Question {
    /// The server asks who we are.
    Credentials(CredentialKind),
    /// Is this the right server?
    Trust(Box<TrustQuestion>),
}

/// The answer to a [`Question`].
#[derive(Debug)]
pub enum Answer {
    /// Who we are.
    Credentials(Credentials),
    /// It is the right server.
    Trusted,
}

/// What a server begins with.
enum Begun {
    /// Somebody has to be asked first.
    Question(Question),
    /// It has sent a picture.
    Picture,
}

struct Capture {
    connection: Connection,
    /// Width and height of the screen.
    size: Option<(u32, u32)>,
    picture: Option<Picture>,
}

impl Capture {
    /// Waits for a question or a picture. `None` when neither came in time.
    async fn begin(&mut self, runtime: &Handle, limit: Duration) -> Option<Result<Begun, Error>> {
        let mut timer = Timer::new(runtime, limit);
        let begun = async {
            loop {
                let phase = self.look().await?;
                if self.picture.is_some() {
                    return Ok(Begun::Picture);
                }
                match phase {
                    Some(Phase::NeedsCredentials(kind)) => {
                        return Ok(Begun::Question(Question::Credentials(kind)));
                    }
                    Some(Phase::NeedsTrust(question)) => {
                        return Ok(Begun::Question(Question::Trust(question)));
                    }
                    Some(Phase::Ended(error)) => return Err(error.unwrap_or(Error::ClosedEarly)),
                    Some(Phase::Connected) | None => {}
                }
            }
        };
        tokio::select! {
            begun = begun => Some(begun),
            () = timer.over() => None,
        }
    }

    /// Waits until the picture does not change any more, or for long enough.
    async fn rest(&mut self, runtime: &Handle) -> Result<(), Error> {
        let mut restless = Timer::new(runtime, RESTLESS);
        loop {
            let received = self.connection.received();
            let mut quiet = Timer::new(runtime, QUIET);
            tokio::select! {
                // If the connection ends now, the last whole picture is as good as any.
                phase = self.look() => if let Some(Phase::Ended(_)) = phase? {
                    return Ok(());
                },
                () = quiet.over() => if self.connection.received() == received && self.is_whole() {
                    return Ok(());
                },
                () = restless.over() => return Ok(()),
            }
        }
    }

    /// Waits for news, of which it returns the phase, or a frame, and takes them over.
    async fn look(&mut self) -> Result<Option<Phase>, Error> {
        self.connection.changed().await;
        // In this order: a frame that was there before the end is found after the end was seen.
        let news = self.connection.take_news();
        self.size = news.size.or(self.size);
        if let Some(Delivery { frame, .. }) = self.connection.take_frame() {
            let size = (frame.width, frame.height);
            let picture = match self.picture.take().filter(|picture| picture.size() == size) {
                Some(picture) => self.picture.insert(picture),
                None => self.picture.insert(Picture::new(size.0, size.1).ok_or(
                    rfb::Error::ScreenTooLarge {
                        width: size.0 as u16,
                        height: size.1 as u16,
                    },
                )?),
            };
            picture.apply(&frame);
            self.connection.want_frame();
        }
        Ok(news.phase)
    }

    /// Whether the picture is that of the screen, which may have got another size since.
    fn is_whole(&self) -> bool {
        self.picture.as_ref().map(Picture::size) == self.size
    }
}

/// A timer belongs to the runtime on which it is made, and a capture may be awaited elsewhere.
struct Timer(JoinHandle<()>);

impl Timer {
    fn new(runtime: &Handle, after: Duration) -> Self {
        Self(runtime.spawn(async move { sleep(after).await }))
    }

    /// Waits until it is over, or the runtime is.
    async fn over(&mut self) {
        // The task neither panics nor is aborted before this is dropped.
        let _ = (&mut self.0).await;
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.0.abort();
    }
}
