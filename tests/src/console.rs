//! A guest's serial console, as a test talks to it.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use crate::wait;

/// A connection to a serial port that is a Unix socket.
#[derive(Debug)]
pub struct Console {
    stream: UnixStream,
    /// What came and was not yet asked for.
    pending: String,
    /// Numbers the commands, so that an answer is never taken for an earlier one's.
    commands: u32,
}

impl Console {
    /// Connects as soon as the socket is there.
    ///
    /// # Panics
    /// When it is not there after a while.
    pub fn connect(socket: &Path) -> Self {
        Self::over(wait::until("the serial port", wait::LIMIT, || {
            UnixStream::connect(socket).ok()
        }))
    }

    /// Connects to a serial port that is a pseudo-terminal, as `virsh ttyconsole` names it.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub fn on_terminal(path: &str) -> Self {
        // Nothing that passes is to be echoed or translated on the way.
        let raw = Command::new("stty")
            .args(["-F", path, "raw", "-echo"])
            .status();
        assert!(raw.is_ok_and(|status| status.success()), "stty {path}");
        let terminal = File::options().read(true).write(true).open(path);
        let terminal = terminal.expect("the terminal can be opened");
        let (ours, theirs) = UnixStream::pair().expect("sockets can be made");
        let clone = "descriptors can be copied";
        let (mut from, mut to) = (terminal.try_clone().expect(clone), terminal);
        let (mut input, mut output) = (theirs.try_clone().expect(clone), theirs);
        // Both end when the guest or the test does.
        std::thread::spawn(move || std::io::copy(&mut from, &mut output));
        std::thread::spawn(move || std::io::copy(&mut input, &mut to));
        Self::over(ours)
    }

    /// Talks over a console that the program's backend has opened.
    ///
    /// # Panics
    /// When no sockets can be made.
    pub fn on_stream(stream: tokio::io::DuplexStream, runtime: &Runtime) -> Self {
        let (ours, theirs) = UnixStream::pair().expect("sockets can be made");
        theirs.set_nonblocking(true).expect("a socket can wait");
        runtime.spawn(async move {
            let mut theirs = tokio::net::UnixStream::from_std(theirs).expect("it does not block");
            let mut stream = stream;
            // Ends when the guest or the test does.
            let _ = tokio::io::copy_bidirectional(&mut stream, &mut theirs).await;
        });
        Self::over(ours)
    }

    fn over(stream: UnixStream) -> Self {
        stream
            .set_read_timeout(Some(Duration::from_millis(200)))
            .expect("a socket has a time-out");
        Self {
            stream,
            pending: String::new(),
            commands: 0,
        }
    }

    /// Reads until `text` comes, and gives everything up to and with it.
    ///
    /// # Panics
    /// When it does not come within `limit`, with what came instead.
    pub fn expect(&mut self, text: &str, limit: Duration) -> String {
        let start = Instant::now();
        loop {
            if let Some(at) = self.pending.find(text) {
                let rest = self.pending.split_off(at + text.len());
                return std::mem::replace(&mut self.pending, rest);
            }
            assert!(
                start.elapsed() < limit,
                "the console did not say {text:?} within {} s, but:\n{}",
                limit.as_secs(),
                self.pending
            );
            self.read_some();
        }
    }

    fn read_some(&mut self) {
        let mut buffer = [0; 4096];
        // A time-out is an error of the kind WouldBlock; a closed port shows to who waits for more.
        if let Ok(count) = self.stream.read(&mut buffer) {
            self.pending
                .push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
    }

    /// Whether `text` comes within `limit`; if so, takes everything up to and with it.
    pub fn said(&mut self, text: &str, limit: Duration) -> bool {
        let start = Instant::now();
        loop {
            if let Some(at) = self.pending.find(text) {
                self.pending.drain(..at + text.len());
                return true;
            }
            if start.elapsed() >= limit {
                return false;
            }
            self.read_some();
        }
    }

    /// Types a line and does not wait for anything.
    ///
    /// # Panics
    /// When the console is closed.
    pub fn type_line(&mut self, line: &str) {
        self.stream
            .write_all(format!("{line}\n").as_bytes())
            .expect("the console takes input");
    }

    /// Runs a command in the guest's shell and gives what it printed.
    ///
    /// # Panics
    /// When it does not end.
    pub fn run(&mut self, command: &str) -> String {
        self.commands += 1;
        let number = self.commands;
        // The marks are written in two parts, so that the echo of the command line holds neither.
        let line = format!("echo \"<<\"{number}; {command}; echo \">>\"{number}\n");
        self.stream
            .write_all(line.as_bytes())
            .expect("the console takes input");
        self.expect(&format!("<<{number}\r\n"), wait::LIMIT);
        let end = format!(">>{number}");
        let answer = self.expect(&end, wait::LIMIT);
        answer.trim_end_matches(&end).trim().to_owned()
    }

    /// The guest's own count of its memory, in MiB: the total of `free`.
    ///
    /// # Panics
    /// When the guest's answer is not a number.
    pub fn total_memory_mib(&mut self) -> u64 {
        let answer = self.run("free -m | awk 'NR==2{print $2}'");
        answer
            .parse()
            .unwrap_or_else(|_| panic!("free said {answer:?}"))
    }
}
