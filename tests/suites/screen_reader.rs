//! What somebody who does not see a remote screen is told of it, and how they get out of it.

use integration::accessibility::{Accessibility, Query};
use integration::display::Display;
use integration::program::{self, Windowed};
use integration::rfb_server::{Behaviour, RfbServer};
use integration::sandbox;
use integration::tier::Tier;

#[test]
fn a_screen_says_whose_it_is_where_keys_go_and_which_lead_out() {
    sandbox::run(Tier::Interface, || {
        let server = RfbServer::start(Behaviour::HalfAnUpdate);
        let display = Display::start(1280, 800);
        let address = format!("127.0.0.1::{}", server.port());
        let _window = Windowed::start(&display, program::binary(), &["view", &address]);
        let mut tree = Accessibility::of(&display, "guesthouse");
        let screen = Query::role("image").named("Screen of test");
        tree.wait_for_description(&screen, "shortcuts to this one. Ctrl+Alt leads out");
        tree.click(&screen);
        tree.wait_for_description(&screen, "All keys go to the remote computer. Ctrl+Alt");
        // The main menu's key is the server's now,
        display.type_keys("key F10");
        display.type_keys("keydown ctrl keydown alt keyup alt keyup ctrl");
        tree.wait_for_description(&screen, "shortcuts to this one");
        assert_eq!(tree.count(&Query::role("menu item")), 0);
        // and after the way out the window's again.
        display.type_keys("key F10");
        tree.wait_for(&Query::role("menu item"));
    });
}
