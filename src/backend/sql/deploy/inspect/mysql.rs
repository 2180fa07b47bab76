//! MySQL and MariaDB, from `information_schema`. A condition that is one schema equal to one text is what MariaDB looks up
//! without opening the tables of every other database, and a join of two of its tables would be done by trying all pairs.

mod others;

use super::{Ask, BOOKS, Row, last};
use crate::{
    Result,
    schema::{
        Flavor, Picture,
        picture::{
            CheckPicture, ColumnPicture, ForeignKeyPicture, IndexPicture, KeyPicture, PartPicture, TablePicture,
        },
    },
};
use std::collections::BTreeMap;

pub(super) async fn read<A: Ask>(asker: &mut A, place: Option<&str>) -> Result<Picture> {
    let home = asker.ask::<2>("SELECT CAST(DATABASE() AS CHAR), CAST(VERSION() AS CHAR)").await?.pop();
    let mut home = home.unwrap_or(Row(Vec::new()));
    let Some(place) = place.map(str::to_owned).or_else(|| home.maybe(0)) else { return Ok(Picture::default()) };
    let here = Here { maria: asker.flavor() == Flavor::MariaDb, version: version(home.get(1)), place };
    let mut picture = Picture::default();
    let sequences = here.tables(asker, &mut picture).await?;
    here.columns(asker, &mut picture).await?;
    here.indexes(asker, &mut picture).await?;
    here.foreign_keys(asker, &mut picture).await?;
    here.checks(asker, &mut picture).await?;
    here.others(asker, sequences, &mut picture).await?;
    Ok(picture)
}

/// The database that is read, on a server of this kind.
struct Here {
    maria: bool,
    version: (u32, u32),
    place: String,
}

impl Here {
    /// The rows about the place: `{here}` is its name as a literal.
    async fn ask<A: Ask, const N: usize>(&self, asker: &mut A, question: &str) -> Result<Vec<Row>> {
        asker.ask::<N>(&question.replace("{here}", &literal(&self.place))).await
    }

    /// The tables; what is answered are the names of the sequences, which stand among them.
    async fn tables<A: Ask>(&self, asker: &mut A, picture: &mut Picture) -> Result<Vec<String>> {
        let question = "SELECT CAST(TABLE_NAME AS CHAR), CAST(TABLE_TYPE AS CHAR), CAST(ENGINE AS CHAR), \
            CAST(TABLE_COLLATION AS CHAR), CAST(CREATE_OPTIONS AS CHAR), CAST(TABLE_COMMENT AS CHAR) \
            FROM information_schema.TABLES WHERE TABLE_SCHEMA = {here}";
        let mut sequences = Vec::new();
        for mut row in self.ask::<A, 6>(asker, question).await? {
            let (name, kind) = (row.take(0), row.take(1));
            if kind == "SEQUENCE" {
                sequences.push(name);
                continue;
            }
            if BOOKS.contains(&&*name) || !matches!(&*kind, "BASE TABLE" | "SYSTEM VERSIONED") {
                continue;
            }
            let mut table = TablePicture::default();
            let mut option = |name: &str, text: Option<String>| {
                text.map(|text| table.options.insert(name.to_owned(), text));
            };
            option("engine", row.said(2).filter(|engine| engine != "InnoDB"));
            let ours = if self.maria { "utf8mb4_nopad_bin" } else { "utf8mb4_0900_bin" };
            option("collation", row.said(3).filter(|collation| collation != ours));
            option("with", row.said(4));
            option("system versioned", (kind == "SYSTEM VERSIONED").then(|| "yes".to_owned()));
            table.comment = row.said(5);
            picture.tables.insert(name, table);
        }
        Ok(sequences)
    }

    async fn columns<A: Ask>(&self, asker: &mut A, picture: &mut Picture) -> Result<()> {
        let question = "SELECT CAST(TABLE_NAME AS CHAR), CAST(COLUMN_NAME AS CHAR), CAST(COLUMN_TYPE AS CHAR), \
            CAST(IS_NULLABLE AS CHAR), CAST(COLUMN_DEFAULT AS CHAR), CAST(EXTRA AS CHAR), CAST(COLLATION_NAME AS CHAR), \
            CAST(GENERATION_EXPRESSION AS CHAR), CAST(COLUMN_COMMENT AS CHAR) \
            FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = {here} ORDER BY TABLE_NAME, ORDINAL_POSITION";
        for mut row in self.ask::<A, 9>(asker, question).await? {
            let Some(table) = picture.tables.get_mut(row.get(0)) else { continue };
            table.columns.push(self.column(&mut row));
        }
        Ok(())
    }

