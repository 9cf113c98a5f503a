use std::fmt::Write;
use std::time::Duration;

use super::detect::detect;
use super::http::Patience;
use super::test_server::{Reply, TestServer};
use super::{InstallTree, TreeFamily, XenBoot};
use crate::error::{Error, ErrorKind};
use crate::model::VirtualizationType;

const IMAGES: &str = "/debian/dists/bookworm/main/installer-amd64/current/images";
const RELEASE: &str = "Origin: Debian\nLabel: Debian\nSuite: oldstable\nVersion: 12.15\n\
                       Codename: bookworm\nArchitectures: amd64 arm64\n";

/// For servers whose silence is what is expected. With the others a pause of a busy machine would
/// be taken for it.
const SHORT: Patience = Patience {
    connect: Duration::from_mins(1),
    read: Duration::from_millis(300),
    text: Duration::from_millis(600),
};

async fn found(url: &str) -> InstallTree {
    detect(url, "x86_64", Patience::default()).await.unwrap()
}

/// The error, which must be one that a person can act on.
async fn refused(url: &str) -> Error {
    refused_within(Patience::default(), url).await
}

async fn refused_within(patience: Patience, url: &str) -> Error {
    let error = detect(url, "x86_64", patience).await.unwrap_err();
    assert!(error.message().ends_with('.'), "{error}");
    assert!(error.remedy().is_some(), "{error}");
    error
}

fn debian(server: &TestServer) {
    let kernel = "ab".repeat(32);
    let mut sums = String::new();
    server.text("/debian/dists/bookworm/Release", RELEASE);
    for folder in ["netboot", "netboot/gtk"] {
        for (file, size) in [("linux", 1000), ("initrd.gz", 5000)] {
            let path = format!("{folder}/debian-installer/amd64/{file}");
            writeln!(sums, "{kernel}  ./{path}").unwrap();
            server.file(&format!("{IMAGES}/{path}"), size);
        }
    }
    server.text(&format!("{IMAGES}/SHA256SUMS"), &sums);
    server.page(
        "/debian/dists/",
        "<a href=\"../\">up</a><a href=\"bookworm/\">bookworm/</a>",
    );
}

#[tokio::test]
async fn debian_is_found_from_every_depth_of_address() {
    let server = TestServer::start().await;
    debian(&server);
    for path in [
        "",
        "/debian",
        "/debian/dists/",
        "/debian/dists/bookworm",
        "/debian/dists/bookworm/main/installer-amd64/",
        "/debian/dists/bookworm/main/installer-amd64/current/images/netboot/gtk/",
        "/debian/dists/bookworm/Release",
    ] {
        let tree = found(&server.url(path)).await;
        assert_eq!(tree.family, TreeFamily::Debian, "{path}");
        assert_eq!(tree.system(), "Debian 12 (bookworm)");
        assert_eq!(tree.os_id.as_deref(), Some("http://debian.org/debian/12"));
        assert_eq!(tree.url, server.url("/debian/"));
        assert_eq!(tree.installers.len(), 2);
        assert!(tree.installers[0].graphical && !tree.installers[1].graphical);
        let initrd = &tree.installers[0].initrd;
        assert_eq!(
            initrd.url,
            server.url(&format!(
                "{IMAGES}/netboot/gtk/debian-installer/amd64/initrd.gz"
            ))
        );
        assert_eq!(initrd.size, Some(5000));
        assert_eq!(initrd.sha256, Some("ab".repeat(32)));
        assert_eq!(tree.minimum_memory_mib, 780);
    }
}

#[tokio::test]
async fn of_several_suites_stable_is_taken() {
    let server = TestServer::start().await;
    debian(&server);
    let images = IMAGES.replace("bookworm", "stable");
    server
        .page(
            "/debian/dists/",
            "<a href='bookworm/'>x</a><a href='stable-updates/'>x</a><a href='stable/'>x</a>",
        )
        .text(
            "/debian/dists/stable/Release",
            "Origin: Debian\nSuite: stable\nVersion: 13.2\nCodename: trixie\n",
        )
        .file(&format!("{images}/netboot/debian-installer/amd64/linux"), 9)
        .file(
            &format!("{images}/netboot/debian-installer/amd64/initrd.gz"),
            9,
        );
    let tree = found(&server.url("/debian")).await;
    assert_eq!(tree.system(), "Debian 13 (trixie)");
    // Without a list of checksums the files are looked for, and only text was there.
    assert_eq!(tree.installers.len(), 1);
    assert!(!tree.installers[0].graphical);
    assert_eq!(tree.installers[0].kernel.sha256, None);
    assert_eq!(tree.minimum_memory_mib, 512);
}

