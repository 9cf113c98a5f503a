//! `guesthouse screenshot`: one picture of a guest's screen, through the VNC engine.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use backend::host::DisplayStream;
use backend::{Error, ErrorKind, Result};
use rfb::{Client, ClientConfig, Event, Framebuffer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::{Instant, timeout};

use super::{ScreenshotArguments, host};

/// How long a server may take for a whole picture.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that had no client for a while sends what it last knew, which may be nothing but black,
/// and at once afterwards what is on the screen (seen with QEMU 10). So the picture counts when
/// nothing has come for this long,
const QUIET: Duration = Duration::from_millis(400);

/// or, on a screen that never rests, after this long.
const RESTLESS: Duration = Duration::from_secs(3);

pub(super) async fn run(
    arguments: &ScreenshotArguments,
    connect: Option<&str>,
) -> Result<ExitCode> {
    let (host, snapshot) = host::connect(connect).await?;
    let guest = host::find(&snapshot, &arguments.name)?;
    let stream = open(host.open_display(guest.id, 0).await?)
        .await
        .map_err(|error| unreachable_display(&arguments.name, &error))?;
    let client = timeout(PATIENCE, picture(stream)).await.map_err(|_| {
        Error::new(
            ErrorKind::NotAnswering,
            format!("The display of “{}” sent no picture.", arguments.name),
        )
    })??;
    write_png(client.framebuffer(), &arguments.file).map_err(|error| {
        Error::new(
            ErrorKind::BadPath,
            format!("{} could not be written.", arguments.file.display()),
        )
        .with_detail(error.to_string())
    })?;
    Ok(ExitCode::SUCCESS)
}

/// A byte stream to a display, whatever carries it.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

async fn open(display: DisplayStream) -> io::Result<Box<dyn Stream>> {
    Ok(match display {
        DisplayStream::Descriptor(socket) => {
            socket.set_nonblocking(true)?;
            Box::new(UnixStream::from_std(socket)?)
        }
        DisplayStream::Socket(path) => Box::new(UnixStream::connect(path).await?),
        DisplayStream::Tcp { host, port } => {
            Box::new(TcpStream::connect((host.as_str(), port)).await?)
        }
    })
}

/// Runs the connection until the picture is there and rests.
async fn picture(mut stream: Box<dyn Stream>) -> Result<Client> {
    let mut client = Client::new(ClientConfig {
        // The pointer belongs into a picture of the screen.
        local_cursor: false,
        ..ClientConfig::default()
    });
    let mut buffer = vec![0; 64 * 1024];
    let mut resized = false;
    let mut whole_since: Option<Instant> = None;
    loop {
        let length = match whole_since {
            None => stream.read(&mut buffer).await,
            Some(since) if since.elapsed() > RESTLESS => return Ok(client),
            Some(_) => match timeout(QUIET, stream.read(&mut buffer)).await {
                Ok(read) => read,
                Err(_) => return Ok(client),
            },
        };
        let length = length.map_err(|e| lost(&e))?;
        if length == 0 {
            return Err(client.end_of_input().map_or_else(
                || lost(&io::ErrorKind::UnexpectedEof.into()),
                |error| not_shown(&error),
            ));
        }
        client
            .receive(&buffer[..length])
            .map_err(|error| not_shown(&error))?;
        while let Some(event) = client.next_event() {
            match event {
                Event::NeedCredentials(_) => {
                    let password = ask_password().await?;
                    client.provide_password(&password);
                }
                Event::Connected { .. } => client.request_update(false),
                Event::Resized { .. } => resized = true,
                // The update that brings a new size need not bring what is on the screen.
                Event::FrameComplete if std::mem::take(&mut resized) => {
                    client.request_update(false);
                }
                Event::FrameComplete => {
                    whole_since.get_or_insert_with(Instant::now);
                    client.request_update(true);
                }
                _ => {}
            }
        }
        let output = client.take_output();
        stream.write_all(&output).await.map_err(|e| lost(&e))?;
    }
}

async fn ask_password() -> Result<String> {
    tokio::task::spawn_blocking(|| rpassword::prompt_password("Password of the display: "))
        .await
        .map_err(io::Error::other)
        .and_then(|password| password)
        .map_err(|error| {
            Error::new(
                ErrorKind::AuthenticationFailed,
                "The display asks for a password and there is no terminal to type it on.",
            )
            .with_detail(error.to_string())
        })
}

/// Writes the picture as PNG beside `path` and then in its place, so that a full disk leaves the
/// file that was there.
fn write_png(picture: &Framebuffer, path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().ok_or(io::ErrorKind::InvalidInput)?);
    name.push(format!(".{}", std::process::id()));
    let temporary = folder.join(name);
    let written = encode(picture, &temporary).and_then(|()| std::fs::rename(&temporary, path));
    if written.is_err() {
        // What matters is the first failure; a leftover that cannot be removed changes nothing.
        let _ = std::fs::remove_file(&temporary);
    }
    written
}

fn encode(picture: &Framebuffer, path: &Path) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    let mut encoder = png::Encoder::new(&mut file, picture.width().into(), picture.height().into());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let rgb: Vec<u8> = picture
        .pixels()
        .chunks_exact(4)
        .flat_map(|pixel| [pixel[2], pixel[1], pixel[0]])
        .collect();
    encoder
        .write_header()
        .and_then(|mut writer| {
            writer.write_image_data(&rgb)?;
            writer.finish()
        })
        .map_err(io::Error::other)?;
    file.flush()
}

fn lost(error: &io::Error) -> Error {
    Error::new(
        ErrorKind::Disconnected,
        "The display closed the connection before its picture was there.",
    )
    .with_detail(error.to_string())
}

fn not_shown(error: &rfb::Error) -> Error {
    let kind = match error {
        rfb::Error::AuthenticationFailed { .. } | rfb::Error::TooManyAttempts { .. } => {
            ErrorKind::AuthenticationFailed
        }
        _ => ErrorKind::NotSupported,
    };
    Error::new(kind, format!("No picture could be taken: {error}."))
}

fn unreachable_display(name: &str, error: &io::Error) -> Error {
    Error::new(
        ErrorKind::Unreachable,
        format!("The display of “{name}” cannot be reached from here."),
    )
    .with_detail(error.to_string())
}