    fn column(&self, row: &mut Row) -> ColumnPicture {
        let extra = row.get(5).to_lowercase();
        let generated = row.said(7).map(|it| self.bare(&it)).map(|expression| {
            let kept = if extra.contains("stored") || extra.contains("persistent") { "stored" } else { "virtual" };
            format!("{expression} {kept}")
        });
        let default = row.maybe(4).filter(|_| generated.is_none());
        let default = match default {
            // The word, and not a text: a text stands in apostrophes.
            Some(word) if self.maria => (word != "NULL").then(|| self.bare(&word)),
            Some(text) if !extra.contains("default_generated") => Some(literal(&text)),
            expression => expression.map(|expression| self.bare(&expression)),
        };
        let mut declared = row.take(2);
        if extra.contains("invisible") {
            declared.push_str(" invisible");
        }
        ColumnPicture {
            name: row.take(1),
            declared,
            nullable: row.yes(3),
            default,
            generated,
            auto: if extra.contains("auto_increment") { "yes".to_owned() } else { String::new() },
            collation: row.said(6),
            touched: extra.split_once("on update ").map(|(_, word)| word.trim().to_owned()),
            comment: row.said(8),
        }
    }

    async fn indexes<A: Ask>(&self, asker: &mut A, picture: &mut Picture) -> Result<()> {
        let (hidden, expression) = match self.maria {
            true if self.version < (10, 6) => ("'NO'", "CAST(NULL AS CHAR)"),
            true => ("CAST(IGNORED AS CHAR)", "CAST(NULL AS CHAR)"),
            false => ("CASE IS_VISIBLE WHEN 'NO' THEN 'YES' END", "CAST(EXPRESSION AS CHAR)"),
        };
        let question = format!(
            "SELECT CAST(TABLE_NAME AS CHAR), CAST(INDEX_NAME AS CHAR), CAST(NON_UNIQUE AS CHAR), \
             CAST(COLUMN_NAME AS CHAR), CAST(SUB_PART AS CHAR), CAST(COLLATION AS CHAR), CAST(INDEX_TYPE AS CHAR), \
             {hidden}, {expression} FROM information_schema.STATISTICS \
             WHERE TABLE_SCHEMA = {{here}} ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX"
        );
        for mut row in self.ask::<A, 9>(asker, &question).await? {
            let Some(table) = picture.tables.get_mut(row.get(0)) else { continue };
            if row.get(1) == "PRIMARY" {
                let key = table.key.get_or_insert_with(|| KeyPicture { name: row.take(1), columns: Vec::new() });
                key.columns.push(row.take(3));
                continue;
            }
            let name = row.get(1).to_owned();
            let index = last(&mut table.indexes, |last| last.name == name, || index(&mut row));
            let Some(index) = index else { continue };
            index.parts.push(PartPicture {
                column: row.maybe(3),
                expression: row.said(8).map(|expression| self.bare(&expression)),
                descending: row.get(5) == "D",
                nulls_first: false,
                prefix: row.get(4).parse().ok(),
                collation: None,
            });
        }
        Ok(())
    }

    async fn foreign_keys<A: Ask>(&self, asker: &mut A, picture: &mut Picture) -> Result<()> {
        let rules = "SELECT CAST(TABLE_NAME AS CHAR), CAST(CONSTRAINT_NAME AS CHAR), CAST(DELETE_RULE AS CHAR), \
            CAST(UPDATE_RULE AS CHAR) FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = {here}";
        let mut said = BTreeMap::new();
        for mut row in self.ask::<A, 4>(asker, rules).await? {
            said.insert((row.take(0), row.take(1)), (row.take(2), row.take(3)));
        }
        let question = "SELECT CAST(TABLE_NAME AS CHAR), CAST(CONSTRAINT_NAME AS CHAR), CAST(COLUMN_NAME AS CHAR), \
            CAST(REFERENCED_TABLE_SCHEMA AS CHAR), CAST(REFERENCED_TABLE_NAME AS CHAR), CAST(REFERENCED_COLUMN_NAME AS CHAR) \
            FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = {here} AND REFERENCED_TABLE_NAME IS NOT NULL \
            ORDER BY TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION";
        for mut row in self.ask::<A, 6>(asker, question).await? {
            let of = (row.take(0), row.take(1));
            let Some(table) = picture.tables.get_mut(&of.0) else { continue };
            let (schema, parent) = (row.take(3), row.take(4));
            let key = last(
                &mut table.foreign_keys,
                |last| last.name == of.1,
                || {
                    let (on_delete, on_update) = said.get(&of).cloned().unwrap_or_default();
                    let parent = if schema == self.place { parent } else { format!("{schema}.{parent}") };
                    ForeignKeyPicture {
                        name: of.1.clone(),
                        parent,
                        on_delete,
                        on_update,
                        ..ForeignKeyPicture::default()
                    }
                },
            );
            let Some(key) = key else { continue };
            key.columns.push(row.take(2));
            key.parent_columns.push(row.take(5));
        }
        Ok(())
    }

