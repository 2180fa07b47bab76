//! Which sources are read, and in which order: files, `DATABASE_URL`, `SEABED_…`, code.

use super::{
    Config,
    fault::{Faults, Origin},
    merge::Merged,
    source::{self, Setting},
    validate,
};
use crate::Result;
use std::{
    ffi::OsString,
    fmt, fs, io,
    path::{Path, PathBuf},
};

/// Read where nothing else is named, if it is there.
const DEFAULT_FILE: &str = "seabed.toml";

/// Says where a [`Config`] is read from. Nothing is read that is not named here.
///
/// Whatever the order of the calls: files and texts are weakest (a later one beats an earlier one), then `DATABASE_URL`, then
/// `SEABED_…`, then what is set in code.
///
/// ```
/// use seabed::Config;
/// let config = Config::builder()
///     .toml("[database]\nurl = 'sqlite:shop.db'")
///     .variables([("SEABED_DATABASE__SLOW", "2s"), ("DATABASE_URL", "memory:")])
///     .load()?;
/// assert_eq!(config.database("main")?.url.to_string(), "memory:");
/// # Ok::<_, seabed::Error>(())
/// ```
#[derive(Default)]
#[must_use]
pub struct ConfigBuilder {
    files: Vec<File>,
    default_file: bool,
    environment: bool,
    variables: Vec<(OsString, OsString)>,
    code: Vec<Setting>,
}

enum File {
    Path(PathBuf),
    Text(String),
}

impl ConfigBuilder {
    /// Reads a TOML file; it must be there.
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.files.push(File::Path(path.into()));
        self
    }

    /// Reads `./seabed.toml`, if it is there, or the file that `SEABED_CONFIG` names, which must be there. It is weaker than
    /// each [`file`](Self::file). The variable is looked for where [`env`](Self::env) says.
    pub fn default_file(mut self) -> Self {
        self.default_file = true;
        self
    }

    /// Reads a TOML text.
    pub fn toml(mut self, text: impl Into<String>) -> Self {
        self.files.push(File::Text(text.into()));
        self
    }

    /// Whether the environment of the process is read; default no.
    pub fn env(mut self, read: bool) -> Self {
        self.environment = read;
        self
    }

    /// Reads these variables as if they were in the environment. They beat its own, and let a test have an environment
    /// without changing that of the process.
    pub fn variables<N: Into<OsString>, V: Into<OsString>>(mut self, pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        self.variables.extend(pairs.into_iter().map(|(name, value)| (name.into(), value.into())));
        self
    }

    /// The URL of the database `main`.
    pub fn url(self, url: impl Into<String>) -> Self {
        self.set("databases.main.url", url.into())
    }

    /// Any key, such as `databases.main.max_connections` or `database.timeout`; the value is written as in the environment.
    pub fn set(mut self, key: &str, value: impl fmt::Display) -> Self {
        self.code.push(source::code(key, value.to_string()));
        self
    }

    /// Reads all, merges and checks it.
    ///
    /// # Errors
    /// `Config` that lists every fault, each with its file and line, or its variable; `UnknownScheme` where the URLs' schemes
    /// are all that is wrong.
    pub fn load(self) -> Result<Config> {
        let (mut faults, mut merged) = (Faults::default(), Merged::default());
        let variables = self.all_variables();
        if self.default_file {
            let settings = default_file(&variables, &mut faults);
            merged.add(settings, &mut faults);
        }
        for file in &self.files {
            let settings = match file {
                File::Path(path) => read(path, &Origin::Code, &mut faults),
                File::Text(text) => source::text("text", text, &mut faults),
            };
            merged.add(settings, &mut faults);
        }
        for settings in source::variables(&variables, &mut faults) {
            merged.add(settings, &mut faults);
        }
        for setting in self.code {
            merged.add(vec![setting], &mut faults);
        }
        let databases = std::mem::take(&mut merged.databases).into_iter();
        let databases = databases
            .map(|(name, entries)| {
                let config = validate::database(&name, entries, &mut faults);
                (name, config)
            })
            .collect();
        faults.into_result()?;
        Ok(Config { databases })
    }

    fn all_variables(&self) -> Vec<(OsString, OsString)> {
        let mut variables = self.variables.clone();
        if self.environment {
            let given = |name: &OsString| self.variables.iter().any(|(known, _)| known == name);
            variables.extend(std::env::vars_os().filter(|(name, _)| !given(name)));
        }
        variables
    }
}

/// Names the sources, and shows no value.
impl fmt::Debug for ConfigBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths = self.files.iter().filter_map(|file| match file {
            File::Path(path) => Some(path),
            File::Text(_) => None,
        });
        f.debug_struct("ConfigBuilder")
            .field("files", &paths.collect::<Vec<_>>())
            .field("default_file", &self.default_file)
            .field("env", &self.environment)
            .finish_non_exhaustive()
    }
}

fn default_file(variables: &[(OsString, OsString)], faults: &mut Faults) -> Vec<Setting> {
    if let Some(named) = source::named_file(variables) {
        return read(Path::new(named), &Origin::Variable(source::FILE.to_owned()), faults);
    }
    let path = Path::new(DEFAULT_FILE);
    // Anything but a missing file is a fault, such as one that may not be read.
    if path.try_exists().is_ok_and(|there| !there) { Vec::new() } else { read(path, &Origin::Code, faults) }
}

fn read(path: &Path, named_by: &Origin, faults: &mut Faults) -> Vec<Setting> {
    let name = path.display().to_string();
    match fs::read_to_string(path) {
        Ok(text) => source::text(&name, &text, faults),
        Err(error) => {
            let what = match error.kind() {
                io::ErrorKind::NotFound => "is not there".to_owned(),
                io::ErrorKind::InvalidData => "is not UTF-8".to_owned(),
                kind => format!("cannot be read: {kind}"),
            };
            faults.add(format!("the file `{name}` {what}"), Some(named_by));
            Vec::new()
        }
    }
}
