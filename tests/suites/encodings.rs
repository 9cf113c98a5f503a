//! What other projects' servers send of a picture that is known: in each encoding and with each number
//! of colours it is the same picture.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use integration::tier::Tier;
use integration::{sandbox, wait};
use rfb::{Client, ClientConfig, ColourDepth, Encoding, EncodingPreference, Event};

const WIDTH: usize = 330;
const HEIGHT: usize = 210;

/// How often the whole picture is sent: streams and colours live on from one to the next.
const ROUNDS: u64 = 3;

const DEPTHS: [ColourDepth; 4] = [
    ColourDepth::Full,
    ColourDepth::Thousands,
    ColourDepth::Few,
    ColourDepth::AsServer,
];

type Pixels = Vec<[u8; 4]>;

/// A server that ends with the test.
struct Server {
    process: Child,
    port: u16,
}

impl Server {
    fn start(command: &mut Command, port: u16) -> Self {
        let process = command
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let server = Self { process, port };
        wait::until("a listening server", wait::LIMIT, || {
            TcpStream::connect(("127.0.0.1", port)).ok()
        });
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Areas of one colour, of few and, if it may be `busy`, of many; blue, green, red and nothing.
fn picture(busy: bool) -> Pixels {
    let mut noise = 1u32;
    (0..WIDTH * HEIGHT)
        .map(|index| {
            let (x, y) = (index % WIDTH, index / WIDTH);
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [blue, green, red] = match (x / 66, y / 70) {
                (0, 0) => [200, 100, 0],
                // Letters, as good as.
                (1..=2, 0) if (x * y) % 7 < 3 => [0, 0, 0],
                (1..=2, 0) => [255, 255, 255],
                (0..=1, 1) => {
                    [[10, 20, 30], [40, 50, 60], [70, 80, 90], [200, 0, 0]][(x / 5 + y / 3) % 4]
                }
                (2, 1) => [(x % 12 * 20) as u8, 128, 7],
                _ if !busy => [33, 66, 99],
                (3.., 0..=1) => [x as u8, y as u8, (x + y) as u8],
                (0..=2, _) => [noise >> 8, noise >> 16, noise >> 24].map(|byte| byte as u8),
                _ => [(y * 3) as u8, 255 - x as u8, 66],
            };
            [blue, green, red, 255]
        })
        .collect()
}

/// What a viewer sees that asks for this, and how many rectangles came in the encoding.
fn shown(server: &Server, config: &ClientConfig, encoding: Encoding) -> (Pixels, u64) {
    let config = ClientConfig {
        encodings: EncodingPreference::only(encoding),
        ..config.clone()
    };
    look(server, config, encoding)
}

/// The same, with encodings as they are configured.
fn look(server: &Server, config: ClientConfig, encoding: Encoding) -> (Pixels, u64) {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port)).expect("the server is there");
    stream
        .set_read_timeout(Some(Duration::from_millis(100)))
        .expect("a socket has a time-out");
    let mut client = Client::new(ClientConfig {
        extended_input: false,
        ..config
    });
    let mut buffer = vec![0; 65536];
    let mut seen = 0;
    let start = Instant::now();
    loop {
        stream
            .write_all(&client.take_output())
            .expect("the server listens");
        assert!(
            start.elapsed() < wait::LIMIT,
            "{encoding}: {:?}",
            client.statistics()
        );
        match stream.read(&mut buffer) {
            Ok(0) => panic!("{encoding}: the server closed the connection"),
            Ok(count) => client
                .receive(&buffer[..count])
                .unwrap_or_else(|error| panic!("{encoding}: {error}")),
            Err(_) => continue,
        }
        while let Some(event) = client.next_event() {
            match event {
                Event::Connected { .. } => client.request_update(false),
                Event::FrameComplete => {
                    let area = client.framebuffer().bounds().area();
                    let pixels = client.statistics().pixels;
                    if pixels >= ROUNDS * area {
                        let pixels = client.framebuffer().pixels().as_chunks().0.to_vec();
                        return (pixels, client.statistics().rectangles(encoding));
                    }
                    // TigerVNC's server answers a request for everything with the screen's size
                    // alone, and the next, incremental one with the picture.
                    client.request_update(pixels == seen);
                    seen = pixels;
                }
                _ => {}
            }
        }
    }
}

fn with(colours: ColourDepth) -> ClientConfig {
    ClientConfig {
        colours,
        ..ClientConfig::default()
    }
}

