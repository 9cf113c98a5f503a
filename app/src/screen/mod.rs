//! What every window with a screen in it shares: the guest window and the viewer.

pub mod actions;
pub mod companions;
pub mod controls;
pub mod cover;
pub mod full_screen;
pub mod header;
pub mod keys;
pub mod link;
pub mod picture;
pub mod preferences;
pub mod quality;
pub mod question;
pub mod recording;
pub mod save;
pub mod shown;
pub mod stills;
pub mod target;
pub mod typing;
pub mod vnc;
pub mod window;
