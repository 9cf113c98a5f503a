//! A window with a display that is connected to a server.

use std::{
    env,
    path::{Path, PathBuf},
    rc::Rc,
};

use gtk::prelude::*;
use vnc_widget::{DisplayState, Endpoint, VncDisplay};

use crate::stage::{Log, Server, wait, xdotool};

/// The colour around a picture.
pub(crate) const SURROUND: [u8; 3] = [28, 28, 31];

/// A VNC server and a window with a display that is connected to it.
pub(crate) struct Scene {
    pub(crate) server: Option<Server>,
    pub(crate) window: gtk::Window,
    pub(crate) display: VncDisplay,
    pub(crate) states: Log<DisplayState>,
    pub(crate) socket: PathBuf,
    _runtime: tokio::runtime::Runtime,
    _folder: tempfile::TempDir,
}

impl Scene {
    /// A server's screen of one size in a window of another.
    pub(crate) fn new(screen: (u32, u32), window: (i32, i32)) -> Self {
        let (mut scene, server) =
            Self::with(window, |socket| Server::xvnc(screen.0, screen.1, socket));
        scene.server = Some(server);
        scene
    }

    /// A server that `serve` makes at a socket, in a window.
    pub(crate) fn with<S>(window: (i32, i32), serve: impl FnOnce(&Path) -> S) -> (Self, S) {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join("display");
        let server = serve(&socket);
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let display = VncDisplay::new(runtime.handle());
        let states = Log::default();
        display.connect_state_changed({
            let states = Rc::clone(&states);
            move |_, state| states.borrow_mut().push(state.clone())
        });
        // Out of the way: X servers paint the pointer, and servers enter it into their picture.
        if env::var_os("DISPLAY").is_some() {
            xdotool("mousemove 1599 1199");
        }
        let window = gtk::Window::builder()
            .decorated(false)
            .default_width(window.0)
            .default_height(window.1)
            .child(&display)
            .build();
        window.present();
        let scene = Self {
            server: None,
            window,
            display,
            states,
            socket,
            _runtime: runtime,
            _folder: folder,
        };
        scene.connect();
        (scene, server)
    }

    /// Connects and waits for the picture.
    pub(crate) fn connect(&self) {
        self.display.open(Endpoint::Path(self.socket.clone()));
        wait("the connection", || {
            self.display.state() == DisplayState::Connected
        });
        wait("the picture", || self.display.still().is_some());
    }

    pub(crate) fn server(&self) -> &Server {
        self.server.as_ref().expect("it runs")
    }

    /// Waits until the widget has the server's picture, and returns it.
    pub(crate) fn settled_picture(&self) -> Vec<u8> {
        let (width, height) = self.display.desktop_size().expect("connected");
        let mut truth = Vec::new();
        wait("the widget knows the server's picture", || {
            truth = self
                .server()
                .screenshot()
                .area(0, 0, width as usize, height as usize);
            let picture = self.display.still().and_then(|still| still.picture());
            picture.is_some_and(|picture| picture.rgb() == truth)
        });
        truth
    }

    /// Moves the pointer onto the screen and clicks, as a user does who wants to type.
    pub(crate) fn click_into(&self, x: u32, y: u32) {
        xdotool(&format!("mousemove {x} {y}"));
        wait("the window is active", || self.window.is_active());
        xdotool(&format!("mousemove {x} {y} click 1"));
        wait("the grab", || self.display.is_grabbed());
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.display.close();
        self.window.destroy();
    }
}
