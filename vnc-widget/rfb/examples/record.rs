//! Records everything a VNC server sends, for `replay` and the tests.
//!
//! ```text
//! record HOST:PORT ENCODING FILE SECONDS [QUALITY]
//! ```
//!
//! The server must let anybody in (security type None). ENCODING is the name of any encoding that
//! the engine knows (see `rfb::Encoding::name`), or `all` for the usual mixture; QUALITY 0 to 9
//! allows JPEG.

use std::{
    fs::File,
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use rfb::{Client, ClientConfig, Encoding, EncodingPreference, Event};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, encoding, file, seconds, quality @ ..] = &arguments[..] else {
        return Err("usage: record HOST:PORT ENCODING FILE SECONDS [QUALITY]".into());
    };
    let encodings = match encoding.as_str() {
        "all" => EncodingPreference::default(),
        name => EncodingPreference::only(name.parse::<Encoding>()?),
    };
    let quality = quality.first().map(|text| text.parse()).transpose()?;
    let config = ClientConfig {
        encodings,
        quality,
        // Other programs that are to read the recordings know no extensions.
        ..ClientConfig::basic()
    };
    let end = Instant::now() + Duration::from_secs_f64(seconds.parse()?);
    let stream = TcpStream::connect(address)?;
    let client = record(stream, config, &mut File::create(file)?, end)?;
    let statistics = client.statistics();
    println!(
        "{} updates, {} rectangles, {} bytes",
        statistics.updates,
        statistics.total_rectangles(),
        statistics.bytes_received
    );
    Ok(())
}

/// Writes to `file` what the server sends until `end`.
fn record(
    mut stream: TcpStream,
    config: ClientConfig,
    file: &mut File,
    end: Instant,
) -> Result<Client, Failure> {
    stream.set_read_timeout(Some(Duration::from_millis(100)))?;
    let mut client = Client::new(config);
    let mut buffer = vec![0; 64 << 10];
    while Instant::now() < end {
        let length = match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        file.write_all(&buffer[..length])?;
        client.receive(&buffer[..length])?;
        while let Some(event) = client.next_event() {
            match event {
                Event::NeedCredentials(_) => {
                    return Err("a server that asks for a password cannot be recorded".into());
                }
                Event::Connected { .. } => client.request_update(false),
                Event::FrameComplete => client.request_update(true),
                _ => {}
            }
        }
        stream.write_all(&client.take_output())?;
    }
    Ok(client)
}
