//! From what is set of a database to its configuration: each value by itself, then the values against each other.

use super::{
    database::DatabaseConfig,
    fault::Faults,
    key::KEYS,
    merge::{Entries, Entry},
    scheme::Scheme,
    tls::TlsMode,
    url::ConnectionUrl,
};
use std::time::Duration;

/// Reads every entry of a database; whatever is wrong goes to `faults`.
pub(super) fn database(name: &str, mut entries: Entries, faults: &mut Faults) -> DatabaseConfig {
    one_password(name, &mut entries, faults);
    let url = url(name, &entries, faults);
    let readable = url.is_some();
    let mut config = DatabaseConfig::new(url.unwrap_or_else(ConnectionUrl::memory));
    let mut unread = Vec::new();
    for key in KEYS {
        let Some(entry) = entries.get(key.name) else { continue };
        if let Err(what) = (key.apply)(&mut config, &entry.value) {
            faults.add(format!("`databases.{name}.{}` {what}", key.name), Some(&entry.origin));
            unread.push(key.name);
        }
    }
    let mut checks = Checks { name, entries: &entries, unread: &unread, faults };
    checks.bounds(&mut config);
    checks.certificate();
    if readable {
        checks.scheme(&config);
        checks.tls(&config);
    }
    config
}

fn url(name: &str, entries: &Entries, faults: &mut Faults) -> Option<ConnectionUrl> {
    let Some(entry) = entries.get("url") else {
        faults.add(format!("`databases.{name}.url` is missing"), entries.values().next().map(|entry| &entry.origin));
        return None;
    };
    let read = entry.value.text().map_err(|what| (crate::ErrorKind::Config, format!(" {what}")));
    let read = read
        .and_then(|text| ConnectionUrl::parse(text).map_err(|error| (error.kind(), format!(": {}", error.message()))));
    match read {
        Ok(url) => Some(url),
        Err((kind, what)) => {
            faults.add_as(kind, format!("`databases.{name}.url`{what}"), Some(&entry.origin));
            None
        }
    }
}

/// Of file and command the one of the stronger source stays; both of one source contradict each other.
fn one_password(name: &str, entries: &mut Entries, faults: &mut Faults) {
    let (Some(file), Some(command)) = (entries.get("password_file"), entries.get("password_command")) else { return };
    if file.rank == command.rank {
        let text = format!("`databases.{name}.password_file` and `password_command` cannot both be set");
        faults.add(text, Some(&command.origin));
    }
    let weaker = if file.rank < command.rank { "password_file" } else { "password_command" };
    entries.remove(weaker);
}

/// A time that must not be longer than another.
struct Bound {
    key: &'static str,
    value: fn(&mut DatabaseConfig) -> &mut Duration,
    by: &'static str,
    limit: fn(&DatabaseConfig) -> Duration,
}

/// A default follows its limit down; what is written and contradicts it is a fault.
const BOUNDS: [Bound; 3] = [
    Bound { key: "lock_timeout", value: |it| &mut it.lock_timeout, by: "timeout", limit: |it| it.timeout },
    Bound {
        key: "idle_check_timeout",
        value: |it| &mut it.idle_check_timeout,
        by: "acquire_timeout",
        limit: |it| it.acquire_timeout,
    },
    Bound { key: "idle_check", value: |it| &mut it.idle_check, by: "max_lifetime", limit: |it| it.max_lifetime },
];

struct Checks<'a> {
    name: &'a str,
    entries: &'a Entries,
    /// The keys whose values could not be read: they are compared with nothing.
    unread: &'a [&'static str],
    faults: &'a mut Faults,
}

impl Checks<'_> {
    fn fault(&mut self, key: &str, entry: Option<&Entry>, what: &str) {
        self.faults.add(format!("`databases.{}.{key}` {what}", self.name), entry.map(|entry| &entry.origin));
    }

    fn bounds(&mut self, config: &mut DatabaseConfig) {
        for bound in &BOUNDS {
            let limit = (bound.limit)(config);
            let value = (bound.value)(config);
            let entry = self.entries.get(bound.key);
            if *value <= limit || [bound.key, bound.by].iter().any(|key| self.unread.contains(key)) {
                continue;
            }
            if entry.is_some() {
                let limit = humantime::format_duration(limit);
                self.fault(bound.key, entry, &format!("must not be longer than `{}`, which is {limit}", bound.by));
            } else {
                *value = limit;
            }
        }
    }

    fn certificate(&mut self) {
        let (certificate, key) = (self.entries.get("tls.certificate"), self.entries.get("tls.key"));
        match (certificate, key) {
            (Some(_), None) => self.fault("tls.certificate", certificate, "needs `tls.key`"),
            (None, Some(_)) => self.fault("tls.key", key, "needs `tls.certificate`"),
            _ => {}
        }
    }

    fn scheme(&mut self, config: &DatabaseConfig) {
        let scheme = config.url.scheme();
        if let Some(entry) = self.entries.get("schema").filter(|_| scheme != Scheme::Postgres) {
            self.fault("schema", Some(entry), &format!("is for `postgres:`, not for `{scheme}:`"));
        }
        if scheme.has_server() {
            return;
        }
        for key in ["tls.ca", "tls.certificate", "tls.key", "tls.mode"] {
            let demands = key != "tls.mode" || config.tls.mode >= TlsMode::Require;
            if let Some(entry) = self.entries.get(key).filter(|_| demands) {
                self.fault(key, Some(entry), &format!("is for servers: `{scheme}:` has no TLS"));
            }
        }
    }

    fn tls(&mut self, config: &DatabaseConfig) {
        let (entries, mode) = (self.entries, config.tls.mode);
        if !config.url.scheme().has_server() || self.unread.contains(&"tls.mode") {
            return;
        }
        if config.url.socket().is_some() && mode >= TlsMode::Require {
            let entry = entries.get("tls.mode").or_else(|| entries.get("url"));
            self.fault("tls.mode", entry, &format!("cannot be `{mode}`: a Unix socket carries no TLS"));
        }
        if let Some(entry) = entries.get("tls.ca").filter(|_| !mode.verifies()) {
            let what = format!("has no effect in the mode `{mode}`: set `tls.mode` to `verify-ca` or `verify-full`");
            self.fault("tls.ca", Some(entry), &what);
        }
        if let Some(entry) = entries.get("tls.certificate").filter(|_| mode == TlsMode::Disable) {
            self.fault("tls.certificate", Some(entry), "has no effect in the mode `disable`");
        }
    }
}
