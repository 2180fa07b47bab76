//! The changes: each row of the research's matrix, and a few more that must be refused.

use crate::{
    base,
    hand::{Company, Thing},
    place::Backend,
    rows::{self, Rows},
    versions as v,
};
use seabed::schema::Words;
use std::sync::Arc;

/// One change of the entity, with two rows in its table.
pub struct Case {
    pub name: &'static str,
    pub change: &'static str,
    pub before: Arc<dyn Rows>,
    /// None where the entity is gone.
    pub after: Option<Arc<dyn Rows>>,
    /// A new entity beside it.
    pub beside: Option<Arc<dyn Rows>>,
    /// Old and new names of columns.
    pub renamed: Vec<(&'static str, &'static str)>,
    /// What the plan has to ask: the table, what went, what came. It is answered with yes.
    pub asks: Option<(Option<&'static str>, &'static str, &'static str)>,
    pub company: Company,
    /// What is done to the rows by hand before.
    pub meanwhile: Option<Words>,
    /// Whether there is nothing to do in any database.
    pub nothing: bool,
    /// Where it must be refused, and why that is right.
    pub refused: Option<(&'static [Backend], &'static str)>,
}

macro_rules! of {
    ($version:ident) => {
        rows::of::<v::$version::Entity>()
    };
}

fn case(name: &'static str, change: &'static str, after: Arc<dyn Rows>) -> Case {
    Case {
        name,
        change,
        before: of!(base),
        after: Some(after),
        beside: None,
        renamed: Vec::new(),
        asks: None,
        company: Company::Full,
        meanwhile: None,
        nothing: false,
        refused: None,
    }
}

impl Case {
    fn renamed(mut self, from: &'static str, to: &'static str) -> Self {
        self.renamed.push((from, to));
        self
    }

    fn asks(mut self, from: &'static str, to: &'static str) -> Self {
        self.asks = Some((Some("item"), from, to));
        self.renamed(from, to)
    }

    fn nothing(mut self) -> Self {
        self.nothing = true;
        self
    }

    fn refused(self, why: &'static str) -> Self {
        self.refused_on(&Backend::ALL, why)
    }

