//! What the settings of a file mean: the guest that xl.cfg(5) says they describe.

use crate::error::{Error, ErrorKind, Result};

use super::guest::{Actions, Clock, Features, Guest};
use super::syntax::File;
use super::{Kind, Note};
use settings::Settings;

mod boot;
mod devices;
mod display;
mod known;
mod ports;
mod settings;

/// The guest a file describes, and what of the file it leaves out.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] where there is no name or none that libvirt takes.
pub(super) fn guest(file: File) -> Result<(Guest, Vec<Note>)> {
    let File {
        settings,
        variables,
        notes,
    } = file;
    let mut settings = Settings::new(settings, notes);
    let (line, name) = settings.line("name").ok_or_else(|| {
        Error::new(
            ErrorKind::InvalidInput,
            "This file names no guest, so it is not the configuration of one.",
        )
        .with_remedy("Give the guest a name in it, by a line such as: name = \"web\"")
    })?;
    let name = name.trim();
    if name.contains(['/', '\n']) {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            format!("The guest's name in line {line} has a slash or a line's end in it."),
        )
        .with_remedy("Choose another name in the file; libvirt does not take this one."));
    }
    let kind = boot::kind(&mut settings);
    let mut guest = Guest {
        kind,
        name: name.into(),
        uuid: uuid(&mut settings),
        boot: boot::read(&mut settings, kind),
        features: features(&mut settings, kind),
        clock: clock(&mut settings, kind),
        actions: actions(&mut settings),
        ..Guest::default()
    };
    memory(&mut settings, &mut guest);
    processors(&mut settings, &mut guest);
    guest.displays = display::read(&mut settings, kind);
    guest.video = display::video(&mut settings, kind);
    devices::read(&mut settings, &mut guest);
    ports::read(&mut settings, &mut guest);
    guest.max_grant_frames = settings.size("max_grant_frames");
    guest.max_event_channels = settings.size("max_event_channels");

    let (left, mut notes) = settings.into_left();
    for (line, key) in left {
        // A name that only serves other lines has done so.
        let why = known::reason(&key, kind);
        if !(variables.contains(&key) && why == known::reason("", kind)) {
            notes.push(Note::at_line(line, key, why));
        }
    }
    notes.sort_by_key(|note| note.line);
    Ok((guest, notes))
}

fn uuid(settings: &mut Settings) -> Option<String> {
    let (line, text) = settings.line("uuid")?;
    let uuid = uuid::Uuid::parse_str(text.trim()).ok();
    if uuid.is_none() {
        settings.note(line, "uuid", "This is no UUID; the guest gets a new one.");
    }
    uuid.map(|uuid| uuid.hyphenated().to_string())
}

fn memory(settings: &mut Settings, guest: &mut Guest) {
    // More is a slip of the keyboard, and is not to overflow when counted in KiB.
    const MOST: u64 = 1 << 32;
    let mut mebibytes = |key| {
        let size = settings.size(key)?;
        if size == 0 || size > MOST {
            settings.note(
                0,
                key,
                "This is no amount of memory in MiB; it is left out.",
            );
            return None;
        }
        Some(size)
    };
    let memory = mebibytes("memory");
    let most = mebibytes("maxmem");
    let memory = memory.or(most).unwrap_or_else(|| {
        settings.note(
            0,
            "memory",
            "No amount of memory is given; the guest gets 128 MiB.",
        );
        128
    });
    if most.is_some_and(|most| most < memory) {
        settings.note(
            0,
            "maxmem",
            "The most memory is less than what the guest starts with; it may have just that.",
        );
    }
    guest.memory = memory * 1024;
    guest.max_memory = most.unwrap_or(memory).max(memory) * 1024;
}

fn processors(settings: &mut Settings, guest: &mut Guest) {
    const MOST: u64 = 4096;
    let mut count = |key| {
        let count = settings.size(key)?;
        if count == 0 || count > MOST {
            settings.note(0, key, "This is no number of virtual CPUs; it is left out.");
            return None;
        }
        Some(count)
    };
    let most = count("maxvcpus");
    let now = count("vcpus");
    guest.vcpus = now.unwrap_or(1);
    guest.max_vcpus = most.unwrap_or(guest.vcpus);
    if guest.max_vcpus < guest.vcpus {
        settings.note(
            0,
            "vcpus",
            "There are more virtual CPUs than maxvcpus allows; the limit is raised.",
        );
        guest.max_vcpus = guest.vcpus;
    }
    if settings.is_list("cpus") {
        for (vcpu, (line, cpus)) in (0..).zip(settings.list("cpus")) {
            match cpu_set(&cpus) {
                Ok(None) => {}
                Ok(Some(cpus)) if vcpu < guest.max_vcpus => guest.pins.push((vcpu, cpus)),
                Ok(Some(_)) => settings.note(
                    line,
                    "cpus",
                    "There is no such virtual CPU; it is left out.",
                ),
                Err(why) => settings.note(line, "cpus", why),
            }
        }
    } else if let Some((line, cpus)) = settings.line("cpus") {
        match cpu_set(&cpus) {
            Ok(cpus) => guest.cpus = cpus,
            Err(why) => settings.note(line, "cpus", why),
        }
    }
    if let Some((line, text)) = settings.line("cpu_weight") {
        let weight = super::spec::number(&text).and_then(|weight| u64::try_from(weight).ok());
        guest.weight = weight.filter(|weight| (1..=65535).contains(weight));
        if guest.weight.is_none() {
            settings.note(
                line,
                "cpu_weight",
                "A weight is a number from 1 to 65535; it is left out.",
            );
        }
    }
}

