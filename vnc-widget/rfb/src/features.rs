//! What a server has shown that it can do.

/// Extensions that a server has confirmed. None may be used before.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Features {
    /// QEMU's extended key event.
    pub(crate) scancodes: bool,
    /// QEMU tells the kind of the pointer, and nobody else does: this is QEMU.
    pub(crate) pointer_motion: bool,
    /// Pointer events with nine buttons.
    pub(crate) extended_buttons: bool,
    /// Fences.
    pub(crate) fences: bool,
    /// QEMU's audio.
    pub(crate) audio: bool,
    /// XVP: turning the machine off and on.
    pub(crate) power: bool,
}
