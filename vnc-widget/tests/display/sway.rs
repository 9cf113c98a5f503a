//! A Wayland compositor without monitor, keyboard and mouse, and a hand that uses it.

use std::{
    env, fs,
    io::Write,
    os::{fd::AsFd, unix::fs::PermissionsExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use gtk::glib;
use wayland_client::{
    Connection, Dispatch, EventQueue, Proxy, QueueHandle, delegate_noop,
    globals::{GlobalListContents, registry_queue_init},
    protocol::{
        wl_keyboard::KeymapFormat,
        wl_pointer::ButtonState,
        wl_registry::{self, WlRegistry},
        wl_seat::{self, WlSeat},
    },
};
use wayland_protocols_misc::zwp_virtual_keyboard_v1::client::{
    zwp_virtual_keyboard_manager_v1::ZwpVirtualKeyboardManagerV1,
    zwp_virtual_keyboard_v1::ZwpVirtualKeyboardV1,
};
use wayland_protocols_wlr::virtual_pointer::v1::client::{
    zwlr_virtual_pointer_manager_v1::ZwlrVirtualPointerManagerV1,
    zwlr_virtual_pointer_v1::ZwlrVirtualPointerV1,
};

/// Width and height of its monitor.
pub(crate) const MONITOR: (u32, u32) = (1280, 900);

/// Nobody: sway refuses to run as the superuser.
const NOBODY: u32 = 65534;

/// What these tests need and the system does not have.
pub(crate) fn programs_missing() -> Vec<&'static str> {
    let path = env::var_os("PATH").unwrap_or_default();
    ["sway", "grim", "setpriv"]
        .into_iter()
        .filter(|program| !env::split_paths(&path).any(|folder| folder.join(program).is_file()))
        .collect()
}

/// A compositor. It ends when it is dropped.
pub(crate) struct Sway {
    process: Child,
    folder: tempfile::TempDir,
    display: String,
    control: PathBuf,
}

impl Sway {
    /// Starts one and waits until it can be used.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        // Windows without anything around them, where they are expected.
        let configuration = folder.path().join("config");
        let (width, height) = MONITOR;
        fs::write(
            &configuration,
            format!(
                "xwayland disable\n\
                 output HEADLESS-1 resolution {width}x{height}\n\
                 seat * pointer_constraint enable\n\
                 default_border none\n\
                 for_window [app_id=\".*\"] floating enable, move position 0 0\n\
                 bindsym Mod1+t output HEADLESS-1 bg #112233 solid_color\n"
            ),
        )
        .expect("the folder can be written");
        let mut command = Command::new("sway");
        if is_root() {
            std::os::unix::fs::chown(folder.path(), Some(NOBODY), Some(NOBODY)).expect("root may");
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))
                .expect("root may");
            command = Command::new("setpriv");
            let nobody = NOBODY.to_string();
            command.args([
                "--reuid",
                &nobody,
                "--regid",
                &nobody,
                "--clear-groups",
                "sway",
            ]);
        }
        let mut process = command
            .arg("--config")
            .arg(&configuration)
            .env("XDG_RUNTIME_DIR", folder.path())
            .env("HOME", folder.path())
            .env("WLR_BACKENDS", "headless")
            .env("WLR_RENDERER", "pixman")
            .env("WLR_LIBINPUT_NO_DEVICES", "1")
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("sway starts");
        let (display, control) = loop {
            if let (Some(display), Some(control)) = (
                entry(folder.path(), "wayland-", ""),
                entry(folder.path(), "sway-ipc.", ".sock"),
            ) {
                break (display, folder.path().join(control));
            }
            let ended = process.try_wait().expect("it is our child");
            assert_eq!(ended, None, "sway ended at once");
            thread::sleep(Duration::from_millis(20));
        };
        Self {
            process,
            folder,
            display,
            control,
        }
    }

    /// The environment in which its clients find it.
    pub(crate) fn environment(&self) -> [(&'static str, PathBuf); 3] {
        [
            ("XDG_RUNTIME_DIR", self.folder.path().to_owned()),
            ("WAYLAND_DISPLAY", PathBuf::from(&self.display)),
            ("SWAYSOCK", self.control.clone()),
        ]
    }
}

