//! MariaDB with its defaults of charset and collation, which no law may depend on, and little memory.

use super::{
    Backend,
    local::{Local, Place},
};
use crate::shell;
use anyhow::{Context, Result};
use nix::unistd::geteuid;
use std::{
    fs, io::Read, net::TcpStream, os::unix::fs::OpenOptionsExt, path::PathBuf, process::Command, time::Duration,
};

/// The programs of MariaDB.
#[derive(Debug)]
pub struct MySql;

/// The server; under the old name it may be Oracle's MySQL, which is set up in another way.
pub fn server() -> Option<PathBuf> {
    let folders = ["/usr/sbin", "/usr/local/sbin", "/usr/libexec"].map(PathBuf::from);
    shell::find("mariadbd", &folders)
}

fn installer() -> Result<PathBuf> {
    shell::find("mariadb-install-db", &["/usr/bin", "/usr/sbin"].map(PathBuf::from))
        .context("`mariadb-install-db` is not there")
}

/// Options that initialising and serving must agree on.
fn common(command: &mut Command, place: &Place) {
    let mut datadir = std::ffi::OsString::from("--datadir=");
    datadir.push(place.data());
    command.arg("--no-defaults").arg(datadir).arg("--innodb-log-file-size=16M");
    if geteuid().is_root() {
        command.arg("--user=root");
    }
}

impl Local for MySql {
    fn backend(&self) -> Backend {
        Backend::Mysql
    }

    fn url(&self, place: &Place) -> String {
        format!("mysql://root:{}@127.0.0.1:{}/mysql", place.password, place.port)
    }

    fn user(&self) -> Option<&'static str> {
        None
    }

    fn initialise(&self, place: &Place, run: &dyn Fn(&mut Command) -> Result<String>) -> Result<()> {
        let mut command = Command::new(installer()?);
        common(&mut command, place);
        command.args(["--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve", "--force"]);
        run(&mut command)?;
        // The port opens after this was run: nobody ever meets a root without a password.
        let mut file = fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(place.home.join("init"))?;
        for host in ["127.0.0.1", "localhost"] {
            let account = format!("'root'@'{host}'");
            std::io::Write::write_fmt(
                &mut file,
                format_args!(
                    "CREATE OR REPLACE USER {account} IDENTIFIED BY '{}';\nGRANT ALL ON *.* TO {account} WITH GRANT OPTION;\n",
                    place.password
                ),
            )?;
        }
        Ok(())
    }

    fn server(&self, place: &Place) -> Result<Command> {
        let mut command = Command::new(server().context("`mariadbd` is not there")?);
        common(&mut command, place);
        let mut init = std::ffi::OsString::from("--init-file=");
        init.push(place.home.join("init"));
        command.arg(init).arg(format!("--port={}", place.port));
        // A path in its data folder: the name of a socket is short by law, that of a checkout is not.
        command.args(["--socket=socket", "--pid-file=pid", "--bind-address=127.0.0.1", "--skip-name-resolve"]);
        command.args(["--skip-log-bin", "--innodb-flush-log-at-trx-commit=2", "--innodb-buffer-pool-size=64M"]);
        command.args(["--max-connections=400", "--performance-schema=off"]);
        Ok(command)
    }

    /// It greets: the fifth byte is the version of its protocol, 10. An error would begin with 255.
    fn is_ready(&self, place: &Place) -> bool {
        let greeting = || {
            let mut stream = TcpStream::connect(("127.0.0.1", place.port))?;
            stream.set_read_timeout(Some(Duration::from_secs(5)))?;
            let mut head = [0; 5];
            stream.read_exact(&mut head)?;
            Ok::<_, std::io::Error>(head[4])
        };
        greeting().is_ok_and(|version| version == 10)
    }
}
