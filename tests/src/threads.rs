//! A tokio runtime that a failing test does not wait for.

use std::ops::Deref;

use tokio::runtime::Runtime;

/// A runtime whose threads are left behind when it is dropped: one that waits for a host which does
/// not answer would keep a test that has failed from saying so.
#[derive(Debug)]
pub struct Threads(Option<Runtime>);

impl Threads {
    /// Starts them.
    ///
    /// # Panics
    /// When the system gives none.
    pub fn start() -> Self {
        Self(Some(Runtime::new().expect("there are threads")))
    }
}

impl Deref for Threads {
    type Target = Runtime;

    fn deref(&self) -> &Runtime {
        self.0.as_ref().expect("taken only when dropped")
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
