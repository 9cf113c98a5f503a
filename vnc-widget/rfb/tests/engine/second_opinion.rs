//! The same recording through vnc-rs, which shares nothing with this engine but the JPEG library.

use std::{future::Ready, io::Cursor};

use vnc::{PixelFormat, Rect, VncConnector, VncEncoding, VncEvent};
use zune_core::{colorspace::ColorSpace, options::DecoderOptions};

/// A picture as vnc-rs sees it.
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Blue, green, red, and a fourth byte that means nothing.
    pub(crate) pixels: Vec<[u8; 4]>,
}

/// The last picture of a recording.
pub(crate) fn decode(recording: &[u8]) -> Result<Picture, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(run(recording.to_vec()))
}

async fn run(recording: Vec<u8>) -> Result<Picture, String> {
    let text = |error: vnc::VncError| error.to_string();
    let stream = tokio::io::join(Cursor::new(recording), tokio::io::sink());
    let mut connector = VncConnector::<_, Ready<Result<String, vnc::VncError>>>::new(stream)
        .set_pixel_format(PixelFormat::bgra());
    for encoding in [
        VncEncoding::Tight,
        VncEncoding::Zrle,
        VncEncoding::CopyRect,
        VncEncoding::Raw,
        VncEncoding::CursorPseudo,
        VncEncoding::DesktopSizePseudo,
        VncEncoding::ExtendedDesktopSizePseudo,
        VncEncoding::LastRectPseudo,
    ] {
        connector = connector.add_encoding(encoding);
    }
    let client = connector.build().map_err(text)?;
    let client = client.try_start().await.map_err(text)?;
    let client = client.finish().map_err(text)?;
    let mut picture = Picture {
        width: 0,
        height: 0,
        pixels: Vec::new(),
    };
    loop {
        let event = match client.recv_event().await {
            // How it says that the recording is over.
            Err(vnc::VncError::ClientNotRunning) => break,
            other => other.map_err(text)?,
        };
        match event {
            VncEvent::SetResolution(screen) => picture.resize(screen.width, screen.height),
            VncEvent::DesktopUpdate(update) => {
                if let Some(layout) = update.layout {
                    picture.resize(layout.width, layout.height);
                }
            }
            VncEvent::RawImage(rect, pixels) => picture.draw(rect, pixels.as_chunks().0),
            VncEvent::Copy(to, from) => picture.copy(to, from),
            VncEvent::JpegImage(rect, data) => {
                let options = DecoderOptions::new_fast().jpeg_set_out_colorspace(ColorSpace::BGRA);
                let pixels = zune_jpeg::JpegDecoder::new_with_options(&data[..], options)
                    .decode()
                    .map_err(|error| error.to_string())?;
                picture.draw(rect, pixels.as_chunks().0);
            }
            VncEvent::Error(error) => return Err(error),
            _ => {}
        }
    }
    Ok(picture)
}

impl Picture {
    fn resize(&mut self, width: u16, height: u16) {
        let (width, height) = (usize::from(width), usize::from(height));
        let mut pixels = vec![[0; 4]; width * height];
        for y in 0..height.min(self.height) {
            for x in 0..width.min(self.width) {
                pixels[y * width + x] = self.pixels[y * self.width + x];
            }
        }
        *self = Self {
            width,
            height,
            pixels,
        };
    }

    fn draw(&mut self, rect: Rect, pixels: &[[u8; 4]]) {
        let width = usize::from(rect.width);
        for (row, source) in pixels.chunks_exact(width).enumerate() {
            let start = (usize::from(rect.y) + row) * self.width + usize::from(rect.x);
            self.pixels[start..start + width].copy_from_slice(source);
        }
    }

    fn copy(&mut self, to: Rect, from: Rect) {
        let before = self.pixels.clone();
        for row in 0..usize::from(to.height) {
            let target = (usize::from(to.y) + row) * self.width + usize::from(to.x);
            let source = (usize::from(from.y) + row) * self.width + usize::from(from.x);
            let length = usize::from(to.width);
            self.pixels[target..target + length].copy_from_slice(&before[source..source + length]);
        }
    }
}
