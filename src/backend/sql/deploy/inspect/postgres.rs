//! PostgreSQL, from its own catalogue: what it prints is qualified where the session's search path does not find it.

mod others;

use super::{Ask, BOOKS, Row, last, odd};
use crate::{
    Result,
    schema::{
        Picture,
        picture::{
            CheckPicture, ColumnPicture, ForeignKeyPicture, IndexPicture, KeyPicture, PartPicture, TablePicture,
        },
    },
};

/// Reads a place with the session's search path beginning there, so that nothing in it is printed with the place's name.
pub(super) async fn at_home<A: Ask>(asker: &mut A, place: &str) -> Result<Picture> {
    let (home, path) = home(asker).await?;
    if home.as_deref() == Some(place) {
        return all(asker, place).await;
    }
    let set = |path: &str| format!("SELECT set_config('search_path', {}, false)", literal(path));
    asker.ask::<1>(&set(&format!("{}, {path}", quoted(place)))).await?;
    let picture = all(asker, place).await;
    let back = asker.ask::<1>(&set(&path)).await;
    let picture = picture?;
    back?;
    Ok(picture)
}

/// Reads a place and leaves the session as it is.
pub(super) async fn read<A: Ask>(asker: &mut A, place: Option<&str>) -> Result<Picture> {
    let place = if let Some(place) = place { Some(place.to_owned()) } else { home(asker).await?.0 };
    match place {
        Some(place) => all(asker, &place).await,
        None => Ok(Picture::default()),
    }
}

/// The schema that the session works in, and its whole search path.
async fn home<A: Ask>(asker: &mut A) -> Result<(Option<String>, String)> {
    let question = "SELECT current_schema()::text, current_setting('search_path')";
    let mut row = asker.ask::<2>(question).await?.pop().unwrap_or(Row(Vec::new()));
    Ok((row.maybe(0), row.take(1)))
}

async fn all<A: Ask>(asker: &mut A, place: &str) -> Result<Picture> {
    let mut picture = Picture::default();
    tables(asker, place, &mut picture).await?;
    columns(asker, place, &mut picture).await?;
    indexes(asker, place, &mut picture).await?;
    constraints(asker, place, &mut picture).await?;
    others::read(asker, place, &mut picture).await?;
    Ok(picture)
}

/// A question about the tables of a place: `{here}` is the condition on `pg_class c`.
fn about(place: &str, question: &str) -> String {
    let here = format!(
        "c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = {}) AND c.relkind IN ('r', 'p')",
        literal(place)
    );
    question.replace("{here}", &here)
}

async fn tables<A: Ask>(asker: &mut A, place: &str, picture: &mut Picture) -> Result<()> {
    let question = "SELECT c.relname::text, obj_description(c.oid, 'pg_class'), c.relpersistence::text, \
        array_to_string(c.reloptions, ', '), pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid), \
        (SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno) FROM pg_inherits i WHERE i.inhrelid = c.oid), \
        CASE WHEN c.relforcerowsecurity THEN 'forced' WHEN c.relrowsecurity THEN 'on' END, \
        (SELECT m.amname::text FROM pg_am m WHERE m.oid = c.relam AND m.amname <> 'heap'), \
        (SELECT s.spcname::text FROM pg_tablespace s WHERE s.oid = c.reltablespace) \
        FROM pg_class c WHERE {here} AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass \
        AND d.objid = c.oid AND d.deptype = 'e')";
    for mut row in asker.ask::<10>(&about(place, question)).await? {
        let name = row.take(0);
        if BOOKS.contains(&&*name) {
            continue;
        }
        let mut table = TablePicture { comment: row.said(1), ..TablePicture::default() };
        let mut option =
            |name: &str, text: Option<String>| text.map(|text| table.options.insert(name.to_owned(), text));
        option("persistence", (row.get(2) == "u").then(|| "unlogged".to_owned()));
        option("with", row.said(3));
        option("partitioned", row.said(4));
        let (bound, parents) = (row.said(5), row.said(6));
        match (bound, parents) {
            (Some(bound), Some(parent)) => option("partition", Some(format!("of {parent} {bound}"))),
            (_, parents) => option("inherits", parents),
        };
        option("row security", row.said(7));
        option("access method", row.said(8));
        option("tablespace", row.said(9));
        picture.tables.insert(name, table);
    }
    Ok(())
}