#[tokio::test]
async fn a_mirror_without_listings_is_searched_for_known_suites() {
    let server = TestServer::start().await;
    debian(&server);
    server.on("/debian/dists/", Reply::Status(403));
    let tree = found(&server.url("/debian")).await;
    assert_eq!(tree.codename.as_deref(), Some("bookworm"));
}

#[tokio::test]
async fn ubuntu_keeps_its_last_network_installer_elsewhere() {
    let server = TestServer::start().await;
    let images = "/ubuntu/dists/focal/main/installer-amd64/current/legacy-images";
    server
        .page(
            "/ubuntu/dists/",
            "<a href=\"noble/\">noble/</a><a href=\"focal/\">focal/</a>",
        )
        .text(
            "/ubuntu/dists/focal/Release",
            "Origin: Ubuntu\nSuite: focal\nVersion: 20.04\nCodename: focal\n",
        )
        .text(
            "/ubuntu/dists/noble/Release",
            "Origin: Ubuntu\nSuite: noble\nVersion: 24.04\nCodename: noble\n",
        )
        .file(
            &format!("{images}/netboot/ubuntu-installer/amd64/linux"),
            100,
        )
        .file(
            &format!("{images}/netboot/ubuntu-installer/amd64/initrd.gz"),
            100,
        );
    let tree = found(&server.url("/ubuntu/")).await;
    assert_eq!(tree.system(), "Ubuntu 20.04 (focal)");
    assert_eq!(
        tree.os_id.as_deref(),
        Some("http://ubuntu.com/ubuntu/20.04")
    );

    let error = refused(&server.url("/ubuntu/dists/noble")).await;
    assert_eq!(error.kind(), ErrorKind::NotAnInstallTree);
    assert!(error.remedy().unwrap().contains("focal"));
}

fn fedora(server: &TestServer, folder: &str, treeinfo: &str) {
    server
        .text(&format!("{folder}.treeinfo"), treeinfo)
        .file(&format!("{folder}images/pxeboot/vmlinuz"), 2000)
        .file(&format!("{folder}images/pxeboot/initrd.img"), 8000);
}

const FEDORA: &str = "[checksums]\n\
    images/pxeboot/vmlinuz = sha256:CDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCD\n\
    [general]\narch = x86_64\nfamily = Fedora\nname = Fedora 43\nversion = 43\n\
    [header]\ntype = productmd.treeinfo\nversion = 1.2\n\
    [images-x86_64]\ninitrd = images/pxeboot/initrd.img\nkernel = images/pxeboot/vmlinuz\n\
    [release]\nname = Fedora\nshort = Fedora\nversion = 43\n[tree]\narch = x86_64\n";

#[tokio::test]
async fn fedora_is_found_at_its_tree_and_above_it() {
    let server = TestServer::start().await;
    fedora(&server, "/43/Everything/x86_64/os/", FEDORA);
    for path in ["/43/", "/43/Everything/x86_64/os", "/43/Everything/x86_64"] {
        let tree = found(&server.url(path)).await;
        assert_eq!(tree.family, TreeFamily::TreeInfo);
        assert_eq!(tree.system(), "Fedora 43");
        assert_eq!(
            tree.os_id.as_deref(),
            Some("http://fedoraproject.org/fedora/43")
        );
        let installer = &tree.installers[0];
        assert_eq!(installer.kernel.sha256, Some("cd".repeat(32)));
        assert_eq!(installer.kernel.size, Some(2000));
        assert_eq!(installer.initrd.sha256, None);
        assert_eq!(
            installer.arguments,
            format!("inst.repo={}", server.url("/43/Everything/x86_64/os/"))
        );
    }
}

#[tokio::test]
async fn old_red_hat_is_told_its_tree_in_its_own_words() {
    let server = TestServer::start().await;
    let treeinfo = "[general]\nfamily = Red Hat Enterprise Linux Server\nversion = 5.11\n\
                    arch = x86_64\n[images-x86_64]\nkernel = images/pxeboot/vmlinuz\n\
                    initrd = images/pxeboot/initrd.img\n[images-xen]\nkernel = images/xen/vmlinuz\n";
    fedora(&server, "/", treeinfo);
    let tree = found(&server.url("/")).await;
    assert_eq!(tree.system(), "Red Hat Enterprise Linux Server 5.11");
    assert_eq!(
        tree.installers[0].arguments,
        format!("method={}", server.url("/"))
    );
    // Half of a pair is none.
    assert_eq!(tree.installers[0].on_xen, XenBoot::No);
}

