//! What is asked of the X server while the pointer is held.

use std::collections::HashMap;

use x11rb::{
    connection::{Connection, RequestConnection},
    errors::ReplyError,
    protocol::{
        xfixes::{self, ConnectionExt as _},
        xinput::{
            self, ConnectionExt as _, Device, DeviceClassData, EventMask, RawMotionEvent,
            ValuatorMode, XIEventMask,
        },
        xproto::{ChangeWindowAttributesAux, ConnectionExt as _, EventMask as CoreMask, Window},
    },
    rust_connection::RustConnection,
};

use super::{
    Error,
    axis::{Axis, number},
    barriers::{Pixels, barriers},
};

/// A pointer that is held.
pub(super) struct Held<'a> {
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
    pub(super) fn begin(
        connection: &'a RustConnection,
        screen: usize,
        window: Window,
    ) -> Result<Self, Error> {
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
    pub(super) fn put_barriers(&mut self, area: Pixels) -> Result<(), Error> {
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
    pub(super) fn movement(&mut self, motion: &RawMotionEvent) -> Result<(f64, f64), Error> {
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
