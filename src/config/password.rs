//! A password that is kept outside of the configuration, so that it can change while the service runs.

use crate::{Error, ErrorKind, Result};
use secrecy::SecretString;
use std::{fmt, io, path::PathBuf, process::Stdio, time::Duration};
use tokio::{
    fs::File,
    io::{AsyncRead, AsyncReadExt},
    process::Command,
    time,
};

/// The most bytes that are read; tokens of cloud services have a few thousand.
const LIMIT: u64 = 64 * 1024;

/// Where a password comes from. `Debug` shows of a command its program only: arguments may be secrets.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PasswordSource {
    /// The content of a file: `password_file`.
    File(PathBuf),
    /// What a program prints: `password_command`, the program and its arguments. No shell reads it.
    Command(Vec<String>),
}

impl PasswordSource {
    pub(super) async fn read(&self, within: Duration) -> Result<SecretString> {
        let read = async {
            match self {
                Self::File(path) => Self::content(File::open(path).await.map_err(|e| self.unreadable(e))?)
                    .await
                    .map_err(|error| self.unreadable(error)),
                Self::Command(words) => self.output(words).await,
            }
        };
        let late = || Error::new(ErrorKind::Timeout, format!("{} took longer than {within:?}", self.name()));
        self.password(time::timeout(within, read).await.map_err(|_| late())??)
    }

    /// Runs the command; dropped before its end, it is killed.
    async fn output(&self, words: &[String]) -> Result<Vec<u8>> {
        let (program, arguments) = words.split_first().ok_or_else(|| self.fault("names no program"))?;
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            // What a program says of its failure may hold what it was asked for.
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| self.unreadable(error))?;
        let output = child.stdout.take().ok_or_else(|| self.fault("has no output"))?;
        let content = Self::content(output).await.map_err(|error| self.unreadable(error))?;
        if u64::try_from(content.len()).is_ok_and(|length| length > LIMIT) {
            return Ok(content);
        }
        let status = child.wait().await.map_err(|error| self.unreadable(error))?;
        if status.success() { Ok(content) } else { Err(self.fault(&format!("failed: {status}"))) }
    }

    /// At most one byte more than allowed.
    async fn content(from: impl AsyncRead + Unpin) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        from.take(LIMIT + 1).read_to_end(&mut content).await?;
        Ok(content)
    }

    fn password(&self, content: Vec<u8>) -> Result<SecretString> {
        if u64::try_from(content.len()).is_ok_and(|length| length > LIMIT) {
            return Err(self.fault("gave more than 64 KiB"));
        }
        // The error of the conversion carries the bytes.
        let mut text = String::from_utf8(content).map_err(|_| self.fault("gave what is not UTF-8"))?;
        if text.ends_with('\n') {
            text.truncate(text.len() - if text.ends_with("\r\n") { 2 } else { 1 });
        }
        if text.is_empty() {
            return Err(self.fault("gave no password"));
        }
        Ok(text.into())
    }

    fn name(&self) -> &'static str {
        match self {
            Self::File(_) => "the password file",
            Self::Command(_) => "the password command",
        }
    }

    fn fault(&self, what: &str) -> Error {
        Error::new(ErrorKind::Config, format!("{} {what}", self.name()))
    }

    fn unreadable(&self, error: io::Error) -> Error {
        self.fault(&format!("cannot be read: {}", error.kind())).with_source(error)
    }
}

impl fmt::Debug for PasswordSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "File({})", path.display()),
            Self::Command(words) => {
                let masked = if words.len() > 1 { " ***" } else { "" };
                write!(f, "Command({}{masked})", words.first().map_or("", String::as_str))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ConnectionUrl, DatabaseConfig};
    use secrecy::ExposeSecret;
    use std::{fs, time::Instant};

    fn shell(script: &str) -> PasswordSource {
        PasswordSource::Command(["sh", "-c", script].map(str::to_owned).to_vec())
    }

    fn config(source: Option<PasswordSource>) -> DatabaseConfig {
        let mut config = DatabaseConfig::new(ConnectionUrl::parse("postgres://u:of-url@h/db").unwrap());
        config.password = source;
        config
    }

    async fn read(source: Option<PasswordSource>) -> Result<String> {
        Ok(config(source).read_password().await?.unwrap().expose_secret().to_owned())
    }

    #[tokio::test]
    async fn a_source_beats_the_password_of_the_url() {
        assert_eq!(read(None).await.unwrap(), "of-url");
        assert_eq!(read(Some(shell("echo of-command"))).await.unwrap(), "of-command");
        let none = DatabaseConfig::new(ConnectionUrl::parse("postgres://u@h/db").unwrap());
        assert!(none.read_password().await.unwrap().is_none());
    }

    #[tokio::test]
    async fn one_newline_at_the_end_is_dropped() {
        for (printed, password) in [("a\\n", "a"), ("a\\r\\n", "a"), ("a\\n\\n", "a\n"), (" a ", " a ")] {
            assert_eq!(read(Some(shell(&format!("printf '{printed}'")))).await.unwrap(), password);
        }
    }

    #[tokio::test]
    async fn a_file_is_read_at_each_new_connection() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        let config = config(Some(PasswordSource::File(path.clone())));
        for password in ["first", "second"] {
            fs::write(&path, format!("{password}\n")).unwrap();
            assert_eq!(config.read_password().await.unwrap().unwrap().expose_secret(), password);
        }
        fs::remove_file(&path).unwrap();
        let error = config.read_password().await.unwrap_err();
        assert!(error.is(ErrorKind::Config) && error.message().contains("cannot be read"), "{error}");
    }

    #[tokio::test]
    async fn a_failed_command_says_its_status_and_nothing_that_it_said() {
        let error = read(Some(shell("echo hunter2; echo hunter2 >&2; exit 3"))).await.unwrap_err();
        assert!(error.is(ErrorKind::Config) && error.message().contains("exit status: 3"), "{error}");
        assert!(!format!("{error:?}").contains("hunter2"));
        let missing = PasswordSource::Command(vec!["no-such-program-of-seabed".to_owned()]);
        assert!(read(Some(missing)).await.unwrap_err().is(ErrorKind::Config));
    }

    #[tokio::test]
    async fn no_password_and_no_text_are_refused_without_a_quote() {
        for (script, says) in [
            ("true", "no password"),
            ("echo", "no password"),
            ("printf 'hunter2\\377'", "not UTF-8"),
            ("yes hunter2", "64 KiB"),
        ] {
            let error = read(Some(shell(script))).await.unwrap_err();
            assert!(error.message().contains(says), "{error}");
            assert!(!format!("{error:?}").contains("hunter2"));
        }
    }

    #[tokio::test]
    async fn a_command_is_ended_after_connect_timeout() {
        let mut config = config(Some(shell("exec sleep 30")));
        config.connect_timeout = Duration::from_millis(50);
        let started = Instant::now();
        let error = config.read_password().await.unwrap_err();
        assert!(error.is(ErrorKind::Timeout), "{error}");
        assert!(started.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn debug_shows_no_argument() {
        assert_eq!(format!("{:?}", shell("hunter2")), "Command(sh ***)");
        assert_eq!(format!("{:?}", PasswordSource::File("/run/pw".into())), "File(/run/pw)");
    }
}
