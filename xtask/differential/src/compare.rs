//! Two answers to one call: the same, or a divergence.

use crate::{
    play::Answers,
    program::{Answer, Call, Program, Step},
};
use seabed::{
    backend::{Operation, Row},
    sea_orm::Value,
};

/// Where two backends part.
#[derive(Clone, Debug)]
pub struct Divergence {
    pub step: usize,
    pub why: String,
}

/// The first difference between the answers of memory and those of another backend.
pub fn first(program: &Program, memory: &[Answers], other: &[Answers]) -> Option<Divergence> {
    program.steps.iter().enumerate().find_map(|(number, step)| {
        let (ours, theirs) = (&memory[number], &other[number]);
        let diverged = |why| Divergence { step: number, why };
        if let Some(why) = partition(step, theirs).or_else(|| partition(step, ours)) {
            return Some(diverged(why));
        }
        if ours.len() != theirs.len() {
            return Some(diverged(format!("begin: {} and {}", show(&ours[0]), show(&theirs[0]))));
        }
        let inside = usize::from(matches!(step, Step::Together { .. }));
        ours.iter().zip(theirs).enumerate().find_map(|(position, (ours, theirs))| {
            let call = position.checked_sub(inside).and_then(|position| step.calls().get(position));
            difference(call, ours, theirs).map(diverged)
        })
    })
}

/// Where rows for which a filter is true, and for which it is false, are not all rows for which it is known.
fn partition(step: &Step, answers: &Answers) -> Option<String> {
    if step.calls().len() != 3 || step.calls().iter().any(|call| call.kind != "partition") {
        return None;
    }
    let counts: Vec<i64> = answers.iter().filter_map(count).collect();
    match counts.as_slice() {
        [yes, no, known] if yes + no != *known => {
            Some(format!("{yes} rows where it is true, {no} where it is false, {known} in all"))
        }
        _ => None,
    }
}

fn count(answer: &Answer) -> Option<i64> {
    let Answer::Rows(rows) = answer else { return None };
    match rows.first()?.first()? {
        Value::BigInt(count) => *count,
        _ => None,
    }
}

fn difference(call: Option<&Call>, ours: &Answer, theirs: &Answer) -> Option<String> {
    let same = match (ours, theirs) {
        (Answer::Rows(ours), Answer::Rows(theirs)) => {
            if call.is_none_or(ordered) {
                same_rows(ours, theirs)
            } else {
                same_rows(&sorted(ours), &sorted(theirs))
            }
        }
        (Answer::Affected(ours), Answer::Affected(theirs)) => ours == theirs,
        (Answer::Done, Answer::Done) => true,
        (Answer::Failed(ours), Answer::Failed(theirs)) => {
            // Not every server tells the fields of every error.
            let fields = ours.fields.is_empty() || theirs.fields.is_empty() || ours.fields == theirs.fields;
            ours.kind == theirs.kind && ours.entity == theirs.entity && ours.doomed == theirs.doomed && fields
        }
        _ => false,
    };
    (!same).then(|| format!("{} and {}", show(ours), show(theirs)))
}

/// Whether the order of the answer's rows is promised.
fn ordered(call: &Call) -> bool {
    match &call.operation {
        Operation::Select(select) => !select.order.is_empty() || select.limit.is_some() || select.offset > 0,
        _ => true,
    }
}

fn sorted(rows: &[Row]) -> Vec<Row> {
    let mut rows = rows.to_vec();
    rows.sort_by_cached_key(|row| row.iter().map(text).collect::<Vec<_>>().join("\u{1}"));
    rows
}

fn same_rows(ours: &[Row], theirs: &[Row]) -> bool {
    let same_row = |(ours, theirs): (&Row, &Row)| ours.len() == theirs.len() && ours.iter().zip(theirs).all(same);
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(same_row)
}

/// Whether two values are the same to whoever reads them: the same variant, the same digits.
fn same((ours, theirs): (&Value, &Value)) -> bool {
    match (ours, theirs) {
        (Value::Decimal(Some(ours)), Value::Decimal(Some(theirs))) => ours == theirs && ours.scale() == theirs.scale(),
        (Value::Double(Some(ours)), Value::Double(Some(theirs))) => ours.to_bits() == theirs.to_bits(),
        (Value::Json(Some(ours)), Value::Json(Some(theirs))) => ours == theirs,
        (ours, theirs) => ours == theirs,
    }
}

/// A value, shortly.
pub fn text(value: &Value) -> String {
    match value {
        // Fields in one order, whatever the server's.
        Value::Json(Some(json)) => format!("json {json}"),
        other => format!("{other:?}"),
    }
}

fn show(answer: &Answer) -> String {
    match answer {
        Answer::Rows(rows) => {
            let shown: Vec<String> = rows
                .iter()
                .take(6)
                .map(|row| format!("[{}]", row.iter().map(|value| cut(text(value))).collect::<Vec<_>>().join(", ")))
                .collect();
            let more = if rows.len() > 6 { ", …" } else { "" };
            format!("{} rows {}{more}", rows.len(), shown.join(", "))
        }
        Answer::Affected(rows) => format!("{rows} affected"),
        Answer::Done => "done".to_owned(),
        Answer::Failed(failure) => {
            format!(
                "{:?} {:?}{} ({})",
                failure.kind,
                failure.fields,
                if failure.doomed { " doomed" } else { "" },
                failure.text
            )
        }
    }
}

fn cut(text: String) -> String {
    if text.chars().count() > 120 { text.chars().take(120).chain("…".chars()).collect() } else { text }
}
