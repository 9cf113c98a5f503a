//! X11: pointer barriers around the picture, and raw motion.
//!
//! A grab would be the obvious way, but a grab of a second client is refused while GTK has one of
//! its own (as with each click), and would take the buttons away from GTK. Barriers
//! (XFIXES 5) keep the pointer in without one, and raw events (XINPUT 2.1) go to everybody who asks
//! for them; they tell the hand's movement even when the pointer stands at a barrier.
//!
//! All of this happens on a connection of its own, in a thread of its own, because asking an X
//! server means waiting for it. Whatever the server was asked for ends with the connection.

use std::{
    cell::RefCell,
    collections::HashMap,
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
    connection::{Connection, RequestConnection},
    errors::{ConnectError, ConnectionError, ReplyError, ReplyOrIdError},
    protocol::{
        Event,
        xfixes::{self, BarrierDirections, ConnectionExt as _},
        xinput::{
            self, ConnectionExt as _, Device, DeviceClassData, EventMask, Fp3232, RawMotionEvent,
            ValuatorMode, XIEventMask,
        },
        xproto::{ChangeWindowAttributesAux, ConnectionExt as _, EventMask as CoreMask, Window},
    },
    rust_connection::RustConnection,
};

use super::{Area, Grip, PointerGrip, Tell};

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

/// A rectangle in the X server's pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pixels {
    left: i16,
    top: i16,
    right: i16,
    bottom: i16,
}

impl Pixels {
    fn of(area: Area, scale: f64) -> Self {
        // Casts of floats saturate.
        Self {
            left: (area.left * scale).round() as i16,
            top: (area.top * scale).round() as i16,
            right: ((area.left + area.width) * scale).round() as i16,
            bottom: ((area.top + area.height) * scale).round() as i16,
        }
    }

    fn shifted(self, x: i16, y: i16) -> Self {
        Self {
            left: self.left.saturating_add(x),
            top: self.top.saturating_add(y),
            right: self.right.saturating_add(x),
            bottom: self.bottom.saturating_add(y),
        }
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

/// What the thread has asked of the X server.
struct Held<'a> {
    connection: &'a RustConnection,
    root: Window,
    /// Width and height of the whole screen.
    screen: (u16, u16),
    window: Window,
    barriers: Vec<xfixes::Barrier>,
    /// Where they are.
    around: Option<Pixels>,
    devices: HashMap<xinput::DeviceId, [Axis; 2]>,
}

impl<'a> Held<'a> {
    fn begin(connection: &'a RustConnection, screen: usize, window: Window) -> Result<Self, Error> {
        for (name, extension) in [
            (xfixes::X11_EXTENSION_NAME, "pointer barriers (XFIXES 5)"),
            (xinput::X11_EXTENSION_NAME, "raw motion (XINPUT 2.1)"),
        ] {
            if connection.extension_information(name)?.is_none() {
                return Err(Error::Missing(extension));
            }
        }
        let fixes = connection.xfixes_query_version(5, 0)?;
        let input = connection.xinput_xi_query_version(2, 2)?;
        if fixes.reply()?.major_version < 5 {
            return Err(Error::Missing("pointer barriers (XFIXES 5)"));
        }
        let input = input.reply()?;
        if (input.major_version, input.minor_version) < (2, 1) {
            return Err(Error::Missing("raw motion (XINPUT 2.1)"));
        }
        let screen = &connection.setup().roots[screen];
        connection.xinput_xi_select_events(
            screen.root,
            &[EventMask {
                deviceid: Device::ALL_MASTER.into(),
                mask: vec![XIEventMask::RAW_MOTION],
            }],
        )?;
        let place = ChangeWindowAttributesAux::new().event_mask(CoreMask::STRUCTURE_NOTIFY);
        connection.change_window_attributes(window, &place)?;
        Ok(Self {
            connection,
            root: screen.root,
            screen: (screen.width_in_pixels, screen.height_in_pixels),
            window,
            barriers: Vec::new(),
            around: None,
            devices: HashMap::new(),
        })
    }

    /// Surrounds an area of the window, wherever that is now.
    fn put_barriers(&mut self, area: Pixels) -> Result<(), Error> {
        let corner = self
            .connection
            .translate_coordinates(self.window, self.root, 0, 0)?
            .reply()?;
        let around = area.shifted(corner.dst_x, corner.dst_y);
        if self.around == Some(around) {
            return Ok(());
        }
        for barrier in self.barriers.drain(..) {
            self.connection.xfixes_delete_pointer_barrier(barrier)?;
        }
        for (directions, [x1, y1, x2, y2]) in barriers(around, self.screen) {
            let barrier = self.connection.generate_id()?;
            self.connection.xfixes_create_pointer_barrier(
                barrier,
                self.root,
                x1,
                y1,
                x2,
                y2,
                directions,
                &[],
            )?;
            self.barriers.push(barrier);
        }
        self.around = Some(around);
        Ok(())
    }

    /// How far the hand moved, in the screen's pixels.
    fn movement(&mut self, motion: &RawMotionEvent) -> Result<(f64, f64), Error> {
        let source = motion.sourceid;
        if !self.devices.contains_key(&source) {
            let axes = self.ask_for_axes(source)?;
            self.devices.insert(source, axes);
        }
        let Some(axes) = self.devices.get_mut(&source) else {
            return Ok((0.0, 0.0));
        };
        let mut moved = [0.0; 2];
        // Values are there for those axes alone whose bit is set.
        let set = (0..64).filter(|axis| {
            let word = motion.valuator_mask.get(axis / 32).copied().unwrap_or(0);
            word & (1 << (axis % 32)) != 0
        });
        for (axis, value) in set.zip(&motion.axisvalues) {
            if let (Some(axis), Some(moved)) = (axes.get_mut(axis), moved.get_mut(axis)) {
                *moved = axis.movement(number(*value));
            }
        }
        Ok((moved[0], moved[1]))
    }