/// Each encoding that the server has, with each number of colours.
fn check(server: &Server, encodings: &[Encoding], picture: &Pixels) {
    for colours in DEPTHS {
        let (raw, _) = shown(server, &with(colours), Encoding::Raw);
        // As far apart as colours may be that were made fewer.
        let [blue, green, red] = match colours {
            ColourDepth::Thousands => [9, 5, 9],
            ColourDepth::Few => [85, 37, 37],
            _ => [0; 3],
        };
        for (seen, wanted) in raw.iter().zip(picture) {
            let near = |channel: usize, step| seen[channel].abs_diff(wanted[channel]) <= step;
            assert!(
                near(0, blue) && near(1, green) && near(2, red) && seen[3] == 255,
                "{colours:?}: {seen:?} for {wanted:?}"
            );
        }
        // What the server makes of all that can be decoded: the first of them.
        let (pixels, tight) = look(server, with(colours), Encoding::Tight);
        assert!(pixels == raw, "{colours:?}, the usual encodings");
        assert!(tight > 0, "Tight comes first");
        for &encoding in encodings {
            let levels = match encoding {
                // Without compression servers use forms of their own.
                Encoding::Tight => &[None, Some(0)][..],
                _ => &[None],
            };
            for &compression in levels {
                let config = ClientConfig {
                    compression,
                    ..with(colours)
                };
                let (pixels, rectangles) = shown(server, &config, encoding);
                assert!(rectangles > 0, "{encoding} was not used");
                let different = pixels
                    .iter()
                    .zip(&raw)
                    .filter(|(one, other)| one != other)
                    .count();
                assert_eq!(different, 0, "{encoding}, {colours:?}, {compression:?}");
            }
        }
    }
}

/// x11vnc, showing a file of pixels.
fn x11vnc(port: u16, picture: &Pixels) -> Server {
    let file = format!("/run/picture-{port}");
    std::fs::write(&file, picture.as_flattened()).expect("a file can be written");
    Server::start(
        Command::new("x11vnc")
            .args(["-rawfb", &format!("file:{file}@{WIDTH}x{HEIGHT}x32")])
            .args(["-rfbport", &port.to_string()])
            .args(["-no6", "-localhost", "-forever", "-shared", "-nopw"])
            .args(["-quiet", "-noxrecord", "-nonap"])
            .args(["-wait", "1", "-defer", "0", "-sb", "0"])
            .stdout(Stdio::null()),
        port,
    )
}

/// libvncserver, by x11vnc.
#[test]
fn libvncserver() {
    sandbox::run(Tier::VncServer, || {
        let picture = picture(true);
        let encodings = [
            Encoding::CoRre,
            Encoding::Hextile,
            Encoding::Zlib,
            Encoding::Tight,
            Encoding::Zrle,
        ];
        check(&x11vnc(5976, &picture), &encodings, &picture);
    });
}

/// What RRE makes longer is sent raw: here is a picture that it makes shorter.
#[test]
fn libvncserver_of_plain_areas() {
    sandbox::run(Tier::VncServer, || {
        let picture = picture(false);
        let encodings = [Encoding::Rre, Encoding::CoRre, Encoding::Hextile];
        check(&x11vnc(5977, &picture), &encodings, &picture);
    });
}

/// `TigerVNC`, of what a program drew.
#[test]
fn tigervnc() {
    sandbox::run(Tier::VncServer, || {
        let picture = picture(true);
        let mut process = Command::new("Xvnc")
            .args(["-displayfd", "1", "-geometry", &format!("{WIDTH}x{HEIGHT}")])
            .args(["-depth", "24", "-SecurityTypes", "None", "-rfbport", "5978"])
            .args([
                "-localhost",
                "-AlwaysShared",
                "-nolisten",
                "tcp",
                "-noreset",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let mut number = String::new();
        let output = process.stdout.take().expect("it was asked for");
        let server = Server {
            process,
            port: 5978,
        };
        BufReader::new(output)
            .read_line(&mut number)
            .expect("the server says its number");
        let mut image = format!("P6 {WIDTH} {HEIGHT} 255\n").into_bytes();
        image.extend(
            picture
                .iter()
                .flat_map(|&[blue, green, red, _]| [red, green, blue]),
        );
        std::fs::write("/run/picture.ppm", image).expect("a file can be written");
        // Its status says nothing: it is 1 when all went well.
        let drawn = Command::new("display")
            .args(["-window", "root", "/run/picture.ppm"])
            .env("DISPLAY", format!(":{}", number.trim()))
            .status();
        assert!(drawn.is_ok(), "ImageMagick can be run");
        wait::until_true("the picture", wait::LIMIT, || {
            shown(&server, &with(ColourDepth::Full), Encoding::Raw).0 == picture
        });
        let encodings = [
            Encoding::Rre,
            Encoding::Hextile,
            Encoding::Tight,
            Encoding::Zrle,
        ];
        check(&server, &encodings, &picture);
    });
}

/// QEMU, of whatever a machine shows that was not started.
#[test]
fn qemu() {
    sandbox::run(Tier::VncServer, || {
        let server = Server::start(
            Command::new("qemu-system-x86_64")
                .args(["-S", "-nodefaults", "-vga", "std", "-accel", "tcg"])
                .args(["-vnc", "127.0.0.1:79"])
                .stdout(Stdio::null()),
            5979,
        );
        let (picture, _) = shown(&server, &with(ColourDepth::Full), Encoding::Raw);
        let first = picture[0];
        assert!(
            picture.iter().any(|&pixel| pixel != first),
            "the screen is empty"
        );
        let encodings = [
            Encoding::Hextile,
            Encoding::Zlib,
            Encoding::Tight,
            Encoding::TightPng,
            Encoding::Zrle,
        ];
        check(&server, &encodings, &picture);
    });
}
