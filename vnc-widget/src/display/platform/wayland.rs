//! Wayland: the pointer is locked (pointer-constraints) and its movements are told
//! (relative-pointer).
//!
//! This works on GDK's own connection, since the surface and the pointer are GDK's. Its events come
//! into a queue of ours when GDK reads them; a source of the same descriptor then looks into
//! that queue, so that GTK's thread neither waits nor shares the reading with another.

use std::{
    cell::{Cell, RefCell},
    os::fd::AsRawFd,
    rc::Rc,
};

use gdk_wayland::{WaylandDevice, WaylandDisplay, WaylandSurface, prelude::*};
use gtk::{
    gdk,
    glib::{self, SourceId},
};
use wayland_client::{
    Connection, Dispatch, EventQueue, Proxy, QueueHandle, delegate_noop,
    protocol::{
        wl_compositor::WlCompositor,
        wl_pointer::WlPointer,
        wl_region::WlRegion,
        wl_registry::{self, WlRegistry},
        wl_surface::WlSurface,
    },
};
use wayland_protocols::wp::{
    pointer_constraints::zv1::client::{
        zwp_locked_pointer_v1::{self, ZwpLockedPointerV1},
        zwp_pointer_constraints_v1::{Lifetime, ZwpPointerConstraintsV1},
    },
    relative_pointer::zv1::client::{
        zwp_relative_pointer_manager_v1::ZwpRelativePointerManagerV1,
        zwp_relative_pointer_v1::{self, ZwpRelativePointerV1},
    },
};

use super::{Area, Grip, PointerGrip, Tell};

/// See [the module](self).
pub(super) struct WaylandGrip {
    inner: Rc<Inner>,
    source: Cell<Option<SourceId>>,
}

struct Inner {
    connection: Connection,
    queue: RefCell<EventQueue<State>>,
    state: RefCell<State>,
    tell: Tell,
}

/// What the compositor has said, and what is wanted of it.
#[derive(Default)]
struct State {
    compositor: Option<WlCompositor>,
    constraints: Option<ZwpPointerConstraintsV1>,
    relative: Option<ZwpRelativePointerManagerV1>,
    wanted: Option<Wanted>,
    lock: Option<Lock>,
    /// What is to be told once the queue is done with.
    news: Vec<Grip>,
}

/// The pointer that is to be locked, and where.
struct Wanted {
    surface: WlSurface,
    pointer: WlPointer,
    area: Area,
}

struct Lock {
    locked: ZwpLockedPointerV1,
    moving: ZwpRelativePointerV1,
    area: Area,
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.moving.destroy();
        self.locked.destroy();
    }
}

impl WaylandGrip {
    /// `None` if GDK's connection cannot be used.
    pub(super) fn new(display: &WaylandDisplay, tell: Tell) -> Option<Self> {
        let wl_display = display.wl_display()?;
        let connection = Connection::from_backend(wl_display.backend().upgrade()?);
        let queue = connection.new_event_queue::<State>();
        // The answer comes later, and what is wanted by then is asked for when it does.
        wl_display.get_registry(&queue.handle(), ());
        connection.flush().ok()?;
        let fd = connection.backend().poll_fd().as_raw_fd();
        let inner = Rc::new(Inner {
            connection,
            queue: RefCell::new(queue),
            state: RefCell::default(),
            tell,
        });
        let weak = Rc::downgrade(&inner);
        let source = glib::source::unix_fd_add_local(fd, glib::IOCondition::IN, move |_, _| {
            match weak.upgrade() {
                Some(inner) => {
                    inner.dispatch();
                    glib::ControlFlow::Continue
                }
                None => glib::ControlFlow::Break,
            }
        });
        Some(Self {
            inner,
            source: Cell::new(Some(source)),
        })
    }
}

impl PointerGrip for WaylandGrip {
    fn hold(&self, surface: &gdk::Surface, area: Area) {
        let pointer = surface.display().default_seat().and_then(|s| s.pointer());
        let pointer = pointer
            .and_downcast_ref::<WaylandDevice>()
            .and_then(WaylandDevice::wl_pointer);
        let surface = surface
            .downcast_ref::<WaylandSurface>()
            .and_then(WaylandSurfaceExtManual::wl_surface);
        let (Some(surface), Some(pointer)) = (surface, pointer) else {
            return;
        };
        let handle = self.inner.queue.borrow().handle();
        let mut state = self.inner.state.borrow_mut();
        state.wanted = Some(Wanted {
            surface,
            pointer,
            area,
        });
        state.lock_pointer(&handle);
        drop(state);
        self.inner.flush();
    }

    fn release(&self) {
        let mut state = self.inner.state.borrow_mut();
        state.wanted = None;
        state.lock = None;
        state.news.clear();
        drop(state);
        self.inner.flush();
    }
}

