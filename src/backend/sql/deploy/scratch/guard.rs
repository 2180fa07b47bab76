//! What must not be played on a copy, for it would reach what is not the copy.

use crate::schema::{Action, Backfill, Done, Flavor, Reference, Statement, Table};

/// The action with names that stand in the copy; an error that says why where it is about another schema.
pub(super) fn at_home(action: &Action, home: Option<&str>) -> Result<Action, String> {
    let mut action = action.clone();
    let bare = |name: &mut String| {
        if let (Some((schema, rest)), Some(home)) = (name.split_once('.'), home) {
            if schema != home {
                return Err(format!("`{name}` is in another schema, of which there is no copy"));
            }
            *name = rest.to_owned();
        }
        Ok(())
    };
    let whole = |table: &mut Table| match (&table.schema, home) {
        (Some(schema), Some(home)) if schema != home => {
            Err(format!("`{schema}`.`{}` is in another schema, of which there is no copy", table.name))
        }
        (Some(_), Some(_)) => {
            table.schema = None;
            Ok(())
        }
        _ => Ok(()),
    };
    let reference = |key: &mut Reference| bare(&mut key.parent);
    match &mut action {
        Action::CreateTable(table) | Action::DropTable(table) => whole(table)?,
        Action::RenameTable { from, to } => {
            bare(from)?;
            bare(to)?;
        }
        Action::AddForeignKey { table, key } | Action::DropForeignKey { table, key } => {
            bare(table)?;
            reference(key)?;
        }
        Action::AddColumn { table, .. }
        | Action::DropColumn { table, .. }
        | Action::RenameColumn { table, .. }
        | Action::AlterColumn { table, .. }
        | Action::AddIndex { table, .. }
        | Action::DropIndex { table, .. }
        | Action::RenameIndex { table, .. }
        | Action::AddCheck { table, .. }
        | Action::DropCheck { table, .. }
        | Action::SetKey { table, .. }
        | Action::SetComment { table, .. } => bare(table)?,
        Action::Backfill(backfill) => bare(&mut backfill.table)?,
        Action::Sql(_) => {}
    }
    Ok(action)
}

/// A backfill as one statement: on an empty table it changes nothing, and its words are read.
pub(super) fn backfill(backfill: &Backfill, flavor: Flavor) -> Option<Statement> {
    let set: Vec<_> = backfill
        .set
        .iter()
        .filter_map(|(column, value)| Some(format!("{} = {}", flavor.quoted(column), value.on(flavor)?)))
        .collect();
    if set.is_empty() {
        return None;
    }
    let mut sql = format!("UPDATE {} SET {}", flavor.quoted(&backfill.table), set.join(", "));
    if let Some(only) = backfill.only.as_ref().and_then(|only| only.on(flavor)) {
        sql += &format!(" WHERE {only}");
    }
    Some(Statement { sql, alone: false, done: Done::Again })
}

/// Why a text of the user's own is not played: it may reach beyond the copy. Where a statement is undone whatever it did
/// (PostgreSQL), only one that names another place is; elsewhere only plain ones are played.
pub(super) fn outside(sql: &str, action: &Action, flavor: Flavor, home: Option<&str>) -> Option<String> {
    let own = match action {
        Action::Sql(_) | Action::Backfill(_) => true,
        Action::AddColumn { fill, .. } => fill.is_some(),
        Action::AlterColumn { using, fill, .. } => using.is_some() || fill.is_some(),
        _ => false,
    };
    if !own {
        return None;
    }
    let lower = sql.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
    if words.contains(&"attach") || words.contains(&"vacuum") || words.contains(&"database") {
        return Some("its statement reaches beyond the copy".to_owned());
    }
    match flavor {
        Flavor::Sqlite => None,
        Flavor::Postgres => {
            let home = home.unwrap_or("public").to_lowercase();
            let names = [format!("{home}."), format!("\"{home}\".")];
            names
                .iter()
                .any(|name| lower.contains(name))
                .then(|| "its statement names the schema that is in use".to_owned())
        }
        Flavor::MySql | Flavor::MariaDb => {
            let plain =
                ["alter table", "create table", "create index", "create unique", "drop index", "drop table", "update"];
            let start = lower.trim_start();
            if !plain.iter().any(|plain| start.starts_with(plain)) {
                return Some("only plain changes of tables are played where nothing can be undone".to_owned());
            }
            qualified(&lower).then(|| "its statement names another database, or may".to_owned())
        }
    }
}

/// Whether a point stands between two names.
fn qualified(sql: &str) -> bool {
    let letters: Vec<char> = sql.chars().filter(|c| !c.is_whitespace()).collect();
    let name = |c: &char| c.is_alphabetic() || *c == '_' || *c == '`';
    letters.windows(3).any(|three| three[1] == '.' && (name(&three[0]) || three[0].is_ascii_digit()) && name(&three[2]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Sql, Words};

    fn sql(text: &str) -> Action {
        Action::Sql(Sql { what: "it".into(), up: Words::from(text), ..Sql::default() })
    }

    #[test]
    fn what_would_reach_beyond_the_copy_is_not_played() {
        for (text, flavor, played) in [
            ("UPDATE item SET n = 1.5", Flavor::MariaDb, true),
            ("UPDATE live.item SET n = 1", Flavor::MariaDb, false),
            ("UPDATE `live` . `item` SET n = 1", Flavor::MariaDb, false),
            ("DELETE FROM item", Flavor::MariaDb, false),
            ("SET GLOBAL read_only = 1", Flavor::MariaDb, false),
            ("UPDATE item SET n = 1", Flavor::Postgres, true),
            ("DELETE FROM public.item", Flavor::Postgres, false),
            ("DELETE FROM \"public\".item", Flavor::Postgres, false),
            ("ATTACH 'live.db' AS live", Flavor::Sqlite, false),
        ] {
            assert_eq!(outside(text, &sql(text), flavor, Some("public")).is_none(), played, "{text}");
        }
    }

    #[test]
    fn a_table_of_another_schema_is_not_played() {
        let drop = |table: &str| Action::RenameTable { from: table.into(), to: "b".into() };
        assert!(at_home(&drop("other.a"), Some("public")).is_err());
        assert_eq!(at_home(&drop("public.a"), Some("public")), Ok(drop("a")));
        assert_eq!(at_home(&drop("a.b"), None), Ok(drop("a.b")), "on SQLite a point is part of the name");
    }
}
