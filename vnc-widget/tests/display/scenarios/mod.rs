//! What the widget has to do.

mod capture;
mod connection;
mod input;
mod picture;
mod screens;
mod wayland;

/// Every scenario with its name.
pub(crate) const ALL: &[(&str, fn())] = &[
    (
        "each_guest_pixel_is_one_pixel",
        picture::each_guest_pixel_is_one_pixel,
    ),
    (
        "a_screen_larger_than_the_window_scrolls",
        picture::a_screen_larger_than_the_window_scrolls,
    ),
    (
        "a_scaled_screen_has_no_seams",
        picture::a_scaled_screen_has_no_seams,
    ),
    ("a_zoomed_screen_is_sharp", picture::zoomed),
    (
        "what_changes_on_a_zoomed_screen_is_sharp_at_once",
        picture::changes_while_zoomed,
    ),
    ("a_reduced_screen_keeps_thin_lines", picture::reduced),
    (
        "a_zoomed_screen_has_no_seams",
        picture::zoomed_without_seams,
    ),
    ("the_picture_pans_at_the_edges", picture::pans),
    (
        "a_larger_window_shows_more_of_the_picture",
        picture::a_larger_window_shows_more,
    ),
    ("one_of_two_screens_is_shown", screens::one_of_two),
    (
        "the_pointer_arrives_on_one_of_two_screens",
        screens::the_pointer,
    ),
    (
        "one_of_two_screens_follows_the_window",
        screens::the_window_is_followed,
    ),
    ("keys_arrive", input::keys_arrive),
    (
        "the_grab_begins_with_a_click_and_ends_with_the_release_key",
        input::the_grab,
    ),
    ("no_key_stays_down", input::no_key_stays_down),
    ("the_pointer_arrives", input::the_pointer_arrives),
    (
        "the_pointer_is_captured_where_movements_are_wanted",
        capture::while_grabbed,
    ),
    (
        "a_captured_pointer_stays_on_the_picture",
        capture::stays_on_the_picture,
    ),
    ("the_server_ends_the_capture", capture::ends_with_the_wish),
    (
        "movements_have_the_size_of_the_picture",
        capture::size_of_the_picture,
    ),
    ("release_keys_can_be_chosen", input::release_keys),
    ("some_shortcuts_stay_with_the_host", input::host_shortcuts),
    (
        "nothing_gets_through_read_only",
        input::nothing_gets_through_read_only,
    ),
    (
        "the_screen_follows_the_window",
        connection::the_screen_follows_the_window,
    ),
    (
        "a_broken_connection_is_dimmed_and_comes_back",
        connection::a_broken_connection,
    ),
    (
        "a_flood_of_news_leaves_the_window_alive",
        connection::a_flood_of_news,
    ),
    (
        "a_hidden_display_catches_up",
        connection::a_hidden_display_catches_up,
    ),
    (
        "closing_lets_everything_go",
        connection::closing_lets_everything_go,
    ),
];

/// Those that run where two pixels of the monitor make one logical pixel.
pub(crate) const IN_DOUBLE_RESOLUTION: &[(&str, fn())] = &[
    (
        "in_double_resolution_each_guest_pixel_is_one_pixel",
        picture::in_double_resolution,
    ),
    (
        "in_double_resolution_the_pointer_arrives",
        picture::pointer_in_double_resolution,
    ),
];

/// Those that run under Wayland.
pub(crate) const UNDER_WAYLAND: &[(&str, fn())] = &[
    (
        "under_wayland_each_guest_pixel_is_one_pixel",
        wayland::pixels,
    ),
    (
        "under_wayland_keys_and_clicks_arrive",
        wayland::keys_and_clicks,
    ),
    (
        "under_wayland_shortcuts_of_the_desktop_arrive_or_not",
        wayland::shortcuts_of_the_desktop,
    ),
    ("under_wayland_full_screen_pans", wayland::full_screen),
    ("under_wayland_the_pointer_is_captured", wayland::capture),
    (
        "under_wayland_the_server_ends_the_capture",
        wayland::capture_ends_with_the_wish,
    ),
];
