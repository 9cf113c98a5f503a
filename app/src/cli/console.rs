//! `guesthouse console`: a guest's text console in the terminal.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use backend::{Error, ErrorKind, Result};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf};
use tokio::signal::unix::{SignalKind, signal};

use super::host;
use super::power::GuestArguments;
use crate::printable::printable;

/// Ctrl+], by which consoles are left since telnet.
const LEAVE: u8 = 0x1d;

/// Read at a time.
const PIECE: usize = 4096;

pub(super) async fn run(arguments: &GuestArguments, connect: Option<&str>) -> Result<ExitCode> {
    if !std::io::stdin().is_terminal() {
        return Err(Error::new(
            ErrorKind::NotSupported,
            "A console is something to type into: it needs a terminal.",
        ));
    }
    let (host, guest) = host::guest(connect, &arguments.name).await?;
    let console = host.open_console(guest.id).await?;
    eprintln!(
        "This is the console of “{}”. Ctrl+] leaves it; the guest stays on. Where nothing shows, \
         press Enter.",
        printable(&guest.name)
    );
    let left = {
        let _raw = Raw::begin()?;
        join(console).await
    };
    eprintln!();
    match left? {
        Left::ByUser => eprintln!("Left the console; the guest stays on."),
        Left::ByGuest => eprintln!("The console was closed on the guest's side."),
    }
    Ok(ExitCode::SUCCESS)
}

/// Who ended it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    ByUser,
    ByGuest,
}

/// Joins terminal and guest until either ends it, or the program is told to end.
async fn join(console: DuplexStream) -> Result<Left> {
    let listen = |kind| {
        signal(kind).map_err(|error| {
            let message = "The system does not tell this program when it is to end.";
            Error::new(ErrorKind::NotSupported, message).with_detail(error.to_string())
        })
    };
    let mut terminate = listen(SignalKind::terminate())?;
    let mut hang_up = listen(SignalKind::hangup())?;
    let (from, to) = tokio::io::split(console);
    Ok(tokio::select! {
        () = show(from) => Left::ByGuest,
        left = send(tokio::io::stdin(), to) => left,
        _ = terminate.recv() => Left::ByUser,
        _ = hang_up.recv() => Left::ByUser,
    })
}

/// Shows what the guest writes, until it ends or nobody can see it any more.
async fn show(mut from: ReadHalf<DuplexStream>) {
    let mut piece = [0; PIECE];
    let mut out = tokio::io::stdout();
    loop {
        let count = match from.read(&mut piece).await {
            Ok(0) | Err(_) => return,
            Ok(count) => count,
        };
        if out.write_all(&piece[..count]).await.is_err() || out.flush().await.is_err() {
            return;
        }
    }
}

/// Sends what is typed, until Ctrl+] or the end of the console.
async fn send(mut typed: impl AsyncReadExt + Unpin, mut to: WriteHalf<DuplexStream>) -> Left {
    let mut piece = [0; PIECE];
    loop {
        let count = match typed.read(&mut piece).await {
            // The terminal is gone.
            Ok(0) | Err(_) => return Left::ByUser,
            Ok(count) => count,
        };
        let piece = &piece[..count];
        let end = piece.iter().position(|&byte| byte == LEAVE);
        if to.write_all(&piece[..end.unwrap_or(count)]).await.is_err() {
            return Left::ByGuest;
        }
        if end.is_some() {
            return Left::ByUser;
        }
    }
}

/// The terminal hands every key over as it is, until this is dropped.
struct Raw(Termios);

impl Raw {
    fn begin() -> Result<Self> {
        let unfit = |error: rustix::io::Errno| {
            Error::new(
                ErrorKind::NotSupported,
                "This terminal cannot hand over keys as they are typed.",
            )
            .with_detail(error.to_string())
        };
        let before = tcgetattr(rustix::stdio::stdin()).map_err(unfit)?;
        let mut raw = before.clone();
        raw.make_raw();
        let this = Self(before);
        tcsetattr(rustix::stdio::stdin(), OptionalActions::Flush, &raw).map_err(unfit)?;
        Ok(this)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // A guest may have left colours and an invisible cursor behind.
        let mut out = std::io::stdout();
        let _ = out
            .write_all(b"\x1b[0m\x1b[?25h")
            .and_then(|()| out.flush());
        // A terminal that is gone needs no restoring.
        let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Drain, &self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn ctrl_bracket_leaves_and_the_rest_goes_to_the_guest() {
        let (ours, mut guests) = tokio::io::duplex(64);
        let (_from, to) = tokio::io::split(ours);
        let typed: &[u8] = b"ls\r\x03\x1dnot this";
        assert_eq!(send(typed, to).await, Left::ByUser);
        let mut seen = [0; 4];
        guests.read_exact(&mut seen).await.unwrap();
        assert_eq!(&seen, b"ls\r\x03");
    }

    #[tokio::test]
    async fn a_guest_that_went_away_ends_it() {
        let (ours, guests) = tokio::io::duplex(64);
        drop(guests);
        let (_from, to) = tokio::io::split(ours);
        assert_eq!(send(&b"x"[..], to).await, Left::ByGuest);
    }
}