    async fn checks<A: Ask>(&self, asker: &mut A, picture: &mut Picture) -> Result<()> {
        let question = if self.maria {
            "SELECT CAST(TABLE_NAME AS CHAR), CAST(CONSTRAINT_NAME AS CHAR), CAST(CHECK_CLAUSE AS CHAR), 'YES', \
             CAST(LEVEL AS CHAR) FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = {here}"
        } else {
            "SELECT CAST(t.TABLE_NAME AS CHAR), CAST(t.CONSTRAINT_NAME AS CHAR), CAST(c.CHECK_CLAUSE AS CHAR), \
             CAST(t.ENFORCED AS CHAR), 'Table' FROM information_schema.TABLE_CONSTRAINTS t \
             JOIN information_schema.CHECK_CONSTRAINTS c ON c.CONSTRAINT_SCHEMA = t.CONSTRAINT_SCHEMA \
             AND c.CONSTRAINT_NAME = t.CONSTRAINT_NAME WHERE t.CONSTRAINT_TYPE = 'CHECK' AND t.CONSTRAINT_SCHEMA = {here}"
        };
        for mut row in self.ask::<A, 5>(asker, question).await? {
            let Some(table) = picture.tables.get_mut(row.get(0)) else { continue };
            let (condition, of_column) = (self.bare(row.get(2)), row.get(4) == "Column");
            let column = table.columns.iter_mut().find(|column| of_column && column.name == row.get(1));
            if let Some(column) = column.filter(|column| is_json(column, &condition)) {
                // MariaDB's JSON is a name for a text with this check.
                column.declared = column.declared.replacen("longtext", "json", 1);
                column.collation = None;
                continue;
            }
            // A check that stands in its column's line bears the column's name, and goes with the line.
            let name = if of_column { String::new() } else { row.take(1) };
            table.checks.push(CheckPicture { name, condition, enforced: row.yes(3) });
        }
        Ok(())
    }

    /// An expression without the name of its database, which the server writes before those of its tables and routines.
    fn bare(&self, expression: &str) -> String {
        unqualified(expression, &self.place)
    }
}

fn is_json(column: &ColumnPicture, condition: &str) -> bool {
    column.declared.starts_with("longtext")
        && column.collation.as_deref() == Some("utf8mb4_bin")
        && condition == format!("json_valid({})", Flavor::MariaDb.quoted(&column.name))
}

fn index(row: &mut Row) -> IndexPicture {
    IndexPicture {
        name: row.get(1).to_owned(),
        unique: row.get(2) == "0",
        method: row.get(6).to_lowercase(),
        valid: true,
        odd: row.yes(7).then(|| "ignored".to_owned()),
        ..IndexPicture::default()
    }
}

/// Takes a database's quoted name and its dot out of a text, but for what stands in quotes of any kind.
fn unqualified(text: &str, place: &str) -> String {
    let name = Flavor::MariaDb.quoted(place) + ".";
    let (mut bare, mut rest, mut inside) = (String::with_capacity(text.len()), text, None);
    while let Some(c) = rest.chars().next() {
        if inside.is_none() && rest.starts_with(&name) && !bare.ends_with('.') {
            rest = &rest[name.len()..];
            continue;
        }
        let escape = c == '\\' && matches!(inside, Some('\'' | '"'));
        let width = c.len_utf8() + if escape { rest[1..].chars().next().map_or(0, char::len_utf8) } else { 0 };
        match inside {
            None if matches!(c, '\'' | '"' | '`') => inside = Some(c),
            Some(quote) if quote == c => inside = None,
            _ => {}
        }
        bare.push_str(&rest[..width]);
        rest = &rest[width..];
    }
    bare
}

/// A text between apostrophes; our sessions read a backslash as an escape.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

fn version(text: &str) -> (u32, u32) {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).map(|digits| digits.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}
