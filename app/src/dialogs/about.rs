//! What this program is.

use adw::prelude::*;

use crate::application;

/// Shows what this program is.
pub fn present(parent: &impl IsA<gtk::Window>) {
    adw::AboutWindow::builder()
        .transient_for(parent)
        .modal(true)
        .application_name("Guesthouse")
        .application_icon(application::ID)
        .version(env!("CARGO_PKG_VERSION"))
        .comments("A manager for virtual machines on KVM and Xen")
        .developer_name("The Guesthouse developers")
        .copyright("© The Guesthouse developers")
        .license_type(gtk::License::Gpl30)
        .build()
        .present();
}
