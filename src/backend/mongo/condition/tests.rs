use super::*;
use crate::{
    backend::Related,
    schema::{Column, Rules},
};
use chrono::DateTime;
use std::sync::Arc;

fn table() -> Arc<Table> {
    let column = |(name, kind, nullable): (&'static str, Kind, bool)| Column {
        name: name.into(),
        kind,
        nullable,
        default: None,
        auto_increment: false,
        extra: crate::schema::ColumnExtra::default(),
    };
    let text = Kind::Text { max: None };
    let columns = [
        ("id", Kind::Int64, false),
        ("big", Kind::Int64, true),
        ("name", text, true),
        ("at", Kind::Instant, true),
        ("extra", Kind::Json, true),
    ];
    Arc::new(Table {
        schema: None,
        name: "maybe".into(),
        columns: columns.map(column).to_vec(),
        key: vec![0],
        indexes: Vec::new(),
        foreign_keys: Vec::new(),
        rules: Rules::default(),
        extra: crate::schema::TableExtra::default(),
    })
}

fn written(filter: &Filter) -> Document {
    match stages(&table(), filter).expect("a filter").as_slice() {
        [] => Document::new(),
        [only] => only.get_document("$match").expect("a match").clone(),
        more => panic!("{more:?}"),
    }
}

fn compare(how: Comparison, value: i64) -> Filter {
    Filter::Compare("big".into(), how, value.into())
}

#[test]
fn what_is_true_and_what_is_false_leave_null_out() {
    use Comparison::{Eq, Gt, Gte, Lt, Lte, Ne};
    for (how, yes, no) in [
        (Eq, doc! { "$eq": 5_i64 }, doc! { "$nin": [5_i64, null] }),
        (Ne, doc! { "$nin": [5_i64, null] }, doc! { "$eq": 5_i64 }),
        (Lt, doc! { "$lt": 5_i64 }, doc! { "$gte": 5_i64 }),
        (Lte, doc! { "$lte": 5_i64 }, doc! { "$gt": 5_i64 }),
        (Gt, doc! { "$gt": 5_i64 }, doc! { "$lte": 5_i64 }),
        (Gte, doc! { "$gte": 5_i64 }, doc! { "$lt": 5_i64 }),
    ] {
        assert_eq!(written(&compare(how, 5)), doc! { "big": yes });
        assert_eq!(written(&compare(how, 5).negated()), doc! { "big": no });
    }
    let list = |values: &[i64]| Filter::In("big".into(), values.iter().map(|&v| v.into()).collect());
    assert_eq!(written(&list(&[1, 2])), doc! { "big": { "$in": [1_i64, 2_i64] } });
    assert_eq!(written(&list(&[1, 2]).negated()), doc! { "big": { "$nin": [1_i64, 2_i64, null] } });
    assert_eq!(written(&list(&[])), doc! { "big": { "$in": [] } });
    assert_eq!(written(&list(&[]).negated()), doc! { "big": { "$nin": [null] } });
    assert_eq!(written(&Filter::NotIn("big".into(), vec![1_i64.into()])), doc! { "big": { "$nin": [1_i64, null] } });
}

#[test]
fn distinct_from_is_never_unknown() {
    let distinct = |value: Value| Filter::DistinctFrom("big".into(), value);
    assert_eq!(written(&distinct(5_i64.into())), doc! { "big": { "$ne": 5_i64 } });
    assert_eq!(written(&distinct(5_i64.into()).negated()), doc! { "big": { "$eq": 5_i64 } });
    assert_eq!(written(&distinct(Value::BigInt(None))), doc! { "big": { "$ne": null } });
    assert_eq!(written(&distinct(Value::BigInt(None)).negated()), doc! { "big": { "$eq": null } });
}

#[test]
fn not_goes_down_to_the_comparisons() {
    let (one, two) = (compare(Comparison::Eq, 1), compare(Comparison::Lt, 2));
    let either = one.clone().or(two.clone());
    let (not_one, not_two) = (doc! { "big": { "$nin": [1_i64, null] } }, doc! { "big": { "$gte": 2_i64 } });
    assert_eq!(written(&either.clone().negated()), doc! { "$and": [not_one.clone(), not_two.clone()] });
    let both = Filter::And(vec![either.negated(), Filter::IsNull("name".into())]);
    assert_eq!(written(&both), doc! { "$and": [not_one, not_two, { "name": { "$eq": null } }] }, "one flat list");
    let both = one.and(two).negated();
    let any = doc! { "$or": [{ "big": { "$nin": [1_i64, null] } }, { "big": { "$gte": 2_i64 } }] };
    assert_eq!(written(&both), any);
}

#[test]
fn empty_lists_of_conditions_are_true_and_false() {
    assert_eq!(stages(&table(), &Filter::And(Vec::new())).expect("a filter"), []);
    assert_eq!(written(&Filter::Or(Vec::new())), nothing());
    assert_eq!(written(&Filter::And(Vec::new()).negated()), nothing());
    let always = Filter::Or(vec![compare(Comparison::Eq, 1), Filter::And(Vec::new()).and(Filter::And(Vec::new()))]);
    assert_eq!(written(&always), doc! {});
}

