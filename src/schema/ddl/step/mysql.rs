//! MySQL and MariaDB: every statement commits by itself, so a step is one ALTER TABLE where it can be, which is done as a whole
//! or not at all.
//!
//! A column is always said in full, with its charset, its remark and what else is there of it, for MODIFY takes away what it does
//! not say. A check that names a column is dropped and made again around a change of its name: neither server lets it follow.

use super::{Change, Dialect, Place, constant::constant, done, found, index, tokens};
use crate::{
    Error, Result,
    schema::{
        Check, Column, Done, Flavor, IndexDef, Kind, Reference, Statement, Words as Said,
        name::bounded,
        picture::{CheckPicture, ForeignKeyPicture, IndexPicture},
    },
};

/// The words of both.
pub(super) struct Words;

impl Dialect for Words {
    fn rename_table(&self, place: &Place<'_>, to: &str) -> Result<Vec<Statement>> {
        let (_, name) = to.split_once('.').unwrap_or(("", to));
        Ok(vec![place.alter(&[format!("RENAME TO {}", place.beside(name))], Done::Table(to.to_owned()))])
    }

    fn add_column(&self, place: &Place<'_>, column: &Column, fill: Option<&Said>) -> Result<Vec<Statement>> {
        let name = place.quoted(&column.name);
        let fill = fill.and_then(|fill| fill.on(place.flavor));
        let default = if fill.is_none() { constant(place.whole, column, place.flavor)? } else { None };
        let there = Done::Column(place.whole.to_owned(), column.name.to_string());
        if let Some(default) = default {
            let mut parts = vec![format!("ADD COLUMN {}", line(place, column, &format!(" DEFAULT ({default})"))?)];
            parts.extend(checks(place, column)?);
            let without = format!("ALTER COLUMN {name} DROP DEFAULT");
            return Ok(vec![place.alter(&parts, there), place.alter(&[without], Done::Again)]);
        }
        // A column that takes no null would give the rows that are there a 0 or an empty text without a word: it takes null first.
        let free = Column { nullable: true, ..column.clone() };
        let mut parts = vec![format!("ADD COLUMN {}", line(place, &free, "")?)];
        parts.extend(checks(place, column)?);
        let whole = format!("MODIFY COLUMN {}", line(place, column, "")?);
        let mut statements = Vec::new();
        match (fill, column.nullable) {
            (None, true) => statements.push(place.alter(&parts, there)),
            (None, false) => {
                // With rows it fails as a whole.
                let full = place.quoted(&bounded("nn", place.name, &[&column.name]));
                parts.push(format!("ADD CONSTRAINT {full} CHECK ({name} IS NOT NULL)"));
                statements.push(place.alter(&parts, there));
                let dropped = format!("DROP CONSTRAINT {}{full}", if_exists(place.flavor));
                let proof = Done::NoConstraint(place.whole.to_owned(), bounded("nn", place.name, &[&column.name]));
                statements.push(place.alter(&[whole, dropped], proof));
            }
            (Some(fill), nullable) => {
                statements.push(place.alter(&parts, there));
                statements.push(filled(place, &name, fill));
                if !nullable {
                    statements.push(place.alter(&[whole], Done::Again));
                }
            }
        }
        Ok(statements)
    }

    fn drop_column(&self, place: &Place<'_>, column: &Column) -> Result<Vec<Statement>> {
        let (alone, _) = found::checks_naming(place, &column.name);
        let mut parts: Vec<String> = alone.iter().map(|check| dropped(place, &check.name)).collect();
        let mut gone: Vec<&str> = Vec::new();
        if let Some(live) = place.seen() {
            for key in live.foreign_keys.iter().filter(|key| key.columns == [&*column.name]) {
                parts.push(format!("DROP FOREIGN KEY {}", place.quoted(&key.name)));
                gone.push(&key.name);
            }
        }
        parts.push(format!("DROP COLUMN {}", place.quoted(&column.name)));
        Ok(vec![place.alter(&parts, Done::NoColumn(place.whole.to_owned(), column.name.to_string()))])
    }

