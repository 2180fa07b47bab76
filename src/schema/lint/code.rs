//! The codes of warnings: what each means, why, and the safer way. `docs/lint.md` is made of them.

use crate::schema::{Risk, Warning};

/// A kind of warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Code {
    /// Its short name, which an acknowledgement gives.
    pub name: &'static str,
    /// How dangerous it is where nothing more is known.
    pub risk: Risk,
    /// The servers that it is about.
    pub servers: &'static str,
    /// When it is told.
    pub when: &'static str,
    /// What happens.
    pub why: &'static str,
    /// The safer way; empty where there is none.
    pub safer: &'static str,
}

impl Code {
    /// A warning of this kind, with why it is told of this step.
    #[must_use]
    pub fn warn(&self, why: impl Into<String>) -> Warning {
        let safer = (!self.safer.is_empty()).then(|| self.safer.to_owned());
        Warning { code: self.name.to_owned(), risk: self.risk, why: why.into(), safer, count: None }
    }
}

macro_rules! codes {
    ($($name:ident $code:literal $risk:ident on $servers:literal: $when:literal, $why:literal, $safer:literal;)*) => {
        $(
            pub(crate) const $name: Code =
                Code { name: $code, risk: Risk::$risk, servers: $servers, when: $when, why: $why, safer: $safer };
        )*
        /// Every code, in the order of the page.
        pub const CODES: &[Code] = &[$($name),*];
    };
}