impl Drop for Sway {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

/// The file in a folder that begins and ends so, once it is there.
fn entry(folder: &Path, start: &str, end: &str) -> Option<String> {
    fs::read_dir(folder).ok()?.find_map(|entry| {
        let name = entry.ok()?.file_name().into_string().ok()?;
        let fits = name.starts_with(start) && name.ends_with(end);
        // Beside each socket of Wayland is its lock.
        (fits && Path::new(&name).extension().is_none_or(|end| end != "lock")).then_some(name)
    })
}

/// A mouse and a keyboard of their own.
pub(crate) struct Hand {
    connection: Connection,
    queue: EventQueue<Nothing>,
    pointer: ZwlrVirtualPointerV1,
    keyboard: ZwpVirtualKeyboardV1,
}

/// Buttons and keys by the numbers of Linux's input events.
pub(crate) const LEFT_BUTTON: u32 = 0x110;
pub(crate) const KEY_A: u32 = 30;
pub(crate) const KEY_T: u32 = 20;
pub(crate) const LEFT_CTRL: u32 = 29;
pub(crate) const LEFT_ALT: u32 = 56;

/// The masks of modifiers in the keyboard's map.
pub(crate) const CONTROL: u32 = 1 << 2;
pub(crate) const ALT: u32 = 1 << 3;

impl Hand {
    /// On the compositor that is set in the environment.
    pub(crate) fn new() -> Self {
        let connection = Connection::connect_to_env().expect("a compositor");
        let (globals, queue) = registry_queue_init::<Nothing>(&connection).expect("globals");
        let handle = queue.handle();
        let seat: WlSeat = globals.bind(&handle, 1..=1, ()).expect("a seat");
        let pointers: ZwlrVirtualPointerManagerV1 =
            globals.bind(&handle, 1..=1, ()).expect("virtual pointers");
        let keyboards: ZwpVirtualKeyboardManagerV1 =
            globals.bind(&handle, 1..=1, ()).expect("virtual keyboards");
        let pointer = pointers.create_virtual_pointer(Some(&seat), &handle, ());
        let keyboard = keyboards.create_virtual_keyboard(&seat, &handle, ());
        let map = "xkb_keymap {\n\
            xkb_keycodes { include \"evdev+aliases(qwerty)\" };\n\
            xkb_types { include \"complete\" };\n\
            xkb_compat { include \"complete\" };\n\
            xkb_symbols { include \"pc+us+inet(evdev)\" };\n\
            };\n\0";
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(map.as_bytes()).expect("room");
        keyboard.keymap(KeymapFormat::XkbV1.into(), file.as_fd(), map.len() as u32);
        let mut hand = Self {
            connection,
            queue,
            pointer,
            keyboard,
        };
        hand.done();
        hand
    }

    /// Waits until the compositor has done what it was told.
    fn done(&mut self) {
        self.queue.roundtrip(&mut Nothing).expect("it answers");
    }

    /// Puts the pointer at a place of the monitor.
    pub(crate) fn point(&mut self, x: u32, y: u32) {
        let (width, height) = MONITOR;
        self.pointer.motion_absolute(now(), x, y, width, height);
        self.pointer.frame();
        self.done();
    }

    /// Moves the mouse.
    pub(crate) fn move_by(&mut self, x: f64, y: f64) {
        self.pointer.motion(now(), x, y);
        self.pointer.frame();
        self.done();
    }

    /// Presses or releases a button.
    pub(crate) fn button(&mut self, button: u32, pressed: bool) {
        let state = if pressed {
            ButtonState::Pressed
        } else {
            ButtonState::Released
        };
        self.pointer.button(now(), button, state);
        self.pointer.frame();
        self.done();
    }

    /// Presses and releases a button.
    pub(crate) fn click(&mut self, button: u32) {
        self.button(button, true);
        self.button(button, false);
    }

    /// Presses or releases a key, with these modifiers down afterwards.
    pub(crate) fn key(&mut self, key: u32, pressed: bool, modifiers: u32) {
        self.keyboard.key(now(), key, pressed.into());
        self.keyboard.modifiers(modifiers, 0, 0, 0);
        self.done();
    }

    /// Presses and releases a key.
    pub(crate) fn tap(&mut self, key: u32) {
        self.key(key, true, 0);
        self.key(key, false, 0);
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        self.pointer.destroy();
        self.keyboard.destroy();
        let _ = self.connection.flush();
    }
}

/// Milliseconds, as events have them.
fn now() -> u32 {
    (glib::monotonic_time() / 1000) as u32
}

/// What comes from the compositor does not matter.
struct Nothing;

impl Dispatch<WlRegistry, GlobalListContents> for Nothing {
    fn event(
        _: &mut Self,
        _: &WlRegistry,
        _: wl_registry::Event,
        _: &GlobalListContents,
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
    }
}

impl Dispatch<WlSeat, ()> for Nothing {
    fn event(
        _: &mut Self,
        seat: &WlSeat,
        _: wl_seat::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        debug_assert!(seat.is_alive());
    }
}

delegate_noop!(Nothing: ZwlrVirtualPointerManagerV1);
delegate_noop!(Nothing: ZwlrVirtualPointerV1);
delegate_noop!(Nothing: ZwpVirtualKeyboardManagerV1);
delegate_noop!(Nothing: ZwpVirtualKeyboardV1);