    fn rename_column(&self, place: &Place<'_>, from: &str, to: &str) -> Result<Vec<Statement>> {
        let (mut naming, others) = found::checks_naming(place, from);
        naming.extend(others);
        let mut parts: Vec<String> = naming.iter().map(|check| dropped(place, &check.name)).collect();
        parts.push(format!("RENAME COLUMN {} TO {}", place.quoted(from), place.quoted(to)));
        let quoted = place.quoted(to);
        parts.extend(naming.iter().map(|check| again(place, check, from, &quoted)));
        Ok(vec![place.alter(&parts, Done::Column(place.whole.to_owned(), to.to_owned()))])
    }

    fn alter_column(&self, place: &Place<'_>, change: &Change<'_>) -> Result<Vec<Statement>> {
        let to = change.to;
        let using = change.using.and_then(|using| using.on(place.flavor)).map(ToOwned::to_owned);
        let using = if using.is_none() { of_uuid(place, change)? } else { using };
        let fill = change.fill.and_then(|fill| fill.on(place.flavor)).filter(|_| !to.nullable);
        let mut statements = Vec::new();
        let free = Column { nullable: true, ..to.clone() };
        let first = if fill.is_some() { &free } else { to };
        let mut parts = Vec::new();
        if change.retypes() || using.is_some() {
            let old = found::own_checks(place, &to.name, change.from);
            parts.extend(old.iter().map(|check| dropped(place, &check.name)));
        }
        let rest = rest(place, change);
        if let Some(using) = &using {
            statements.extend(made_anew(place, change, first, using, parts, &rest)?);
        } else {
            parts.push(format!("MODIFY COLUMN {}", line(place, first, &rest)?));
            if change.retypes() {
                parts.extend(checks(place, to)?);
            }
            // The same again changes nothing: the checks are dropped and made, the column is what it is.
            let proof = if place.flavor == Flavor::MariaDb || parts.len() == 1 { Done::Again } else { Done::Unknown };
            statements.push(place.alter(&parts, proof));
        }
        if let Some(fill) = fill {
            statements.push(filled(place, &place.quoted(&to.name), fill));
            statements.push(place.alter(&[format!("MODIFY COLUMN {}", line(place, to, &rest)?)], Done::Again));
        }
        Ok(statements)
    }

    fn add_index(&self, place: &Place<'_>, index: &IndexDef) -> Result<Vec<Statement>> {
        let Some(written) = index::written(place.whole, index, |_| Ok(false), place.flavor)? else {
            return Ok(Vec::new());
        };
        for name in index.parts.iter().filter_map(crate::schema::Part::column) {
            let column = place.live()?.column(name);
            let declared = column.map(|column| column.declared.to_ascii_lowercase()).unwrap_or_default();
            if ["text", "blob", "json"].iter().any(|long| declared.contains(long)) {
                let why = "what is indexed has a declared length";
                return Err(Error::unsupported(why).entity(place.whole).field(name).constraint(&index.name));
            }
        }
        let there = Done::Index(place.whole.to_owned(), index.name.clone());
        let columns: Vec<&str> = index.parts.iter().map_while(crate::schema::Part::column).collect();
        let implied = place.seen().into_iter().flat_map(|live| &live.foreign_keys).filter(|key| {
            let own = place.seen().and_then(|live| live.index(&key.name));
            let exact = own.is_some_and(|own| !own.unique && own.parts.len() == key.columns.len() && serves(own, key));
            exact
                && key.name != index.name
                && key.columns.iter().map(String::as_str).eq(columns.iter().copied().take(key.columns.len()))
        });
        let implied: Vec<String> = implied.map(|key| format!("DROP INDEX {}", place.quoted(&key.name))).collect();
        if implied.is_empty() {
            let sql = index::create(&index.name, index.unique, &place.table(), &written, place.flavor);
            return Ok(vec![done(sql, there)]);
        }
        // What the server made for a reference is not needed beside it: a table that is made so has it not.
        let unique = if index.unique { "UNIQUE " } else { "" };
        let add = format!("ADD {unique}INDEX {} {written}", place.quoted(&index.name));
        Ok(vec![place.alter(&[vec![add], implied].concat(), there)])
    }

