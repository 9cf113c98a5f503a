//! A screenshot without a window.

use std::time::Duration;

use tokio::{runtime::Handle, time};

use crate::{
    Endpoint, Error, Picture,
    transport::{Connection, Input, Password, Phase},
};

/// Connects, waits for one whole picture of the screen, and disconnects. Needs neither GTK nor a
/// display.
///
/// The future may be awaited anywhere; the work is done on `runtime`.
///
/// # Errors
/// As for any connection; [`Error::NoAnswer`] when there is no picture within `limit`,
/// [`Error::PasswordNeeded`] when the server asks for a password and none was given.
pub async fn capture(
    runtime: &Handle,
    endpoint: Endpoint,
    password: Option<&str>,
    limit: Duration,
) -> Result<Picture, Error> {
    let target = endpoint.to_string();
    let connection = Connection::open(runtime, endpoint, rfb::ClientConfig::default());
    if let Some(password) = password {
        connection.send(Input::Password(Password(password.to_owned())));
    }
    // A timer belongs to the runtime on which it is made, and this future may run elsewhere.
    let mut timer = runtime.spawn(time::sleep(limit));
    let picture = tokio::select! {
        picture = first_picture(&connection) => picture,
        _ = &mut timer => Err(Error::NoAnswer { target, after: limit }),
    };
    timer.abort();
    picture
}

async fn first_picture(connection: &Connection) -> Result<Picture, Error> {
    loop {
        connection.changed().await;
        if let Some(frame) = connection.take_frame() {
            let mut picture = Picture::new(frame.width, frame.height);
            picture.apply(&frame);
            return Ok(picture);
        }
        match connection.take_news().phase {
            Some(Phase::NeedsPassword) => return Err(Error::PasswordNeeded),
            Some(Phase::Ended(error)) => return Err(error.unwrap_or(Error::ClosedEarly)),
            Some(Phase::Connected) | None => {}
        }
    }
}
