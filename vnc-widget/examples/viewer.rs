//! A small VNC viewer: `cargo run --example viewer -- HOST[:DISPLAY]`.
//!
//! It has what a program that embeds [`VncDisplay`] needs to think of: a question for the password,
//! a message over the last picture when the connection ends, a way to connect again, how to get
//! the keyboard back, and a menu for sizes, for the server's screens, for the keys that cannot be
//! typed, and for looking without touching. F11 is full screen; Ctrl with plus, minus and 0 changes
//! the size. These are shortcuts of the program: once the screen was clicked they are the server's,
//! until Ctrl+Alt.

use std::{cell::RefCell, env, process::ExitCode, rc::Rc};

use adw::prelude::*;
use gtk::{gio, glib};
use tokio::runtime::Handle;
use vnc_widget::{
    CredentialKind, Credentials, DisplayState, Endpoint, ReleaseKeys, Scaling, TrustQuestion,
    VncDisplay, rfb::keyboard,
};

/// Zooms to choose from, in percent.
const ZOOMS: [u32; 8] = [25, 50, 75, 100, 150, 200, 300, 400];

fn main() -> ExitCode {
    let Some(server) = env::args().nth(1) else {
        eprintln!("usage: viewer HOST[:DISPLAY | ::PORT] | SOCKET");
        return ExitCode::FAILURE;
    };
    if let Err(error) = server.parse::<Endpoint>() {
        eprintln!("viewer: {server}: {error}");
        return ExitCode::FAILURE;
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("viewer: {error}");
            return ExitCode::FAILURE;
        }
    };
    let handle = runtime.handle().clone();
    let application = adw::Application::builder()
        .application_id("io.github.guesthouse.VncViewer")
        .flags(gio::ApplicationFlags::NON_UNIQUE)
        .build();
    application.connect_activate(move |application| {
        Viewer::open(application, &handle, &server);
    });
    application.set_accels_for_action("win.full-screen", &["F11"]);
    application.set_accels_for_action("window.close", &["<Control>w"]);
    application.set_accels_for_action("win.zoom-in", &["<Control>plus", "<Control>equal"]);
    application.set_accels_for_action("win.zoom-out", &["<Control>minus"]);
    application.set_accels_for_action("win.scaling::fit", &["<Control>0"]);
    application.run_with_args::<&str>(&[]);
    // A server that does not answer must not keep the program from ending.
    runtime.shutdown_background();
    ExitCode::SUCCESS
}

struct Viewer {
    window: adw::ApplicationWindow,
    display: VncDisplay,
    title: adw::WindowTitle,
    /// Lies over the screen while there is no connection.
    message: adw::StatusPage,
    connect_again: gtk::Button,
    /// The server's screens, if there are several.
    screens: gio::Menu,
    server: String,
}

impl Viewer {
    /// Shows a window and connects.
    fn open(application: &adw::Application, runtime: &Handle, server: &str) {
        let viewer = Rc::new(Self {
            window: adw::ApplicationWindow::builder()
                .application(application)
                .default_width(1024)
                .default_height(768)
                .build(),
            display: VncDisplay::new(runtime),
            title: adw::WindowTitle::new(server, ""),
            message: adw::StatusPage::builder().visible(false).build(),
            connect_again: gtk::Button::builder()
                .label("_Connect Again")
                .use_underline(true)
                .halign(gtk::Align::Center)
                .css_classes(["pill"])
                .build(),
            screens: gio::Menu::new(),
            server: server.to_owned(),
        });
        viewer.lay_out();
        viewer.add_actions();
        viewer.listen();
        viewer.connect();
        viewer.window.present();
        viewer.display.grab_focus();
    }

