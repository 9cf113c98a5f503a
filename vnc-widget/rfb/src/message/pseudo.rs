//! Numbers of pseudo-encodings: what a client understands beside pixels.

/// Compression 0; 1 to 9 follow upwards.
pub(crate) const COMPRESSION: i32 = -256;
pub(crate) const CONTINUOUS_UPDATES: i32 = -313;
pub(crate) const CURSOR: i32 = -239;
pub(crate) const CURSOR_WITH_ALPHA: i32 = -314;
pub(crate) const DESKTOP_NAME: i32 = -307;
pub(crate) const DESKTOP_SIZE: i32 = -223;
pub(crate) const EXTENDED_CLIPBOARD: i32 = 0xc0a1_e5ce_u32 as i32;
pub(crate) const EXTENDED_DESKTOP_SIZE: i32 = -308;
pub(crate) const EXTENDED_MOUSE_BUTTONS: i32 = -316;
pub(crate) const FENCE: i32 = -312;
/// JPEG quality 0 of 100; the others follow upwards.
pub(crate) const FINE_QUALITY: i32 = -512;
pub(crate) const LAST_RECT: i32 = -224;
pub(crate) const POINTER_POSITION: i32 = -232;
pub(crate) const QEMU_AUDIO: i32 = -259;
pub(crate) const QEMU_EXTENDED_KEY: i32 = -258;
pub(crate) const QEMU_LED_STATE: i32 = -261;
pub(crate) const QEMU_POINTER_MOTION: i32 = -257;
/// JPEG quality 0; 1 to 9 follow upwards.
pub(crate) const QUALITY: i32 = -32;
/// JPEG with all colours; [`Subsampling`](crate::Subsampling) has the numbers that follow.
pub(crate) const SUBSAMPLING: i32 = -768;
pub(crate) const VMWARE_CURSOR: i32 = 0x574d_5664;
pub(crate) const VMWARE_LED_STATE: i32 = 0x574d_5668;
pub(crate) const VMWARE_POINTER_POSITION: i32 = 0x574d_5666;
pub(crate) const X_CURSOR: i32 = -240;
pub(crate) const XVP: i32 = -309;