    fn ask_for_axes(&self, device: xinput::DeviceId) -> Result<[Axis; 2], Error> {
        let lengths = [self.screen.0, self.screen.1];
        let mut axes = [Axis::Relative; 2];
        let device = match self.connection.xinput_xi_query_device(device)?.reply() {
            Ok(reply) => reply,
            // It has been unplugged, and has nothing more to say.
            Err(ReplyError::X11Error(_)) => return Ok(axes),
            Err(error) => return Err(error.into()),
        };
        for class in device.infos.iter().flat_map(|info| &info.classes) {
            if let DeviceClassData::Valuator(valuator) = &class.data
                && valuator.mode == ValuatorMode::ABSOLUTE
                && let Some(axis) = axes.get_mut(usize::from(valuator.number))
            {
                let range = number(valuator.max) - number(valuator.min);
                let length = f64::from(lengths[usize::from(valuator.number)]);
                *axis = Axis::Absolute {
                    pixels_per_unit: if range > 0.0 { length / range } else { 1.0 },
                    last: None,
                };
            }
        }
        Ok(axes)
    }
}

/// What a device tells about one direction.
#[derive(Debug, Clone, Copy)]
enum Axis {
    /// Movements, as mice do.
    Relative,
    /// Places, as tablets do and the pointers of virtual machines.
    Absolute {
        pixels_per_unit: f64,
        last: Option<f64>,
    },
}

impl Axis {
    /// The movement that a value means.
    fn movement(&mut self, value: f64) -> f64 {
        match self {
            Self::Relative => value,
            Self::Absolute {
                pixels_per_unit,
                last,
            } => last
                .replace(value)
                .map_or(0.0, |last| (value - last) * *pixels_per_unit),
        }
    }
}

/// A number of 32 bits before and 32 after the point.
fn number(value: Fp3232) -> f64 {
    f64::from(value.integral) + f64::from(value.frac) / 4_294_967_296.0
}

/// What the server takes for "without end" in either direction: both ends outside the screen, and
/// not the same. The field is signed, although it is not declared so.
const ENDLESS: [u16; 2] = [-2_i16 as u16, -1_i16 as u16];

/// The lines around an area, each with the direction in which it may be crossed: inwards, should
/// the pointer be outside. Where the area reaches the screen's edge none is needed.
///
/// Lines that end at the corners would let fast movements out: the server looks at one line after
/// the other, from where the last one would have let the pointer go, which may be far beyond.
fn barriers(
    area: Pixels,
    (width, height): (u16, u16),
) -> impl Iterator<Item = (BarrierDirections, [u16; 4])> {
    let [from, to] = ENDLESS;
    let vertical = |x: i16| [x as u16, from, x as u16, to];
    let horizontal = |y: i16| [from, y as u16, to, y as u16];
    [
        (
            area.left,
            width,
            BarrierDirections::POSITIVE_X,
            vertical(area.left),
        ),
        (
            area.right,
            width,
            BarrierDirections::NEGATIVE_X,
            vertical(area.right),
        ),
        (
            area.top,
            height,
            BarrierDirections::POSITIVE_Y,
            horizontal(area.top),
        ),
        (
            area.bottom,
            height,
            BarrierDirections::NEGATIVE_Y,
            horizontal(area.bottom),
        ),
    ]
    .into_iter()
    .filter(|(position, length, ..)| *position > 0 && *position < *length as i16)
    .map(|(_, _, inwards, line)| (inwards, line))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: (u16, u16) = (1600, 1200);

    fn around(left: i16, top: i16, right: i16, bottom: i16) -> Vec<[u16; 4]> {
        let area = Pixels {
            left,
            top,
            right,
            bottom,
        };
        barriers(area, SCREEN).map(|(_, line)| line).collect()
    }

    #[test]
    fn endless_lines_at_each_side() {
        let [from, to] = ENDLESS;
        assert_eq!(
            around(100, 50, 740, 530),
            [
                [100, from, 100, to],
                [740, from, 740, to],
                [from, 50, to, 50],
                [from, 530, to, 530]
            ]
        );
    }

    #[test]
    fn the_edge_of_the_screen_needs_no_line() {
        assert_eq!(around(0, 0, 1600, 1200), Vec::<[u16; 4]>::new());
        let [from, to] = ENDLESS;
        assert_eq!(around(-30, -8, 1700, 600), [[from, 600, to, 600]]);
    }

    #[test]
    fn devices_that_tell_places() {
        let mut axis = Axis::Absolute {
            pixels_per_unit: 0.5,
            last: None,
        };
        let moved = [1000.0, 1010.0, 990.0].map(|place| axis.movement(place) as i32);
        assert_eq!(moved, [0, 5, -10]);
        assert_eq!(Axis::Relative.movement(3.25).to_bits(), 3.25_f64.to_bits());
    }

    #[test]
    fn numbers_have_fractions() {
        let half = number(Fp3232 {
            integral: -2,
            frac: 1 << 31,
        });
        assert_eq!(half.to_bits(), (-1.5_f64).to_bits());
    }

    #[test]
    fn areas_are_in_the_servers_pixels() {
        let area = Area {
            left: 10.0,
            top: 20.5,
            width: 100.0,
            height: 1e9,
        };
        let expected = Pixels {
            left: 20,
            top: 41,
            right: 220,
            bottom: i16::MAX,
        };
        assert_eq!(Pixels::of(area, 2.0), expected);
        assert_eq!(expected.shifted(-30, 0).left, -10);
    }
}
