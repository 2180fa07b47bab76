//! Runs and asks. Besides MongoDB's own commands there are two that it has no word for:
//!
//! ```text
//! {"expectNone": {"aggregate": …}, "else": "NotNullViolation", "entity": "item", "fields": ["code"]}
//!     refused with this error where the question counts a row: MongoDB makes a rule and does not look whether the rows keep it
//! {"renameCollection": "item", "to": "thing"}
//!     the server's own, which wants the database's name before each
//! ```

use super::{
    super::{constraint::matched, error},
    MongoDeploy, text,
};
use crate::{Error, ErrorKind, Result, backend::deploy::DeploySession};
use async_trait::async_trait;
use mongodb::{
    Database,
    bson::{Bson, Document, doc},
};

/// Commands whose answer is rows.
const ASKING: [&str; 4] = ["aggregate", "find", "listIndexes", "listCollections"];

/// Runs one command and says how many rows it changed.
pub(super) async fn run(deploy: &mut MongoDeploy, database: &Database, json: &str) -> Result<u64> {
    sound(deploy)?;
    let mut command = text::document(json)?;
    if command.contains_key("expectNone") {
        return expect_none(deploy, database, &command).await.map(|()| 0);
    }
    let place = database.name();
    let mut database = database.clone();
    let full = |name: &Document, key: &str| name.get_str(key).map(|name| format!("{place}.{name}")).unwrap_or_default();
    if command.contains_key("renameCollection") {
        command = doc! { "renameCollection": full(&command, "renameCollection"), "to": full(&command, "to") };
        database = deploy.shared.client.database("admin");
    }
    let gone = matches!(first(&command), "drop" | "dropIndexes");
    let ran = if ASKING.contains(&first(&command)) {
        deploy.checkout.rows_of(&database, command).await.map(|_| Document::new())
    } else {
        deploy.checkout.run_of(&database, command).await
    };
    match lost(deploy, ran) {
        // What is to go is gone.
        Err(error) if gone && (error::is_code(&error, 26) || error::is_code(&error, 27)) => Ok(0),
        answer => answer.map(|answer| matched(&answer)),
    }
}

/// The rows of a question, each cell as text. A question that counts answers a number, also where there is nothing to count.
async fn ask(deploy: &mut MongoDeploy, database: &Database, json: &str) -> Result<Vec<Vec<Option<String>>>> {
    sound(deploy)?;
    let command = text::document(json)?;
    let counts = command.get_array("pipeline").is_ok_and(|stages| stages.iter().any(counts));
    let found = rows(deploy, database, command).await?;
    if found.is_empty() && counts {
        return Ok(vec![vec![Some("0".to_owned())]]);
    }
    Ok(found.into_iter().map(|row| row.into_iter().map(|(_, cell)| text::cell(cell)).collect()).collect())
}

/// Whether a stage makes one number of all rows.
fn counts(stage: &Bson) -> bool {
    let Some(stage) = stage.as_document() else { return false };
    stage.contains_key("$count") || stage.get_document("$group").is_ok_and(|it| it.get("_id") == Some(&Bson::Null))
}

/// Every document that a question answers.
pub(super) async fn rows(deploy: &mut MongoDeploy, database: &Database, command: Document) -> Result<Vec<Document>> {
    sound(deploy)?;
    let found = deploy.checkout.rows_of(database, command).await;
    lost(deploy, found)
}

/// A command of ours, in the database of the deploy.
pub(super) async fn command(deploy: &mut MongoDeploy, command: Document) -> Result<Document> {
    sound(deploy)?;
    let database = deploy.shared.database.clone();
    let answer = deploy.checkout.run_of(&database, command).await;
    lost(deploy, answer)
}

async fn expect_none(deploy: &mut MongoDeploy, database: &Database, command: &Document) -> Result<()> {
    let question = command.get_document("expectNone").cloned().unwrap_or_default();
    let found = ask(deploy, database, &text::written(&question)).await?;
    let count = found.into_iter().flatten().next().flatten().unwrap_or_default();
    if count == "0" {
        return Ok(());
    }
    let (kind, why) = match command.get_str("else") {
        Ok("NotNullViolation") => (ErrorKind::NotNullViolation, "rows have no value where one is required"),
        Ok("ForeignKeyViolation") => (ErrorKind::ForeignKeyViolation, "rows have no parent"),
        _ => (ErrorKind::InvalidValue, "rows have a value that does not fit"),
    };
    let error = Error::new(kind, format!("{why}: {count}"));
    let error = command.get_str("entity").into_iter().fold(error, Error::entity);
    let fields = command.get_array("fields").into_iter().flatten().filter_map(Bson::as_str);
    Err(fields.fold(error, Error::field))
}

/// A command's name.
fn first(command: &Document) -> &str {
    command.keys().next().map_or("", String::as_str)
}

#[async_trait]
impl DeploySession for MongoDeploy {
    async fn begin(&mut self) -> Result<()> {
        sound(self)?;
        if !self.shared.transactions {
            return Ok(());
        }
        let begun = self.checkout.begin().await;
        lost(self, begun)
    }

    async fn commit(&mut self) -> Result<()> {
        sound(self)?;
        if !self.shared.transactions {
            return Ok(());
        }
        let kept = self.checkout.commit().await;
        if kept.as_ref().is_err_and(|error| error.is(ErrorKind::Serialization)) {
            let _ = self.checkout.rollback().await;
        }
        lost(self, kept)
    }

    async fn rollback(&mut self) -> Result<()> {
        if !self.shared.transactions {
            return Ok(());
        }
        let undone = self.checkout.rollback().await;
        lost(self, undone)
    }

    async fn run(&mut self, json: &str) -> Result<u64> {
        let database = self.shared.database.clone();
        run(self, &database, json).await
    }

    async fn ask(&mut self, json: &str) -> Result<Vec<Vec<Option<String>>>> {
        let database = self.shared.database.clone();
        ask(self, &database, json).await
    }
}

/// A session that broke is followed by no other.
pub(super) fn sound(deploy: &MongoDeploy) -> Result<()> {
    if deploy.broken {
        return Err(Error::new(ErrorKind::ConnectionLost, "the session of this deploy has ended"));
    }
    Ok(())
}

/// Remembers that what a command did is not known.
fn lost<T>(deploy: &mut MongoDeploy, outcome: Result<T>) -> Result<T> {
    if let Err(error) = &outcome {
        let gone =
            [ErrorKind::ConnectionLost, ErrorKind::WriteUnknown, ErrorKind::CommitUnknown, ErrorKind::Unreachable];
        deploy.broken |= gone.contains(&error.kind());
    }
    outcome
}
