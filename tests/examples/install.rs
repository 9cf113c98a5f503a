//! Creates a guest and sees its installation through, until it is killed: what a program does that
//! a test ends in the middle. Prints a line for each thing that happens.
//!
//! Arguments: connection, address of the tree, name, path of the disk.

use backend::Host;
use backend::install::{self, CreateRequest, DiskPlace, NetworkSource};
use backend::model::VirtualizationType;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [uri, url, name, disk] = &arguments[..] else {
        panic!("four arguments, not {arguments:?}");
    };
    let host = Host::open(uri, &tokio::runtime::Handle::current());
    host.info().await.expect("the host answers");
    let tree = install::detect(url, "x86_64").await.expect("a tree");
    let request = CreateRequest {
        name: name.clone(),
        memory_mib: 256,
        maximum_memory_mib: 512,
        vcpus: 1,
        maximum_vcpus: 1,
        disk: DiskPlace::Path(disk.clone()),
        disk_gib: 10,
        tree,
        installer: 0,
        extra_arguments: String::from("console=tty0 console=ttyS0 quiet"),
        virtualization: VirtualizationType::Emulation,
        network: NetworkSource::Network(String::from("default")),
    };
    match install::create(&host, request).outcome().await {
        Ok(_) => println!("created"),
        Err(error) => {
            println!("failed: {error} {:?}", error.detail());
            std::process::exit(1);
        }
    }
    install::watch_second_stage(host, |event| println!("{event:?}")).await;
}
