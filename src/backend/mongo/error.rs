//! A driver's error becomes ours, once, here. Codes and labels are looked at, never the words, which may quote rows.

pub(super) use crate::backend::doing::Doing;

use crate::{
    Error, ErrorKind,
    schema::{Table, name::bounded},
};
use mongodb::{
    bson::{Bson, Document, RawDocumentBuf},
    error::{Error as Driver, ErrorKind as Kind, TRANSIENT_TRANSACTION_ERROR, UNKNOWN_TRANSACTION_COMMIT_RESULT},
};
use std::fmt;

/// Says where an error comes from without a word of data.
#[derive(Debug)]
struct DriverError(String);

impl fmt::Display for DriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DriverError {}

/// Our error for the driver's.
pub(super) fn error(doing: Doing, driver: &Driver) -> Error {
    if doing == Doing::Committing && driver.contains_label(UNKNOWN_TRANSACTION_COMMIT_RESULT) {
        return said(ErrorKind::CommitUnknown, "MongoDB: the answer to the commit was lost");
    }
    let transient = driver.contains_label(TRANSIENT_TRANSACTION_ERROR);
    let response =
        driver.server_response().and_then(|response| Document::try_from(RawDocumentBuf::clone(response)).ok());
    match &*driver.kind {
        Kind::Command(command) => match &response {
            Some(response) => refusal(doing, response, transient),
            None => of_code(doing, command.code, transient).with_detail(command.message.clone()),
        },
        Kind::Write(mongodb::error::WriteFailure::WriteConcernError(error)) => unacknowledged(doing, error.code),
        Kind::Authentication { message, .. } => {
            said(ErrorKind::Authentication, "MongoDB refuses the user").with_detail(message.clone())
        }
        Kind::Io(io) => said(doing.lost(), io.to_string()),
        Kind::ConnectionPoolCleared { .. } | Kind::ServerSelection { .. } | Kind::DnsResolve { .. } => {
            // Another's connection broke while this one waited for its own: the next one may well be there.
            let cleared = matches!(&*driver.kind, Kind::ConnectionPoolCleared { .. }) && doing != Doing::Connecting;
            let kind = match doing {
                Doing::Committing => ErrorKind::CommitUnknown,
                // Of a transaction that had begun, or nothing was sent.
                _ if transient || cleared => ErrorKind::ConnectionLost,
                _ => ErrorKind::Unreachable,
            };
            said(kind, "MongoDB: no primary answers").with_detail(driver.to_string())
        }
        Kind::InvalidTlsConfig { message, .. } => Error::new(ErrorKind::Tls, message.clone()),
        Kind::IncompatibleServer { message, .. } => Error::unsupported(message.clone()),
        Kind::SessionsNotSupported => Error::unsupported("the server has no sessions, and so no transactions"),
        Kind::Shutdown => Error::new(ErrorKind::Closed, "the database was closed"),
        Kind::InvalidResponse { .. } | Kind::BsonDeserialization(_) => {
            said(doing.lost(), "MongoDB: the answer is none")
        }
        _ => Error::new(ErrorKind::Other, "MongoDB: the driver failed").with_detail(driver.to_string()),
    }
}

/// Our error for what a server answers: a definite no, and nothing of it was written.
pub(super) fn refusal(doing: Doing, answer: &Document, transient: bool) -> Error {
    let code = number(answer, "code");
    let labelled = answer
        .get_array("errorLabels")
        .is_ok_and(|labels| labels.iter().any(|label| label.as_str() == Some(TRANSIENT_TRANSACTION_ERROR)));
    let mut error = of_code(doing, code, transient || labelled);
    if let Ok(message) = answer.get_str("errmsg") {
        error = error.with_detail(message);
    }
    match error.kind() {
        ErrorKind::UniqueViolation => duplicate(error, answer),
        ErrorKind::CheckViolation => invalid(error, answer),
        _ => error,
    }
}

/// Names the fields of the key that is taken, as the server tells them.
fn duplicate(error: Error, answer: &Document) -> Error {
    let Ok(pattern) = answer.get_document("keyPattern") else { return error };
    pattern.keys().fold(error, Error::field)
}