async fn columns<A: Ask>(asker: &mut A, place: &str, picture: &mut Picture) -> Result<()> {
    let question = "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull::text, \
        pg_get_expr(d.adbin, d.adrelid), a.attidentity::text, a.attgenerated::text, \
        CASE WHEN a.attcollation <> t.typcollation THEN o.collname::text END, \
        EXISTS (SELECT FROM pg_depend m JOIN pg_depend s ON s.classid = 'pg_class'::regclass AND s.objid = m.refobjid \
        AND s.refobjid = c.oid AND s.refobjsubid = a.attnum AND s.deptype = 'a' WHERE m.classid = 'pg_attrdef'::regclass \
        AND m.objid = d.oid AND m.refclassid = 'pg_class'::regclass)::text, e.description \
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
        JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
        LEFT JOIN pg_collation o ON o.oid = a.attcollation \
        LEFT JOIN pg_description e ON e.objoid = c.oid AND e.classoid = 'pg_class'::regclass AND e.objsubid = a.attnum \
        WHERE {here} ORDER BY c.relname, a.attnum";
    for mut row in asker.ask::<10>(&about(place, question)).await? {
        let Some(table) = picture.tables.get_mut(row.get(0)) else { continue };
        let auto = match row.get(5) {
            "d" => "yes",
            "a" => "always",
            // A sequence that is the column's own is one more way to say it.
            _ if row.yes(8) && row.get(4).starts_with("nextval(") => "yes",
            _ => "",
        };
        let kept = match row.get(6) {
            "s" => Some("stored"),
            "v" => Some("virtual"),
            _ => None,
        };
        let expression = row.maybe(4).filter(|_| auto.is_empty());
        let (default, generated) = match kept {
            Some(kept) => (None, expression.map(|it| format!("{it} {kept}"))),
            None => (expression, None),
        };
        table.columns.push(ColumnPicture {
            name: row.take(1),
            declared: full(row.take(2)),
            nullable: !row.yes(3),
            default,
            generated,
            auto: auto.to_owned(),
            collation: row.said(7),
            touched: None,
            comment: row.said(9),
        });
    }
    Ok(())
}

async fn indexes<A: Ask>(asker: &mut A, place: &str, picture: &mut Picture) -> Result<()> {
    // `indnullsnotdistinct` came with PostgreSQL 15, so it is asked for by name.
    let question = "SELECT c.relname::text, i.relname::text, x.indisprimary::text, x.indisunique::text, \
        (x.indisvalid AND x.indisready AND x.indislive)::text, m.amname::text, pg_get_expr(x.indpred, x.indrelid), \
        n.contype::text, n.condeferrable::text, n.condeferred::text, \
        CASE WHEN x.indisunique THEN to_jsonb(x) ->> 'indnullsnotdistinct' END, \
        CASE WHEN n.contype = 'x' THEN pg_get_constraintdef(n.oid) END, array_to_string(i.reloptions, ', '), \
        (k.place > x.indnkeyatts)::text, a.attname::text, \
        CASE WHEN k.attnum = 0 THEN pg_get_indexdef(x.indexrelid, k.place::int, false) END, \
        (x.indoption[k.place - 1] & 1 <> 0)::text, (x.indoption[k.place - 1] & 2 <> 0)::text, \
        CASE WHEN l.oid <> coalesce(a.attcollation, 100) THEN l.collname::text END, \
        CASE WHEN NOT p.opcdefault THEN p.opcname::text END \
        FROM pg_class c JOIN pg_index x ON x.indrelid = c.oid JOIN pg_class i ON i.oid = x.indexrelid \
        JOIN pg_am m ON m.oid = i.relam CROSS JOIN LATERAL unnest(x.indkey::int2[]) WITH ORDINALITY k(attnum, place) \
        LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum AND k.attnum <> 0 \
        LEFT JOIN pg_constraint n ON n.conindid = x.indexrelid AND n.contype IN ('p', 'u', 'x') \
        LEFT JOIN pg_collation l ON l.oid = x.indcollation[k.place - 1] \
        LEFT JOIN pg_opclass p ON p.oid = x.indclass[k.place - 1] \
        WHERE {here} ORDER BY c.relname, i.relname, k.place";
    for mut row in asker.ask::<20>(&about(place, question)).await? {
        let Some(table) = picture.tables.get_mut(row.get(0)) else { continue };
        if row.yes(2) && !row.yes(13) {
            let key = table.key.get_or_insert_with(|| KeyPicture { name: row.get(1).to_owned(), columns: Vec::new() });
            key.columns.push(row.take(14));
            continue;
        }
        let name = row.get(1).to_owned();
        let index = last(&mut table.indexes, |last| last.name == name, || index(&mut row));
        let Some(index) = index else { continue };
        if row.yes(13) {
            index.included.push(row.take(14));
            continue;
        }
        if let Some(class) = row.said(19) {
            index.odd = odd([index.odd.take(), Some(format!("part {}: {class}", index.parts.len() + 1))]);
        }
        index.parts.push(PartPicture {
            column: row.maybe(14),
            expression: row.maybe(15),
            descending: row.yes(16),
            nulls_first: row.yes(17),
            prefix: None,
            collation: row.said(18),
        });
    }
    Ok(())
}

