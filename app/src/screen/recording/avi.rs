//! Videos of JPEG pictures in the AVI format (Microsoft's *AVI RIFF File Reference*), which every
//! player knows. A picture that repeats takes a few bytes.

use std::io::{self, Seek, SeekFrom, Write};

/// Where the sizes and counts are that are known at the end only.
const RIFF_SIZE: u64 = 4;
const FRAME_COUNT: u64 = 48;
const STREAM_LENGTH: u64 = 140;
const MOVI_SIZE: u64 = 216;
/// Where the pictures begin, and what their places are counted from.
const PICTURES: u64 = 224;
const MOVI: u64 = 220;

/// The compression's name, in a chunk's header and the stream's.
const CODEC: &[u8; 4] = b"MJPG";
/// A picture of stream 0.
const PICTURE: &[u8; 4] = b"00dc";
/// In the index: a picture that needs no other.
const KEY_FRAME: u32 = 0x10;

/// The largest file: players take sizes for signed numbers.
const MOST: u64 = (2 << 30) - (16 << 20);

/// A video that is being written. Until [`finish`](Self::finish) it has no index; players find
/// their way through what is there even so.
pub(super) struct Avi<W> {
    file: W,
    /// Place and size of each picture.
    index: Vec<(u32, u32)>,
    end: u64,
}

impl<W: Write + Seek> Avi<W> {
    /// Begins a video of that size with so many pictures a second.
    ///
    /// # Errors
    /// Those of writing.
    pub(super) fn begin(mut file: W, width: u16, height: u16, rate: u32) -> io::Result<Self> {
        file.write_all(&head(width, height, rate))?;
        Ok(Self {
            file,
            index: Vec::new(),
            end: PICTURES,
        })
    }

    /// Adds a picture; `None`: the last one once more.
    ///
    /// # Errors
    /// Those of writing.
    pub(super) fn add(&mut self, jpeg: Option<&[u8]>) -> io::Result<()> {
        let jpeg = jpeg.unwrap_or_default();
        let place = (self.end - MOVI) as u32;
        self.index.push((place, jpeg.len() as u32));
        self.file.write_all(PICTURE)?;
        self.file.write_all(&(jpeg.len() as u32).to_le_bytes())?;
        self.file.write_all(jpeg)?;
        // Chunks begin at even places.
        let odd = jpeg.len() % 2;
        self.file.write_all(&[0][..odd])?;
        self.end += 8 + (jpeg.len() + odd) as u64;
        Ok(())
    }

    /// Whether no other picture of `size` bytes fits.
    pub(super) fn is_full(&self, size: usize) -> bool {
        let index = (self.index.len() as u64 + 1) * 16;
        self.end + size as u64 + index > MOST
    }

    /// How many pictures there are.
    pub(super) fn len(&self) -> usize {
        self.index.len()
    }

    /// Writes the sizes and counts as they are now, so that the file is a whole one but for its
    /// index.
    ///
    /// # Errors
    /// Those of writing.
    pub(super) fn settle(&mut self) -> io::Result<()> {
        let pictures = self.index.len() as u32;
        for (place, value) in [
            (RIFF_SIZE, (self.end - 8) as u32),
            (FRAME_COUNT, pictures),
            (STREAM_LENGTH, pictures),
            (MOVI_SIZE, (self.end - MOVI) as u32),
        ] {
            self.file.seek(SeekFrom::Start(place))?;
            self.file.write_all(&value.to_le_bytes())?;
        }
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.flush()
    }

    /// Adds the index and ends the video.
    ///
    /// # Errors
    /// Those of writing.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.settle()?;
        self.file.write_all(b"idx1")?;
        let length = self.index.len() as u32 * 16;
        self.file.write_all(&length.to_le_bytes())?;
        for (place, size) in &self.index {
            self.file.write_all(PICTURE)?;
            for value in [KEY_FRAME, *place, *size] {
                self.file.write_all(&value.to_le_bytes())?;
            }
        }
        let size = self.end + 8 + u64::from(length) - 8;
        self.file.seek(SeekFrom::Start(RIFF_SIZE))?;
        self.file.write_all(&(size as u32).to_le_bytes())?;
        self.file.flush()?;
        Ok(self.file)
    }
}