/// Whether a collection could not be made because it is there.
pub(super) fn exists(error: &Error) -> bool {
    is_code(error, 48)
}

/// Whether the server refused with this code.
pub(super) fn is_code(error: &Error, code: i32) -> bool {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<DriverError>());
    source.is_some_and(|driver| driver.0 == format!("MongoDB error {code}"))
}

/// What the server says of a transaction that it ended for its age.
const TOO_OLD: &str =
    "the server ended a transaction, which a write by itself is too, for its age: `transactionLifetimeLimitSeconds`";

/// That the server knows no such transaction, of one that is older than it lets any be.
pub(super) fn of_an_old_one(error: Error) -> Error {
    if is_code(&error, 251) {
        return Error::new(ErrorKind::Timeout, TOO_OLD).with_source(error);
    }
    error
}

/// What a commit came to on a server that may have forgotten it: that it knows no such transaction says nothing.
pub(super) fn of_a_forgetful_one(error: Error) -> Error {
    if is_code(&error, 251) {
        return said(
            ErrorKind::CommitUnknown,
            "MongoDB error 251, of a server that forgets what it committed when it is killed",
        );
    }
    error
}

/// What the validator of a collection refuses: a required field without a value, or a value of another type.
fn invalid(error: Error, answer: &Document) -> Error {
    let rules = answer.get_document("errInfo").and_then(|info| info.get_document("details"));
    let rules = rules.and_then(|details| details.get_array("schemaRulesNotSatisfied")).cloned().unwrap_or_default();
    let details = error.detail().map(ToOwned::to_owned);
    let parts = rules.iter().filter_map(Bson::as_document);
    let mut found = None;
    for rule in parts {
        if let Some(missing) = rule.get_array("missingProperties").ok().and_then(|names| names.first()?.as_str()) {
            found = Some((ErrorKind::NotNullViolation, missing.to_owned()));
        }
        let wrong = rule.get_array("propertiesNotSatisfied").ok().and_then(|list| list.first()?.as_document());
        if let Some(name) = wrong.and_then(|wrong| wrong.get_str("propertyName").ok()) {
            let null = wrong.is_some_and(considers_null);
            let kind = if null { ErrorKind::NotNullViolation } else { ErrorKind::InvalidValue };
            found.get_or_insert((kind, name.to_owned()));
        }
    }
    let Some((kind, field)) = found else { return error };
    let error = said(kind, format!("MongoDB error {VALIDATION}")).field(field);
    match details {
        Some(details) => error.with_detail(details),
        None => error,
    }
}

fn considers_null(wrong: &Document) -> bool {
    let details = wrong.get_array("details").ok();
    let mut details = details.into_iter().flatten().filter_map(Bson::as_document);
    details.any(|one| matches!(one.get("consideredValue"), Some(Bson::Null)))
}

/// `DocumentValidationFailure`.
const VALIDATION: i32 = 121;

/// The code of an answer, of whichever number's type.
fn number(answer: &Document, name: &str) -> i32 {
    match answer.get(name) {
        Some(Bson::Int32(code)) => *code,
        Some(Bson::Int64(code)) => i32::try_from(*code).unwrap_or_default(),
        #[expect(clippy::cast_possible_truncation, reason = "a code is a small whole number")]
        Some(Bson::Double(code)) => *code as i32,
        _ => 0,
    }
}