    fn lay_out(&self) {
        let menu = gtk::MenuButton::builder()
            .icon_name("open-menu-symbolic")
            .tooltip_text("Menu")
            .menu_model(&menu(&self.screens))
            .primary(true)
            .build();
        let header = adw::HeaderBar::builder().title_widget(&self.title).build();
        header.pack_end(&menu);
        self.message.set_child(Some(&self.connect_again));
        // The picture below is dark in every theme.
        self.message.add_css_class("osd");
        let overlay = gtk::Overlay::builder()
            .child(&self.display)
            .vexpand(true)
            .build();
        overlay.add_overlay(&self.message);
        let content = gtk::Box::new(gtk::Orientation::Vertical, 0);
        content.append(&header);
        content.append(&overlay);
        self.window.set_content(Some(&content));
        self.window.connect_fullscreened_notify(move |window| {
            header.set_visible(!window.is_fullscreen());
        });
    }

    fn add_actions(self: &Rc<Self>) {
        let display = self.display.clone();
        let scaling = choice("scaling", "fit", move |scaling| {
            display.set_scaling(match scaling.parse::<u32>() {
                Ok(percent) => Scaling::Zoom(f64::from(percent) / 100.0),
                Err(_) => Scaling::Fit,
            });
        });
        let zoom_in = plain("zoom-in", self, |this| this.zoom(true));
        let zoom_out = plain("zoom-out", self, |this| this.zoom(false));
        let display = self.display.clone();
        let release_keys = choice("release-keys", ReleaseKeys::CHOICES[0], move |names| {
            if let Ok(keys) = names.parse() {
                display.set_release_keys(keys);
            }
        });
        let display = self.display.clone();
        let alt_tab = toggle("alt-tab", false, move |on| {
            let stays: &[&str] = if on { &["<Alt>Tab"] } else { &[] };
            if let Err(error) = display.set_host_shortcuts(stays) {
                eprintln!("viewer: {error}");
            }
        });
        let display = self.display.clone();
        let follow = toggle("follow-window", false, move |on| {
            display.set_follow_window(on);
        });
        let display = self.display.clone();
        let screen = choice("screen", "all", move |id| {
            display.set_shown_screen(id.parse().ok());
        });
        let display = self.display.clone();
        let read_only = toggle("read-only", false, move |on| display.set_read_only(on));
        let window = self.window.downgrade();
        let full_screen = toggle("full-screen", false, move |on| {
            if let Some(window) = window.upgrade() {
                window.set_fullscreened(on);
            }
        });
        let send_keys = gio::SimpleAction::new("send-keys", Some(glib::VariantTy::STRING));
        let display = self.display.clone();
        send_keys.connect_activate(move |_, names| {
            let keys = names
                .and_then(glib::Variant::str)
                .and_then(keyboard::combination);
            if let Some(keys) = keys {
                display.send_keys(&keys);
            }
        });
        for action in [
            scaling,
            zoom_in,
            zoom_out,
            release_keys,
            alt_tab,
            follow,
            screen,
            read_only,
            full_screen,
            send_keys,
        ] {
            self.window.add_action(&action);
        }
    }

    /// Takes the next zoom in one direction from what is shown, be that fitted or chosen.
    fn zoom(&self, closer: bool) {
        let Some(now) = self.display.zoom() else {
            return;
        };
        let now = now * 100.0;
        let next = if closer {
            ZOOMS.iter().find(|zoom| f64::from(**zoom) > now + 0.5)
        } else {
            ZOOMS
                .iter()
                .rev()
                .find(|zoom| f64::from(**zoom) < now - 0.5)
        };
        if let Some(percent) = next {
            let percent = percent.to_string().to_variant();
            ActionGroupExt::activate_action(&self.window, "scaling", Some(&percent));
        }
    }

