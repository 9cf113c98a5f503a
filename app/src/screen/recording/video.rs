//! Writes what a screen shows into a video, on a thread of its own.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use tokio::sync::oneshot;
use vnc_widget::Still;

use super::avi::Avi;

/// Pictures a second: enough to follow what happens, and a tenth of a processor at most.
pub(super) const RATE: u32 = 10;

/// Pictures that wait to be written: with more, the disk or the processor does not keep up.
const WAITING: usize = 4;

/// Text stays readable.
const QUALITY: u8 = 90;

/// How many pictures may be lost when the program dies.
const SETTLED: usize = 5 * RATE as usize;

/// How long the program waits at its end for videos to be finished.
const PATIENCE: Duration = Duration::from_secs(5);

/// The threads that write.
static WRITERS: Mutex<Vec<JoinHandle<()>>> = Mutex::new(Vec::new());

/// What came of a recording: the files, in order, or why it ended early and what there is of it.
pub(super) type Outcome = Result<Vec<PathBuf>, (io::Error, Vec<PathBuf>)>;

/// What was to be seen, and for how many pictures' time.
struct Shown {
    /// `None`: the same as before.
    still: Option<Still>,
    times: u32,
}

/// A video that is being recorded. Dropping it finishes it.
pub(super) struct Video {
    pictures: SyncSender<Shown>,
    last: Option<Still>,
    begun: Instant,
    /// How many pictures have been handed over.
    count: u64,
}

impl Video {
    /// Begins to write to `path`. The outcome comes when all is written.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn begin(path: PathBuf) -> io::Result<(Self, oneshot::Receiver<Outcome>)> {
        let (pictures, waiting) = sync_channel(WAITING);
        let (ended, outcome) = oneshot::channel();
        let writer = thread::Builder::new()
            .name("guesthouse-video".to_owned())
            .spawn(move || {
                // The window may be gone.
                let _ = ended.send(write(&path, &waiting));
            })?;
        let mut writers = WRITERS.lock().unwrap_or_else(PoisonError::into_inner);
        writers.retain(|writer| !writer.is_finished());
        writers.push(writer);
        let video = Self {
            pictures,
            last: None,
            begun: Instant::now(),
            count: 0,
        };
        Ok((video, outcome))
    }

    /// Adds what is shown now, to be called about [`RATE`] times a second: a picture that comes
    /// late is shown late. Returns whether the video is still being written.
    pub(super) fn add(&mut self, still: Option<Still>) -> bool {
        let due = self.begun.elapsed().as_millis() as u64 * u64::from(RATE) / 1000 + 1;
        let times = due.saturating_sub(self.count) as u32;
        if times == 0 {
            return true;
        }
        let fresh =
            still.filter(|still| self.last.as_ref().is_none_or(|last| !last.is_same(still)));
        let shown = Shown {
            still: fresh.clone(),
            times,
        };
        match self.pictures.try_send(shown) {
            Ok(()) => {
                self.last = fresh.or_else(|| self.last.take());
                self.count = due;
                true
            }
            // One picture less; what changed is in the next, which also takes its time.
            Err(TrySendError::Full(_)) => true,
            Err(TrySendError::Disconnected(_)) => false,
        }
    }

    /// How long it is.
    pub(super) fn seconds(&self) -> u64 {
        self.begun.elapsed().as_secs()
    }
}

/// Waits, for a moment, until videos that were being recorded are whole: for the program's end.
pub fn finish_all() {
    let writers = std::mem::take(&mut *WRITERS.lock().unwrap_or_else(PoisonError::into_inner));
    let end = Instant::now() + PATIENCE;
    while writers.iter().any(|writer| !writer.is_finished()) && Instant::now() < end {
        thread::sleep(Duration::from_millis(10));
    }
}

fn write(path: &Path, pictures: &Receiver<Shown>) -> Outcome {
    let mut parts = Parts {
        path,
        written: Vec::new(),
        number: 1,
        part: None,
    };
    for shown in pictures {
        if let Err(error) = parts.add(&shown) {
            return Err((error, parts.written));
        }
    }
    match parts.end_part() {
        Ok(()) => Ok(parts.written),
        Err(error) => Err((error, parts.written)),
    }
}

/// The files of a recording: a video has one size, and a file has an end.
struct Parts<'a> {
    path: &'a Path,
    written: Vec<PathBuf>,
    /// The number in the last file's name.
    number: usize,
    part: Option<Part>,
}

struct Part {
    avi: Avi<BufWriter<File>>,
    size: (u32, u32),
    last: Vec<u8>,
}

