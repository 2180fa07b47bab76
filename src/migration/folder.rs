//! The source of a migrations' crate: what `generate` writes and `check` reads.

use super::{MigratorTrait, pending};
use crate::{
    Error, ErrorKind, Result,
    schema::{Snapshot, Table},
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The folder `src` of a migrations' crate.
#[derive(Clone, Debug)]
pub struct Folder {
    src: PathBuf,
}

impl Folder {
    /// Of the crate in this folder, which has a `src/lib.rs`.
    ///
    /// # Errors
    /// `Migration` where there is none.
    pub fn open(of_crate: impl AsRef<Path>) -> Result<Self> {
        let src = of_crate.as_ref().join("src");
        if src.join("lib.rs").is_file() {
            Ok(Self { src })
        } else {
            let why = format!(
                "`{}` has no `src/lib.rs`: name the folder of the migrations' crate (--folder)",
                of_crate.as_ref().display()
            );
            Err(Error::new(ErrorKind::Migration, why))
        }
    }

    /// Where its files lie.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.src
    }

    /// The tables as the last migration left them: `schema.json`, nothing where there is no such file.
    ///
    /// # Errors
    /// As [`Snapshot::from_text`], with the file's name.
    pub fn snapshot(&self) -> Result<Snapshot> {
        let path = self.src.join("schema.json");
        if !path.exists() {
            return Ok(Snapshot::default());
        }
        Snapshot::from_text(&self.read("schema.json")?).map_err(|error| {
            Error::new(error.kind(), format!("`{}` cannot be used", path.display())).with_source(error)
        })
    }

    /// The names of the migrations, by their files, in order.
    ///
    /// # Errors
    /// `Migration` where the folder cannot be read.
    pub fn names(&self) -> Result<Vec<String>> {
        let files = fs::read_dir(&self.src).map_err(|error| self.failed("read", "", error))?;
        let mut names: Vec<String> = files
            .filter_map(|file| file.ok()?.file_name().to_str()?.strip_suffix(".rs").map(ToOwned::to_owned))
            .filter(|name| name.strip_prefix('m').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())))
            .collect();
        names.sort();
        Ok(names)
    }

    /// Those of some tables that are this crate's to migrate: a migrator that joins another's history has that one's migrations too,
    /// whose tables stand in the other's snapshot.
    ///
    /// # Errors
    /// `Migration` where the folder cannot be read, or the steps of another crate's migration cannot be made.
    pub fn own<M: MigratorTrait>(&self, tables: &[Arc<Table>]) -> Result<Vec<Arc<Table>>> {
        let here = self.names()?;
        let mut others = Snapshot::default();
        for name in pending::names::<M>().iter().filter(|name| !here.contains(name)) {
            for step in pending::steps(name)?.unwrap_or_default() {
                others.apply(&step.action)?;
            }
        }
        let others = others.tables()?;
        let is_ours =
            |table: &&Arc<Table>| !others.iter().any(|other| other.name == table.name && other.schema == table.schema);
        Ok(tables.iter().filter(is_ours).cloned().collect())
    }

    /// A file's text.
    ///
    /// # Errors
    /// `Migration` where it cannot be read.
    pub fn read(&self, file: &str) -> Result<String> {
        fs::read_to_string(self.src.join(file)).map_err(|error| self.failed("read", file, error))
    }

    /// Writes a file whole or not at all, and says where it lies.
    pub(super) fn write(&self, file: &str, text: &str) -> Result<PathBuf> {
        let path = self.src.join(file);
        let new = self.src.join(format!(".{file}.new"));
        let written = fs::write(&new, text).and_then(|()| fs::rename(&new, &path));
        written.map_err(|error| self.failed("written", file, error))?;
        Ok(path)
    }

    fn failed(&self, what: &str, file: &str, error: std::io::Error) -> Error {
        let why = format!("`{}` cannot be {what}", self.src.join(file).display());
        Error::new(ErrorKind::Migration, why).with_source(error)
    }
}