codes! {
    DROPS_TABLE "drops-table" Destructive on "all":
        "a table goes",
        "Its rows are lost: the way back makes the table again, and it is empty.",
        "Let a release pass that no longer names the table, keep a dump, then drop it.";
    DROPS_COLUMN "drops-column" Destructive on "all":
        "a column goes",
        "Its values are lost, and a program of the last release that still runs fails at every read, for it names the column.",
        "First a release whose entity lacks the column (let it take null before), then this step in the next one.";
    OVERWRITES_VALUES "overwrites-values" Destructive on "all":
        "a backfill sets a column in rows that may have a value already",
        "What stood there is lost: the way back does not know it.",
        "Say which rows with `only`, such as the column being null, or write into a new column.";
    SQL_DESTROYS "sql-destroys" Destructive on "all":
        "a statement of one's own has the word DROP, TRUNCATE or DELETE",
        "It takes something away, and nothing here looks at what.",
        "Use the step that says the same (`DropColumn`, `DropTable`), which is planned and judged.";
    IRREVERSIBLE "irreversible" Irreversible on "all":
        "a step says no way back",
        "`down` refuses this migration, and all that are before it.",
        "Say `down` for a statement, and `from` for a column that changes.";
    NARROWS_TYPE "narrows-type" DataDependent on "all":
        "a type becomes smaller: fewer characters, digits or numbers",
        "It fails where a value does not fit, or cuts it where the server is lenient.",
        "Count them with the query, mend those rows in a step before, then narrow.";
    CONVERTS_VALUES "converts-values" DataDependent on "all":
        "a column gets a type of another family, or its values are made by an expression",
        "It fails where a value cannot be read as the new type. Where the new type holds a part of each value only (a day of an \
         instant, whole numbers of floats), it is destructive.",
        "Add a column of the new type, fill it by a backfill, let a release write both, then drop the old one.";
    ENUM_VALUE_REMOVED "enum-value-removed" DataDependent on "all":
        "an enum loses a value",
        "It fails where a row has that value, and a program of the last release may still write it.",
        "First a release that no longer writes the value, a backfill that replaces it, then this step.";
    NOT_NULL_OVER_NULLS "not-null-over-nulls" DataDependent on "all":
        "a column takes no null any more, and nothing fills the nulls that are there",
        "It fails where a row has a null.",
        "Give the step a `fill`, or a backfill before it.";
    NOT_NULL_WITHOUT_DEFAULT "not-null-without-default" DataDependent on "all":
        "a column is added that takes no null, has no default and no fill",
        "It fails where the table has a row, for that row has no value.",
        "Give the column a default or the step a `fill`; or add it nullable, fill it, and tighten it in the next release.";
    UNIQUE_OVER_DUPLICATES "unique-over-duplicates" DataDependent on "all":
        "a table that is there gets a unique index or another primary key",
        "It fails where two rows have the same values.",
        "Count them with the query, and mend those rows in a step before.";
    ORPHANS "orphans" DataDependent on "all":
        "a reference is added between tables that are there",
        "It fails where a row's parent is not there.",
        "Count them with the query; delete those rows, or set their columns to null, in a step before.";
    CHECK_OVER_ROWS "check-over-rows" DataDependent on "all":
        "a check is added to a table that is there",
        "It fails where a row breaks it.",
        "Count them with the query, and mend those rows in a step before.";
    RENAMES "renames" Locks on "all":
        "a table or a column gets another name",
        "A program of the last release, which still runs during a deploy, fails at every statement that names the old one.",
        "Expand, then contract: add the new one, write both, backfill, read the new one, and drop the old one a release later.";
    BREAKS_OLD_INSERTS "breaks-old-inserts" Locks on "all":
        "a column comes that takes no null, or a column takes none any more",
        "A program of the last release, which still runs during a deploy, does not write the column: defaults are made in Rust and are no part of the table, so its inserts fail.",
        "Add it nullable, let a release write it, then tighten it in the next one.";
    REWRITES_TABLE "rewrites-table" Rewrites on "all":
        "the server writes the table anew: a change of type or of the primary key, MySQL's ALGORITHM=COPY, SQLite's rebuild and its DROP COLUMN",
        "It lasts as long as the table is large, needs as much space again, and others wait.",
        "Add a column of the new form, fill it by a backfill, let a release write both, then drop the old one.";
    SCANS "scans" Locks on "PostgreSQL":
        "a table that is there gets a check or a reference, or one of its columns takes no null any more",
        "The server reads the whole table, and others wait meanwhile.",
        "Add the constraint NOT VALID and validate it in a step of its own (`VALIDATE CONSTRAINT`), which lets others work; for NOT NULL a check `… IS NOT NULL` first, after which SET NOT NULL reads nothing.";
    INDEX_BLOCKS_WRITES "index-blocks-writes" Locks on "PostgreSQL":
        "an index is built on a table that is there",
        "Writes wait until the index is built.",
        "A step of your own: CREATE INDEX CONCURRENTLY.";
    TYPE_CHANGE "type-change" Locks on "PostgreSQL":
        "a column gets another declared type, even one that changes no row",
        "Open connections hold statements that were prepared for the old type and refuse them for ever with \"cached plan must not change result type\". Seabed's own pools notice it and open new connections; other programs do not, and a transaction that is open meanwhile is refused once.",
        "Restart, or recycle the pools of, every other program that reads the table.";
    LOCKS_READS "locks-reads" Locks on "PostgreSQL, MySQL, MariaDB":
        "the rehearsal saw a lock that reads wait for",
        "Reads and writes of the table wait until it is done; until the lock is given they queue behind it too. It counts as safe where the lock is held for a moment only: nothing is read or written under it.",
        "Deploy when no long query runs; the lock's wait is bounded and tried again.";
    LOCKS_WRITES "locks-writes" Locks on "PostgreSQL, MySQL, MariaDB":
        "the rehearsal saw a lock that writes wait for",
        "Writes of the table wait until it is done. It counts as safe where the lock is held for a moment only.",
        "Deploy when few write.";
    REBUILDS_INDEXES "rebuilds-indexes" Rewrites on "PostgreSQL":
        "the rehearsal saw that indexes of the table were built anew",
        "It lasts as long as the table is large, and others wait.",
        "";
    REFUSED "refused" DataDependent on "all":
        "the server refused the step on an empty copy of the database",
        "It will refuse it there too.",
        "";
    NOT_REHEARSED "not-rehearsed" Safe on "all":
        "the rehearsal did not play a statement, for it would have reached what is not the copy",
        "What the server would say of it is not known: it names another schema, or must stand outside a transaction.",
        "";
    UNKNOWN_AFTER_CRASH "unknown-after-crash" Safe on "all":
        "a statement of one's own that is in no transaction says no probe",
        "Where the deploy breaks in it, nobody can know whether it was done: the next deploy stops and asks.",
        "Give it a `probe`, a question whose first cell is true when it was done.";
}