    fn listen(self: &Rc<Self>) {
        self.display.connect_state_changed(glib::clone!(
            #[weak(rename_to = this)]
            self,
            move |_, state| this.show(state)
        ));
        self.display.connect_grab_changed(glib::clone!(
            #[weak(rename_to = this)]
            self,
            move |_, grabbed| {
                let keys = this.display.release_keys();
                let hint = format!("Press {keys} to leave the screen");
                this.title.set_subtitle(if grabbed { &hint } else { "" });
            }
        ));
        self.display.connect_screens_changed(glib::clone!(
            #[weak(rename_to = this)]
            self,
            move |_| this.list_screens()
        ));
        self.display.connect_bell(VncDisplay::error_bell);
        self.connect_again.connect_clicked(glib::clone!(
            #[weak(rename_to = this)]
            self,
            move |_| this.connect()
        ));
        // The window alone keeps the viewer, until it is closed.
        let this = RefCell::new(Some(Rc::clone(self)));
        self.window.connect_close_request(move |_| {
            if let Some(this) = this.take() {
                this.display.close();
            }
            glib::Propagation::Proceed
        });
    }

    /// One screen is no choice.
    fn list_screens(&self) {
        self.screens.remove_all();
        let screens = self.display.screens();
        if screens.len() < 2 {
            return;
        }
        self.screens
            .append(Some("_All Screens"), Some("win.screen::all"));
        for (number, screen) in (1..).zip(screens) {
            let size = (screen.area.width, screen.area.height);
            let label = format!("Screen _{number} ({} × {})", size.0, size.1);
            let action = format!("win.screen::{}", screen.id);
            self.screens.append(Some(&label), Some(&action));
        }
    }

    fn connect(&self) {
        // It has been read once before.
        if let Ok(endpoint) = self.server.parse() {
            self.display.open(endpoint);
        }
    }

    fn show(&self, state: &DisplayState) {
        self.message
            .set_visible(matches!(state, DisplayState::Disconnected { .. }));
        match state {
            DisplayState::Connecting => self.title.set_subtitle("Connecting…"),
            DisplayState::NeedsCredentials(kind) => self.ask_credentials(*kind),
            DisplayState::NeedsTrust(question) => self.ask_trust(question),
            DisplayState::Connected => {
                let name = self.display.desktop_name().unwrap_or_default();
                self.title
                    .set_title(if name.is_empty() { &self.server } else { &name });
                self.title.set_subtitle("");
                self.display.grab_focus();
            }
            DisplayState::Disconnected { error } => {
                self.title.set_subtitle("");
                self.message.set_title("Not connected");
                let reason = error.as_ref().map(ToString::to_string);
                let reason = reason.unwrap_or_else(|| "the server ended the session".to_owned());
                self.message
                    .set_description(Some(&glib::markup_escape_text(&reason)));
            }
        }
    }

    fn ask_credentials(&self, kind: CredentialKind) {
        let form = gtk::Box::new(gtk::Orientation::Vertical, 12);
        let user = gtk::Entry::builder()
            .placeholder_text("User Name")
            .visible(kind != CredentialKind::Password)
            .build();
        let password = gtk::PasswordEntry::builder()
            .show_peek_icon(true)
            .activates_default(true)
            .placeholder_text("Password")
            .build();
        user.update_property(&[gtk::accessible::Property::Label("User name")]);
        password.update_property(&[gtk::accessible::Property::Label("Password")]);
        form.append(&user);
        form.append(&password);
        let warning = match kind {
            CredentialKind::UsernameAndPasswordInClear => {
                " It will be sent unencrypted: others on the way can read it."
            }
            _ => "",
        };
        let dialog = self.question(
            "Password",
            &format!("{} asks for a password.{warning}", self.server),
            ("connect", "C_onnect"),
        );
        dialog.set_default_response(Some("connect"));
        dialog.set_extra_child(Some(&form));
        let display = self.display.clone();
        dialog.connect_response(None, move |_, response| {
            if response == "connect" {
                // Whoever goes on was told where it goes.
                let credentials = Credentials::user(user.text(), password.text()).even_in_clear();
                display.provide_credentials(credentials);
            } else {
                display.close();
            }
        });
        dialog.present();
    }