impl Drop for WaylandGrip {
    fn drop(&mut self) {
        if let Some(source) = self.source.take() {
            source.remove();
        }
        self.release();
    }
}

impl Inner {
    /// Looks at what GDK has read for us.
    fn dispatch(&self) {
        let dispatched = self
            .queue
            .borrow_mut()
            .dispatch_pending(&mut self.state.borrow_mut());
        if let Err(error) = dispatched {
            // GDK uses the same connection, and ends the program over it.
            tracing::warn!(%error, "Wayland");
        }
        self.flush();
        let news = std::mem::take(&mut self.state.borrow_mut().news);
        for news in news {
            (self.tell)(news);
        }
    }

    fn flush(&self) {
        if let Err(error) = self.connection.flush() {
            tracing::debug!(%error, "Wayland");
        }
    }
}

impl State {
    /// Asks for what is wanted, as soon as the compositor has said that it can be done.
    fn lock_pointer(&mut self, handle: &QueueHandle<Self>) {
        let (Some(wanted), Some(compositor), Some(constraints), Some(relative)) = (
            &self.wanted,
            &self.compositor,
            &self.constraints,
            &self.relative,
        ) else {
            return;
        };
        if self
            .lock
            .as_ref()
            .is_some_and(|lock| lock.area == wanted.area)
        {
            return;
        }
        let region = compositor.create_region(handle, ());
        let area = wanted.area;
        region.add(
            area.left.ceil() as i32,
            area.top.ceil() as i32,
            area.width.floor() as i32,
            area.height.floor() as i32,
        );
        if let Some(lock) = &mut self.lock {
            // Takes effect with the surface's next picture.
            lock.locked.set_region(Some(&region));
            lock.area = area;
        } else {
            self.lock = Some(Lock {
                locked: constraints.lock_pointer(
                    &wanted.surface,
                    &wanted.pointer,
                    Some(&region),
                    Lifetime::Persistent,
                    handle,
                    (),
                ),
                moving: relative.get_relative_pointer(&wanted.pointer, handle, ()),
                area,
            });
        }
        region.destroy();
    }

    fn is_about(&self, locked: &ZwpLockedPointerV1) -> bool {
        self.lock
            .as_ref()
            .is_some_and(|lock| lock.locked == *locked)
    }
}

impl Dispatch<WlRegistry, ()> for State {
    fn event(
        state: &mut Self,
        registry: &WlRegistry,
        event: wl_registry::Event,
        (): &(),
        _connection: &Connection,
        handle: &QueueHandle<Self>,
    ) {
        let wl_registry::Event::Global {
            name, interface, ..
        } = event
        else {
            return;
        };
        if interface == WlCompositor::interface().name {
            state.compositor = Some(registry.bind(name, 1, handle, ()));
        } else if interface == ZwpPointerConstraintsV1::interface().name {
            state.constraints = Some(registry.bind(name, 1, handle, ()));
        } else if interface == ZwpRelativePointerManagerV1::interface().name {
            state.relative = Some(registry.bind(name, 1, handle, ()));
        }
        state.lock_pointer(handle);
    }
}

impl Dispatch<ZwpLockedPointerV1, ()> for State {
    fn event(
        state: &mut Self,
        locked: &ZwpLockedPointerV1,
        event: zwp_locked_pointer_v1::Event,
        (): &(),
        _connection: &Connection,
        _handle: &QueueHandle<Self>,
    ) {
        if !state.is_about(locked) {
            return;
        }
        match event {
            zwp_locked_pointer_v1::Event::Locked => state.news.push(Grip::Held),
            // A lock that lasts comes back when the compositor sees fit.
            zwp_locked_pointer_v1::Event::Unlocked => state.news.push(Grip::Lost),
            _ => {}
        }
    }
}

impl Dispatch<ZwpRelativePointerV1, ()> for State {
    fn event(
        state: &mut Self,
        moving: &ZwpRelativePointerV1,
        event: zwp_relative_pointer_v1::Event,
        (): &(),
        _connection: &Connection,
        _handle: &QueueHandle<Self>,
    ) {
        let current = state
            .lock
            .as_ref()
            .is_some_and(|lock| lock.moving == *moving);
        if let zwp_relative_pointer_v1::Event::RelativeMotion { dx, dy, .. } = event
            && current
        {
            match state.news.last_mut() {
                Some(Grip::Moved(x, y)) => (*x, *y) = (*x + dx, *y + dy),
                _ => state.news.push(Grip::Moved(dx, dy)),
            }
        }
    }
}

delegate_noop!(State: ignore WlCompositor);
delegate_noop!(State: ignore WlRegion);
delegate_noop!(State: ignore ZwpPointerConstraintsV1);
delegate_noop!(State: ignore ZwpRelativePointerManagerV1);
