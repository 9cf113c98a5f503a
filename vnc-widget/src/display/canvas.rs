//! What is inside the scrollbars: the picture, and everything that points or types at it.

use std::{
    cell::{Cell, OnceCell, Ref, RefCell},
    rc::Rc,
    sync::Arc,
};

use gtk::{gdk, glib, glib::subclass::prelude::*, graphene, prelude::*, subclass::prelude::*};
use rfb::{PointerMode, Screen};
use tokio::runtime::Handle;

use super::{
    accessible::Told,
    cursor,
    drawing::Drawing,
    fingers::Fingers,
    hold::Hold,
    host_shortcuts::HostShortcuts,
    keyboard::Keyboard,
    pointer::Pointer,
    render::TileImages,
    scale::{self, Placement, Scaling},
    screens::Screens,
    sharpen::Prepared,
    surround,
    tile_image::TileImage,
};
use crate::transport::{Connection, CursorShape, Input};

/// What lies over a picture that is no longer true.
const DIMMED: gdk::RGBA = gdk::RGBA::new(0.0, 0.0, 0.0, 0.6);

/// What is asked for when the screen's size is not known yet, in logical pixels.
const NATURAL_SIZE: (i32, i32) = (640, 480);

#[derive(Default, glib::Properties)]
#[properties(wrapper_type = Canvas)]
pub struct CanvasImp {
    pub(super) connection: RefCell<Option<Rc<Connection>>>,
    pub(super) keyboard: RefCell<Keyboard>,
    pub(super) pointer: RefCell<Pointer>,
    pub(super) pointer_mode: Cell<PointerMode>,
    /// The session runs: keys and clicks have someone to go to.
    pub(super) live: Cell<bool>,
    pub(super) read_only: Cell<bool>,
    /// The keyboard is to be grabbed whenever that is possible.
    pub(super) grab_wanted: Cell<bool>,
    /// The keyboard is grabbed.
    #[property(get)]
    pub(super) grabbed: Cell<bool>,
    /// The pointer is held, and its movements are told.
    #[property(get)]
    pub(super) held: Cell<bool>,
    pub(super) hold: Hold,
    pub(super) told: Told,
    pub(super) fingers: Fingers,
    /// Shortcuts that a grab leaves to the program and the desktop.
    pub(super) host_shortcuts: RefCell<HostShortcuts>,
    /// The desktop has its shortcuts for a moment, in the middle of a grab.
    pub(super) shortcuts_lent: Cell<bool>,
    /// What is typed arrives here: the canvas has the focus and its window is active.
    #[property(get)]
    pub(super) in_use: Cell<bool>,
    /// What was put on the window while the canvas is in it.
    pub(super) root_hooks: RefCell<Option<super::grab::RootHooks>>,
    pub(super) screens: Screens,
    scaling: Cell<Scaling>,
    picture: RefCell<TileImages>,
    /// The picture is not, or not yet, that of a running session.
    stale: Cell<bool>,
    /// Where work is done that would hold GTK up.
    pub(super) runtime: OnceCell<Handle>,
    /// Tiles are being brought into another size.
    pub(super) sharpening: Cell<bool>,
    /// A frame was taken over and has not been drawn.
    awaits_drawing: Cell<bool>,
    /// The pointer's picture, once the server has told it.
    shape: RefCell<Option<CursorShape>>,
    /// The pointer is beside the picture, where it is not the server's.
    beside_picture: Cell<bool>,
    /// The zoom at which the cursor was made.
    cursor_zoom: Cell<f64>,
}

#[glib::object_subclass]
impl ObjectSubclass for CanvasImp {
    const NAME: &'static str = "VncDisplayCanvas";
    type Type = Canvas;
    type ParentType = gtk::Widget;

    fn class_init(class: &mut Self::Class) {
        class.set_css_name("vnccanvas");
        class.set_accessible_role(gtk::AccessibleRole::Img);
    }
}

#[glib::derived_properties]
impl ObjectImpl for CanvasImp {
    fn constructed(&self) {
        self.parent_constructed();
        let canvas = self.obj();
        canvas.set_focusable(true);
        canvas.set_hexpand(true);
        canvas.set_vexpand(true);
        canvas.tell_name("");
        canvas.describe();
        canvas.add_controllers();
        canvas.connect_scale_factor_notify(Canvas::queue_resize);
    }
}

impl WidgetImpl for CanvasImp {
    fn measure(&self, orientation: gtk::Orientation, _for_size: i32) -> (i32, i32, i32, i32) {
        let part = self.obj().part();
        let (guest, otherwise) = match orientation {
            gtk::Orientation::Horizontal => (part.width, NATURAL_SIZE.0),
            _ => (part.height, NATURAL_SIZE.1),
        };
        if guest == 0 {
            return (0, otherwise, -1, -1);
        }
        let zoom = self.scaling.get().zoom();
        let device_scale = self.obj().device_scale();
        let natural = scale::logical_length(guest.into(), zoom.unwrap_or(1.0), device_scale);
        let minimum = if zoom.is_some() { natural } else { 0 };
        (minimum, natural, -1, -1)
    }

