//! Opens the create dialog alone, for trying it out:
//! `cargo run -p wizard --example dialog -- [--connect URI]... [--recent URL]...`
//!
//! Says on standard output what the dialog reports. Without a URI it uses libvirt's test driver,
//! which creates nothing anywhere.

use std::process::ExitCode;

use adw::prelude::*;
use relm4::{Component, ComponentController};
use wizard::{CreateDialog, CreateInit, CreateOutput};

fn main() -> ExitCode {
    let mut uris = Vec::new();
    let mut recent_urls = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match (argument.as_str(), arguments.next()) {
            ("--connect", Some(uri)) => uris.push(uri),
            ("--recent", Some(url)) => recent_urls.push(url),
            _ => {
                eprintln!("usage: dialog [--connect URI]... [--recent URL]...");
                return ExitCode::FAILURE;
            }
        }
    }
    if uris.is_empty() {
        uris.push("test:///default".to_owned());
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("dialog: {error}");
            return ExitCode::FAILURE;
        }
    };
    let handle = runtime.handle().clone();
    let hosts: Vec<_> = uris
        .iter()
        .map(|uri| backend::Host::open(uri, &handle))
        .collect();

    let application = adw::Application::builder()
        .application_id("io.github.guesthouse.Guesthouse.CreateDialog")
        .build();
    application.connect_activate(move |application| {
        let hold = application.hold();
        let init = CreateInit {
            hosts: hosts.clone(),
            preferred: 0,
            runtime: handle.clone(),
            recent_urls: recent_urls.clone(),
            parent: None,
            choices: None,
        };
        let quit = application.clone();
        let mut dialog = CreateDialog::builder()
            .launch(init)
            .connect_receiver(move |_, output| {
                let _ = &hold;
                match output {
                    CreateOutput::Creating { name, url, .. } => {
                        println!("creating {name} from {url}");
                    }
                    CreateOutput::Closed => {
                        println!("closed");
                        quit.quit();
                    }
                }
            });
        dialog.detach_runtime();
    });
    application.run_with_args::<&str>(&[]);
    runtime.shutdown_background();
    ExitCode::SUCCESS
}
