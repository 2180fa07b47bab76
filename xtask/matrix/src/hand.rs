//! What somebody made by hand, which no deploy may touch.

mod documents;

use anyhow::Result;
use seabed::schema::{
    Flavor, Picture,
    picture::{CheckPicture, ColumnPicture, IndexPicture, OtherPicture, TablePicture},
};

/// What stands beside the tables of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Company {
    /// An index, a column, a check, a table, a view and a trigger.
    Full,
    /// The same without a view and a trigger, which a new name of their table changes.
    Plain,
    /// One thing alone, as the research made it.
    Only(Thing),
    None,
}

/// One thing that somebody made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    Index,
    Unique,
    Partial,
    Expression,
    Column,
    Table,
    Check,
    View,
}

/// The statements that make it on a database that has this; none where the server has no such thing.
pub fn statements(company: Company, flavor: Option<Flavor>, have: &Picture) -> Result<Vec<String>> {
    Ok(match flavor {
        Some(flavor) => sql(company, flavor),
        None => documents::commands(company, have)?,
    })
}

/// What asks for its values: of the column, of the table, and whether the view is there.
pub fn questions(item: &str, flavor: Option<Flavor>) -> [String; 3] {
    if flavor.is_some() {
        let kept = format!("SELECT count(*) FROM {item} WHERE legacy = 'keep'");
        return [kept, "SELECT label FROM hand_table".to_owned(), "SELECT count(*) FROM hand_view".to_owned()];
    }
    let count = |from: &str, only: &str| {
        format!(r#"{{"aggregate": "{from}", "pipeline": [{{"$match": {only}}}, {{"$count": "n"}}], "cursor": {{}}}}"#)
    };
    let label = r#"{"find": "hand_table", "projection": {"_id": 0, "label": 1}}"#;
    [count(item, r#"{"legacy": "keep"}"#), label.to_owned(), count("hand_view", "{}")]
}

fn sql(company: Company, flavor: Flavor) -> Vec<String> {
    let mut sql = Vec::new();
    if let Company::Full | Company::Plain = company {
        sql.extend([
            "CREATE INDEX hand_index ON item (n16)",
            "CREATE TABLE hand_table (id integer NOT NULL PRIMARY KEY, label varchar(20))",
            "INSERT INTO hand_table (id, label) VALUES (1, 'keep')",
        ]);
        match flavor {
            // SQLite adds no check to a table that is there, but a column brings one.
            Flavor::Sqlite => {
                sql.push("ALTER TABLE item ADD COLUMN legacy varchar(20) CHECK (legacy <> 'a ''b'' `c`')");
            }
            _ => sql.extend([
                "ALTER TABLE item ADD COLUMN legacy varchar(20)",
                "ALTER TABLE item ADD CONSTRAINT hand_check CHECK (n16 > -99)",
            ]),
        }
        sql.push("UPDATE item SET legacy = 'keep'");
    }
    if company == Company::Full {
        sql.push("CREATE VIEW hand_view AS SELECT n16, flag FROM item");
        match flavor {
            Flavor::Sqlite => sql.push(
                "CREATE TRIGGER hand_trigger AFTER UPDATE OF n16 ON item BEGIN UPDATE hand_table SET label = 'touched'; END",
            ),
            Flavor::Postgres => sql.extend([
                "CREATE FUNCTION hand_function() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN UPDATE hand_table SET label = 'touched'; RETURN NULL; END $$",
                "CREATE TRIGGER hand_trigger AFTER UPDATE OF n16 ON item FOR EACH ROW EXECUTE FUNCTION hand_function()",
            ]),
            Flavor::MySql | Flavor::MariaDb => sql.push(
                "CREATE TRIGGER hand_trigger AFTER DELETE ON item FOR EACH ROW UPDATE hand_table SET label = 'touched'",
            ),
        }
    }
    if let Company::Only(thing) = company {
        sql.extend(only(thing, flavor));
    }
    sql.into_iter().map(ToOwned::to_owned).collect()
}

fn only(thing: Thing, flavor: Flavor) -> Option<&'static str> {
    let mysql = flavor.is_mysql();
    Some(match thing {
        Thing::Index => "CREATE INDEX hand_index ON item (name)",
        Thing::Unique => "CREATE UNIQUE INDEX hand_unique ON item (vc)",
        Thing::Partial if flavor == Flavor::Sqlite => "CREATE UNIQUE INDEX hand_partial ON item (vc) WHERE flag = 1",
        Thing::Partial if flavor == Flavor::Postgres => "CREATE UNIQUE INDEX hand_partial ON item (vc) WHERE flag",
        // Neither has partial ones, and MariaDB none of an expression: a generated column stands in for it.
        Thing::Partial => return None,
        Thing::Expression if flavor == Flavor::MariaDb => {
            "ALTER TABLE item ADD COLUMN lowered varchar(255) AS (lower(name)) VIRTUAL, \
             ADD UNIQUE KEY hand_expression (owner_id, lowered)"
        }
        Thing::Expression if mysql => "CREATE UNIQUE INDEX hand_expression ON item (owner_id, (lower(name)))",
        Thing::Expression => "CREATE UNIQUE INDEX hand_expression ON item (owner_id, lower(name))",
        Thing::Column => "ALTER TABLE item ADD COLUMN legacy varchar(20)",
        Thing::Table => "CREATE TABLE hand_table (id integer NOT NULL PRIMARY KEY, label varchar(20))",
        Thing::Check if flavor == Flavor::Sqlite => "ALTER TABLE item ADD COLUMN legacy integer CHECK (legacy > -99)",
        Thing::Check => "ALTER TABLE item ADD CONSTRAINT hand_check CHECK (n16 > -99)",
        Thing::View => "CREATE VIEW hand_view AS SELECT n16, flag FROM item",
    })
}

/// All that is made by hand in a picture, word for word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    columns: Vec<ColumnPicture>,
    indexes: Vec<IndexPicture>,
    checks: Vec<CheckPicture>,
    table: Option<TablePicture>,
    others: Vec<OtherPicture>,
}

impl Seen {
    pub fn of(picture: &Picture, item: &str) -> Self {
        let there = picture.tables.get(item);
        let by_hand = |name: &str| name.starts_with("hand_");
        let mine = |name: &str| name == "legacy" || name == "lowered";
        let condition = |check: &CheckPicture| {
            by_hand(&check.name) || check.condition.contains("legacy") || is_check_of_documents(&check.condition)
        };
        Self {
            columns: there.iter().flat_map(|it| &it.columns).filter(|it| mine(&it.name)).cloned().collect(),
            indexes: there.iter().flat_map(|it| &it.indexes).filter(|it| by_hand(&it.name)).cloned().collect(),
            checks: there.iter().flat_map(|it| &it.checks).filter(|it| condition(it)).cloned().collect(),
            table: picture.tables.get("hand_table").cloned(),
            others: picture.others.iter().filter(|it| by_hand(&it.name)).cloned().collect(),
        }
    }

    /// How many things there are.
    pub fn count(&self) -> usize {
        let table = usize::from(self.table.is_some());
        self.columns.len() + self.indexes.len() + self.checks.len() + table + self.others.len()
    }
}

/// Whether it is the check that MongoDB has, where none has a name.
pub fn is_check_of_documents(condition: &str) -> bool {
    // Words are compared without their quotes.
    condition.replace('"', "").starts_with("{n16:")
}