    fn drop_index(&self, place: &Place<'_>, index: &IndexDef) -> Result<Vec<Statement>> {
        let there = found::index(place, index);
        let name = there.map_or(index.name.as_str(), |there| &there.name);
        let mut parts = vec![format!("DROP INDEX {}", place.quoted(name))];
        // A reference needs an index over its columns: one that loses it gets what the server would have made for it.
        let keys = place.seen().map(|live| &*live.foreign_keys).unwrap_or_default();
        for key in keys.iter().filter(|key| there.is_some_and(|there| serves(there, key))) {
            if !served(place, key, &[name]) {
                parts.push(format!("ADD INDEX {} ({})", place.quoted(&key.name), place.list(&key.columns)));
            }
        }
        Ok(vec![place.alter(&parts, Done::NoIndex(place.whole.to_owned(), name.to_owned()))])
    }

    fn rename_index(&self, place: &Place<'_>, from: &str, to: &str) -> Result<Vec<Statement>> {
        let rename = format!("RENAME INDEX {} TO {}", place.quoted(from), place.quoted(to));
        Ok(vec![place.alter(&[rename], Done::Index(place.whole.to_owned(), to.to_owned()))])
    }

    fn add_foreign_key(&self, place: &Place<'_>, key: &Reference) -> Result<Vec<Statement>> {
        let there = Done::Constraint(place.whole.to_owned(), key.name.clone());
        Ok(vec![place.alter(&[format!("ADD {}", place.foreign_key(key))], there)])
    }

    fn drop_foreign_key(&self, place: &Place<'_>, key: &Reference) -> Result<Vec<Statement>> {
        let there = found::foreign_key(place, key);
        let name = there.map_or(&key.name, |there| &there.name);
        let mut parts = vec![format!("DROP FOREIGN KEY {}", place.quoted(name))];
        // The index that the server made for it has its name, and goes with it unless another reference needs it.
        if let (Some(live), Some(there)) = (place.seen(), there)
            && let Some(implied) = live.index(name).filter(|index| !index.unique && serves(index, there))
        {
            let others = live.foreign_keys.iter().filter(|other| other.name != *name && serves(implied, other));
            if others.into_iter().all(|other| served(place, other, &[name])) {
                parts.push(format!("DROP INDEX {}", place.quoted(name)));
            }
        }
        Ok(vec![place.alter(&parts, Done::NoConstraint(place.whole.to_owned(), name.clone()))])
    }

    fn add_check(&self, place: &Place<'_>, name: &str, condition: &str) -> Result<Vec<Statement>> {
        let there = Done::Constraint(place.whole.to_owned(), name.to_owned());
        Ok(vec![place.alter(&[format!("ADD CONSTRAINT {} CHECK ({condition})", place.quoted(name))], there)])
    }

    fn drop_check(&self, place: &Place<'_>, check: &Check) -> Result<Vec<Statement>> {
        let gone = Done::NoConstraint(place.whole.to_owned(), check.name.clone());
        Ok(vec![place.alter(&[format!("DROP CONSTRAINT {}", place.quoted(&check.name))], gone)])
    }

    fn set_key(&self, place: &Place<'_>, from: &[String], to: &[String]) -> Result<Vec<Statement>> {
        let mut parts = Vec::new();
        if !from.is_empty() {
            parts.push("DROP PRIMARY KEY".to_owned());
        }
        parts.push(format!("ADD PRIMARY KEY ({})", place.list(to)));
        Ok(vec![place.alter(&parts, Done::Asked(has_key(place, to)?))])
    }

    fn set_comment(&self, place: &Place<'_>, column: Option<&Column>, to: Option<&str>) -> Result<Vec<Statement>> {
        let Some(column) = column else {
            let text = super::super::mysql::remark(to.unwrap_or_default())?;
            return Ok(vec![place.alter(&[format!("COMMENT={text}")], Done::Again)]);
        };
        let mut said = column.clone();
        said.extra.comment = Some(to.unwrap_or_default().to_owned());
        let same = Change { from: Some(column), to: column, using: None, fill: None };
        let modify = format!("MODIFY COLUMN {}", line(place, &said, &rest(place, &same))?);
        Ok(vec![place.alter(&[modify], Done::Again)])
    }
}