#[test]
fn between_two_milliseconds_nothing_is_equal() {
    use Comparison::{Eq, Gt, Gte, Lt, Lte, Ne};
    let at = DateTime::from_timestamp_micros(-1).expect("an instant");
    let below = mongodb::bson::DateTime::from_millis(-1);
    for (how, expected) in [
        (Eq, nothing()),
        (Ne, doc! { "at": { "$ne": null } }),
        (Lt, doc! { "at": { "$lte": below } }),
        (Lte, doc! { "at": { "$lte": below } }),
        (Gt, doc! { "at": { "$gt": below } }),
        (Gte, doc! { "at": { "$gt": below } }),
    ] {
        assert_eq!(written(&Filter::Compare("at".into(), how, at.into())), expected, "{how:?}");
    }
    assert_eq!(written(&Filter::In("at".into(), vec![at.into()])), doc! { "at": { "$in": [] } });
    assert_eq!(written(&Filter::DistinctFrom("at".into(), at.into())), doc! {});
    assert_eq!(written(&Filter::DistinctFrom("at".into(), at.into()).negated()), nothing());
}

#[test]
fn a_beginning_is_a_range_and_an_empty_needle_is_in_every_text() {
    let text = |how, needle: &str| Filter::Text("name".into(), how, needle.into());
    assert_eq!(written(&text(Match::StartsWith, "ab")), doc! { "name": { "$gte": "ab", "$lt": "ac" } });
    let outside = doc! { "$or": [{ "name": { "$lt": "ab" } }, { "name": { "$gte": "ac" } }] };
    assert_eq!(written(&text(Match::StartsWith, "ab").negated()), outside);
    for how in [Match::Contains, Match::StartsWith, Match::EndsWith] {
        assert_eq!(written(&text(how, "")), doc! { "name": { "$ne": null } });
        assert_eq!(written(&text(how, "").negated()), nothing());
    }
    let without = written(&text(Match::Contains, "%").negated());
    assert_eq!(without.get_document("name").expect("no null"), &doc! { "$ne": null });
}

#[test]
fn a_column_of_json_is_null_only_itself() {
    let null = doc! { "$expr": { "$eq": [{ "$ifNull": ["$extra", null] }, null] } };
    assert_eq!(written(&Filter::IsNull("extra".into())), null);
}

#[test]
fn other_tables_are_looked_at_last_and_left_behind() {
    let related = Related {
        columns: vec!["big".into(), "name".into()],
        table: table(),
        their_columns: vec!["id".into(), "name".into()],
        filter: Some(compare(Comparison::Gt, 1)),
    };
    let related = Filter::Related(Box::new(related));
    let near = compare(Comparison::Lt, 9);
    let lookup = doc! { "$lookup": {
        "from": "maybe", "localField": "big", "foreignField": "id", "let": { "v0": "$name" },
        "pipeline": [
            { "$match": { "$expr": { "$and": [{ "$eq": ["$name", "$$v0"] }] } } },
            { "$match": { "big": { "$gt": 1_i64 } } },
            { "$limit": 1 },
            { "$project": { "_id": 1 } },
        ],
        "as": "related 0",
    } };
    let there = doc! { "related 0": { "$ne": [] }, "big": { "$ne": null }, "name": { "$ne": null } };
    let gone = doc! { "$unset": ["related 0"] };
    let expected = [
        doc! { "$match": { "big": { "$lt": 9_i64 } } },
        lookup.clone(),
        doc! { "$match": there.clone() },
        gone.clone(),
    ];
    assert_eq!(stages(&table(), &related.clone().and(near.clone())).expect("a filter"), expected);
    let either = doc! { "$match": { "$or": [there, { "big": { "$lt": 9_i64 } }] } };
    assert_eq!(stages(&table(), &related.clone().or(near)).expect("a filter"), [lookup, either, gone]);
    let none = stages(&table(), &related.negated()).expect("a filter");
    let parts =
        [doc! { "big": { "$eq": null } }, doc! { "name": { "$eq": null } }, doc! { "related 0": { "$eq": [] } }];
    assert_eq!(none[1], doc! { "$match": { "$or": parts.as_slice() } }, "a null belongs to nothing");
}

#[test]
fn what_the_server_cannot_nest_is_refused_by_name() {
    let fold = |levels: i64| {
        (0..levels).fold(compare(Comparison::Eq, 2), |inner, n| {
            let other = compare(Comparison::Gt, n);
            if n % 2 == 0 { Filter::And(vec![inner, other]) } else { Filter::Or(vec![inner, other]) }
        })
    };
    assert!(stages(&table(), &fold(70)).is_ok());
    let error = stages(&table(), &fold(100)).expect_err("too deep");
    assert_eq!((error.kind(), error.entity_name()), (ErrorKind::InvalidQuery, Some("maybe")));
}

#[test]
fn what_must_all_hold_is_one_document_where_that_can_say_it() {
    let range = [compare(Comparison::Gte, 1), compare(Comparison::Lt, 9), Filter::IsNull("name".into())];
    let one = doc! { "big": { "$gte": 1_i64, "$lt": 9_i64 }, "name": { "$eq": null } };
    assert_eq!(written(&Filter::And(range.to_vec())), one);
    let twice = Filter::And(vec![compare(Comparison::Gt, 1), compare(Comparison::Gt, 2)]);
    assert_eq!(written(&twice), doc! { "$and": [{ "big": { "$gt": 1_i64 } }, { "big": { "$gt": 2_i64 } }] });
}