/// Everything before the pictures.
fn head(width: u16, height: u16, rate: u32) -> Vec<u8> {
    let (width, height) = (u32::from(width), u32::from(height));
    let mut head = Vec::with_capacity(PICTURES as usize);
    let mut put = |part: &[u8]| head.extend_from_slice(part);
    let number = u32::to_le_bytes;
    put(b"RIFF");
    put(&number(0));
    put(b"AVI ");
    put(b"LIST");
    put(&number(192));
    put(b"hdrl");
    put(b"avih");
    put(&number(56));
    put(&number(1_000_000 / rate));
    // Bytes a second and padding: not known, none. Then: there is an index.
    put(&[0; 8]);
    put(&number(0x10));
    // The number of pictures, and of those before the first.
    put(&[0; 8]);
    put(&number(1));
    put(&number(0));
    put(&number(width));
    put(&number(height));
    put(&[0; 16]);
    put(b"LIST");
    put(&number(116));
    put(b"strl");
    put(b"strh");
    put(&number(56));
    put(b"vids");
    put(CODEC);
    // Flags, priority and language, initial frames.
    put(&[0; 12]);
    put(&number(1));
    put(&number(rate));
    // Where the stream begins, and its length.
    put(&[0; 8]);
    put(&number(0));
    // Quality and size of samples: as they are.
    put(&number(u32::MAX));
    put(&number(0));
    put(&[0; 4]);
    put(&(width as u16).to_le_bytes());
    put(&(height as u16).to_le_bytes());
    put(b"strf");
    put(&number(40));
    put(&number(40));
    put(&number(width));
    put(&number(height));
    put(&[1, 0, 24, 0]);
    put(CODEC);
    put(&number(width * height * 3));
    put(&[0; 16]);
    put(b"LIST");
    put(&number(0));
    put(b"movi");
    debug_assert_eq!(head.len() as u64, PICTURES);
    head
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn number(file: &[u8], place: usize) -> u32 {
        u32::from_le_bytes(file[place..place + 4].try_into().unwrap())
    }

    /// The names of the chunks inside a list or file, with what is in each.
    fn chunks(mut bytes: &[u8]) -> Vec<(&[u8], &[u8])> {
        let mut found = Vec::new();
        while !bytes.is_empty() {
            let length = number(bytes, 4) as usize;
            found.push((&bytes[..4], &bytes[8..8 + length]));
            bytes = &bytes[8 + length.next_multiple_of(2)..];
        }
        found
    }

    fn video() -> Vec<u8> {
        let mut avi = Avi::begin(Cursor::new(Vec::new()), 320, 200, 10).unwrap();
        for picture in [Some(&b"one"[..]), None, Some(b"four")] {
            avi.add(picture).unwrap();
        }
        assert_eq!(avi.len(), 3);
        avi.finish().unwrap().into_inner()
    }

    #[test]
    fn lists_and_chunks_fit_into_each_other() {
        let file = video();
        let [(riff, body)] = chunks(&file)[..] else {
            panic!("one file, one chunk")
        };
        assert_eq!((riff, &body[..4]), (&b"RIFF"[..], &b"AVI "[..]));
        let parts = chunks(&body[4..]);
        let names: Vec<_> = parts.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, [b"LIST", b"LIST", b"idx1"]);
        let header = chunks(&parts[0].1[4..]);
        assert_eq!(header[0].0, b"avih");
        assert_eq!(number(header[0].1, 16), 3, "pictures");
        let stream = chunks(&header[1].1[4..]);
        assert_eq!((stream[0].0, number(stream[0].1, 32)), (&b"strh"[..], 3));
        assert_eq!((stream[1].0, stream[1].1.len()), (&b"strf"[..], 40));
        let pictures: Vec<_> = chunks(&parts[1].1[4..])
            .iter()
            .map(|(_, data)| *data)
            .collect();
        assert_eq!(pictures, [&b"one"[..], b"", b"four"]);
    }

    #[test]
    fn the_index_leads_to_the_pictures() {
        let file = video();
        let movi = file.windows(4).position(|part| part == b"movi").unwrap();
        let index = file.windows(4).position(|part| part == b"idx1").unwrap() + 8;
        for entry in file[index..].as_chunks::<16>().0 {
            let (place, size) = (number(entry, 8) as usize, number(entry, 12));
            assert_eq!(&file[movi + place..movi + place + 4], PICTURE);
            assert_eq!(number(&file, movi + place + 4), size);
        }
    }
}