/// A column in full; `rest` stands before its remark.
fn line(place: &Place<'_>, column: &Column, rest: &str) -> Result<String> {
    let table = place.with(column);
    let mut line = super::super::plain_line(&table, 0, place.flavor)?;
    line.push_str(rest);
    let kept = place.seen().and_then(|live| live.column(&column.name)).and_then(|live| live.comment.as_ref());
    if let Some(comment) = column.extra.comment.as_ref().or(kept).filter(|comment| !comment.is_empty()) {
        let text = super::super::mysql::remark(comment);
        let text = text.map_err(|error| error.entity(place.whole).field(&*column.name))?;
        line.push_str(&format!(" COMMENT {text}"));
    }
    Ok(line)
}

/// What somebody else gave the column and MODIFY would take away: a default, and what is set at each change.
fn rest(place: &Place<'_>, change: &Change<'_>) -> String {
    let mut rest = String::new();
    let Some(live) = place.seen().and_then(|live| live.column(&change.to.name)) else { return rest };
    if change.retypes() || place.flavor != Flavor::MariaDb {
        return rest;
    }
    if let Some(default) = live.default.as_ref().filter(|default| !default.eq_ignore_ascii_case("null")) {
        rest.push_str(&format!(" DEFAULT {default}"));
    }
    if let Some(touched) = &live.touched {
        rest.push_str(&format!(" ON UPDATE {touched}"));
    }
    rest
}

/// A UUID is sixteen bytes here, which the server itself would put into a text as they are.
fn of_uuid(place: &Place<'_>, change: &Change<'_>) -> Result<Option<String>> {
    let Some(from) = change.from else { return Ok(None) };
    let column = place.quoted(&change.to.name);
    Ok(match (&from.kind, &change.to.kind) {
        (Kind::Uuid, Kind::Uuid) => None,
        (Kind::Uuid, Kind::Text { .. }) => {
            let part = |at: u32, length: u32| format!("SUBSTR(LOWER(HEX({column})), {at}, {length})");
            let parts = [part(1, 8), part(9, 4), part(13, 4), part(17, 4), part(21, 12)];
            Some(format!("CONCAT({})", parts.join(", '-', ")))
        }
        (Kind::Text { .. }, Kind::Uuid) => Some(format!("UNHEX(REPLACE({column}, '-', ''))")),
        (Kind::Uuid, _) | (_, Kind::Uuid) => {
            let why = format!("{} knows no way from the one type to the other: say it with `using`", place.flavor);
            return Err(Error::unsupported(why).entity(place.whole).field(&*change.to.name));
        }
        _ => None,
    })
}

/// MODIFY takes no expression: the new values are made in a column beside, which then takes the old one's place. Indexes over
/// the old one are made again in the same statement.
fn made_anew(
    place: &Place<'_>,
    change: &Change<'_>,
    to: &Column,
    using: &str,
    checks_gone: Vec<String>,
    rest: &str,
) -> Result<Vec<Statement>> {
    let old = place.quoted(&to.name);
    let aside = bounded("new", place.name, &[&to.name]);
    if let Some(live) = place.seen() {
        let held = live.foreign_keys.iter().find(|key| key.columns.iter().any(|name| *name == *to.name));
        if held.is_some() || place.is_key(&to.name) {
            let why = "a column of a key is not made anew by an expression: the key goes first, and comes again";
            return Err(Error::unsupported(why).entity(place.whole).field(&*to.name));
        }
    }
    let beside = Column { name: aside.clone().into(), nullable: true, ..to.clone() };
    let add = format!("ADD COLUMN {} AFTER {old}", line(place, &beside, "")?);
    let fill = format!("UPDATE {} SET {} = ({using})", place.table(), place.quoted(&aside));
    let mut parts = checks_gone;
    let indexes = place.seen().map(|live| &*live.indexes).unwrap_or_default();
    let over = |index: &&IndexPicture| index.parts.iter().any(|part| part.column.as_deref() == Some(&*to.name));
    let over: Vec<&IndexPicture> = indexes.iter().filter(over).collect();
    if let Some(index) =
        over.iter().find(|index| index.odd.is_some() || !["", "btree"].contains(&&*index.method.to_ascii_lowercase()))
    {
        let why =
            format!("the index `{}` is of a kind that is not made again: it goes first, and comes again", index.name);
        return Err(Error::unsupported(why).entity(place.whole).field(&*to.name));
    }
    parts.extend(over.iter().map(|index| format!("DROP INDEX {}", place.quoted(&index.name))));
    parts.push(format!("DROP COLUMN {old}"));
    parts.push(format!("CHANGE COLUMN {} {}", place.quoted(&aside), line(place, to, rest)?));
    parts.extend(over.iter().map(|index| remade(place, index)));
    parts.extend(checks(place, change.to)?);
    let table = place.whole.to_owned();
    Ok(vec![
        place.alter(&[add], Done::Column(table.clone(), aside.clone())),
        done(fill, Done::Again),
        place.alter(&parts, Done::NoColumn(table, aside)),
    ])
}