#[tokio::test]
async fn kernels_that_trees_carry_for_xen_are_found() {
    let server = TestServer::start().await;
    let treeinfo = "[general]\nfamily = CentOS\nversion = 5.11\narch = x86_64\n\
                    [images-x86_64]\nkernel = images/pxeboot/vmlinuz\n\
                    initrd = images/pxeboot/initrd.img\n[images-xen]\n\
                    kernel = images/xen/vmlinuz\ninitrd = images/xen/initrd.img\n";
    fedora(&server, "/", treeinfo);
    for file in ["/images/xen/vmlinuz", "/images/xen/initrd.img"] {
        server.file(file, 700);
    }
    let tree = found(&server.url("/")).await;
    let installer = &tree.installers[0];
    let own = installer.files_for(VirtualizationType::XenPv).unwrap();
    assert!(own.0.url.ends_with("images/xen/vmlinuz"), "{own:?}");
    assert_eq!(own.1.size, Some(700));
    let usual = installer.files_for(VirtualizationType::XenHvm).unwrap();
    assert!(usual.0.url.ends_with("images/pxeboot/vmlinuz"), "{usual:?}");
}

#[tokio::test]
async fn the_mirror_that_a_redirector_chose_is_kept_for_the_files() {
    let redirector = TestServer::start().await;
    let mirror = TestServer::start().await;
    fedora(&mirror, "/m/os/", FEDORA);
    redirector.on(
        "/os/.treeinfo",
        Reply::Redirect(mirror.url("/m/os/.treeinfo")),
    );
    let tree = found(&redirector.url("/os")).await;
    assert_eq!(
        tree.installers[0].initrd.url,
        mirror.url("/m/os/images/pxeboot/initrd.img")
    );
}

#[tokio::test]
async fn another_processor_is_named() {
    let server = TestServer::start().await;
    fedora(&server, "/f/", &FEDORA.replace("x86_64", "aarch64"));
    let error = refused(&server.url("/f/")).await;
    assert_eq!(error.kind(), ErrorKind::WrongArchitecture);
    assert!(error.message().contains("aarch64"), "{error}");

    server.text("/debian/dists/bookworm/Release", RELEASE).text(
        "/debian/dists/bookworm/main/installer-arm64/current/images/SHA256SUMS",
        "",
    );
    for path in [
        "/debian/dists/bookworm",
        "/debian/dists/bookworm/main/installer-arm64",
    ] {
        let error = refused(&server.url(path)).await;
        assert_eq!(error.kind(), ErrorKind::WrongArchitecture);
        assert!(error.message().contains("aarch64 (arm64)"), "{error}");
    }
}

#[tokio::test]
async fn a_tree_without_kernel_says_what_it_is() {
    let server = TestServer::start().await;
    server
        .text("/f/.treeinfo", FEDORA)
        .text(
            "/a/.treeinfo",
            "[general]\nfamily = Rocky Linux\nversion = 9.4\n",
        )
        .text("/debian/dists/bookworm/Release", RELEASE);
    for (path, name) in [
        ("/f/", "Fedora 43"),
        ("/a/", "Rocky Linux 9.4"),
        ("/debian/dists/bookworm/", "Debian 12 (bookworm)"),
    ] {
        let error = refused(&server.url(path)).await;
        assert_eq!(error.kind(), ErrorKind::NotAnInstallTree, "{path}");
        assert!(error.message().contains(name), "{error}");
    }
}

#[tokio::test]
async fn a_description_cannot_lead_elsewhere() {
    let server = TestServer::start().await;
    for evil in [
        "http://127.0.0.1:1/vmlinuz",
        "../../../etc/passwd",
        "//other/x",
        "/vmlinuz",
        "file:///etc/passwd",
        "images/../../x",
        ".",
    ] {
        let treeinfo = FEDORA.replace(
            "kernel = images/pxeboot/vmlinuz",
            &format!("kernel = {evil}"),
        );
        fedora(&server, "/f/", &treeinfo);
        let error = refused(&server.url("/f/")).await;
        assert_eq!(error.kind(), ErrorKind::NotAnInstallTree, "{evil}");
        assert!(error.message().contains("outside"), "{evil}: {error}");
    }
}

#[tokio::test]
async fn what_is_no_tree_is_told_apart() {
    let server = TestServer::start().await;
    server
        .page("/page/", "<html>Welcome</html>")
        .page("/isos/", "<a href=\"debian-12.iso\">debian-12.iso</a>")
        .on("/secret/", Reply::Status(403));
    for (path, words) in [
        ("/nothing", "nothing at this address"),
        ("/page", "web page"),
        ("/isos", "disc images"),
        ("/x.iso", "disc image"),
        ("/secret", "403"),
    ] {
        let error = refused(&server.url(path)).await;
        assert_eq!(error.kind(), ErrorKind::NotAnInstallTree, "{path}");
        assert!(error.message().contains(words), "{path}: {error}");
    }
    server
        .on("/get", Reply::Redirect(server.url("/dl/debian-12.iso")))
        .file("/dl/debian-12.iso", 10);
    let error = refused(&server.url("/get")).await;
    assert!(error.message().contains("disc image"), "{error}");
}

