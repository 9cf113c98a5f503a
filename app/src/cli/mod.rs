//! The command line.

use clap::Parser;

/// A desktop manager for virtual machines on KVM and Xen.
#[derive(Debug, Parser)]
#[command(name = "guesthouse", version)]
pub struct Arguments {
    /// The host to show: a libvirt connection URI. Without it, this machine's own hypervisor and
    /// the hosts added before.
    #[arg(long, short = 'c', value_name = "URI")]
    pub connect: Option<String>,
}
