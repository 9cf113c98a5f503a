//! Guests out of files that describe them.

use integration::daemon::{Libvirtd, virsh};
use integration::tier::Tier;
use integration::{program, sandbox};

const XL: &str = "# as xm took it\nname = 'web'\nkernel = '/srv/vmlinuz'\nmemory = 64\n\
                  disk = ['phy:/dev/vg/web,xvda,w']\nwonder = 7\n";

fn import(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = program::run(&[&["-c", Libvirtd::URI, "import"], arguments].concat());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn files_become_guests_or_are_explained() {
    sandbox::run(Tier::Guests, || {
        let _daemon = Libvirtd::start();
        let file = |name: &str, content: &str| {
            let path = format!("/run/home/{name}");
            std::fs::write(&path, content).expect("the sandbox is ours");
            path
        };
        let xl = file("web.cfg", XL);
        let (status, xml, notes) = import(&["--dry-run", &xl]);
        assert_eq!(status, Some(0), "{notes}");
        assert!(xml.contains("<name>web</name>") && xml.contains("/dev/vg/web"));
        assert!(
            notes.contains("Line 6") && notes.contains("wonder"),
            "{notes}"
        );
        // A guest of Xen on a host that is none.
        let (status, _, message) = import(&[&xl]);
        assert_eq!(status, Some(1));
        assert!(message.contains("Xen"), "{message}");
        assert_eq!(virsh(&["list", "--all", "--name"]), "");

        let xml = file(
            "db.xml",
            "<domain type='qemu'><name>db</name><memory unit='MiB'>64</memory>\
             <os><type arch='x86_64'>hvm</type></os></domain>",
        );
        let (status, said, message) = import(&[&xml]);
        assert_eq!(status, Some(0), "{message}");
        assert!(said.contains("db"));
        assert_eq!(virsh(&["domstate", "db"]), "shut off");
        // The second time it is there, and stays as it is.
        let before = virsh(&["dumpxml", "db"]);
        let (status, _, message) = import(&[&xml]);
        assert_eq!(status, Some(1));
        assert!(message.contains("“db” exists already"), "{message}");
        let id = virsh(&["domuuid", "db"]);
        let same = before.replace("<name>db</name>", "<name>other</name>");
        assert!(same.contains(&id));
        let (status, _, message) = import(&[&file("same.xml", &same)]);
        assert_eq!(status, Some(1));
        assert!(message.contains("identity"), "{message}");
        assert_eq!(virsh(&["dumpxml", "db"]), before);

        for (content, part) in [
            ("name = 'a'\nmemory = [1,\n", "line"),
            ("<domain><name>a</name>", "not"),
            ("<network/>", "<domain>"),
            ("", "."),
        ] {
            let (status, _, message) = import(&[&file("bad", content)]);
            assert_eq!(status, Some(1), "{content}");
            assert!(message.to_lowercase().contains(part), "{message}");
        }
        let (status, _, message) = import(&["/nowhere.cfg"]);
        assert_eq!(status, Some(1));
        assert!(message.contains("/nowhere.cfg"), "{message}");
    });
}
