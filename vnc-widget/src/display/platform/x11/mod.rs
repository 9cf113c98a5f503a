//! X11: pointer barriers around the picture, and raw motion.
//!
//! A grab would be the obvious way, but a grab of a second client is refused while GTK has one of
//! its own (as with each click), and would take the buttons away from GTK. Barriers
//! (XFIXES 5) keep the pointer in without one, and raw events (XINPUT 2.1) go to everybody who asks
//! for them; they tell the hand's movement even when the pointer stands at a barrier.
//!
//! All of this happens on a connection of its own, in a thread of its own, because asking an X
//! server means waiting for it. Whatever the server was asked for ends with the connection.

mod axis;
mod barriers;
mod held;

use std::{
    cell::RefCell,
    io::{self, Read, Write},
    os::unix::net::UnixStream,
    rc::Rc,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use gdk_x11::{X11Display, X11Surface};
use gtk::{
    gdk,
    glib::{self, JoinHandle},
    prelude::*,
};
use rustix::event::{PollFd, PollFlags, poll};
use tokio::sync::Notify;
use x11rb::{
    connection::Connection,
    errors::{ConnectError, ConnectionError, ReplyError, ReplyOrIdError},
    protocol::{
        Event,
        xproto::{ConnectionExt as _, Window},
    },
    rust_connection::RustConnection,
};

use super::{Area, Grip, PointerGrip, Tell};
use barriers::Pixels;
use held::Held;

/// See [the module](self).
pub(super) struct X11Grip {
    display: String,
    tell: Rc<Tell>,
    hold: RefCell<Option<Hold>>,
}

/// A thread that holds the pointer, or is about to.
struct Hold {
    shared: Arc<Shared>,
    /// The thread waits at its other end; it ends when this one is closed.
    waker: UnixStream,
    listener: JoinHandle<()>,
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

/// What the thread and GTK's share.
struct Shared {
    state: Mutex<State>,
    told: Notify,
}

struct State {
    /// Where the pointer has to stay, in pixels of the window.
    area: Pixels,
    /// Device pixels per logical pixel.
    scale: f64,
    held: bool,
    lost: bool,
    /// Movement in device pixels that GTK's thread has not been told of.
    moved: (f64, f64),
}

impl Shared {
    /// Nothing in here can be half changed, so a panic elsewhere does no harm.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.told.notify_one();
    }
}

impl X11Grip {
    pub(super) fn new(display: &X11Display, tell: Tell) -> Self {
        Self {
            display: display.name().into(),
            tell: Rc::new(tell),
            hold: RefCell::default(),
        }
    }

    fn begin(&self, window: Window, area: Pixels, scale: f64) -> io::Result<Hold> {
        let (waker, wakened) = UnixStream::pair()?;
        waker.set_nonblocking(true)?;
        wakened.set_nonblocking(true)?;
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                area,
                scale,
                held: false,
                lost: false,
                moved: (0.0, 0.0),
            }),
            told: Notify::new(),
        });
        let display = self.display.clone();
        thread::Builder::new().name("pointer".to_owned()).spawn({
            let shared = Arc::clone(&shared);
            move || {
                if let Err(error) = run(&display, window, &shared, &wakened) {
                    tracing::warn!(%error, "the pointer cannot be held");
                }
                shared.tell(|state| state.lost = true);
            }
        })?;
        let listener = glib::spawn_future_local(listen(Arc::clone(&shared), self.tell.clone()));
        Ok(Hold {
            shared,
            waker,
            listener,
        })
    }
}

impl PointerGrip for X11Grip {
    fn hold(&self, surface: &gdk::Surface, area: Area) {
        let Some(surface) = surface.downcast_ref::<X11Surface>() else {
            return;
        };
        let scale = f64::from(surface.scale_factor());
        let area = Pixels::of(area, scale);
        let mut hold = self.hold.borrow_mut();
        if let Some(hold) = &*hold {
            let mut state = hold.shared.state();
            if (state.area, state.scale) != (area, scale) {
                (state.area, state.scale) = (area, scale);
                // Should its buffer be full, then the thread has been called often enough.
                let _ = (&hold.waker).write(&[0]);
            }
            return;
        }
        // The identifiers of X11 have 29 bits.
        match self.begin(surface.xid() as Window, area, scale) {
            Ok(begun) => *hold = Some(begun),
            Err(error) => tracing::warn!(%error, "the pointer cannot be held"),
        }
    }

    fn release(&self) {
        self.hold.take();
    }
}

/// Hands on what the thread says.
async fn listen(shared: Arc<Shared>, tell: Rc<Tell>) {
    let mut was_held = false;
    loop {
        shared.told.notified().await;
        let (held, lost, moved, scale) = {
            let mut state = shared.state();
            let moved = std::mem::take(&mut state.moved);
            (state.held, state.lost, moved, state.scale)
        };
        if held && !was_held {
            was_held = true;
            tell(Grip::Held);
        }
        if moved != (0.0, 0.0) {
            tell(Grip::Moved(moved.0 / scale, moved.1 / scale));
        }
        if lost {
            tell(Grip::Lost);
            return;
        }
    }
}

/// Why the pointer cannot be held.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("no connection to the X server: {0}")]
    Connect(#[from] ConnectError),
    #[error("the X server has no {0}")]
    Missing(&'static str),
    #[error("{0}")]
    Connection(#[from] ConnectionError),
    #[error("the X server refuses: {0}")]
    Refused(#[from] ReplyError),
    #[error("{0}")]
    Identifier(#[from] ReplyOrIdError),
    #[error("{0}")]
    Wait(#[from] io::Error),
}

/// The thread: holds the pointer until the other end of `wakened` is closed.
fn run(
    display: &str,
    window: Window,
    shared: &Shared,
    mut wakened: &UnixStream,
) -> Result<(), Error> {
    let (connection, screen) = RustConnection::connect(Some(display))?;
    let mut pointer = Held::begin(&connection, screen, window)?;
    pointer.put_barriers(shared.state().area)?;
    // Everything so far has been done, or refused, once this is answered.
    connection.get_input_focus()?.reply()?;
    while let Some(event) = connection.poll_for_event()? {
        if let Event::Error(error) = event {
            return Err(ReplyError::X11Error(error).into());
        }
    }
    shared.tell(|state| state.held = true);
    loop {
        let mut moved = (0.0, 0.0);
        let mut window_moved = false;
        while let Some(event) = connection.poll_for_event()? {
            match event {
                Event::XinputRawMotion(motion) => {
                    let (x, y) = pointer.movement(&motion)?;
                    moved = (moved.0 + x, moved.1 + y);
                }
                Event::ConfigureNotify(_) => window_moved = true,
                _ => {}
            }
        }
        if moved != (0.0, 0.0) {
            shared.tell(|state| {
                state.moved = (state.moved.0 + moved.0, state.moved.1 + moved.1);
            });
        }
        if window_moved {
            pointer.put_barriers(shared.state().area)?;
        }
        connection.flush()?;
        let mut sources = [
            PollFd::new(connection.stream(), PollFlags::IN),
            PollFd::new(wakened, PollFlags::IN),
        ];
        match poll(&mut sources, None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(io::Error::from(error).into()),
        }
        let mut bytes = [0; 64];
        match wakened.read(&mut bytes) {
            Ok(0) => return Ok(()),
            Ok(_) => pointer.put_barriers(shared.state().area)?,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
    }
}
