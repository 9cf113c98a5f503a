//! Turning the server's machine off and on (the xvp extension).

/// What a server with the xvp extension can be asked to do with its machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PowerAction {
    /// Shut the system down in good order.
    Shutdown,
    /// Shut it down and start it again.
    Reboot,
    /// Start it again at once, without a word to it.
    Reset,
}

/// The version of the extension that there is.
const VERSION: u8 = 1;

/// The message from a client.
pub(crate) fn message(out: &mut Vec<u8>, action: PowerAction) {
    let code = match action {
        PowerAction::Shutdown => 2,
        PowerAction::Reboot => 3,
        PowerAction::Reset => 4,
    };
    out.extend_from_slice(&[250, 0, VERSION, code]);
}
