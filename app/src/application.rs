//! The GTK application: one per session; a second launch hands its wish to the first and ends.

use std::cell::RefCell;
use std::process::ExitCode;
use std::rc::Rc;

use adw::subclass::prelude::*;
use gtk::{gio, glib};
use relm4::RelmApp;

use crate::app::{App, AppInit};
use crate::hosts::Hosts;
use crate::settings::Store;

/// The application's identity on the bus, in the desktop file and in icon themes.
pub const ID: &str = "io.github.guesthouse.Guesthouse";

/// Action of the application that brings the guest list to the front.
pub const SHOW: &str = "show";
/// Action of the application that shows the host whose URI is its parameter.
pub const SHOW_HOST: &str = "show-host";

/// Action of the application that asks for the address of a VNC server to open.
pub const VIEW: &str = "view";

mod imp {
    use std::cell::RefCell;
    use std::ops::ControlFlow;
    use std::rc::Rc;

    use adw::prelude::*;
    use adw::subclass::prelude::*;
    use gtk::gio::subclass::ArgumentList;
    use gtk::{gio, glib};

    use super::{SHOW, SHOW_HOST};
    use crate::hosts::Hosts;

    #[derive(Default)]
    pub struct Application {
        pub hosts: RefCell<Option<Rc<RefCell<Hosts>>>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for Application {
        const NAME: &'static str = "GuesthouseApplication";
        type Type = super::Application;
        type ParentType = adw::Application;
    }

    impl ObjectImpl for Application {}

    impl ApplicationImpl for Application {
        /// Runs in the first instance only.
        fn startup(&self) {
            // The connections are made on other threads while the toolkit starts on this one.
            if let Some(hosts) = self.hosts.take() {
                hosts.borrow_mut().open_all();
            }
            if gtk::init().is_err() {
                eprintln!(
                    "guesthouse: there is no display to open a window on. Start it from a desktop \
                     session, or under a virtual display: xvfb-run -a guesthouse. \
                     `guesthouse --help` tells what works without a display."
                );
                backend::end_process(1);
            }
            self.parent_startup();
        }

        /// Runs in every launch: becomes the first instance, or hands the wish to the one there is
        /// and ends.
        fn local_command_line(&self, arguments: &mut ArgumentList) -> ControlFlow<glib::ExitCode> {
            let application = self.obj();
            if let Err(error) = application.register(gio::Cancellable::NONE) {
                eprintln!("guesthouse: the desktop did not take the program: {error}");
                return ControlFlow::Break(glib::ExitCode::FAILURE);
            }
            let remote = application.is_remote();
            match arguments.get(1).and_then(|uri| uri.to_str()) {
                Some(uri) if remote => {
                    application.activate_action(SHOW_HOST, Some(&uri.to_variant()));
                }
                _ => application.activate(),
            }
            if remote {
                // Here and now: relm4 waits for one more event at the end, which never comes.
                backend::end_process(hand_over(&application));
            }
            ControlFlow::Break(glib::ExitCode::SUCCESS)
        }

        /// Runs in the first instance, for every launch that names no host.
        fn activate(&self) {
            self.parent_activate();
            self.obj().activate_action(SHOW, None);
        }
    }

    /// Waits until the first instance has been told. Returns the exit status.
    fn hand_over(application: &super::Application) -> u8 {
        let told = application
            .dbus_connection()
            .map(|bus| bus.flush_sync(gio::Cancellable::NONE));
        match told {
            Some(Err(error)) => {
                eprintln!("guesthouse: the program that runs already was not reached: {error}");
                1
            }
            _ => 0,
        }
    }

    impl GtkApplicationImpl for Application {}
    impl AdwApplicationImpl for Application {}
}

glib::wrapper! {
    /// An application that begins connecting before the toolkit starts.
    pub struct Application(ObjectSubclass<imp::Application>)
        @extends adw::Application, gtk::Application, gio::Application,
        @implements gio::ActionGroup, gio::ActionMap;
}

/// Runs the windows until the last one is closed. `connect`: the URI of the only host to show.
pub fn run(connect: Option<String>) -> ExitCode {
    let runtime = crate::runtime::handle();
    let (store, problem) = Store::load(Store::default_path());
    let hosts = Rc::new(RefCell::new(Hosts::new(
        connect.as_deref(),
        store.get(),
        runtime,
    )));

    let application: Application = glib::Object::builder()
        .property("application-id", ID)
        .build();
    application.imp().hosts.replace(Some(hosts.clone()));

    let mut arguments = vec!["guesthouse".to_owned()];
    arguments.extend(connect);
    RelmApp::from_app(application)
        .with_args(arguments)
        .visible_on_activate(false)
        .run::<App>(AppInit {
            hosts,
            store,
            problem,
        });
    ExitCode::SUCCESS
}
