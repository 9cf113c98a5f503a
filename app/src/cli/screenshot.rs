//! `guesthouse screenshot`: one picture of a guest's screen, through the VNC engine, or as the
//! hypervisor takes it where there is no VNC display.

use std::cell::RefCell;
use std::process::ExitCode;
use std::time::Duration;

use backend::model::{DisplayKind, Guest};
use backend::{Error, ErrorKind, Host, Result};
use tokio::runtime::Handle;
use vnc_widget::capture;

use super::ask_screen::{self, Terminal};
use super::{ScreenshotArguments, host, output};
use crate::screen::picture::Pixels;
use crate::screen::stills::is_switched_off;
use crate::screen::target::Target;

/// How long a server may take for a whole picture.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn run(
    arguments: &ScreenshotArguments,
    connect: Option<&str>,
) -> Result<ExitCode> {
    let terminal = Terminal::default();
    let mut interrupts = output::interrupts()?;
    tokio::select! {
        result = take(arguments, connect, &terminal) => result,
        _ = interrupts.recv() => {
            let _restored = terminal.lock().await;
            Err(cancelled())
        }
    }
}

async fn take(
    arguments: &ScreenshotArguments,
    connect: Option<&str>,
    terminal: &Terminal,
) -> Result<ExitCode> {
    let (host, snapshot) = host::connect(connect).await?;
    let guest = host::find(&snapshot, &arguments.name)?;
    let pixels = picture(&host, guest, arguments.display, terminal).await?;
    pixels.write_png(&arguments.file).map_err(|detail| {
        Error::new(
            ErrorKind::BadPath,
            format!("{} could not be written.", arguments.file.display()),
        )
        .with_detail(detail)
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn picture(host: &Host, guest: &Guest, number: u32, terminal: &Terminal) -> Result<Pixels> {
    let details = host.details(guest.id).await?;
    if number > 1 {
        return further(host, guest, number, details.screens).await;
    }
    if details.displays.is_empty() {
        return Err(Error::new(
            ErrorKind::NotSupported,
            format!("“{}” has no screen to take a picture of.", guest.name),
        ));
    }
    let is_vnc = |display: &backend::model::Display| display.kind == DisplayKind::Vnc;
    if !details.displays.iter().any(is_vnc) {
        return still(host, guest, 0).await;
    }
    match Target::of_guest(host, guest.id).await {
        Ok(target) => through_vnc(target, &guest.name, terminal).await,
        // It listens where it cannot be reached from here, but the hypervisor can.
        Err(error) if error.kind() == ErrorKind::NotSupported => still(host, guest, 0).await,
        Err(error) => Err(error),
    }
}

/// A picture of a display that VNC does not show: `number` counts from 1, and the guest has `screens`.
async fn further(host: &Host, guest: &Guest, number: u32, screens: u32) -> Result<Pixels> {
    if number > screens {
        let displays = match screens {
            0 => "no display".to_owned(),
            1 => "one display only".to_owned(),
            more => format!("{more} displays only"),
        };
        let message = format!("“{}” has {displays}.", guest.name);
        return Err(Error::new(ErrorKind::NotFound, message));
    }
    let pixels = still(host, guest, number - 1).await?;
    if is_switched_off(&pixels) {
        eprintln!(
            "guesthouse: “{}” has not switched display {number} on; the picture says so.",
            guest.name
        );
    }
    Ok(pixels)
}

/// The picture that the hypervisor takes, of the screen of that number, from 0 on.
async fn still(host: &Host, guest: &Guest, screen: u32) -> Result<Pixels> {
    let still = host
        .screenshot(guest.id, screen)
        .await
        .map_err(|error| match error.kind() {
            ErrorKind::NotSupported => Error::new(
                ErrorKind::NotSupported,
                format!(
                    "The screen of “{}” cannot be reached by VNC, and its hypervisor takes no \
                     pictures.",
                    guest.name
                ),
            ),
            _ => error,
        })?;
    Pixels::decode(&still.data).map_err(|detail| {
        Error::new(
            ErrorKind::Hypervisor,
            format!(
                "The host's picture of “{}” cannot be understood.",
                guest.name
            ),
        )
        .with_detail(detail)
    })
}

async fn through_vnc(target: Target, name: &str, terminal: &Terminal) -> Result<Pixels> {
    let unanswered = RefCell::new(None);
    let server = target.server.as_deref();
    let answer = async |question| match ask_screen::put(terminal, question, server).await {
        Ok(answer) => Some(answer),
        Err(error) => {
            unanswered.replace(Some(error));
            None
        }
    };
    let runtime = Handle::current();
    let picture = capture(&runtime, target.endpoint, target.policy, answer, PATIENCE).await;
    match (picture, unanswered.take()) {
        (Ok(picture), _) => Ok(picture.into()),
        (Err(_), Some(error)) => Err(error),
        (Err(error), None) => Err(not_taken(&error, name)),
    }
}

fn cancelled() -> Error {
    Error::new(ErrorKind::Cancelled, "No picture was taken.")
}

/// Why there is no picture, in this program's words.
fn not_taken(error: &vnc_widget::Error, name: &str) -> Error {
    use vnc_widget::Error as Vnc;

    let (kind, message) = match error {
        Vnc::Unreachable { .. } => (
            ErrorKind::Unreachable,
            format!("The display of “{name}” cannot be reached from here."),
        ),
        Vnc::NoAnswer { .. } | Vnc::Stalled { .. } => (
            ErrorKind::NotAnswering,
            format!("The display of “{name}” sent no picture."),
        ),
        Vnc::PasswordNeeded
        | Vnc::NotTrusted
        | Vnc::CertificateChanged { .. }
        | Vnc::ClientCertificateNeeded
        | Vnc::Rfb(
            rfb::Error::AuthenticationFailed { .. }
            | rfb::Error::TooManyAttempts { .. }
            | rfb::Error::EncryptionMissing { .. },
        ) => (
            ErrorKind::AuthenticationFailed,
            format!("No picture could be taken: {error}."),
        ),
        Vnc::Rfb(rfb::Error::Closed) | Vnc::ClosedEarly | Vnc::CutOff | Vnc::Lost { .. } => (
            ErrorKind::Disconnected,
            "The display closed the connection before its picture was there.".to_owned(),
        ),
        _ => (
            ErrorKind::NotSupported,
            format!("No picture could be taken: {error}."),
        ),
    };
    let told_already = message.contains(&error.to_string());
    let explained = Error::new(kind, message);
    if told_already {
        explained
    } else {
        explained.with_detail(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use backend::fake::{FakeHost, guest};
    use backend::host::DisplayStream;
    use backend::host::Still;
    use backend::model::{Display, GuestDetails, GuestState};
    use backend::operation::{Operation, Verb};

    use super::*;

    /// What comes of a picture of a running guest with these displays, and the test's end of its
    /// host.
    async fn taken(
        displays: &[DisplayKind],
        prepare: impl FnOnce(&FakeHost),
    ) -> (Result<Pixels>, FakeHost) {
        let (host, fake) = FakeHost::connected(&Handle::current());
        let guest = guest("web", GuestState::Running);
        fake.add(guest.clone());
        let display = |&kind: &DisplayKind| Display {
            kind,
            address: None,
            port: None,
            socket: None,
        };
        let details = GuestDetails {
            displays: displays.iter().map(display).collect(),
            ..GuestDetails::default()
        };
        fake.answer("details", Ok(Arc::new(details)));
        prepare(&fake);
        (picture(&host, &guest, 1, &Terminal::default()).await, fake)
    }

    fn still_of_one_pixel() -> Still {
        Still {
            mime_type: "image/x-portable-pixmap".into(),
            data: b"P6 1 1 255\n\x01\x02\x03".to_vec(),
        }
    }

    #[tokio::test]
    async fn the_hypervisor_takes_the_picture_where_there_is_no_vnc() {
        let (picture, fake) = taken(&[DisplayKind::Spice], |fake| {
            fake.answer("screenshot", Ok(still_of_one_pixel()));
        })
        .await;
        assert_eq!(picture.unwrap().rgb, [1, 2, 3]);
        let asked: Vec<_> = fake.asked().iter().map(Operation::name).collect();
        assert_eq!(asked, ["details", "screenshot"]);
    }

    #[tokio::test]
    async fn the_hypervisor_takes_the_picture_where_vnc_is_out_of_reach() {
        let out_of_reach = || Error::new(ErrorKind::NotSupported, "Out of reach.");
        let (picture, _) = taken(&[DisplayKind::Vnc], |fake| {
            fake.answer::<DisplayStream>("open_display", Err(out_of_reach()));
            fake.answer("screenshot", Ok(still_of_one_pixel()));
        })
        .await;
        assert_eq!(picture.unwrap().rgb, [1, 2, 3]);
        let (picture, _) = taken(&[DisplayKind::Vnc], |fake| {
            fake.answer::<DisplayStream>("open_display", Err(out_of_reach()));
        })
        .await;
        assert_eq!(
            picture.unwrap_err().message(),
            "The screen of “web” cannot be reached by VNC, and its hypervisor takes no pictures."
        );
    }

    #[tokio::test]
    async fn further_displays_are_the_hypervisors_whatever_vnc_has() {
        let (host, fake) = FakeHost::connected(&Handle::current());
        let guest = guest("web", GuestState::Running);
        fake.add(guest.clone());
        let terminal = Terminal::default();
        for (screens, told) in [
            (2, "“web” has 2 displays only."),
            (1, "“web” has one display only."),
            (0, "“web” has no display."),
        ] {
            let details = GuestDetails {
                screens,
                ..GuestDetails::default()
            };
            fake.answer("details", Ok(Arc::new(details.clone())));
            let none = picture(&host, &guest, 3, &terminal).await.unwrap_err();
            assert_eq!((none.kind(), none.message()), (ErrorKind::NotFound, told));
            if screens == 2 {
                fake.answer("details", Ok(Arc::new(details)));
                fake.answer("screenshot", Ok(still_of_one_pixel()));
                let second = picture(&host, &guest, 2, &terminal).await;
                assert_eq!(second.unwrap().rgb, [1, 2, 3]);
                let asked = fake.asked().pop();
                assert_eq!(asked, Some(Operation::Guest(guest.id, Verb::Screenshot(1))));
            }
        }
    }

    #[tokio::test]
    async fn a_guest_without_a_screen_is_told() {
        let (picture, _) = taken(&[], |_| {}).await;
        assert_eq!(
            picture.unwrap_err().message(),
            "“web” has no screen to take a picture of."
        );
    }

    #[tokio::test]
    async fn a_display_that_hangs_up_is_told() {
        let (picture, _) = taken(&[DisplayKind::Vnc], |fake| {
            let (ours, _) = std::os::unix::net::UnixStream::pair().unwrap();
            fake.answer("open_display", Ok(DisplayStream::Descriptor(ours)));
        })
        .await;
        let error = picture.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Disconnected);
        assert_eq!(
            error.message(),
            "The display closed the connection before its picture was there."
        );
    }
}