/// The codes of MongoDB (`src/mongo/base/error_codes.yml`).
fn of_code(doing: Doing, code: i32, transient: bool) -> Error {
    let kind = match code {
        11000 | 11001 | 12582 => ErrorKind::UniqueViolation,
        VALIDATION => ErrorKind::CheckViolation,
        24 | 46 => ErrorKind::LockTimeout,
        50 | 262 | 11601 | 290 => ErrorKind::Timeout,
        13 | 18 | 8000 => ErrorKind::Authentication,
        26 => ErrorKind::TableNotFound,
        85 | 86 => ErrorKind::SchemaMismatch,
        14031 => ErrorKind::StorageFull,
        15 | 146 | 257 | 292 | 388 | 10334 | 17419 | 17420 | 2841 => ErrorKind::TooLarge,
        20 | 263 | 303 => ErrorKind::Unsupported,
        2 | 9 | 14 | 40 | 52 | 168 => ErrorKind::InvalidQuery,
        91 | 189 | 10058 | 10107 | 11600 | 11602 | 13435 | 13436 => ErrorKind::Starting,
        6 | 7 | 43 | 89 | 9001 => doing.lost(),
        64 | 79 | 100 => return unacknowledged(doing, code),
        // A row was written meanwhile, or the transaction is gone in the server; nothing of it was kept.
        112 | 225 | 239 | 246 | 251 => ErrorKind::Serialization,
        _ => ErrorKind::Other,
    };
    // A member that goes, or ran out of time, may have committed first.
    let kind = match (doing, kind) {
        (Doing::Committing, ErrorKind::Starting | ErrorKind::Timeout) => ErrorKind::CommitUnknown,
        _ => kind,
    };
    // The server's own word that the whole transaction is to be run again. Inside of one it waits 5 ms for a lock, and not until
    // our bound; where its member goes, nothing of it is kept.
    let kind = match kind {
        ErrorKind::Other | ErrorKind::LockTimeout if transient => ErrorKind::Serialization,
        ErrorKind::Starting if transient => ErrorKind::ConnectionLost,
        _ => kind,
    };
    let source = format!("MongoDB error {code}");
    match (code, kind) {
        (290, ErrorKind::Timeout) => Error::new(kind, TOO_OLD).with_source(DriverError(source)),
        _ => said(kind, source),
    }
}

/// It was written by one member, and others have not said that they have it: it may be undone.
fn unacknowledged(doing: Doing, code: i32) -> Error {
    let kind = if doing == Doing::Committing { ErrorKind::CommitUnknown } else { ErrorKind::WriteUnknown };
    said(kind, format!("MongoDB error {code}"))
}

fn said(kind: ErrorKind, source: impl Into<String>) -> Error {
    Error::new(kind, words(kind)).with_source(DriverError(source.into()))
}

fn words(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::UniqueViolation => "another row has the same key",
        ErrorKind::NotNullViolation => "the field is required",
        ErrorKind::CheckViolation | ErrorKind::InvalidValue => "the value does not fit its column",
        ErrorKind::TableNotFound => "was the database migrated?",
        ErrorKind::SchemaMismatch => "the collection differs from its entity: was the database migrated?",
        ErrorKind::Unreachable => "the server does not answer",
        ErrorKind::Authentication => "the server refuses this user or password",
        ErrorKind::Starting => "the server is starting up, shutting down or no primary",
        ErrorKind::ConnectionLost => "the connection broke, or its server gave way to another; nothing was written",
        ErrorKind::WriteUnknown => "the connection broke while a write was on its way: look before trying again",
        ErrorKind::CommitUnknown => "the answer to the commit was lost: look before trying again",
        ErrorKind::LockTimeout => "a lock was not free in time",
        ErrorKind::Serialization => "concurrent transactions cannot be put in an order",
        ErrorKind::Timeout => "the server ended the operation",
        ErrorKind::StorageFull => "the disk is full",
        ErrorKind::InvalidQuery => "the server does not understand the operation",
        ErrorKind::TooLarge => "the operation or a row is larger than the server takes",
        _ => "the server refused",
    }
}