    fn refused_on(mut self, backends: &'static [Backend], why: &'static str) -> Self {
        self.refused = Some((backends, why));
        self
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

fn by_hand(name: &'static str, change: &'static str, thing: Thing) -> Case {
    case(name, change, of!(base)).nothing().with(|it| it.company = Company::Only(thing))
}

pub fn all() -> Vec<Case> {
    let mut all = columns();
    all.extend(types());
    all.extend(keys());
    all.extend(others());
    all
}

const NULLS: &str = "rows would have no value: the new column wants a default, or the step a `fill`";

fn columns() -> Vec<Case> {
    vec![
        case("noop", "unchanged entity", of!(base)).nothing(),
        case("add_nullable", "add a nullable column", of!(add_nullable)),
        case("add_nn_default", "add a NOT NULL column, default_value = 7", of!(add_nn_default)),
        case("add_nn_nodefault", "add a NOT NULL i32 column, no default", of!(add_nn_nodefault)).refused(NULLS),
        case("add_nn_str", "add a NOT NULL String column, no default", of!(add_nn_str)).refused(NULLS),
        case("add_nn_exprdef", "add a NOT NULL column whose default is an expression", of!(add_nn_exprdef))
            .refused("a default is a constant, made in Rust: the entity is refused by field before a server is asked"),
        case("add_unique_col", "add a nullable column with unique", of!(add_unique_col)),
        case("add_idx_col", "add a nullable column with indexed", of!(add_idx_col)),
        case("drop_nullable", "drop the nullable column opt_s", of!(drop_nullable)),
        case("drop_nn", "drop the NOT NULL column n32", of!(drop_nn)),
        case("rename_nullable", "rename opt_s -> opt_x without a hint", of!(rename_nullable)).asks("opt_s", "opt_x"),
        case("rename_nn", "rename n32 -> n32x without a hint", of!(rename_nn)).asks("n32", "n32x"),
        case("rename_hint", "rename n32 -> n32x, renamed_from", of!(rename_hint)).renamed("n32", "n32x"),
        case("rename_hint_stale", "renamed_from names a column that does not exist", of!(rename_hint_stale))
            .refused("the hint names nothing: an error with entity and field"),
        case("rename_hint_unique", "rename the unique code -> code2, renamed_from", of!(rename_hint_unique))
            .renamed("code", "code2"),
        case("rename_hint_idx", "rename the indexed idxd -> idxd2, renamed_from", of!(rename_hint_idx))
            .renamed("idxd", "idxd2"),
    ]
}

fn types() -> Vec<Case> {
    vec![
        case("i32_i64", "n32: i32 -> i64", of!(i32_i64)),
        case("i64_i32", "n64: i64 -> i32, values fit", of!(i64_i32)),
        case("i32_str", "n32: i32 -> String", of!(i32_str)),
        case("str_text", "name: String -> Text", of!(str_text)),
        case("vc_longer", "vc: varchar(100) -> varchar(200)", of!(vc_longer)),
        case("vc_shorter", "vc: varchar(100) -> varchar(10), values fit", of!(vc_shorter)),
        case("dec_prec", "price: decimal(10, 2) -> decimal(12, 4)", of!(dec_prec)),
        case("json_jsonb", "meta: Json -> JsonBinary", of!(json_jsonb)).nothing(),
        case("ts_tstz", "ts: DateTime -> DateTimeUtc", of!(ts_tstz)),
        case("to_nullable", "n32: i32 -> Option<i32>", of!(to_nullable)),
        case("to_notnull", "opt_s: Option<String> -> String, a row has null", of!(to_notnull)).refused(NULLS),
        case("pk_i64", "id: i32 -> i64", of!(pk_i64)),
    ]
}

fn keys() -> Vec<Case> {
    vec![
        case("add_index", "add indexed on name", of!(add_index)),
        case("drop_index", "drop indexed from idxd", of!(drop_index)),
        case("add_unique", "add unique on vc", of!(add_unique)),
        case("add_unique_dup", "add unique on owner_id, rows are equal", of!(add_unique_dup))
            .refused("two rows have the same value"),
        case("drop_unique", "drop unique from code", of!(drop_unique)),
        case("unique_to_index", "code: unique -> indexed", of!(unique_to_index)),
        case("index_to_unique", "idxd: indexed -> unique", of!(index_to_unique)),
        case("add_uk", "add unique_key (n32, n64)", of!(add_uk)),
        case("drop_uk", "drop unique_key (ka, kb)", of!(drop_uk)),
        case("uk_add_col", "unique_key (ka, kb) -> (n32, ka, kb)", of!(uk_add_col)),
        case("uk_rename", "unique_key ab under the name ab2", of!(uk_rename)).nothing(),
        case("drop_fk", "drop the foreign key", of!(no_reference)),
        case("add_fk", "add the foreign key", of!(base)).with(|it| it.before = of!(no_reference)),
        case("add_fk_orphan", "add the foreign key, a row has no parent", of!(base))
            .with(|it| {
                it.before = of!(no_reference);
                it.meanwhile = Some(second("owner_id", "99", "99"));
            })
            .refused("a row names a parent that is not there"),
        case("fk_cascade", "the foreign key gains on_delete = Cascade", of!(cascade)),
        case("add_default", "add default_value = 9 to n32", of!(add_default)).nothing(),
        case("chg_default", "qty: default 5 -> 6", of!(chg_default)).nothing(),
        case("drop_default", "qty: default 5 -> none", of!(drop_default)).nothing(),
    ]
}

fn others() -> Vec<Case> {
    vec![
        case("rename_table", "table item -> item2 without a hint", of!(item2)).with(|it| {
            it.asks = Some((None, "item", "item2"));
            it.company = Company::Plain;
        }),
        case("add_table", "add the table tag with a foreign key to owner", of!(base))
            .with(|it| it.beside = Some(rows::of::<v::tag::Entity>())),
        case("drop_table", "the entity item is gone", of!(base)).with(|it| {
            it.after = None;
            it.company = Company::None;
        }),
        case("enum_add", "enum: add the variant Paused", of!(enum_add)),
        case("enum_insert", "enum: insert a variant first", of!(enum_insert)),
        case("enum_drop", "enum: drop the variant Closed, no row has it", of!(enum_drop)),
        case("enum_rename", "enum: rename the variant Closed -> Done, no row has it", of!(enum_rename)),
        case("enum_typename", "enum: the type's name status -> item_status", of!(enum_typename)).nothing(),
        case("strenum_add", "string-backed enum: add the variant C", of!(strenum_add)).nothing(),
        case("add_comment", "add a comment to name", of!(add_comment)),
        case("reorder", "the order of columns", of!(reorder)).nothing(),
        by_hand("oob_index", "by hand: an index on (name)", Thing::Index),
        by_hand("oob_unique", "by hand: a unique index on (vc)", Thing::Unique),
        by_hand("oob_unique_partial", "by hand: a partial unique index (vc) WHERE flag", Thing::Partial),
        by_hand("oob_unique_expr", "by hand: a unique index (owner_id, lower(name))", Thing::Expression),
        by_hand("oob_column", "by hand: a nullable column", Thing::Column),
        by_hand("oob_table", "by hand: a table", Thing::Table),
        by_hand("oob_check", "by hand: a check", Thing::Check),
        by_hand("oob_view_trigger", "by hand: a view", Thing::View),
        case("str_i32", "beyond: vc: String -> i32", of!(str_i32))
            .refused("text is no number: the step wants a `using`"),
        case("vc_cut", "beyond: vc: varchar(100) -> varchar(2), values do not fit", of!(vc_cut))
            .refused("a value is longer than the new length"),
        case("i64_cut", "beyond: n64: i64 -> i32, a value does not fit", of!(i64_i32))
            .with(|it| it.meanwhile = Some(second("n64", "5000000000", "5000000000")))
            .refused("a value is beyond the new type"),
        case("enum_drop_held", "beyond: enum: drop the variant Closed, a row has it", of!(enum_drop))
            .with(|it| it.meanwhile = Some(second("status", "'closed'", "\"closed\"")))
            .refused("a row still has the value"),
        case("enum_rename_held", "beyond: enum: rename the variant Closed -> Done, a row has it", of!(enum_rename))
            .with(|it| it.meanwhile = Some(second("status", "'closed'", "\"closed\"")))
            .refused("a row still has the old value: the step wants a `using`"),
        case(
            "to_notnull_default",
            "beyond: opt_s: Option<String> -> String with a default, a row has null",
            of!(to_notnull_default),
        )
        .refused(NULLS),
    ]
}

/// Another value in the second row, as SQL and as JSON.
fn second(column: &str, sql: &str, json: &str) -> Words {
    let one = format!(r#"{{"q": {{"id": 2}}, "u": {{"$set": {{"{column}": {json}}}}}}}"#);
    let words = Words::from(&*format!("UPDATE item SET {column} = {sql} WHERE id = 2"));
    words.mongodb(format!(r#"{{"update": "item", "updates": [{one}]}}"#))
}

/// The parent's rows.
pub fn owner() -> Arc<dyn Rows> {
    rows::of::<base::owner::Entity>()
}
