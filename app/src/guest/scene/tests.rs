use std::time::Instant;

use backend::model::{Display, GuestId, MemorySize, VcpuCount};
use backend::{Error, ErrorKind};

use super::*;

fn guest(state: GuestState) -> Guest {
    Guest {
        id: GuestId(uuid::Uuid::nil()),
        name: "debian-12".to_owned(),
        domain_id: None,
        state,
        persistent: true,
        autostart: false,
        memory: MemorySize::default(),
        vcpus: VcpuCount::default(),
        stats: None,
        details: None,
        installing: false,
    }
}

const AWAY: &str = "It has not answered for 12 s.";

fn away_scene() -> Scene {
    Scene::HostAway {
        words: AWAY.to_owned(),
    }
}

fn scene(host: &HostState, guest: Option<&Guest>, link: &Link) -> Scene {
    Scene::of(Situation {
        host,
        absence: AWAY,
        guest,
        face: Some(Face::Vnc),
        has_console: true,
        link,
    })
}

#[test]
fn a_running_guest_shows_how_its_screen_is_reached() {
    let host = HostState::Connected;
    let guest = guest(GuestState::Running);
    for (link, expected) in [
        (Link::Up, Scene::Clear),
        (Link::Idle, Scene::Connecting { again: false }),
        (
            Link::Connecting { again: true },
            Scene::Connecting { again: true },
        ),
        (
            Link::Asks(Box::new(Asked::NoLongerEncrypted)),
            Scene::Asks(Box::new(Asked::NoLongerEncrypted)),
        ),
    ] {
        assert_eq!(scene(&host, Some(&guest), &link), expected);
    }
}

#[test]
fn a_guest_that_stands_still_says_so_over_its_picture() {
    let host = HostState::Connected;
    for (state, expected) in [
        (GuestState::Paused, Scene::Paused),
        (GuestState::PausedOnStorageError, Scene::StorageError),
        (GuestState::Suspended, Scene::Asleep),
        (GuestState::Off, Scene::Off),
        (GuestState::Saved, Scene::Saved),
        (GuestState::Crashed, Scene::Crashed),
        (GuestState::Rebooting, Scene::Rebooting),
    ] {
        assert_eq!(scene(&host, Some(&guest(state)), &Link::Up), expected);
    }
}

#[test]
fn an_installing_guest_that_is_off_comes_back() {
    let mut guest = guest(GuestState::Off);
    guest.installing = true;
    let scene = scene(&HostState::Connected, Some(&guest), &Link::Idle);
    assert_eq!(scene, Scene::BetweenStages);
    let message = scene.message("debian-12", false).expect("a message");
    assert_eq!((message.icon, message.act), (None, Some("_Start Now")));
}

#[test]
fn a_silent_host_is_said_unless_the_picture_still_moves() {
    let away = HostState::NotAnswering {
        since: Instant::now(),
    };
    let guest = guest(GuestState::Running);
    assert_eq!(scene(&away, Some(&guest), &Link::Idle), away_scene());
    assert_eq!(scene(&away, Some(&guest), &Link::Up), Scene::Clear);
}

#[test]
fn a_host_that_failed_for_good_says_why() {
    let failed = |retry_at| HostState::Failed {
        error: Error::new(ErrorKind::PermissionDenied, "Not allowed.").with_remedy("Ask for it."),
        retry_at,
    };
    let guest = guest(GuestState::Running);
    assert_eq!(
        scene(&failed(None), Some(&guest), &Link::Idle),
        Scene::HostFailed {
            message: "Not allowed.".to_owned(),
            remedy: Some("Ask for it.".to_owned())
        }
    );
    assert_eq!(
        scene(&failed(Some(Instant::now())), Some(&guest), &Link::Idle),
        away_scene()
    );
}

#[test]
fn a_guest_missing_on_a_live_host_is_gone_and_on_a_silent_one_is_not() {
    let away = HostState::NotAnswering {
        since: Instant::now(),
    };
    assert_eq!(scene(&HostState::Connected, None, &Link::Up), Scene::Gone);
    assert_eq!(scene(&away, None, &Link::Idle), away_scene());
    assert_eq!(
        scene(&HostState::Connecting, None, &Link::Idle),
        Scene::HostConnecting
    );
}

#[test]
fn the_face_follows_the_displays() {
    let display = |kind| Display {
        kind,
        address: None,
        port: None,
        socket: None,
    };
    let with = |displays| GuestDetails {
        displays,
        ..GuestDetails::default()
    };
    let both = with(vec![display(DisplayKind::Spice), display(DisplayKind::Vnc)]);
    assert_eq!(Face::of(&both, false), Face::Vnc);
    let spice = with(vec![display(DisplayKind::Spice)]);
    assert_eq!(Face::of(&spice, true), Face::Stills);
    assert_eq!(Face::of(&spice, false), Face::OutOfReach);
    assert_eq!(Face::of(&with(vec![]), true), Face::NoScreen);
}

#[test]
fn the_offer_of_a_display_is_made_once() {
    let offered = Scene::OutOfReach.message("spicy", false).unwrap();
    assert!(offered.second.is_some());
    let taken = Scene::OutOfReach.message("spicy", true).unwrap();
    assert!(taken.second.is_none());
    assert!(taken.text.contains("next start"));
}

#[test]
fn without_a_screen_the_console_is_named() {
    let guest = guest(GuestState::Running);
    let scene = Scene::of(Situation {
        host: &HostState::Connected,
        absence: "",
        guest: Some(&guest),
        face: Some(Face::NoScreen),
        has_console: true,
        link: &Link::Idle,
    });
    assert_eq!(scene, Scene::NoScreen { console: true });
}

#[test]
fn a_screen_without_a_way_is_not_waited_for() {
    let guest = guest(GuestState::Running);
    let reason = "It can be reached on its host only.";
    let link = Link::Ended {
        reason: Some(reason.to_owned()),
    };
    let scene = scene(&HostState::Connected, Some(&guest), &link);
    let message = scene.message("debian-12", false).expect("a message");
    assert!(message.icon.is_some(), "no spinner");
    assert_eq!(message.text, reason);
    assert_eq!(message.act, Some("_Try Again"));
}