    fn size_allocate(&self, width: i32, height: i32, baseline: i32) {
        self.parent_size_allocate(width, height, baseline);
        self.obj().update_cursor_zoom();
        self.obj().update_hold();
    }

    fn snapshot(&self, snapshot: &gtk::Snapshot) {
        let canvas = self.obj();
        let whole = graphene::Rect::new(0.0, 0.0, canvas.width() as f32, canvas.height() as f32);
        let picture = self.picture.borrow();
        let placement = canvas.placement();
        let covered = placement.filter(|_| picture.is_whole());
        let covered = covered.map_or_else(graphene::Rect::zero, |placement| placement.whole());
        surround::append_to(snapshot, &covered, &whole);
        if let Some(placement) = placement {
            let seen = canvas.seen().unwrap_or(whole);
            let drawing = Drawing::of(&*canvas);
            let orders = picture.append_to(snapshot, &placement, &seen, drawing);
            canvas.sharpen(orders);
            if self.stale.get() {
                snapshot.append_color(&DIMMED, &whole);
            }
        }
        if self.awaits_drawing.replace(false) {
            canvas.drawn(picture.take_replaced());
        }
    }

    fn map(&self) {
        self.parent_map();
        // Frames are taken only while they can be seen.
        self.obj().want_frame();
    }

    fn unmap(&self) {
        self.parent_unmap();
        self.awaits_drawing.set(false);
        self.obj().update_hold();
    }

    fn realize(&self) {
        self.parent_realize();
        let canvas = self.obj();
        if let Some(surface) = canvas.native().and_then(|native| native.surface()) {
            let canvas = canvas.downgrade();
            // The fractional scale, a property since GTK 4.12; before, this never happens.
            surface.connect_notify_local(Some("scale"), move |_, _| {
                if let Some(canvas) = canvas.upgrade() {
                    canvas.queue_resize();
                    canvas.queue_draw();
                }
            });
        }
    }

    fn root(&self) {
        self.parent_root();
        self.obj().hook_root();
    }

    fn unroot(&self) {
        self.obj().unhook_root();
        self.parent_unroot();
    }
}

glib::wrapper! {
    /// The picture of a [`VncDisplay`](super::VncDisplay).
    pub struct Canvas(ObjectSubclass<CanvasImp>)
        @extends gtk::Widget,
        @implements gtk::Accessible, gtk::Buildable, gtk::ConstraintTarget;
}

impl Canvas {
    pub(super) fn new() -> Self {
        glib::Object::new()
    }

    /// The connection to send to and to take frames from. What is pressed is released first.
    pub(super) fn set_connection(&self, connection: Option<Rc<Connection>>) {
        self.release_everything();
        self.imp().connection.replace(connection);
        self.imp().pointer.borrow_mut().forget_place();
        self.imp().awaits_drawing.set(false);
        self.set_stale(true);
        self.set_pointer_mode(PointerMode::Absolute);
        self.set_live(false);
    }

    /// Whether a session runs.
    pub(super) fn set_live(&self, live: bool) {
        if self.imp().live.replace(live) == live {
            return;
        }
        self.imp().shape.take();
        self.update_cursor();
        self.update_grab();
    }

    pub(super) fn set_pointer_mode(&self, mode: PointerMode) {
        if self.imp().pointer_mode.replace(mode) != mode {
            self.imp().pointer.borrow_mut().leave();
            self.update_hold();
        }
    }

    pub(super) fn is_pointer_relative(&self) -> bool {
        self.imp().pointer_mode.get() == PointerMode::Relative
    }

    pub(super) fn is_read_only(&self) -> bool {
        self.imp().read_only.get()
    }

    pub(super) fn set_read_only(&self, read_only: bool) {
        self.release_everything();
        self.imp().read_only.set(read_only);
        self.update_cursor();
        self.update_grab();
        self.describe();
    }

    /// Whether keys and clicks go to the server.
    pub(super) fn takes_input(&self) -> bool {
        self.imp().live.get() && !self.imp().read_only.get()
    }

    pub(super) fn send(&self, input: Input) {
        self.flush_motion();
        if let Some(connection) = &*self.imp().connection.borrow() {
            connection.send(input);
        }
    }

    pub(super) fn is_grabbed(&self) -> bool {
        self.grabbed()
    }

    pub(super) fn scaling(&self) -> Scaling {
        self.imp().scaling.get()
    }

    pub(super) fn set_scaling(&self, scaling: Scaling) {
        if self.imp().scaling.replace(scaling) != scaling {
            self.queue_resize();
            self.queue_draw();
        }
    }

