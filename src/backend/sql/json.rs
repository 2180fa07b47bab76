//! What stands at a path in a JSON column.
//!
//! No server compares JSON as the contract does: PostgreSQL's `jsonb` orders values of unlike types, SQLite reads a float as its
//! neighbour and whole numbers above `i64::MAX` as floats, MariaDB compares text. So each asks the type first and then compares
//! what it is. A part of the path is always a key of an object, also where it is made of digits.

use super::{
    condition::{PLACEHOLDERS, text},
    dialect,
    statement::Statement,
};
use crate::{
    backend::{
        Comparison, JsonTest,
        scalar::{self, Number},
    },
    schema::{Column, ColumnExtra, Flavor, Kind},
};
use sea_orm::{Value, prelude::Json};

/// Appends the condition: unknown where nothing or JSON's null is there, false where something of another type is.
pub(super) fn json(s: &mut Statement, column: &str, path: &[String], test: JsonTest) {
    let at = At { column, path };
    match test {
        JsonTest::IsNull => at.null(s, true),
        JsonTest::IsNotNull => at.null(s, false),
        JsonTest::Compare(Comparison::Eq, value) => at.among(s, vec![value]),
        JsonTest::Compare(Comparison::Ne, value) => {
            s.push("NOT (");
            at.among(s, vec![value]);
            s.push(")");
        }
        JsonTest::In(values) => at.among(s, values),
        JsonTest::Text(how, needle) => at.case(s, |s| {
            at.when(s, Type::Text);
            if needle.is_empty() {
                s.push("1 = 1");
            } else {
                text(s, &|s| at.text(s), how, needle);
            }
        }),
        JsonTest::Compare(order, value) => at.case(s, |s| at.ordered(s, order, &value)),
    }
}

/// The types that are told apart.
#[derive(Clone, Copy)]
enum Type {
    Text,
    Bool,
    /// A number without a fraction or an exponent; on PostgreSQL, which compares all of them exactly, any number.
    Whole,
    /// Any other number.
    Float,
}

/// A place in the JSON of a column.
struct At<'a> {
    column: &'a str,
    path: &'a [String],
}