    fn ask_trust(&self, question: &TrustQuestion) {
        let text = format!(
            "{}. Its certificate has the SHA-256 fingerprint {}. Compare it with the server’s own.",
            question.reason, question.certificate.fingerprint
        );
        let dialog = self.question("Is This the Right Server?", &text, ("trust", "_Trust"));
        dialog.set_default_response(Some("cancel"));
        let display = self.display.clone();
        dialog.connect_response(None, move |_, response| {
            display.answer_trust(response == "trust");
        });
        dialog.present();
    }

    fn question(&self, title: &str, text: &str, yes: (&str, &str)) -> adw::MessageDialog {
        let dialog = adw::MessageDialog::new(Some(&self.window), Some(title), Some(text));
        dialog.add_responses(&[("cancel", "_Cancel"), yes]);
        dialog.set_response_appearance(yes.0, adw::ResponseAppearance::Suggested);
        dialog.set_close_response("cancel");
        dialog
    }
}

fn menu(screens: &gio::Menu) -> gio::Menu {
    let sizes = gio::Menu::new();
    sizes.append(Some("_Fit to Window"), Some("win.scaling::fit"));
    for percent in ZOOMS {
        let action = format!("win.scaling::{percent}");
        sizes.append(Some(&format!("{percent} %")), Some(&action));
    }
    let leaving = gio::Menu::new();
    for names in ReleaseKeys::CHOICES {
        leaving.append(Some(names), Some(&format!("win.release-keys::{names}")));
    }
    let view = gio::Menu::new();
    view.append_submenu(Some("_Size"), &sizes);
    view.append(
        Some("_Resize Screen With Window"),
        Some("win.follow-window"),
    );
    view.append(Some("F_ull Screen"), Some("win.full-screen"));
    view.append(Some("_Look, Don't Touch"), Some("win.read-only"));
    let keyboard = gio::Menu::new();
    keyboard.append_submenu(Some("Lea_ve the Screen With"), &leaving);
    keyboard.append(Some("_Alt+Tab Stays Here"), Some("win.alt-tab"));
    let keys = gio::Menu::new();
    for names in [
        "Ctrl+Alt+Delete",
        "Ctrl+Alt+Backspace",
        "Ctrl+Alt+F1",
        "Ctrl+Alt+F7",
    ] {
        let item = gio::MenuItem::new(Some(names), None);
        item.set_action_and_target_value(Some("win.send-keys"), Some(&names.to_variant()));
        keys.append_item(&item);
    }
    let menu = gio::Menu::new();
    menu.append_section(None, &view);
    menu.append_section(None, screens);
    menu.append_section(None, &keyboard);
    menu.append_section(Some("Send Keys"), &keys);
    menu
}

/// An action that is on or off.
fn toggle(name: &str, on: bool, act: impl Fn(bool) + 'static) -> gio::SimpleAction {
    let action = gio::SimpleAction::new_stateful(name, None, &on.to_variant());
    action.connect_change_state(move |action, state| {
        if let Some(state) = state {
            action.set_state(state);
            act(state.get().unwrap_or_default());
        }
    });
    action
}

/// An action that is one of several.
fn choice(name: &str, first: &str, act: impl Fn(&str) + 'static) -> gio::SimpleAction {
    let kind = Some(glib::VariantTy::STRING);
    let action = gio::SimpleAction::new_stateful(name, kind, &first.to_variant());
    action.connect_change_state(move |action, state| {
        if let Some(state) = state {
            action.set_state(state);
            act(state.str().unwrap_or_default());
        }
    });
    action
}

/// An action that does something.
fn plain(name: &str, viewer: &Rc<Viewer>, act: impl Fn(&Viewer) + 'static) -> gio::SimpleAction {
    let action = gio::SimpleAction::new(name, None);
    let viewer = Rc::downgrade(viewer);
    action.connect_activate(move |_, _| {
        if let Some(viewer) = viewer.upgrade() {
            act(&viewer);
        }
    });
    action
}
