//! Certificates for tests: an authority, a server, a client, and those that do not fit.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Makes certificates in a folder.
#[derive(Debug)]
pub struct Pki {
    folder: PathBuf,
}

impl Pki {
    /// The authority that everybody trusts, and one that nobody does.
    ///
    /// # Panics
    /// When they cannot be made.
    pub fn make(folder: &Path) -> Self {
        fs::create_dir_all(folder).expect("a folder can be made");
        let pki = Self {
            folder: folder.to_owned(),
        };
        for authority in ["ca", "other-ca"] {
            pki.openssl(&[
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-keyout",
                &format!("{authority}-key.pem"),
                "-out",
                &format!("{authority}.pem"),
                "-days",
                "30",
                "-subj",
                &format!("/CN={authority}"),
                "-addext",
                "basicConstraints=critical,CA:TRUE",
                "-addext",
                "keyUsage=critical,keyCertSign,cRLSign",
            ]);
        }
        pki
    }

    /// A certificate called `name`, signed by `authority`, for a `serverAuth` or `clientAuth`, for
    /// those names; one that has `expired` ended yesterday.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn certify(&self, name: &str, authority: &str, usage: &str, names: &str, expired: bool) {
        self.openssl(&[
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-keyout",
            &format!("{name}-key.pem"),
            "-out",
            "request.pem",
            "-subj",
            &format!("/CN={name}"),
        ]);
        let extensions = format!(
            "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,keyEncipherment\n\
             extendedKeyUsage={usage}\nsubjectAltName={names}\n"
        );
        fs::write(self.path("extensions"), extensions).expect("a file can be written");
        self.openssl(&[
            "x509",
            "-req",
            "-in",
            "request.pem",
            "-CA",
            &format!("{authority}.pem"),
            "-CAkey",
            &format!("{authority}-key.pem"),
            "-CAcreateserial",
            "-out",
            &format!("{name}.pem"),
            "-extfile",
            "extensions",
            "-days",
            if expired { "-1" } else { "30" },
        ]);
    }

    /// A file of the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A folder as a connection address names it (`pkipath`): the authority that is trusted, and the
    /// client's own certificate where there is one.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn client_folder(&self, name: &str, authority: &str, client: Option<&str>) -> PathBuf {
        let folder = self.path(name);
        fs::create_dir_all(&folder).expect("a folder can be made");
        let mut files = vec![(format!("{authority}.pem"), "cacert.pem")];
        if let Some(client) = client {
            files.push((format!("{client}.pem"), "clientcert.pem"));
            files.push((format!("{client}-key.pem"), "clientkey.pem"));
        }
        for (from, to) in files {
            fs::copy(self.path(&from), folder.join(to)).expect("it was made");
        }
        folder
    }

    fn openssl(&self, arguments: &[&str]) {
        let output = Command::new("openssl")
            .args(arguments)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .output()
            .expect("openssl starts");
        assert!(
            output.status.success(),
            "openssl {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
