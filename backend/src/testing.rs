//! For unit tests.

use std::io::Write as _;

use virt::connect::Connect;

/// A connection to a test driver of its own with one running guest called `test`. `test:///default`
/// is one for all tests of a process: what one removes there the others miss.
pub(crate) fn own_driver() -> Connect {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file can be made");
    let node = "<node><domain type='test'><name>test</name><memory>8192</memory>\
                <os><type>hvm</type></os></domain></node>";
    file.write_all(node.as_bytes())
        .expect("a temporary file can be written");
    let uri = format!("test://{}", file.path().display());
    // The driver reads the file as it opens.
    Connect::open(Some(&uri)).expect("the driver reads it")
}
