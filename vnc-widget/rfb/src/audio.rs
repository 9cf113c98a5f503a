//! Sound from the server (QEMU's audio pseudo-encoding).

/// How a sample is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SampleFormat {
    /// Unsigned, one byte.
    U8,
    /// Signed, one byte.
    S8,
    /// Unsigned, two bytes, little-endian.
    U16,
    /// Signed, two bytes, little-endian.
    S16,
    /// Unsigned, four bytes, little-endian.
    U32,
    /// Signed, four bytes, little-endian.
    S32,
}

impl SampleFormat {
    /// The number on the wire.
    fn number(self) -> u8 {
        match self {
            Self::U8 => 0,
            Self::S8 => 1,
            Self::U16 => 2,
            Self::S16 => 3,
            Self::U32 => 4,
            Self::S32 => 5,
        }
    }

    /// Bytes of one sample.
    pub fn bytes(self) -> usize {
        match self {
            Self::U8 | Self::S8 => 1,
            Self::U16 | Self::S16 => 2,
            Self::U32 | Self::S32 => 4,
        }
    }
}

/// Whether sound is for one ear or two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channels {
    /// One channel.
    Mono,
    /// Left and right, in turn.
    Stereo,
}

impl Channels {
    /// How many there are.
    pub fn count(self) -> u8 {
        match self {
            Self::Mono => 1,
            Self::Stereo => 2,
        }
    }
}

/// The form in which the server is to send sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AudioFormat {
    /// How each sample is written.
    pub samples: SampleFormat,
    /// How many channels there are.
    pub channels: Channels,
    /// Samples of each channel per second. QEMU takes 1 to 48,000.
    pub frequency: u32,
}

impl AudioFormat {
    /// Bytes of one sample of every channel.
    pub fn frame_bytes(self) -> usize {
        self.samples.bytes() * usize::from(self.channels.count())
    }
}

impl Default for AudioFormat {
    /// What sound cards like best: signed 16 bits, stereo, 48,000 Hz.
    fn default() -> Self {
        Self {
            samples: SampleFormat::S16,
            channels: Channels::Stereo,
            frequency: 48_000,
        }
    }
}

/// The operations of QEMU's audio client message.
const ENABLE: u16 = 0;
const DISABLE: u16 = 1;
const SET_FORMAT: u16 = 2;

fn operation(out: &mut Vec<u8>, operation: u16) {
    out.extend_from_slice(&[255, 1]);
    out.extend_from_slice(&operation.to_be_bytes());
}

/// Sets the format and has sound sent.
pub(crate) fn start(out: &mut Vec<u8>, format: AudioFormat) {
    operation(out, SET_FORMAT);
    out.extend_from_slice(&[format.samples.number(), format.channels.count()]);
    out.extend_from_slice(&format.frequency.to_be_bytes());
    operation(out, ENABLE);
}

/// Has no more sound sent.
pub(crate) fn stop(out: &mut Vec<u8>) {
    operation(out, DISABLE);
}

/// What the server says about its sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AudioMessage {
    /// Nothing is playing any more.
    End,
    /// Something begins to play.
    Begin,
    /// So many bytes of it follow.
    Data(u32),
}

impl AudioMessage {
    /// From the operation; the length is the four bytes behind it, where it has them.
    pub(crate) fn new(operation: u16, length: u32) -> Option<Self> {
        match operation {
            0 => Some(Self::End),
            1 => Some(Self::Begin),
            DATA => Some(Self::Data(length)),
            _ => None,
        }
    }
}

/// The operation that brings sound, with its length in four bytes behind it.
pub(crate) const DATA: u16 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_on_the_wire() {
        let mut out = Vec::new();
        start(&mut out, AudioFormat::default());
        assert_eq!(out, [255, 1, 0, 2, 3, 2, 0, 0, 0xbb, 0x80, 255, 1, 0, 0]);
        out.clear();
        stop(&mut out);
        assert_eq!(out, [255, 1, 0, 1]);
    }

    #[test]
    fn frames_have_a_sample_of_each_channel() {
        assert_eq!(AudioFormat::default().frame_bytes(), 4);
        let mono = AudioFormat {
            samples: SampleFormat::U8,
            channels: Channels::Mono,
            frequency: 8000,
        };
        assert_eq!(mono.frame_bytes(), 1);
    }
}
