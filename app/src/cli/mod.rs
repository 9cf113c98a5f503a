//! The command line: everything a script or a terminal wants, on the same code as the windows and
//! without a display (`view` alone opens a window).

mod ask;
mod ask_screen;
mod check;
mod console;
mod create;
mod detect;
mod export;
mod host;
mod import;
mod list;
mod memory;
mod output;
mod power;
mod save;
mod screenshot;
mod second_stage;
mod vcpus;
mod watch_job;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::runtime;
use crate::viewer::{self, VncAddress};
use power::Act;

pub use create::CreateArguments;
pub use power::{GuestArguments, ShutdownArguments};
pub use save::{RestoreArguments, SaveArguments};
pub use vcpus::VcpusArguments;

const EXAMPLES: &str = "\
Examples:
  guesthouse
      Open the window with the guests of this machine.
  guesthouse list --connect qemu+ssh://root@host/system
      List the guests of another host.
  guesthouse detect https://ftp.debian.org/debian/
      Tell what an address would install, without making anything.
  guesthouse create --name web --memory 2048 --disk /var/lib/libvirt/images/web.qcow2 \\
      --size 20 --install-url https://ftp.debian.org/debian/
      Make a guest and start its installer.
  guesthouse memory web 1024
      Give a running guest 1024 MiB and wait until it follows.
  guesthouse shutdown --wait web
      Ask a guest to shut down and stay until it is off.
  guesthouse save web /var/lib/libvirt/images/web.save
      Save a guest into a file, from which `restore` lets it go on.
  guesthouse console web
      Type into a guest's text console; Ctrl+] leaves it.
  guesthouse import --dry-run /etc/xen/web.cfg
      Tell what a guest of xl or xm becomes, and what is not carried over.
  guesthouse check
      Tell whether this machine is fit for guests, and how to mend what is not.
  guesthouse view server:1
      Open the VNC display number 1 of a machine.

Exit status:
  0  done
  1  failed; the reason is on standard error. `check`: there is a problem
  2  the command line was not understood
  3  a guest did not follow: the hypervisor took the new memory, the guest did not yet
  130  cancelled with Ctrl+C; what was begun has been undone

Environment:
  GUESTHOUSE_LOG  what to log to standard error, for instance `debug` or `backend=trace`
  NO_COLOR        when set, `check` shows no colours";

/// A desktop manager for virtual machines on KVM and Xen.
///
/// Without a command it opens its window. Every command works without a display, except `view`.
#[derive(Debug, Parser)]
#[command(name = "guesthouse", version, after_long_help = EXAMPLES)]
pub struct Arguments {
    // Not a doc comment: markdown would want addresses in brackets.
    #[arg(long, short = 'c', global = true, value_name = "URI")]
    #[arg(
        help = "The host to use: a libvirt connection URI, such as qemu:///system or \
                  qemu+ssh://user@host/system. Without it, this machine's own hypervisor"
    )]
    pub connect: Option<String>,

    /// What to do; nothing: open the window.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What can be done from the command line.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the guests of a host: identity, name, state, memory, processors.
    List(ListArguments),
    /// Tell what an install URL holds, without making anything.
    Detect(DetectArguments),
    /// Make a guest and start its installer from an install URL.
    Create(CreateArguments),
    /// Give a running guest this much memory, and see whether it follows.
    Memory(MemoryArguments),
    /// Tell how many virtual processors a guest has, or give it that many.
    Vcpus(VcpusArguments),
    /// Start a guest, or let one go on that the host has saved.
    Start(GuestArguments),
    /// Ask a guest to shut down.
    Shutdown(ShutdownArguments),
    /// Ask a guest to reboot.
    Reboot(GuestArguments),
    /// Pull a guest's plug: it stops at once, and what its programs have not saved is lost.
    ForceOff(GuestArguments),
    /// Stop a guest where it is; it keeps its memory.
    Pause(GuestArguments),
    /// Let a paused guest go on.
    Resume(GuestArguments),
    /// Save a guest's memory and end it, to go on from there later. Ctrl+C lets it go on at once.
    Save(SaveArguments),
    /// Let a guest go on from a file it was saved into.
    Restore(RestoreArguments),
    /// Type into a guest's text console. Ctrl+] leaves it, and the guest stays on.
    Console(GuestArguments),
    /// Make a guest out of a configuration file of xl or xm, or of libvirt's XML.
    Import(ImportArguments),
    /// Write a Xen guest as a configuration file for xl, on standard output.
    Export(ExportArguments),
    /// Save a picture of a guest's screen as PNG.
    Screenshot(ScreenshotArguments),
    /// Tell whether a host is fit for guests, and what to do where it is not.
    ///
    /// Looks at the processor, KVM, Xen, libvirt and its versions, your rights, network, storage and
    /// firmware; of another machine, at what its libvirt tells. Changes nothing: what would help is
    /// shown as a command to copy. The exit status is 0 when there is no problem, and 1 when there is
    /// one; notes do not count.
    Check(CheckArguments),
    /// Open a window on any VNC server; asks for the password where there is one.
    View(ViewArguments),
}

