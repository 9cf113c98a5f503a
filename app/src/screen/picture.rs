//! Pictures of screens: reading what hypervisors take, writing what the user keeps.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Cursor, Write};
use std::path::Path;

/// The most pixels that are believed of a picture: twice an 8K screen.
const MOST_PIXELS: u64 = 2 * 7680 * 4320;

/// A picture: three bytes a pixel, red, green, blue, row by row from the top.
#[derive(Clone, PartialEq, Eq)]
pub struct Pixels {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The bytes: exactly `width * height * 3`.
    pub rgb: Vec<u8>,
}

impl fmt::Debug for Pixels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pixels({} × {})", self.width, self.height)
    }
}

impl Pixels {
    /// Reads a still, by what its first bytes say it is: a binary PPM (what QEMU writes) or a PNG.
    ///
    /// # Errors
    /// What is wrong with it, as a clause.
    pub fn decode(data: &[u8]) -> Result<Self, String> {
        if data.starts_with(b"\x89PNG") {
            decode_png(data)
        } else {
            decode_ppm(data)
        }
    }

    /// Writes it as a PNG.
    ///
    /// # Errors
    /// What the encoder says: a picture of no pixels cannot be written.
    pub fn encode_png(&self) -> Result<Vec<u8>, String> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder
            .write_header()
            .and_then(|mut writer| {
                writer.write_image_data(&self.rgb)?;
                writer.finish()
            })
            .map_err(|error| error.to_string())?;
        Ok(file)
    }

    /// Writes it as a PNG to `path`, in the place of a file that is there.
    ///
    /// # Errors
    /// What went wrong, as a clause. The file that was there stays then.
    pub fn write_png(&self, path: &Path) -> Result<(), String> {
        replace(path, &self.encode_png()?).map_err(|error| error.to_string())
    }
}

/// A picture that was taken and may not have been read yet.
#[derive(Debug, Clone)]
pub enum Shot {
    /// Of a display.
    Display(vnc_widget::Still),
    /// By the hypervisor.
    Taken(Pixels),
}

impl Shot {
    /// Its pixels; takes a moment. `None` without memory for them.
    pub fn read(self) -> Option<Pixels> {
        match self {
            Self::Display(still) => still.picture().map(Pixels::from),
            Self::Taken(pixels) => Some(pixels),
        }
    }
}

impl From<vnc_widget::Picture> for Pixels {
    fn from(picture: vnc_widget::Picture) -> Self {
        Self {
            width: picture.width(),
            height: picture.height(),
            rgb: picture.into_rgb(),
        }
    }
}

/// Writes a file beside `path` and then puts it in its place, so that a full disk leaves what was
/// there. A link stays one, and what is no file, such as a device or a pipe, is written to.
fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let path = target.as_path();
    if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        return File::options().write(true).open(path)?.write_all(contents);
    }
    let mut name = OsString::from(".");
    name.push(path.file_name().ok_or(io::ErrorKind::InvalidInput)?);
    name.push(format!(".{}", std::process::id()));
    let beside = path.with_file_name(name);
    let written = File::create(&beside)
        .and_then(|mut file| file.write_all(contents))
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // What matters is the first failure; a leftover that cannot be removed changes nothing.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Bounds a size before memory is taken for it.
fn check(width: u32, height: u32) -> Result<usize, String> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 || pixels > MOST_PIXELS {
        return Err(format!(
            "a picture of {width} × {height} pixels cannot be shown"
        ));
    }
    Ok(pixels as usize * 3)
}

fn decode_png(data: &[u8]) -> Result<Pixels, String> {
    let mut decoder = png::Decoder::new(Cursor::new(data));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|error| error.to_string())?;
    let (width, height) = reader.info().size();
    let length = check(width, height)?;
    let (color, _) = reader.output_color_type();
    let size = reader
        .output_buffer_size()
        .ok_or("the picture is too large")?;
    let mut raw = vec![0; size];
    reader
        .next_frame(&mut raw)
        .map_err(|error| error.to_string())?;
    let samples = color.samples();
    let mut rgb = Vec::with_capacity(length);
    for pixel in raw.chunks_exact(samples) {
        match pixel {
            [red, green, blue] | [red, green, blue, _] => rgb.extend([red, green, blue]),
            [gray] | [gray, _] => rgb.extend([gray; 3]),
            _ => return Err("its pixels are of an unknown kind".to_owned()),
        }
    }
    if rgb.len() != length {
        return Err("it ends too early".to_owned());
    }
    Ok(Pixels { width, height, rgb })
}