#[tokio::test]
async fn servers_in_trouble_are_told_apart() {
    let server = TestServer::start().await;
    for (reply, words) in [
        (Reply::Status(503), "error 503"),
        (Reply::Status(401), "password"),
        (Reply::Status(429), "busy"),
        (Reply::Hang, "in time"),
        (Reply::Stall(b"[general]".repeat(100)), "in time"),
        (Reply::Garbage, "nonsense"),
        (Reply::Short(b"[gen".to_vec(), 100), "broke off"),
        (Reply::Redirect(server.url("/t/.treeinfo")), "without end"),
    ] {
        let patience = match reply {
            Reply::Hang | Reply::Stall(_) => SHORT,
            _ => Patience::default(),
        };
        server.on("/t/.treeinfo", reply.clone());
        let error = refused_within(patience, &server.url("/t/")).await;
        assert_eq!(error.kind(), ErrorKind::Unreachable, "{reply:?}: {error}");
        assert!(error.message().contains(words), "{reply:?}: {error}");
    }
}

#[tokio::test]
async fn files_without_end_are_given_up() {
    let server = TestServer::start().await;
    server.on("/t/.treeinfo", Reply::Endless);
    let error = detect(&server.url("/t/"), "x86_64", Patience::default())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotAnInstallTree);
    assert!(error.message().contains("far longer"), "{error}");
}

#[tokio::test]
async fn garbage_in_known_places_is_no_tree() {
    let server = TestServer::start().await;
    for garbage in [
        Vec::new(),
        vec![0; 4096],
        (0..=255).cycle().take(20_000).collect(),
        b"[general]\n[images-x86_64]\nkernel=\ninitrd==\n".to_vec(),
        b"[release]\nname = \x1b[31m\nversion = \xff\xfe\n".to_vec(),
    ] {
        server.on("/t/.treeinfo", Reply::Body(garbage.clone(), "text/plain"));
        server.on("/t/dists/", Reply::Body(garbage.clone(), "text/html"));
        server.on(
            "/t/dists/stable/Release",
            Reply::Body(garbage, "text/plain"),
        );
        let error = refused(&server.url("/t/")).await;
        assert_eq!(error.kind(), ErrorKind::NotAnInstallTree);
        assert!(!error.message().contains('\u{1b}'));
    }
}

#[tokio::test]
async fn nobody_there_is_told_apart() {
    // A port that is taken, so that no other test gets it, and not listened at.
    let taken = tokio::net::TcpSocket::new_v4().unwrap();
    taken.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = refused(&format!("http://127.0.0.1:{port}/")).await;
    assert_eq!(error.kind(), ErrorKind::Unreachable);
    assert!(error.message().contains("no web server"), "{error}");

    let error = refused("http://no-such-host.invalid/debian").await;
    assert_eq!(error.kind(), ErrorKind::Unreachable);
    assert!(error.message().contains("no server called"), "{error}");
    assert!(error.remedy().unwrap().contains("spelling"));
}

#[tokio::test]
async fn an_assumed_scheme_is_mentioned_when_it_may_be_the_reason() {
    let server = TestServer::start().await;
    server.on("/", Reply::Garbage);
    let plain = server.url("/");
    // It waits for ever for what it takes to be the rest of a request.
    let patience = Patience {
        connect: Duration::from_millis(300),
        ..SHORT
    };
    let error = refused_within(patience, plain.strip_prefix("http://").unwrap()).await;
    assert_eq!(error.kind(), ErrorKind::Unreachable);
    assert!(
        error.remedy().unwrap().contains("write http://"),
        "{error:?}"
    );
}

#[tokio::test]
async fn passwords_in_addresses_stay_out_of_errors() {
    let server = TestServer::start().await;
    server.on("/t/.treeinfo", Reply::Status(503));
    let url = server.url("/t/").replace("http://", "http://me:secret@");
    let error = refused(&url).await;
    assert!(!format!("{error:?}").contains("secret"), "{error:?}");
}

#[tokio::test]
async fn finding_out_fetches_no_large_file() {
    let server = TestServer::start().await;
    debian(&server);
    found(&server.url("/debian")).await;
    let asked = server.asked();
    assert!(
        !asked
            .iter()
            .any(|request| request.starts_with("GET") && request.ends_with("initrd.gz")),
        "{asked:?}"
    );
}