fn remade(place: &Place<'_>, index: &IndexPicture) -> String {
    let part = |part: &crate::schema::picture::PartPicture| {
        let mut sql = match (&part.column, &part.expression) {
            (Some(column), _) => place.quoted(column),
            (None, expression) => format!("({})", expression.as_deref().unwrap_or_default()),
        };
        if let Some(prefix) = part.prefix {
            sql.push_str(&format!("({prefix})"));
        }
        if part.descending {
            sql.push_str(" DESC");
        }
        sql
    };
    let parts: Vec<String> = index.parts.iter().map(part).collect();
    let unique = if index.unique { "UNIQUE " } else { "" };
    format!("ADD {unique}INDEX {} ({})", place.quoted(&index.name), parts.join(", "))
}

fn checks(place: &Place<'_>, column: &Column) -> Result<Vec<String>> {
    let checks = super::super::checks_of(&place.with(column), column, place.flavor)?;
    Ok(checks
        .into_iter()
        .map(|(name, check)| format!("ADD CONSTRAINT {} CHECK ({check})", place.quoted(&name)))
        .collect())
}

/// A check's condition with another name for a column.
fn again(place: &Place<'_>, check: &CheckPicture, from: &str, to: &str) -> String {
    let condition = tokens::renamed(&check.condition, from, to, true);
    format!("ADD CONSTRAINT {} CHECK ({condition})", place.quoted(&check.name))
}

fn dropped(place: &Place<'_>, check: &str) -> String {
    format!("DROP CONSTRAINT {}{}", if_exists(place.flavor), place.quoted(check))
}

fn if_exists(flavor: Flavor) -> &'static str {
    if flavor == Flavor::MariaDb { "IF EXISTS " } else { "" }
}

fn filled(place: &Place<'_>, name: &str, fill: &str) -> Statement {
    done(format!("UPDATE {} SET {name} = ({fill}) WHERE {name} IS NULL", place.table()), Done::Again)
}

/// Whether the reference can use this index: its columns are the index's first.
fn serves(index: &IndexPicture, key: &ForeignKeyPicture) -> bool {
    let first = index.parts.iter().take(key.columns.len());
    index.parts.len() >= key.columns.len()
        && first.zip(&key.columns).all(|(part, column)| part.column.as_ref() == Some(column) && part.prefix.is_none())
}

/// Whether something else than these indexes serves the reference.
fn served(place: &Place<'_>, key: &ForeignKeyPicture, without: &[&str]) -> bool {
    let Some(live) = place.seen() else { return true };
    let primary = live.key.as_ref().is_some_and(|primary| primary.columns.starts_with(&key.columns));
    primary || live.indexes.iter().any(|index| !without.contains(&index.name.as_str()) && serves(index, key))
}

/// Whether the primary key has these columns, in this order.
fn has_key(place: &Place<'_>, columns: &[String]) -> Result<String> {
    let text = |text: &str| super::super::literal(text, place.flavor);
    let schema = place.schema.map_or(Ok("DATABASE()".to_owned()), text)?;
    Ok(format!(
        "SELECT GROUP_CONCAT(column_name ORDER BY seq_in_index) = {} FROM information_schema.statistics \
         WHERE table_schema = {schema} AND table_name = {} AND index_name = 'PRIMARY'",
        text(&columns.join(","))?,
        text(place.name)?
    ))
}