/// Reads a binary portable pixmap with one byte a sample.
fn decode_ppm(data: &[u8]) -> Result<Pixels, String> {
    let rest = data
        .strip_prefix(b"P6")
        .ok_or("it is of an unknown format")?;
    let (width, rest) = ppm_number(rest)?;
    let (height, rest) = ppm_number(rest)?;
    let (greatest, rest) = ppm_number(rest)?;
    if greatest != 255 {
        return Err("its colours have an unusual depth".to_owned());
    }
    let length = check(width, height)?;
    // Exactly one space follows the header.
    let rgb = rest.get(1..=length).ok_or("it ends too early")?.to_vec();
    Ok(Pixels { width, height, rgb })
}

/// A number of a pixmap's header, after spaces and comments.
fn ppm_number(mut data: &[u8]) -> Result<(u32, &[u8]), String> {
    loop {
        match data {
            [b'#', ..] => {
                let end = data.iter().position(|&byte| byte == b'\n');
                data = &data[end.unwrap_or(data.len() - 1) + 1..];
            }
            [space, rest @ ..] if space.is_ascii_whitespace() => data = rest,
            _ => break,
        }
    }
    let end = data
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(data.len());
    let (digits, rest) = data.split_at(end);
    let number = std::str::from_utf8(digits)
        .ok()
        .and_then(|digits| digits.parse().ok())
        .ok_or("its header is broken")?;
    Ok((number, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Pixels {
        Pixels {
            width: 2,
            height: 1,
            rgb: vec![255, 0, 0, 0, 0, 255],
        }
    }

    #[test]
    fn pixmaps_are_read_with_their_comments() {
        let data = b"P6 # by hand\n2\n1 255\n\xff\0\0\0\0\xff";
        assert_eq!(Pixels::decode(data), Ok(small()));
    }

    #[test]
    fn a_picture_written_is_read_the_same() {
        let file = small().encode_png().unwrap();
        assert_eq!(Pixels::decode(&file), Ok(small()));
    }

    #[test]
    fn a_file_is_replaced_as_a_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("screen.png");
        fs::write(&path, "before").unwrap();
        let nothing = Pixels {
            width: 0,
            height: 0,
            rgb: Vec::new(),
        };
        assert!(nothing.write_png(&path).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"before");
        small().write_png(&path).unwrap();
        assert_eq!(Pixels::decode(&fs::read(&path).unwrap()), Ok(small()));
        // A folder cannot be replaced; nothing stays beside it.
        let taken = folder.path().join("taken");
        fs::create_dir(&taken).unwrap();
        assert!(small().write_png(&taken).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        assert!(small().write_png(Path::new("/")).is_err());
    }

    #[test]
    fn links_and_devices_stay_what_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, b"before").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        small().write_png(&link).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(Pixels::decode(&fs::read(&file).unwrap()), Ok(small()));
        // A link to a device: were it replaced, this one would be a file then.
        let device = folder.path().join("device");
        std::os::unix::fs::symlink("/dev/full", &device).unwrap();
        assert!(small().write_png(&device).is_err(), "it is full");
        assert!(!fs::metadata(&device).unwrap().is_file());
    }

    #[test]
    fn gray_and_alpha_become_plain_colours() {
        for (color, data) in [
            (png::ColorType::Grayscale, vec![7]),
            (png::ColorType::GrayscaleAlpha, vec![7, 9]),
            (png::ColorType::Rgba, vec![7, 7, 7, 9]),
        ] {
            let mut file = Vec::new();
            let mut encoder = png::Encoder::new(&mut file, 1, 1);
            encoder.set_color(color);
            let mut writer = encoder.write_header().unwrap();
            writer.write_image_data(&data).unwrap();
            writer.finish().unwrap();
            assert_eq!(Pixels::decode(&file).unwrap().rgb, [7, 7, 7], "{color:?}");
        }
    }

    #[test]
    fn broken_pictures_are_refused_wherever_they_end() {
        let ppm = b"P6\n2 1\n255\n\xff\0\0\0\0\xff".to_vec();
        let png = small().encode_png().unwrap();
        for whole in [ppm, png] {
            for end in 0..whole.len() - 12 {
                assert!(Pixels::decode(&whole[..end]).is_err(), "{end}");
            }
        }
    }

    #[test]
    fn absurd_sizes_are_refused_before_memory_is_taken() {
        for header in [
            "P6 4294967295 4294967295 255\n",
            "P6 0 9 255\n",
            "P6 9 9 65535\n",
        ] {
            assert!(Pixels::decode(header.as_bytes()).is_err(), "{header}");
        }
        assert!(Pixels::decode(b"P6 #").is_err());
        assert!(Pixels::decode(b"").is_err());
    }
}