/// A set of host CPUs as libvirt writes it; nothing for all of them.
fn cpu_set(text: &str) -> std::result::Result<Option<String>, &'static str> {
    let text: String = text.split_whitespace().collect();
    if text.is_empty() || text == "all" {
        return Ok(None);
    }
    let number = |text: &str| {
        !text.is_empty() && text.len() <= 5 && text.chars().all(|digit| digit.is_ascii_digit())
    };
    let understood = text.split(',').all(|part| match part.strip_prefix('^') {
        Some(excluded) => number(excluded),
        None => match part.split_once('-') {
            Some((first, last)) => number(first) && number(last),
            None => number(part),
        },
    });
    let begins = text.starts_with(|first: char| first.is_ascii_digit());
    if understood && begins {
        return Ok(Some(text));
    }
    Err(
        "This choice of host CPUs has no form in libvirt's XML; the guest may use all of them. \
         Numbers, ranges and single exclusions do, such as 0-3,5,^1.",
    )
}

fn features(settings: &mut Settings, kind: Kind) -> Features {
    let mut features = Features::default();
    if kind == Kind::Hvm {
        features.acpi = settings.flag("acpi").unwrap_or(true);
        features.apic = settings.flag("apic").unwrap_or(true);
        features.pae = settings.flag("pae").unwrap_or(true);
        features.viridian = viridian(settings);
        settings.only(
            "nx",
            true,
            "libvirt has no setting for this with Xen; the guest sees it.",
        );
        settings.only(
            "xen_platform_pci",
            true,
            "libvirt always gives the guest this device.",
        );
        settings.only(
            "vkb_device",
            true,
            "libvirt always gives the guest this device.",
        );
        for key in ["acpi_s3", "acpi_s4"] {
            settings.only(
                key,
                true,
                "libvirt has no setting for this with Xen; the guest sees it.",
            );
        }
    }
    if kind == Kind::Pv {
        features.e820_host = settings.flag("e820_host");
    } else {
        features.hap = settings.flag("hap");
        features.nested = settings.flag("nestedhvm").unwrap_or(false);
    }
    if let Some((line, mode)) = settings.line("passthrough") {
        match mode.trim() {
            "default" => {}
            mode @ ("disabled" | "enabled" | "sync_pt" | "share_pt") => {
                features.passthrough = Some(mode.into());
            }
            _ => settings.note(
                line,
                "passthrough",
                "This mode is not known; the host chooses.",
            ),
        }
    }
    features
}

/// libvirt switches all enlightenments together.
fn viridian(settings: &mut Settings) -> bool {
    if !settings.is_list("viridian") {
        return settings.flag("viridian").unwrap_or(false);
    }
    let groups = settings.list("viridian");
    let Some(&(line, _)) = groups.first() else {
        return false;
    };
    if groups.iter().any(|(_, group)| group != "defaults") {
        settings.note(
            line,
            "viridian",
            "libvirt cannot choose among the groups of enlightenments; the usual ones are switched on.",
        );
    }
    true
}

fn clock(settings: &mut Settings, kind: Kind) -> Clock {
    let mut clock = Clock {
        localtime: settings.flag("localtime").unwrap_or(false),
        ..Clock::default()
    };
    if kind == Kind::Hvm {
        clock.offset = settings.number("rtc_timeoffset").unwrap_or(0);
        clock.hpet = settings.flag("hpet");
    } else if let Some((line, text)) = settings.line("rtc_timeoffset")
        && super::spec::number(&text) != Some(0)
    {
        settings.note(
            line,
            "rtc_timeoffset",
            "Only fully virtualized guests have this with libvirt.",
        );
    }
    if let Some((line, mode)) = settings.line("tsc_mode") {
        match mode.trim() {
            "default" | "0" => {}
            "always_emulate" | "1" => clock.tsc = Some("always_emulate".into()),
            "native" | "2" => clock.tsc = Some("native".into()),
            "native_paravirt" | "3" => clock.tsc = Some("native_paravirt".into()),
            _ => settings.note(
                line,
                "tsc_mode",
                "This mode is not known; the host chooses.",
            ),
        }
    }
    clock
}

/// What a crash leads to where nothing is said is libvirt's choice, as with its own conversion:
/// xm restarted such a guest, xl destroys it.
fn actions(settings: &mut Settings) -> Actions {
    let mut action = |key, default: &str| {
        let Some((line, action)) = settings.line(key) else {
            return default.into();
        };
        let dumps =
            key == "on_crash" && matches!(action.as_str(), "coredump-destroy" | "coredump-restart");
        if dumps
            || matches!(
                action.as_str(),
                "destroy" | "restart" | "rename-restart" | "preserve"
            )
        {
            return action;
        }
        settings.note(
            line,
            key,
            format!("libvirt cannot do this on this event with Xen; it will {default} the guest."),
        );
        default.into()
    };
    let actions = Actions {
        poweroff: action("on_poweroff", "destroy"),
        reboot: action("on_reboot", "restart"),
        crash: action("on_crash", "restart"),
    };
    for (key, usual) in [("on_watchdog", "destroy"), ("on_soft_reset", "soft-reset")] {
        if let Some((line, action)) = settings.line(key)
            && action != usual
        {
            settings.note(line, key, known::reason(key, Kind::Hvm));
        }
    }
    actions
}