impl Parts<'_> {
    fn add(&mut self, shown: &Shown) -> io::Result<()> {
        let mut repeats = shown.times;
        if let Some(still) = &shown.still {
            self.add_still(still)?;
            repeats -= 1;
        }
        (0..repeats).try_for_each(|_| self.repeat())
    }

    fn add_still(&mut self, still: &Still) -> io::Result<()> {
        let size = (still.width(), still.height());
        let jpeg = encode(still)?;
        let fits = self
            .part
            .as_ref()
            .is_some_and(|part| part.size == size && !part.avi.is_full(jpeg.len()));
        if !fits {
            self.end_part()?;
            self.begin_part(size)?;
        }
        if let Some(part) = &mut self.part {
            part.avi.add(Some(&jpeg))?;
            part.last = jpeg;
        }
        self.settle()
    }

    /// Shows the last picture once more.
    fn repeat(&mut self) -> io::Result<()> {
        let Some(part) = &mut self.part else {
            return Ok(());
        };
        if part.avi.is_full(0) {
            let (size, last) = (part.size, std::mem::take(&mut part.last));
            self.end_part()?;
            self.begin_part(size)?;
            if let Some(part) = &mut self.part {
                part.avi.add(Some(&last))?;
                part.last = last;
            }
            return Ok(());
        }
        part.avi.add(None)?;
        self.settle()
    }

    fn begin_part(&mut self, size: (u32, u32)) -> io::Result<()> {
        let (Ok(width), Ok(height)) = (u16::try_from(size.0), u16::try_from(size.1)) else {
            return Err(io::Error::other("the screen is too large for a video"));
        };
        let (file, path) = self.create()?;
        let file = BufWriter::new(file);
        self.written.push(path);
        self.part = Some(Part {
            avi: Avi::begin(file, width, height, RATE)?,
            size,
            last: Vec::new(),
        });
        Ok(())
    }

    /// The next file. The user was asked about the first one only: what bears the name of another
    /// stays.
    fn create(&mut self) -> io::Result<(File, PathBuf)> {
        if self.written.is_empty() {
            return Ok((File::create(self.path)?, self.path.to_owned()));
        }
        loop {
            self.number += 1;
            let path = part_path(self.path, self.number);
            match File::create_new(&path) {
                Ok(file) => return Ok((file, path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn end_part(&mut self) -> io::Result<()> {
        if let Some(part) = self.part.take() {
            let file = part.avi.finish()?;
            file.into_inner()
                .map_err(io::IntoInnerError::into_error)?
                .sync_all()?;
        }
        Ok(())
    }

    fn settle(&mut self) -> io::Result<()> {
        match &mut self.part {
            Some(part) if part.avi.len().is_multiple_of(SETTLED) => part.avi.settle(),
            _ => Ok(()),
        }
    }
}

/// The file of that number beside the first one, `name.avi`: `name-2.avi`.
fn part_path(path: &Path, number: usize) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}.avi"));
    path.with_file_name(name)
}

fn encode(still: &Still) -> io::Result<Vec<u8>> {
    let memory = || io::Error::from(io::ErrorKind::OutOfMemory);
    let picture = still.picture().ok_or_else(memory)?;
    let (width, height) = (picture.width() as u16, picture.height() as u16);
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, QUALITY);
    // Coloured text is blurred otherwise.
    encoder.set_sampling_factor(SamplingFactor::R_4_4_4);
    encoder
        .encode(picture.rgb(), width, height, ColorType::Rgb)
        .map_err(io::Error::other)?;
    Ok(jpeg)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_names_of_their_own() {
        let path = Path::new("/x/debian.avi");
        assert_eq!(part_path(path, 2), Path::new("/x/debian-2.avi"));
        assert_eq!(
            part_path(Path::new("/x/film"), 3),
            Path::new("/x/film-3.avi")
        );
    }

    #[test]
    fn files_of_other_videos_stay() {
        let folder = tempfile::tempdir().unwrap();
        let first = folder.path().join("film.avi");
        let other = folder.path().join("film-2.avi");
        std::fs::write(&other, "another film").unwrap();
        let mut parts = Parts {
            path: &first,
            written: Vec::new(),
            number: 1,
            part: None,
        };
        for size in [(10, 10), (20, 20)] {
            parts.begin_part(size).unwrap();
            parts.end_part().unwrap();
        }
        assert_eq!(std::fs::read(&other).unwrap(), b"another film");
        assert_eq!(parts.written, [first, folder.path().join("film-3.avi")]);
    }
}
