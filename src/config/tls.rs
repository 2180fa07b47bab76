//! How a connection to a server is encrypted.
//!
//! The default follows the host: on this machine encryption is taken where the server offers it, over a network it is
//! demanded, because a password that crosses a network in the clear is not noticed until it is used.

use super::{nearest::hint, url::ConnectionUrl};
use std::{fmt, path::PathBuf};

/// What is asked of the encryption of a connection, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TlsMode {
    /// `disable`: never encrypted.
    Disable,
    /// `prefer`: encrypted where the server offers it; default on this machine.
    Prefer,
    /// `require`: encrypted or refused; who the server is, is not looked at. Default over a network.
    Require,
    /// `verify-ca`: and the server's certificate is signed by a known authority.
    VerifyCa,
    /// `verify-full`: and the certificate is for the host of the URL.
    VerifyFull,
}

impl TlsMode {
    pub(super) const ALL: [Self; 5] = [Self::Disable, Self::Prefer, Self::Require, Self::VerifyCa, Self::VerifyFull];

    /// The mode of a word: ours, PostgreSQL's `sslmode` or MySQL's `ssl-mode`. The word itself is not quoted.
    pub(super) fn of(word: &str) -> Result<Self, String> {
        let word = word.to_ascii_lowercase().replace('_', "-");
        match word.as_str() {
            "disable" | "disabled" => Ok(Self::Disable),
            "prefer" | "preferred" => Ok(Self::Prefer),
            "require" | "required" => Ok(Self::Require),
            "verify-ca" => Ok(Self::VerifyCa),
            "verify-full" | "verify-identity" => Ok(Self::VerifyFull),
            _ => Err(format!("is not a mode of TLS{}", hint(&word, Self::ALL.map(Self::word)))),
        }
    }

    /// The mode where nothing is configured.
    pub(super) fn default_for(url: &ConnectionUrl) -> Self {
        if url.is_local() { Self::Prefer } else { Self::Require }
    }

    /// Whether the server's certificate is checked.
    #[must_use]
    pub fn verifies(self) -> bool {
        self >= Self::VerifyCa
    }

    fn word(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }
}

/// The word of the configuration, such as `verify-full`.
impl fmt::Display for TlsMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// `[databases.<name>.tls]`: encryption of the connections to a server. Paths are relative to the working directory, and
/// the files are in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TlsConfig {
    /// Default: the URL's `sslmode`, else `prefer` on this machine (loopback, Unix socket), else `require`.
    pub mode: TlsMode,
    /// Authorities that may sign the server's certificate; default: those of the web. Needs a mode that verifies.
    pub ca: Option<PathBuf>,
    /// The client's certificate, with `key`.
    pub certificate: Option<PathBuf>,
    /// The private key of `certificate`.
    pub key: Option<PathBuf>,
}

impl TlsConfig {
    pub(super) fn default_for(url: &ConnectionUrl) -> Self {
        let mode = url.tls_mode().unwrap_or_else(|| TlsMode::default_for(url));
        Self { mode, ca: None, certificate: None, key: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn default_mode(url: &str) -> TlsMode {
        TlsConfig::default_for(&ConnectionUrl::parse(url).unwrap()).mode
    }

    #[test]
    fn tls_is_preferred_on_this_machine_and_required_over_a_network() {
        for local in [
            "postgres://u@localhost/db",
            "mysql://u@127.0.0.1/db",
            "postgres://u@[::1]/db",
            "postgres:///db?host=/run/postgresql",
            "mysql://u@localhost/db?socket=/run/mysqld.sock",
        ] {
            assert_eq!(default_mode(local), TlsMode::Prefer, "{local}");
        }
        for far in ["postgres://u@db.example/db", "mysql://u@10.0.0.7/db", "postgres://u@[2001:db8::1]/db"] {
            assert_eq!(default_mode(far), TlsMode::Require, "{far}");
        }
    }

    #[test]
    fn the_url_says_the_mode_in_either_dialect() {
        assert_eq!(default_mode("postgres://u@db/x?sslmode=verify-full"), TlsMode::VerifyFull);
        assert_eq!(default_mode("mysql://u@db/x?ssl-mode=VERIFY_IDENTITY"), TlsMode::VerifyFull);
        assert_eq!(default_mode("mysql://u@db/x?ssl-mode=DISABLED"), TlsMode::Disable);
    }

    #[test]
    fn an_unknown_mode_names_the_nearest_known_one() {
        assert!(TlsMode::of("verify-fulll").unwrap_err().contains("did you mean `verify-full`?"));
    }

    #[test]
    fn modes_are_read_as_they_are_written() {
        for mode in TlsMode::ALL {
            assert_eq!(TlsMode::of(&mode.to_string()), Ok(mode));
        }
    }
}
