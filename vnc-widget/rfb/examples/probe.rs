//! scratch
use rfb::*;
use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let mut s = TcpStream::connect(&a[1]).unwrap();
    s.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let end = Instant::now() + Duration::from_secs(a[2].parse().unwrap());
    let mut c = Client::new(ClientConfig::default());
    let mut b = vec![0; 65536];
    let mut sound = 0usize;
    let begin = Instant::now();
    let mut said = false;
    while Instant::now() < end {
        if !said && begin.elapsed() > Duration::from_secs(2) {
            said = true;
            println!("cut {}", c.cut_text(&"0123456789abcdef".repeat(20000)));
        }

        match s.read(&mut b) {
            Ok(0) => break,
            Ok(n) => {
                if a.len() > 3 {
                    println!("raw {:02x?}", &b[..n.min(4000)]);
                }
                c.receive(&b[..n]).unwrap()
            }
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(e) => panic!("{e}"),
        }
        while let Some(e) = c.next_event() {
            match &e {
                Event::FrameComplete => {
                    c.request_update(true);
                }
                Event::Audio(AudioEvent::Data(d)) => {
                    if sound == 0 {
                        println!("sound {:?}", &d[..16]);
                    }
                    sound += d.len();
                }
                Event::CursorChanged(Some(k)) => {
                    println!("{k:?}");
                    for p in k.pixels.iter().filter(|p| p[3] != 0).take(6) {
                        println!("  {p:?}");
                    }
                }
                e => println!("{e:?}"),
            }
            match e {
                Event::Connected { .. } => {
                    c.request_update(false);
                    c.pointer(100, 100, 0);
                    c.pointer(120, 120, 0);
                }
                Event::ClipboardOffered => {
                    c.request_clipboard();
                }
                Event::Audio(AudioEvent::Available) => {
                    c.start_audio(AudioFormat::default());
                }
                _ => {}
            }
        }
        let o = c.take_output();
        if !o.is_empty() && a.len() > 3 && o[0] == 6 {
            println!("out {:02x?}", o);
        }
        s.write_all(&o).unwrap();
    }
    println!(
        "ext clip {} cont {} scancodes {} ext buttons {} screens {:?} sound {sound} power {}",
        c.has_extended_clipboard(),
        c.can_update_continuously(),
        c.takes_scancodes(),
        c.takes_extended_buttons(),
        c.screens(),
        c.can_power()
    );
    for e in c.statistics().encodings_seen() {
        println!("{e}");
    }
}
