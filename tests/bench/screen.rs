//! When a picture was complete, told from the display server's own framebuffer: the same for every
//! toolkit, and without asking the program anything.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// Every how many pixels, in both directions, the picture is looked at.
const STEP: usize = 4;

/// Pictures that differ in fewer of their samples than this share are the same: a figure that
/// moves, a spinner.
const SAME: f64 = 0.002;

/// A reader of an X server's framebuffer file (xwd format, 32 bits a pixel).
pub struct Screen {
    file: File,
    start: u64,
    line: usize,
    height: usize,
}

impl Screen {
    pub fn open(file: &Path) -> Self {
        let file = File::open(file).expect("Xvfb keeps its framebuffer in a file");
        let mut header = [0; 80];
        file.read_exact_at(&mut header, 0).expect("it has a header");
        let field = |number: usize| {
            let bytes = [0, 1, 2, 3].map(|byte| header[4 * number + byte]);
            u32::from_be_bytes(bytes)
        };
        // XWDFileHeader: 0 its size, 5 height, 12 bytes a line, 19 colours of 12 bytes each.
        Self {
            start: u64::from(field(0)) + 12 * u64::from(field(19)),
            line: field(12) as usize,
            height: field(5) as usize,
            file,
        }
    }

    /// The samples of what is shown now.
    pub fn look(&self) -> Vec<u32> {
        let mut line = vec![0; self.line];
        let mut samples = Vec::with_capacity(self.line * self.height / (4 * STEP * STEP));
        for y in (0..self.height).step_by(STEP) {
            let offset = self.start + (y * self.line) as u64;
            self.file
                .read_exact_at(&mut line, offset)
                .expect("the picture is whole");
            let pixels = line.chunks_exact(4).step_by(STEP);
            samples
                .extend(pixels.map(|pixel| u32::from_le_bytes([pixel[0], pixel[1], pixel[2], 0])));
        }
        samples
    }

    /// One pixel of what is shown now, by its column and line.
    pub fn pixel(&self, (x, y): (usize, usize)) -> u32 {
        let mut pixel = [0; 4];
        let offset = self.start + (y * self.line + 4 * x) as u64;
        self.file
            .read_exact_at(&mut pixel, offset)
            .expect("it is in the picture");
        u32::from_le_bytes([pixel[0], pixel[1], pixel[2], 0])
    }

    /// The bytes of the lines from one up to another.
    pub fn rows(&self, from: usize, to: usize) -> Vec<u8> {
        let mut rows = vec![0; (to - from) * self.line];
        let offset = self.start + (from * self.line) as u64;
        self.file
            .read_exact_at(&mut rows, offset)
            .expect("they are in the picture");
        rows
    }

    /// Watches until nothing has changed for `quiet`, and gives the time from `start` at which the
    /// picture was first what it stayed. `None` when nothing was drawn within `limit`.
    pub fn time_until_complete(
        &self,
        start: Instant,
        quiet: Duration,
        limit: Duration,
    ) -> Option<Duration> {
        let empty = self.look();
        let mut pictures = vec![(Duration::ZERO, empty)];
        let mut changed = Instant::now();
        while start.elapsed() < limit {
            let (_, last) = pictures.last()?;
            let picture = self.look();
            let taken = start.elapsed();
            if picture != *last {
                if differs(&picture, last) {
                    changed = Instant::now();
                }
                pictures.push((taken, picture));
            } else if pictures.len() > 1 && changed.elapsed() > quiet {
                break;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let (_, last) = pictures.last()?;
        if !differs(last, &pictures.first()?.1) {
            return None;
        }
        // The picture after the last one that was different.
        let before = pictures
            .iter()
            .rposition(|(_, picture)| differs(picture, last))?;
        Some(pictures.get(before + 1)?.0)
    }
}

fn differs(one: &[u32], other: &[u32]) -> bool {
    let different = one
        .iter()
        .zip(other)
        .filter(|(one, other)| one != other)
        .count();
    different as f64 > one.len() as f64 * SAME
}
