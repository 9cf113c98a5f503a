//! A real Xen host: the one that `tests/xen/run` starts and tells of in the environment.

use std::fs::File;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use backend::host::Host;
use backend::model::{Guest, GuestId, GuestState};
use tokio::runtime::Runtime;

use crate::console::Console;
use crate::{testbed, wait};

/// How long a guest of an emulated host may take to boot: 20 s on a machine of its own.
pub const BOOT: Duration = Duration::from_mins(6);

/// The host is small: one test at a time has guests on it.
static TURN: Mutex<()> = Mutex::new(());

/// The Xen host, for one test.
#[derive(Debug)]
pub struct XenHost {
    tcp: String,
    ssh: String,
    shell: Vec<String>,
    runtime: Runtime,
    host: Host,
    _turn: MutexGuard<'static, ()>,
}

impl XenHost {
    /// The host, connected; `None`, with the reason on the terminal, where there is none.
    ///
    /// # Panics
    /// When there is one and it cannot be connected.
    pub fn get() -> Option<Self> {
        let of = |name: &str| std::env::var(name).ok();
        let (Some(tcp), Some(ssh), Some(shell)) = (
            of("GUESTHOUSE_XEN_TCP"),
            of("GUESTHOUSE_XEN_SSH"),
            of("GUESTHOUSE_XEN_SHELL"),
        ) else {
            // Past the capture of the test runner.
            let _ = writeln!(
                std::io::stderr(),
                "skipped: there is no Xen host; `make test-xen` starts one"
            );
            return None;
        };
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let runtime = Runtime::new().expect("there are threads");
        let host = Host::open(&tcp, runtime.handle());
        runtime.block_on(host.info()).expect("the host answers");
        Some(Self {
            tcp,
            ssh,
            shell: shell.split(' ').map(str::to_owned).collect(),
            runtime,
            host,
            _turn: turn,
        })
    }

    /// The address of its libvirt by TCP.
    pub fn tcp(&self) -> &str {
        &self.tcp
    }

    /// The address of its libvirt by ssh.
    pub fn ssh(&self) -> &str {
        &self.ssh
    }

    /// The backend's handle on it.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// What the backend's futures are awaited on.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Runs a command line on the host and gives what it printed.
    ///
    /// # Panics
    /// When it fails.
    pub fn shell(&self, line: &str) -> String {
        let output = Command::new(&self.shell[0])
            .args(&self.shell[1..])
            .arg(line)
            .stdin(Stdio::null())
            .output()
            .expect("ssh starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        assert!(output.status.success(), "{line}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// A guest as the backend knows it now.
    ///
    /// # Panics
    /// When there is none of that name.
    pub fn guest(&self, name: &str) -> Guest {
        let snapshot = self.host.snapshot();
        let guest = snapshot.guest_named(name);
        let guest = guest.unwrap_or_else(|| panic!("no {name} among {:?}", snapshot.guests));
        Guest::clone(guest)
    }

    /// Waits until the backend's picture of the guest of that name fits.
    ///
    /// # Panics
    /// When it never does.
    pub fn wait_for(&self, name: &str, what: &str, mut fits: impl FnMut(&Guest) -> bool) {
        let mut snapshots = self.host.watch();
        let reached = self.runtime.block_on(async {
            let fits = snapshots
                .wait_for(|snapshot| snapshot.guest_named(name).is_some_and(|guest| fits(guest)));
            tokio::time::timeout(BOOT, fits).await.is_ok()
        });
        assert!(reached, "{what}: never; {:?}", self.host.snapshot().guests);
    }

    /// Opens a guest's text console through libvirt.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub fn console(&self, id: GuestId) -> Console {
        // A guest that has just been started has none for a moment.
        let stream = wait::until("the console opens", wait::LIMIT, || {
            self.runtime.block_on(self.host.open_console(id)).ok()
        });
        Console::on_stream(stream, &self.runtime)
    }
}

/// A small paravirtual guest on the host, removed with its disk when this is dropped.
#[derive(Debug)]
pub struct PvGuest<'a> {
    on: &'a XenHost,
    /// Its name.
    pub name: String,
    /// Its identity.
    pub id: GuestId,
}

impl<'a> PvGuest<'a> {
    /// Defines it: 256 MiB of memory, up to 384, one processor, up to two, a disk, a screen.
    ///
    /// # Panics
    /// When the host refuses.
    pub fn define(on: &'a XenHost, name: &str) -> Self {
        on.shell(&format!("truncate -s 64M /srv/{name}.img"));
        let xml = include_str!("../xen/domain.xml").replace("@NAME@", name);
        let defined = on.runtime.block_on(on.host.define(xml));
        let id = defined.expect("the host takes the definition");
        on.wait_for(name, "listed", |_| true);
        Self {
            on,
            name: name.to_owned(),
            id,
        }
    }

    /// Starts it and waits until it is ready. Gives its console.
    ///
    /// # Panics
    /// When it does not get there.
    pub fn boot(&self) -> Console {
        let started = self.on.runtime.block_on(self.on.host.start(self.id));
        started.expect("the guest starts");
        self.wait_until_ready()
    }

    /// Waits until the running guest is ready. Gives its console.
    ///
    /// # Panics
    /// When it does not get there.
    pub fn wait_until_ready(&self) -> Console {
        let mut console = self.on.console(self.id);
        wait_for_shell(&mut console);
        console
    }

    /// Waits for a state.
    ///
    /// # Panics
    /// When it does not come.
    pub fn wait_for(&self, state: GuestState) {
        let what = format!("{} is {}", self.name, state.word());
        self.on
            .wait_for(&self.name, &what, |guest| guest.state == state);
    }
}

impl Drop for PvGuest<'_> {
    fn drop(&mut self) {
        remove(self.on, &self.name);
    }
}

/// Waits until the shell on a console answers. What the guest said before the console was opened is
/// not said again; a shell answers any time.
///
/// # Panics
/// When it never does.
pub fn wait_for_shell(console: &mut Console) {
    wait::until_true("the guest's shell answers", BOOT, || {
        console.type_line("echo SHELL-$((40 + 2))");
        console.said("SHELL-42", Duration::from_secs(5))
    });
}

/// Removes a guest with whatever belongs to it, as far as it is there.
pub fn remove(on: &XenHost, name: &str) {
    let line = format!(
        "virsh -q destroy {name}; virsh -q undefine --managed-save {name}; \
         rm -f /srv/{name}.img /var/lib/libvirt/images/{name}*"
    );
    on.shell(&format!("({line}) >/dev/null 2>&1; true"));
}

/// Notes that something was seen to work, and how long it took since `began`, in
/// `build/xen/operations.txt` and on the terminal.
///
/// # Panics
/// When the file cannot be written.
pub fn seen(what: &str, began: Instant) {
    let line = format!("| {what} | {:.1} s |\n", began.elapsed().as_secs_f64());
    let _ = write!(std::io::stderr(), "{line}");
    let path = testbed::checkout().join("build/xen/operations.txt");
    let file = File::options().append(true).create(true).open(path);
    let mut file = file.expect("the folder was made for the host");
    file.write_all(line.as_bytes()).expect("it can be written");
}