/// Arguments of `list`.
#[derive(Debug, Args)]
pub struct ListArguments {
    /// Print JSON: an array with one object per guest.
    #[arg(long)]
    json: bool,
}

/// Arguments of `detect`.
#[derive(Debug, Args)]
pub struct DetectArguments {
    /// Address of an install tree, or of a Debian or Ubuntu mirror.
    url: String,
    /// Processor the guest will have, by libvirt's name.
    #[arg(long, value_name = "ARCH", default_value = std::env::consts::ARCH)]
    arch: String,
    /// Print JSON: one object.
    #[arg(long)]
    json: bool,
}

/// Arguments of `memory`.
#[derive(Debug, Args)]
pub struct MemoryArguments {
    /// The guest.
    name: String,
    /// Its new memory, in MiB; at most the maximum it was started with.
    #[arg(value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..))]
    mib: u64,
    /// Also when it is so little that the guest is likely to fail.
    #[arg(long)]
    force: bool,
}

/// Arguments of `import`.
#[derive(Debug, Args)]
pub struct ImportArguments {
    /// The file: what `xl create` or `xm create` takes, or libvirt's XML of a guest.
    file: PathBuf,
    /// Only print the definition that would be made, and what is not carried over.
    #[arg(long)]
    dry_run: bool,
    /// Start the guest at once.
    #[arg(long, conflicts_with = "dry_run")]
    start: bool,
}

/// Arguments of `export`.
#[derive(Debug, Args)]
pub struct ExportArguments {
    /// The guest.
    name: String,
}

/// Arguments of `screenshot`.
#[derive(Debug, Args)]
pub struct ScreenshotArguments {
    /// The guest.
    name: String,
    /// The PNG file to write; a file of that name is replaced.
    file: PathBuf,
    /// Which of the guest's displays, where it has several.
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    display: u32,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArguments {
    /// Print JSON: one object, with an array of lines.
    #[arg(long)]
    json: bool,
}

/// Arguments of `view`.
#[derive(Debug, Args)]
pub struct ViewArguments {
    /// The server; an IPv6 address in brackets.
    #[arg(value_name = "HOST[:DISPLAY|::PORT]")]
    address: VncAddress,
}

/// Runs a command to its end.
pub fn run(command: Command, connect: Option<&str>) -> ExitCode {
    match command {
        Command::View(arguments) => viewer::run(arguments.address),
        command => runtime::handle().block_on(run_without_window(command, connect)),
    }
}

async fn run_without_window(command: Command, connect: Option<&str>) -> ExitCode {
    let outcome = match command {
        Command::List(arguments) => list::run(&arguments, connect).await,
        Command::Detect(arguments) => detect::run(&arguments).await,
        Command::Create(arguments) => create::run(arguments, connect).await,
        Command::Memory(arguments) => memory::run(&arguments, connect).await,
        Command::Vcpus(arguments) => vcpus::run(&arguments, connect).await,
        Command::Start(arguments) => power::run(Act::Start, &arguments, connect).await,
        Command::Shutdown(arguments) => power::shut_down(&arguments, connect).await,
        Command::Reboot(arguments) => power::run(Act::Reboot, &arguments, connect).await,
        Command::ForceOff(arguments) => power::run(Act::ForceOff, &arguments, connect).await,
        Command::Pause(arguments) => power::run(Act::Pause, &arguments, connect).await,
        Command::Resume(arguments) => power::run(Act::Resume, &arguments, connect).await,
        Command::Save(arguments) => save::save(&arguments, connect).await,
        Command::Restore(arguments) => save::restore(&arguments, connect).await,
        Command::Console(arguments) => console::run(&arguments, connect).await,
        Command::Import(arguments) => import::run(&arguments, connect).await,
        Command::Export(arguments) => export::run(&arguments, connect).await,
        Command::Screenshot(arguments) => screenshot::run(&arguments, connect).await,
        Command::Check(arguments) => Ok(check::run(&arguments, connect).await),
        // `run` opened its window.
        Command::View(_) => Ok(ExitCode::SUCCESS),
    };
    outcome.unwrap_or_else(|error| {
        output::print_error(&error);
        output::exit_code(&error)
    })
}