/// Adds what the table knows: its name, and the constraint whose fields the server told.
pub(super) fn about(error: Error, table: &Table) -> Error {
    let error = error.entity(&table.name);
    if !error.is(ErrorKind::UniqueViolation) {
        return error;
    }
    let same = |columns: &[usize]| table.names(columns) == error.fields();
    let name = if same(&table.key) {
        Some(bounded("pk", &table.name, &[]))
    } else {
        table.indexes.iter().find(|index| index.unique && same(&index.columns)).map(|index| index.name.clone())
    };
    match name {
        Some(name) => error.constraint(name),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mongodb::bson::doc;

    #[test]
    fn w2_a_taken_key_names_its_fields() {
        let answer =
            doc! { "code": 11000, "errmsg": "E11000 dup key: { name: \"secret\" }", "keyPattern": { "name": 1 } };
        let error = refusal(Doing::Writing, &answer, false);
        assert_eq!((error.kind(), error.fields()), (ErrorKind::UniqueViolation, &["name".to_owned()][..]));
        assert!(!error.to_string().contains("secret"), "what the server quotes is in the detail alone");
    }

    #[test]
    fn v10_a_validator_tells_a_null_from_another_type() {
        let answer = |value: Bson| {
            let wrong =
                doc! { "propertyName": "size", "details": [{ "operatorName": "bsonType", "consideredValue": value }] };
            let rule = doc! { "operatorName": "properties", "propertiesNotSatisfied": [wrong] };
            doc! { "code": VALIDATION, "errInfo": { "details": { "schemaRulesNotSatisfied": [rule] } } }
        };
        assert!(refusal(Doing::Writing, &answer(Bson::Null), false).is(ErrorKind::NotNullViolation));
        assert!(refusal(Doing::Writing, &answer(Bson::Int32(1)), false).is(ErrorKind::InvalidValue));
    }

    #[test]
    fn h11_a_member_that_goes_may_have_committed_first() {
        for code in [50, 91, 189, 10107, 11600] {
            let answer = doc! { "code": code };
            assert!(refusal(Doing::Committing, &answer, false).is(ErrorKind::CommitUnknown), "{code}");
            assert!(!refusal(Doing::Reading, &answer, false).is(ErrorKind::CommitUnknown), "{code}");
        }
        assert!(
            refusal(Doing::Committing, &doc! { "code": 251 }, true).is(ErrorKind::Serialization),
            "nothing is kept"
        );
    }

    #[test]
    fn t6_what_the_server_says_to_run_again_is_run_again() {
        assert!(refusal(Doing::Reading, &doc! { "code": 112 }, true).is(ErrorKind::Serialization));
        // What it calls transient is, whatever its number.
        assert!(refusal(Doing::Reading, &doc! { "code": 9999 }, true).is(ErrorKind::Serialization));
        assert!(refusal(Doing::Reading, &doc! { "code": 9999 }, false).is(ErrorKind::Other));
    }

    #[test]
    fn w5_what_the_server_has_no_room_for_is_too_large() {
        for code in [15, 146, 257, 292, 10334] {
            assert!(refusal(Doing::Writing, &doc! { "code": code }, false).is(ErrorKind::TooLarge), "{code}");
        }
    }

    #[test]
    fn t7_a_transaction_that_is_too_old_says_which_bound_it_met() {
        let over = refusal(Doing::Reading, &doc! { "code": 290 }, true);
        let gone = of_an_old_one(refusal(Doing::Reading, &doc! { "code": 251 }, true));
        for error in [over, gone] {
            assert!(error.is(ErrorKind::Timeout), "{error}");
            assert!(error.message().contains("transactionLifetimeLimitSeconds"), "{error}");
        }
        assert!(refusal(Doing::Committing, &doc! { "code": 290 }, false).is(ErrorKind::CommitUnknown));
        assert!(of_an_old_one(refusal(Doing::Reading, &doc! { "code": 112 }, true)).is(ErrorKind::Serialization));
    }

    #[test]
    fn t6_a_lock_that_a_transaction_did_not_get_at_once_is_a_collision() {
        let labelled = doc! { "code": 24, "errorLabels": [TRANSIENT_TRANSACTION_ERROR] };
        assert!(refusal(Doing::Reading, &labelled, false).is(ErrorKind::Serialization));
        assert!(refusal(Doing::Reading, &doc! { "code": 24 }, false).is(ErrorKind::LockTimeout));
    }

    #[test]
    fn t6_a_transaction_whose_member_goes_is_run_again_and_its_commit_is_not() {
        for code in [91, 189, 10107, 11600, 11602] {
            let answer = doc! { "code": code };
            assert!(refusal(Doing::Reading, &answer, true).is(ErrorKind::ConnectionLost), "{code}");
            assert!(refusal(Doing::Reading, &answer, false).is(ErrorKind::Starting), "{code}");
            assert!(refusal(Doing::Committing, &answer, true).is(ErrorKind::CommitUnknown), "{code}");
        }
    }
}
