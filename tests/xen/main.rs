//! Everything on a real Xen host: `make test-xen`. Without one, each test says that it is skipped.

mod create;
mod files;
mod guest;
mod host;
mod screen;
mod window;