impl At<'_> {
    /// The value, as the server's own JSON; on PostgreSQL null where it is JSON's null.
    fn value(&self, s: &mut Statement) {
        match s.flavor {
            Flavor::Postgres => {
                s.push("nullif(").column(self.column);
                for key in self.path {
                    s.push(" -> ").bind(Value::from(key.as_str())).push("::text");
                }
                s.push(", 'null'::jsonb)");
            }
            Flavor::Sqlite => {
                s.push("(").column(self.column).push(" -> ").bind(self.quoted()).push(")");
            }
            Flavor::MySql | Flavor::MariaDb => {
                s.push("JSON_EXTRACT(").column(self.column).push(", ").bind(self.quoted()).push(")");
            }
        }
    }

    /// `$."a"."b"`: each key as JSON writes it.
    fn quoted(&self) -> Value {
        let keys = self.path.iter().map(|key| format!(".{}", Json::from(key.as_str())));
        Value::from(std::iter::once("$".to_owned()).chain(keys).collect::<String>())
    }

    /// The type by the server's name for it.
    fn kind(&self, s: &mut Statement) {
        match s.flavor {
            Flavor::Postgres => {
                s.push("jsonb_typeof(");
                self.value(s);
                s.push(")");
            }
            Flavor::Sqlite => {
                s.push("json_type(").column(self.column).push(", ").bind(self.quoted()).push(")");
            }
            Flavor::MySql | Flavor::MariaDb => {
                s.push("JSON_TYPE(");
                self.value(s);
                s.push(")");
            }
        }
    }

    fn null(&self, s: &mut Statement, is: bool) {
        if s.flavor == Flavor::Postgres {
            self.value(s);
            s.push(if is { " IS NULL" } else { " IS NOT NULL" });
        } else {
            s.push("coalesce(");
            self.kind(s);
            s.push(", 'NULL') ").push(if is { "IN" } else { "NOT IN" }).push(" ('null', 'NULL')");
        }
    }

    /// Unknown where nothing is there, then the arms that `arms` writes, else false.
    fn case(&self, s: &mut Statement, arms: impl FnOnce(&mut Statement)) {
        s.push("CASE WHEN ");
        self.null(s, true);
        s.push(" THEN NULL");
        arms(s);
        s.push(" ELSE 1 = 0 END");
    }

    /// Opens the arm of a type.
    fn when(&self, s: &mut Statement, kind: Type) {
        s.push(" WHEN ");
        self.kind(s);
        let mysql = s.flavor.is_mysql();
        s.push(match (s.flavor, kind) {
            (Flavor::Sqlite, Type::Text) => " = 'text'",
            (Flavor::Sqlite, Type::Bool) => " IN ('true', 'false')",
            (Flavor::Sqlite, Type::Whole) => " = 'integer'",
            (Flavor::Sqlite, Type::Float) => " = 'real'",
            (Flavor::Postgres, Type::Text) => " = 'string'",
            (Flavor::Postgres, Type::Bool) => " = 'boolean'",
            (Flavor::Postgres, _) => " = 'number'",
            (_, Type::Text) => " = 'STRING'",
            (_, Type::Bool) => " = 'BOOLEAN'",
            (_, _) => " IN ('INTEGER', 'UNSIGNED INTEGER', 'DECIMAL', 'DOUBLE')",
        });
        if mysql && matches!(kind, Type::Whole | Type::Float) {
            // MariaDB calls `1e300` an integer.
            s.push(" AND ");
            self.digits(s);
            s.push(if matches!(kind, Type::Whole) { " NOT REGEXP '[.eE]'" } else { " REGEXP '[.eE]'" });
        }
        s.push(" THEN ");
    }

    /// The text of a text, by code point.
    fn text(&self, s: &mut Statement) {
        match s.flavor {
            Flavor::Sqlite => {
                s.push("(").column(self.column).push(" ->> ").bind(self.quoted()).push(")");
            }
            Flavor::Postgres => {
                s.push("(");
                self.value(s);
                s.push(" #>> '{}') COLLATE \"C\"");
            }
            Flavor::MySql | Flavor::MariaDb => {
                let collation = collation(s.flavor);
                s.push("JSON_UNQUOTE(");
                self.value(s);
                s.push(") COLLATE ").push(collation);
            }
        }
    }

    /// A number as it is written in the JSON.
    fn digits(&self, s: &mut Statement) {
        match s.flavor {
            Flavor::MySql | Flavor::MariaDb => {
                let collation = collation(s.flavor);
                s.push("CAST(");
                self.value(s);
                s.push(" AS CHAR) COLLATE ").push(collation);
            }
            _ => self.value(s),
        }
    }

    /// Whether it is one of these.
    fn among(&self, s: &mut Statement, values: Vec<Value>) {
        if s.flavor == Flavor::Postgres {
            self.value(s);
            // Numbers by value, texts by code point, and nothing equals another type.
            match values.as_slice() {
                [] => {
                    s.push(" <> ");
                    self.value(s);
                }
                [one] => {
                    s.push(" = ").bind(Value::from(scalar::json(one)));
                }
                _ => {
                    let list = Json::Array(values.iter().map(scalar::json).collect());
                    s.push(" IN (SELECT jsonb_array_elements(").bind(Value::from(list)).push("))");
                }
            }
            return;
        }
        let (mut texts, mut numbers, mut bools) = (Vec::new(), Vec::new(), Vec::new());
        for value in values {
            match value {
                Value::String(_) => texts.push(value),
                Value::Bool(Some(value)) => bools.push(Value::from(if value { "true" } else { "false" })),
                number => numbers.push(Value::from(scalar::json(&number).to_string())),
            }
        }
        self.case(s, |s| {
            if !texts.is_empty() {
                self.when(s, Type::Text);
                self.text(s);
                list(s, texts);
            }
            if !numbers.is_empty() {
                // By their one form, as text: a float in JSON is read exactly by no other way on SQLite.
                for kind in [Type::Whole, Type::Float] {
                    self.when(s, kind);
                    self.digits(s);
                    list(s, numbers.clone());
                }
            }
            if !bools.is_empty() {
                self.when(s, Type::Bool);
                self.digits(s);
                list(s, bools);
            }
        });
    }

    /// The arms of an order.
    fn ordered(&self, s: &mut Statement, order: Comparison, value: &Value) {
        let sign = sign(order);
        match (Number::of(value), value) {
            (Some(_), _) if s.flavor == Flavor::Postgres => {
                self.when(s, Type::Whole);
                s.push("(");
                self.value(s);
                s.push(" #>> '{}')::numeric").push(sign);
                s.bind(Value::from(scalar::json(value).to_string())).push("::numeric");
            }
            (Some(number), _) => {
                self.when(s, Type::Whole);
                self.whole(s, order, number);
                self.when(s, Type::Float);
                self.float(s, order, number);
            }
            (None, Value::Bool(Some(value))) => {
                // `false` stands before `true` as a text, too.
                self.when(s, Type::Bool);
                if s.flavor == Flavor::Postgres {
                    self.text(s);
                } else {
                    self.digits(s);
                }
                s.push(sign).bind(Value::from(if *value { "true" } else { "false" }));
            }
            (None, value) => {
                self.when(s, Type::Text);
                self.text(s);
                s.push(sign).bind(value.clone());
            }
        }
    }

    /// A whole number against a number.
    fn whole(&self, s: &mut Statement, order: Comparison, number: Number) {
        if let Some(always) = number.beyond_whole() {
            s.push(if order.holds(always) { "1 = 1" } else { "1 = 0" });
            return;
        }
        let sign = sign(order);
        match (s.flavor, number) {
            (Flavor::Sqlite, Number::Whole(whole)) => match i64::try_from(whole) {
                Ok(whole) => {
                    self.text(s);
                    s.push(sign).bind(Value::from(whole));
                }
                Err(_) => self.long(s, order, whole),
            },
            (Flavor::Sqlite, Number::Float(float)) => {
                self.text(s);
                s.push(sign).bind(Value::from(float));
            }
            (_, Number::Whole(whole)) => {
                s.push("CAST(");
                self.digits(s);
                s.push(" AS DECIMAL(65, 0))").push(sign);
                s.push("CAST(").bind(Value::from(whole.to_string())).push(" AS DECIMAL(65, 0))");
            }
            (_, Number::Float(float)) => {
                s.push("CAST(");
                self.digits(s);
                s.push(" AS DOUBLE)").push(sign).bind(Value::from(float));
            }
        }
    }

    /// A whole number against one above `i64::MAX`, which SQLite has no type for: by sign, length and digits.
    fn long(&self, s: &mut Statement, order: Comparison, whole: i128) {
        let digits = whole.to_string();
        let length = i64::try_from(digits.len()).unwrap_or(i64::MAX);
        let below = matches!(order, Comparison::Lt | Comparison::Lte);
        s.push("(substr(");
        self.digits(s);
        s.push(if below { ", 1, 1) = '-' OR length(" } else { ", 1, 1) <> '-' AND (length(" });
        self.digits(s);
        s.push(if below { ") < " } else { ") > " }).bind(Value::from(length)).push(" OR (length(");
        self.digits(s);
        s.push(") = ").bind(Value::from(length)).push(" AND ");
        self.digits(s);
        s.push(sign(order)).bind(Value::from(digits)).push(if below { "))" } else { ")))" });
    }

    /// A number with a fraction, or beyond 64 bits, against a number.
    fn float(&self, s: &mut Statement, order: Comparison, number: Number) {
        let float = number.as_float();
        if s.flavor != Flavor::Sqlite {
            s.push("CAST(");
            self.digits(s);
            s.push(" AS DOUBLE)").push(sign(order)).bind(Value::from(float));
            return;
        }
        let or_equal = matches!(order, Comparison::Lte | Comparison::Gte);
        s.push("(");
        self.text(s);
        s.push(sign(order)).bind(Value::from(float));
        if let Number::Float(float) = number {
            s.push(if or_equal { " OR " } else { " AND " });
            self.digits(s);
            s.push(if or_equal { " = " } else { " <> " }).bind(Value::from(Json::from(float).to_string()));
        }
        s.push(")");
    }
}

/// ` IN (…)` of texts.
fn list(s: &mut Statement, values: Vec<Value>) {
    s.push(" IN (");
    if values.len() <= PLACEHOLDERS {
        s.bind_list(values);
    } else {
        let kind = Kind::Text { max: None };
        let column = Column {
            name: "value".into(),
            kind,
            nullable: false,
            default: None,
            auto_increment: false,
            extra: ColumnExtra::default(),
        };
        dialect::json_list(s, &column, values);
    }
    s.push(")");
}

fn sign(order: Comparison) -> &'static str {
    match order {
        Comparison::Eq => " = ",
        Comparison::Ne => " <> ",
        Comparison::Lt => " < ",
        Comparison::Lte => " <= ",
        Comparison::Gt => " > ",
        Comparison::Gte => " >= ",
    }
}

fn collation(flavor: Flavor) -> &'static str {
    if flavor == Flavor::MySql { "utf8mb4_0900_bin" } else { "utf8mb4_nopad_bin" }
}