fn index(row: &mut Row) -> IndexPicture {
    let deferred = deferred(row.yes(8), row.yes(9));
    let nulls = row.yes(10).then(|| "nulls not distinct".to_owned());
    let with = row.said(12).map(|with| format!("with {with}"));
    IndexPicture {
        name: row.get(1).to_owned(),
        parts: Vec::new(),
        included: Vec::new(),
        unique: row.yes(3),
        predicate: row.maybe(6),
        method: row.take(5),
        constraint: !row.get(7).is_empty(),
        valid: row.yes(4),
        odd: odd([nulls, deferred, row.said(11), with]),
    }
}

fn deferred(deferrable: bool, deferred: bool) -> Option<String> {
    match (deferrable, deferred) {
        (true, true) => Some("deferrable initially deferred".to_owned()),
        (true, false) => Some("deferrable".to_owned()),
        (false, _) => None,
    }
}

async fn constraints<A: Ask>(asker: &mut A, place: &str, picture: &mut Picture) -> Result<()> {
    // A reference to a partitioned table has one more row for each partition; what the table was told is the first.
    let question = "SELECT c.relname::text, n.conname::text, n.contype::text, pg_get_expr(n.conbin, n.conrelid), \
        n.convalidated::text, n.connoinherit::text, CASE WHEN current_setting('server_version_num')::int < 180000 THEN 'true' ELSE to_jsonb(n) ->> 'conenforced' END, \
        CASE WHEN p.relnamespace = c.relnamespace THEN p.relname::text \
        ELSE (SELECT s.nspname FROM pg_namespace s WHERE s.oid = p.relnamespace) || '.' || p.relname END, \
        n.confdeltype::text, n.confupdtype::text, n.confmatchtype::text, n.condeferrable::text, n.condeferred::text, \
        CASE WHEN n.confdeltype IN ('n', 'd') THEN pg_get_constraintdef(n.oid) END, \
        a.attname::text, b.attname::text \
        FROM pg_class c JOIN pg_constraint n ON n.conrelid = c.oid AND n.contype IN ('c', 'f') \
        LEFT JOIN pg_class p ON n.contype = 'f' AND p.oid = n.confrelid \
        LEFT JOIN LATERAL unnest(n.conkey, n.confkey) WITH ORDINALITY k(own, other, place) ON n.contype = 'f' \
        LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.own \
        LEFT JOIN pg_attribute b ON b.attrelid = n.confrelid AND b.attnum = k.other \
        WHERE {here} AND NOT EXISTS (SELECT FROM pg_constraint u WHERE u.oid = n.conparentid AND u.conrelid = n.conrelid) \
        ORDER BY c.relname, n.conname, k.place";
    for mut row in asker.ask::<16>(&about(place, question)).await? {
        let Some(table) = picture.tables.get_mut(row.get(0)) else { continue };
        if row.get(2) == "c" {
            let late = (!row.yes(4) && row.yes(6)).then_some(" NOT VALID");
            let alone = row.yes(5).then_some(" NO INHERIT");
            let condition = row.take(3) + late.unwrap_or_default() + alone.unwrap_or_default();
            table.checks.push(CheckPicture { name: row.take(1), condition, enforced: row.yes(6) });
            continue;
        }
        let name = row.get(1).to_owned();
        let key = last(&mut table.foreign_keys, |last| last.name == name, || foreign_key(&mut row));
        let Some(key) = key else { continue };
        key.columns.push(row.take(14));
        key.parent_columns.push(row.take(15));
    }
    Ok(())
}

fn foreign_key(row: &mut Row) -> ForeignKeyPicture {
    let rule = |letter: &str| {
        let rule = match letter {
            "r" => "RESTRICT",
            "c" => "CASCADE",
            "n" => "SET NULL",
            "d" => "SET DEFAULT",
            _ => "NO ACTION",
        };
        rule.to_owned()
    };
    let whole = (row.get(10) == "f").then(|| "match full".to_owned());
    let late = match (row.yes(4), row.yes(6)) {
        (_, false) => Some("not enforced".to_owned()),
        (false, true) => Some("not valid".to_owned()),
        (true, true) => None,
    };
    // SET NULL of some columns only.
    let some = row.said(13).and_then(|definition| {
        let (_, rest) = definition.split_once(" ON DELETE SET ")?;
        let (_, columns) = rest.split_once('(')?;
        Some(format!("on delete sets {}", columns.split_once(')')?.0))
    });
    ForeignKeyPicture {
        name: row.get(1).to_owned(),
        columns: Vec::new(),
        parent: row.take(7),
        parent_columns: Vec::new(),
        on_delete: rule(row.get(8)),
        on_update: rule(row.get(9)),
        odd: odd([whole, deferred(row.yes(11), row.yes(12)), late, some]),
    }
}

/// Six digits are what a type of time has where none are said.
fn full(declared: String) -> String {
    match &*declared {
        "timestamp without time zone" => "timestamp(6) without time zone".to_owned(),
        "timestamp with time zone" => "timestamp(6) with time zone".to_owned(),
        "time without time zone" => "time(6) without time zone".to_owned(),
        _ => declared,
    }
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn quoted(name: &str) -> String {
    crate::schema::Flavor::Postgres.quoted(name)
}
