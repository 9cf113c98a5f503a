//! The client's side of PulseAudio's protocol, as far as one stream needs it.

use std::{
    ffi::CString,
    io::{self, Cursor},
    path::PathBuf,
};

use pulseaudio::protocol::{
    AuthParams, AuthReply, ChannelMap, ChannelVolume, Command, CommandReply,
    CreatePlaybackStreamReply, DEFAULT_SINK, DESCRIPTOR_SIZE, MAX_VERSION, PlaybackStreamParams,
    Prop, Props, ProtocolError, SampleFormat, SampleSpec, SetClientNameReply, read_descriptor,
    read_reply_message,
    stream::{BufferAttr, StreamFlags},
    write_command_message, write_memblock,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
};

use super::{
    FORMAT,
    ring::{FRAME, Ring},
};

/// How much the sound server keeps ahead, and asks for at least: a tenth of a second, and a fifth of
/// that.
const AHEAD: u32 = FORMAT.frequency * FRAME as u32 / 10;
const AT_LEAST: u32 = AHEAD / 5;

/// The longest message of a sound server that is read. The longest that matter here have some
/// hundred bytes.
const MAX_MESSAGE: usize = 1 << 20;

/// Marks messages in the stream that are commands, not sound.
const CONTROL: u32 = u32::MAX;

/// Why nothing is heard.
#[derive(Debug, thiserror::Error)]
pub(super) enum Silence {
    #[error("there is no sound server")]
    Nobody,
    #[error("the sound server closed the connection")]
    Closed,
    #[error("the sound server was not reached or went away: {0}")]
    Io(#[from] io::Error),
    #[error("the sound server: {0}")]
    Protocol(#[from] ProtocolError),
    #[error("the sound server sent a message of {0} bytes")]
    TooLong(usize),
}

/// Plays what comes through `ring` until the sound server does not want it any more.
pub(super) async fn play(ring: &Ring) -> Result<(), Silence> {
    let (socket, cookie) = tokio::task::spawn_blocking(find)
        .await
        .ok()
        .flatten()
        .ok_or(Silence::Nobody)?;
    let mut server = Server {
        stream: UnixStream::connect(socket).await?,
        version: MAX_VERSION,
        received: Vec::new(),
        sequence: 0,
    };
    server.introduce(cookie).await?;
    let stream = server.open_stream().await?;
    let mut wanted = stream.requested_bytes as usize;
    loop {
        let data = ring.take(wanted);
        if !data.is_empty() {
            wanted -= data.len();
            server.play(stream.channel, &data).await?;
        }
        tokio::select! {
            message = server.message() => match server.command(&message?) {
                Ok(Command::Request(request)) if request.channel == stream.channel => {
                    wanted = wanted.saturating_add(request.length as usize);
                }
                Ok(Command::PlaybackStreamKilled(_)) => return Err(Silence::Closed),
                // News of other kinds, of which there are more than this client knows.
                Ok(_) | Err(_) => {}
            },
            () = ring.filled(), if wanted >= FRAME => {}
        }
    }
}

/// The sound server's socket, and the secret that shows that it is this user's.
fn find() -> Option<(PathBuf, Vec<u8>)> {
    let socket = pulseaudio::socket_path_from_env()?;
    let cookie = pulseaudio::cookie_path_from_env().and_then(|path| std::fs::read(path).ok());
    Some((socket, cookie.unwrap_or_default()))
}

struct Server {
    stream: UnixStream,
    /// The protocol's version.
    version: u16,
    /// What was read of the messages that come next.
    received: Vec<u8>,
    sequence: u32,
}

impl Server {
    async fn introduce(&mut self, cookie: Vec<u8>) -> Result<(), Silence> {
        let auth: AuthReply = self
            .ask(&Command::Auth(AuthParams {
                version: MAX_VERSION,
                supports_shm: false,
                supports_memfd: false,
                cookie,
            }))
            .await?;
        self.version = MAX_VERSION.min(auth.version);
        let name = std::env::args()
            .next()
            .and_then(|path| Some(PathBuf::from(path).file_name()?.to_str()?.to_owned()))
            .and_then(|name| CString::new(name).ok())
            .unwrap_or_else(|| c"vnc-widget".to_owned());
        let mut properties = Props::new();
        properties.set(Prop::ApplicationName, name);
        let _: SetClientNameReply = self.ask(&Command::SetClientName(properties)).await?;
        Ok(())
    }

    async fn open_stream(&mut self) -> Result<CreatePlaybackStreamReply, Silence> {
        let channels = FORMAT.channels.count();
        let mut properties = Props::new();
        properties.set(Prop::MediaName, c"Remote screen");
        self.ask(&Command::CreatePlaybackStream(PlaybackStreamParams {
            sample_spec: SampleSpec {
                format: SampleFormat::S16Le,
                channels,
                sample_rate: FORMAT.frequency,
            },
            channel_map: ChannelMap::stereo(),
            cvolume: Some(ChannelVolume::norm(channels)),
            sink_name: Some(DEFAULT_SINK.to_owned()),
            buffer_attr: BufferAttr {
                target_length: AHEAD,
                minimum_request_length: AT_LEAST,
                ..BufferAttr::default()
            },
            flags: StreamFlags {
                adjust_latency: true,
                ..StreamFlags::default()
            },
            props: properties,
            ..PlaybackStreamParams::default()
        }))
        .await
    }

    /// Sends a command and waits for its answer. Nothing else comes before there is a stream.
    async fn ask<Reply: CommandReply>(&mut self, command: &Command) -> Result<Reply, Silence> {
        let mut bytes = Vec::new();
        write_command_message(&mut bytes, self.sequence, command, self.version)?;
        self.stream.write_all(&bytes).await?;
        loop {
            let answer = self.message().await?;
            let (sequence, reply) = read_reply_message(&mut Cursor::new(&answer), self.version)?;
            if sequence == self.sequence {
                self.sequence += 1;
                return Ok(reply);
            }
        }
    }

    /// Sends sound.
    async fn play(&mut self, channel: u32, data: &[u8]) -> Result<(), Silence> {
        let mut bytes = Vec::with_capacity(DESCRIPTOR_SIZE + data.len());
        write_memblock(&mut bytes, channel, data, 0)?;
        Ok(self.stream.write_all(&bytes).await?)
    }

    /// The next message, with its descriptor. Nothing is lost when this is not awaited to the end.
    async fn message(&mut self) -> Result<Vec<u8>, Silence> {
        loop {
            if let Some(head) = self.received.first_chunk::<DESCRIPTOR_SIZE>() {
                let descriptor = read_descriptor(&mut Cursor::new(head))?;
                let length = DESCRIPTOR_SIZE + descriptor.length as usize;
                if length > MAX_MESSAGE {
                    return Err(Silence::TooLong(length));
                }
                if self.received.len() >= length {
                    let message = self.received.drain(..length).collect();
                    if descriptor.channel == CONTROL {
                        return Ok(message);
                    }
                    continue;
                }
            }
            if self.stream.read_buf(&mut self.received).await? == 0 {
                return Err(Silence::Closed);
            }
        }
    }

    fn command(&self, message: &[u8]) -> Result<Command, ProtocolError> {
        let mut body = Cursor::new(message.get(DESCRIPTOR_SIZE..).unwrap_or_default());
        Command::read_tag_prefixed(&mut body, self.version).map(|(_, command)| command)
    }
}
