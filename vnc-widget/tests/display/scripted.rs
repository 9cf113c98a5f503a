//! A VNC server that shows a plain screen, says how it understands the pointer, and writes down
//! what it is told.

use std::{
    io::{self, Read, Write},
    os::unix::net::{UnixListener, UnixStream},
    path::Path,
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

use crate::stage::wait;

/// What a client tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// Buttons that are down and the place, or 0x7fff and the movement added to it.
    Pointer(u8, u16, u16),
    /// A key, by keysym, went down or up.
    Key(u32, bool),
}

/// A server that waits for one client at a time.
pub(crate) struct Scripted {
    told: Receiver<Told>,
    /// The client that is connected.
    client: Arc<Mutex<Option<UnixStream>>>,
}

impl Scripted {
    /// A screen of this size at a socket. The client is told that movements of the pointer are
    /// wanted.
    pub(crate) fn relative(width: u16, height: u16, socket: &Path) -> Self {
        let listener = UnixListener::bind(socket).expect("the socket is free");
        let (sender, told) = channel();
        let client = Arc::new(Mutex::new(None));
        thread::spawn({
            let client = Arc::clone(&client);
            move || {
                for stream in listener.incoming().map_while(Result::ok) {
                    // The client ends when it likes.
                    let _ = serve(stream, width, height, &client, &sender);
                }
            }
        });
        Self { told, client }
    }

    /// Tells the client that places of the pointer are wanted (1), or movements (0).
    pub(crate) fn set_pointer_mode(&self, mode: u16) {
        let client = self.client.lock().expect("nobody panicked");
        let mut stream = client.as_ref().expect("somebody is connected");
        stream
            .write_all(&[&[0, 0, 0, 1][..], &pointer_mode(mode)].concat())
            .expect("the client reads");
    }

    /// Tells the client of other screens, again and again, until it leaves.
    pub(crate) fn flood(&self) {
        let client = self.client.lock().expect("nobody panicked");
        let mut stream = client
            .as_ref()
            .and_then(|stream| stream.try_clone().ok())
            .expect("somebody is connected");
        thread::spawn(move || {
            let both = [screens(320), screens(321)].concat();
            while stream.write_all(&both).is_ok() {}
        });
    }

    /// What has been told since the last call.
    pub(crate) fn told(&self) -> Vec<Told> {
        self.told.try_iter().collect()
    }

    /// Waits until the movements since the last call add up to these, all with these buttons down.
    pub(crate) fn expect_movement(&self, buttons: u8, x: i32, y: i32) {
        let mut moved = (0, 0);
        wait(&format!("a movement by {x}, {y}"), || {
            for told in self.told.try_iter() {
                let Told::Pointer(down, x, y) = told else {
                    panic!("{told:?}");
                };
                assert_eq!(down, buttons);
                moved.0 += i32::from(x) - 0x7fff;
                moved.1 += i32::from(y) - 0x7fff;
            }
            moved == (x, y)
        });
    }

    /// Waits for exactly these buttons, one state after the other, without a movement.
    pub(crate) fn expect_buttons(&self, states: &[u8]) {
        let mut seen = Vec::new();
        wait(&format!("the buttons {states:?}"), || {
            for told in self.told.try_iter() {
                match told {
                    Told::Pointer(buttons, 0x7fff, 0x7fff) => seen.push(buttons),
                    other => panic!("{other:?}"),
                }
            }
            seen == states
        });
    }
}

/// A rectangle that says how the pointer is understood (QEMU's pointer motion change).
fn pointer_mode(mode: u16) -> Vec<u8> {
    let mut rect = mode.to_be_bytes().to_vec();
    rect.extend([0; 6]);
    rect.extend((-257_i32).to_be_bytes());
    rect
}

/// An update that says (`ExtendedDesktopSize`) that there are two screens, the second of which begins at
/// this column.
fn screens(column: u16) -> Vec<u8> {
    let mut update = vec![0, 0, 0, 1];
    for number in [0, 0, 640, 480] {
        update.extend(u16::to_be_bytes(number));
    }
    update.extend((-308_i32).to_be_bytes());
    update.extend([2, 0, 0, 0]);
    for (id, left, width) in [(1_u32, 0, 320), (2, column, 640 - column)] {
        update.extend(id.to_be_bytes());
        for number in [left, 0, width, 480] {
            update.extend(u16::to_be_bytes(number));
        }
        update.extend([0; 4]);
    }
    update
}

fn serve(
    mut stream: UnixStream,
    width: u16,
    height: u16,
    client: &Mutex<Option<UnixStream>>,
    told: &Sender<Told>,
) -> io::Result<()> {
    stream.write_all(b"RFB 003.008\n")?;
    take(&mut stream, 12)?;
    stream.write_all(&[1, 1])?;
    take(&mut stream, 1)?;
    stream.write_all(&[0; 4])?;
    take(&mut stream, 1)?;
    let mut init = [width.to_be_bytes(), height.to_be_bytes()].concat();
    // 32 bits of which 24 mean something, little-endian, true colour, eight bits at 16, 8 and 0.
    init.extend([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0]);
    init.extend(4_u32.to_be_bytes());
    init.extend(b"test");
    stream.write_all(&init)?;
    let mut shown = false;
    loop {
        match take(&mut stream, 1)?[0] {
            0 => {
                take(&mut stream, 19)?;
            }
            2 => {
                let head = take(&mut stream, 3)?;
                let count = usize::from(u16::from_be_bytes([head[1], head[2]]));
                take(&mut stream, count * 4)?;
            }
            3 => {
                take(&mut stream, 9)?;
                if !shown {
                    shown = true;
                    stream.write_all(&picture(width, height))?;
                    *client.lock().expect("nobody panicked") = Some(stream.try_clone()?);
                }
            }
            4 => {
                let key = take(&mut stream, 7)?;
                let keysym = u32::from_be_bytes([key[3], key[4], key[5], key[6]]);
                let _ = told.send(Told::Key(keysym, key[0] != 0));
            }
            5 => {
                let event = take(&mut stream, 5)?;
                let x = u16::from_be_bytes([event[1], event[2]]);
                let y = u16::from_be_bytes([event[3], event[4]]);
                let _ = told.send(Told::Pointer(event[0], x, y));
            }
            other => return Err(io::Error::other(format!("message {other}"))),
        }
    }
}

/// The first update: movements are wanted, and all is of one colour.
fn picture(width: u16, height: u16) -> Vec<u8> {
    let mut update = vec![0, 0, 0, 2];
    update.extend(pointer_mode(0));
    update.extend([0; 4]);
    update.extend(width.to_be_bytes());
    update.extend(height.to_be_bytes());
    update.extend([0; 4]);
    let pixels = usize::from(width) * usize::from(height);
    update.extend([120, 90, 60, 0].repeat(pixels));
    update
}

fn take(stream: &mut UnixStream, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}