    pub(super) fn borrow_picture(&self) -> Ref<'_, TileImages> {
        self.imp().picture.borrow()
    }

    /// Whether the last frame has been drawn and another can be.
    pub(super) fn wants_frame(&self) -> bool {
        self.is_mapped() && !self.imp().awaits_drawing.get()
    }

    /// Takes over what changed on the screen.
    pub(super) fn apply(&self, frame: Prepared, screens: Arc<[Screen]>) {
        let drawing = Drawing::of(self);
        let resized = self.imp().picture.borrow_mut().apply(frame, drawing);
        // While it was prepared the canvas may have gone out of sight.
        self.imp().awaits_drawing.set(self.is_mapped());
        self.set_stale(false);
        self.set_drawn_screens(screens);
        if resized {
            self.queue_resize();
            self.update_cursor_zoom();
        }
        self.queue_draw();
    }

    fn set_stale(&self, stale: bool) {
        if self.imp().stale.replace(stale) != stale {
            self.queue_draw();
        }
    }

    /// As soon as the window has been drawn, gives back what was only needed for that and asks for the
    /// next frame. With less urgency it would wait for as long as frames follow each other.
    fn drawn(&self, mut replaced: Vec<Option<TileImage>>) {
        let canvas = self.downgrade();
        glib::idle_add_local_full(glib::Priority::HIGH, move || {
            replaced.clear();
            if let Some(canvas) = canvas.upgrade() {
                canvas.want_frame();
            }
            glib::ControlFlow::Break
        });
    }

    fn want_frame(&self) {
        if let Some(connection) = &*self.imp().connection.borrow() {
            connection.want_frame();
        }
    }

    /// The canvas lies elsewhere in the window, or more or less of it is to be seen: GTK would draw it
    /// as it was, without tiles that were out of sight, and where logical pixels are not whole device
    /// pixels, their edges have to be rounded anew.
    pub(super) fn moved(&self) {
        self.queue_draw();
        self.update_hold();
    }

    /// The part that is to be seen: the rest lies beyond the scrolled area.
    pub(super) fn seen(&self) -> Option<graphene::Rect> {
        let parent = self.parent()?;
        let size = graphene::Rect::new(0.0, 0.0, parent.width() as f32, parent.height() as f32);
        let corner = self.compute_point(&parent, &graphene::Point::zero())?;
        let own = graphene::Rect::new(0.0, 0.0, self.width() as f32, self.height() as f32);
        size.offset_r(-corner.x(), -corner.y()).intersection(&own)
    }

    /// Device pixels per logical pixel.
    pub(super) fn device_scale(&self) -> f64 {
        let surface = self.native().and_then(|native| native.surface());
        surface
            .filter(|surface| {
                surface
                    .find_property("scale")
                    .is_some_and(|property| property.value_type() == f64::static_type())
            })
            .map_or_else(
                || f64::from(self.scale_factor()),
                |surface| surface.property("scale"),
            )
    }

    /// Where the picture lies. `None` if there is none.
    pub(super) fn placement(&self) -> Option<Placement> {
        let imp = self.imp();
        Placement::new(
            imp.scaling.get(),
            self.part(),
            (self.width().into(), self.height().into()),
            self.origin().unwrap_or_default(),
            self.device_scale(),
        )
    }

    /// The canvas's corner on the surface, in logical pixels.
    pub(super) fn origin(&self) -> Option<(f64, f64)> {
        let native = self.native()?;
        let corner = self.compute_point(&native, &graphene::Point::zero())?;
        let (x, y) = native.surface_transform();
        Some((f64::from(corner.x()) + x, f64::from(corner.y()) + y))
    }

    /// A point of the surface as one of the canvas.
    pub(super) fn surface_point(&self, (x, y): (f64, f64)) -> Option<(f64, f64)> {
        let native = self.native()?;
        let (shift_x, shift_y) = native.surface_transform();
        let point = graphene::Point::new((x - shift_x) as f32, (y - shift_y) as f32);
        let point = native.compute_point(self, &point)?;
        Some((point.x().into(), point.y().into()))
    }

    pub(super) fn set_shape(&self, shape: CursorShape) {
        self.imp().shape.replace(Some(shape));
        self.update_cursor();
    }

    /// The pointer is on the picture, or beside it.
    pub(super) fn set_beside_picture(&self, beside: bool) {
        if self.imp().beside_picture.replace(beside) != beside {
            self.update_cursor();
        }
    }

    pub(super) fn update_cursor_zoom(&self) {
        if (self.cursor_zoom() - self.imp().cursor_zoom.get()).abs() > 0.01 {
            self.update_cursor();
        }
    }

    /// Cursor pixels per guest pixel. X11 wants cursors in device pixels, others in logical ones.
    fn cursor_zoom(&self) -> f64 {
        let x11 = self.display().type_().name() == "GdkX11Display";
        self.placement().map_or(1.0, |placement| {
            if x11 {
                placement.zoom()
            } else {
                placement.logical_zoom()
            }
        })
    }

    pub(super) fn update_cursor(&self) {
        let zoom = self.cursor_zoom();
        self.imp().cursor_zoom.set(zoom);
        let cursor = match &*self.imp().shape.borrow() {
            _ if self.is_held() => cursor::hidden(),
            _ if !self.takes_input() || self.imp().beside_picture.get() => None,
            None => Some(cursor::dot()),
            Some(CursorShape::Hidden) => cursor::hidden(),
            Some(CursorShape::Shown(shape)) => cursor::from_rfb(shape, zoom),
        };
        self.set_cursor(cursor.as_ref());
    }
}
