//! Recorders: clients of a VNC server that keep all it sends, one for each encoding, side by side,
//! so that every encoding has the same pictures.

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rfb::{Client, ClientConfig, Encoding, EncodingPreference, Event};

/// How long a step may have nothing to show.
const PATIENCE: Duration = Duration::from_millis(400);

/// How long nothing more may come until a step counts as shown.
const QUIET: Duration = Duration::from_millis(25);

/// What a recording asks for, and what it is called after that.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    pub name: &'static str,
    pub encoding: Encoding,
    /// JPEG quality, for those with JPEG.
    pub quality: Option<u8>,
    /// One step of how many is kept: recordings of raw pixels grow quickly.
    pub share: usize,
}

const RAW: Kind = Kind::new("Raw", Encoding::Raw, None, 4);
const RRE: Kind = Kind::new("RRE", Encoding::Rre, None, 1);
const HEXTILE: Kind = Kind::new("Hextile", Encoding::Hextile, None, 1);
const ZLIB: Kind = Kind::new("Zlib", Encoding::Zlib, None, 1);
const ZRLE: Kind = Kind::new("ZRLE", Encoding::Zrle, None, 1);
const TIGHT: Kind = Kind::new("Tight", Encoding::Tight, None, 1);
const JPEG: Kind = Kind::new("JPEG", Encoding::Tight, Some(8), 1);
const TIGHT_PNG: Kind = Kind::new("TightPNG", Encoding::TightPng, None, 1);

/// What Xvnc has.
pub const OF_XVNC: [Kind; 6] = [RAW, RRE, HEXTILE, ZRLE, TIGHT, JPEG];

/// What is worth its room on a screen of four times the size.
pub const OF_XVNC_4K: [Kind; 2] = [ZRLE, TIGHT];

/// What QEMU has: no JPEG unless it is told that losses do not matter.
pub const OF_QEMU: [Kind; 6] = [RAW, HEXTILE, ZLIB, ZRLE, TIGHT, TIGHT_PNG];

impl Kind {
    const fn new(
        name: &'static str,
        encoding: Encoding,
        quality: Option<u8>,
        share: usize,
    ) -> Self {
        Self {
            name,
            encoding,
            quality,
            share,
        }
    }
}

/// A client that writes down what the server sends.
pub struct Recorder {
    kind: Kind,
    client: Client,
    stream: TcpStream,
    file: BufWriter<File>,
    /// Where in the file each step ends.
    steps: Vec<u64>,
    /// Where the file is until it is whole, and then.
    paths: (PathBuf, PathBuf),
    /// Updates before the step, and whether the answer to one has been asked for.
    updates_before: u64,
    finished: bool,
}

impl Recorder {
    pub fn connect(port: u16, kind: Kind, path: &Path) -> Self {
        // Programs that are compared know few extensions, and neither they nor the recording should
        // depend on how a pointer looks.
        let config = ClientConfig {
            encodings: EncodingPreference::only(kind.encoding),
            quality: kind.quality,
            local_cursor: false,
            resizable: false,
            ..ClientConfig::basic()
        };
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
        stream
            .set_nonblocking(true)
            .and_then(|()| stream.set_nodelay(true))
            .expect("a socket has modes");
        let part = path.with_extension("part");
        let file = File::create(&part).expect("the folder for recordings can be written");
        Self {
            kind,
            client: Client::new(config),
            stream,
            file: BufWriter::new(file),
            steps: Vec::new(),
            paths: (part, path.to_owned()),
            updates_before: 0,
            finished: false,
        }
    }

    /// Takes in what is there; whether there was anything.
    fn receive(&mut self) -> bool {
        let mut buffer = vec![0; 64 << 10];
        let mut any = false;
        loop {
            let count = match self.stream.read(&mut buffer) {
                Ok(0) => panic!("{}: the server closed the connection", self.kind.name),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return any,
                Err(error) => panic!("{}: {error}", self.kind.name),
            };
            any = true;
            self.file
                .write_all(&buffer[..count])
                .expect("there is room");
            let received = self.client.receive(&buffer[..count]);
            received.expect("the engine understands the server");
            while let Some(event) = self.client.next_event() {
                match event {
                    Event::Connected { .. } => self.client.request_update(false),
                    // Raw pixels are asked for when the next step is to be seen.
                    Event::FrameComplete if self.kind.share == 1 => {
                        self.client.request_update(true);
                    }
                    Event::NeedCredentials(kind) => panic!("the server wants a {kind:?}"),
                    _ => {}
                }
            }
            self.send();
        }
    }

    fn send(&mut self) {
        let mut output = &self.client.take_output()[..];
        while !output.is_empty() {
            match self.stream.write(output) {
                Ok(count) => output = &output[count..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    std::thread::sleep(Duration::from_millis(1));
                }
                Err(error) => panic!("{}: {error}", self.kind.name),
            }
        }
    }

    fn is_between_messages(&self) -> bool {
        let statistics = self.client.statistics();
        statistics.bytes_received == statistics.bytes_understood
    }

    fn has_answer(&self) -> bool {
        self.client.statistics().updates > self.updates_before && self.is_between_messages()
    }

    /// Notes that a step ends here, if anything came of it.
    fn end_step(&mut self) {
        let end = self.client.statistics().bytes_understood;
        if self.steps.last() != Some(&end) {
            self.steps.push(end);
        }
    }

    /// Keeps the recording, and beside it where its steps are: each can be sent as one answer.
    fn keep(mut self) {
        let steps: Vec<String> = self.steps.iter().map(ToString::to_string).collect();
        let list = self.paths.1.with_extension("steps");
        std::fs::write(list, steps.join("\n") + "\n").expect("there is room");
        self.file.flush().expect("there is room");
        assert!(self.is_between_messages(), "{} is cut off", self.kind.name);
        std::fs::rename(&self.paths.0, &self.paths.1).expect("a file can be renamed");
    }
}

/// Takes in what the servers send until the first whole picture of each is there.
pub fn first_pictures(recorders: &mut [Recorder]) {
    take_in(
        recorders,
        Duration::from_mins(1),
        Duration::from_millis(300),
    );
}

/// Has `step` done so often, and records what comes of each.
pub fn record(mut recorders: Vec<Recorder>, steps: usize, mut step: impl FnMut(usize)) {
    for number in 0..steps {
        for recorder in &mut recorders {
            let share = recorder.kind.share;
            recorder.finished = !number.is_multiple_of(share);
            recorder.updates_before = recorder.client.statistics().updates;
            if share > 1 && !recorder.finished {
                recorder.client.request_update(true);
                recorder.send();
            }
        }
        step(number);
        take_in(&mut recorders, PATIENCE, QUIET);
    }
    for recorder in recorders {
        recorder.keep();
    }
}

/// Takes in what comes until every recorder has had an answer (or patience is at its end), and then
/// nothing more comes for a while.
fn take_in(recorders: &mut [Recorder], patience: Duration, quiet: Duration) {
    let start = Instant::now();
    let mut last = Instant::now();
    loop {
        let mut any = false;
        for recorder in recorders.iter_mut() {
            any |= recorder.receive();
        }
        if any {
            last = Instant::now();
            continue;
        }
        let whole = recorders.iter().all(Recorder::is_between_messages);
        let answered = recorders.iter().all(|r| r.finished || r.has_answer());
        let enough = answered || start.elapsed() > patience;
        if whole && enough && last.elapsed() > quiet {
            recorders.iter_mut().for_each(Recorder::end_step);
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}
