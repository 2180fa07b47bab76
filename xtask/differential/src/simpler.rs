//! The programs that are one thing simpler than another.

use crate::program::{Call, Program, Step};
use seabed::{
    backend::{Change, ChangeTo, Filter, Insert, Operation, value},
    schema::{Kind, Rules, Table},
    sea_orm::Value,
};
use std::sync::Arc;

/// The n-th of them, coarse ones first; none where there are no more.
pub fn nth(program: &Program, number: usize) -> Option<Program> {
    let mut left = number;
    let mut take = |count: usize| {
        if left < count {
            Some(left)
        } else {
            left -= count;
            None
        }
    };
    let mut simpler = program.clone();
    if let Some(at) = take(program.steps.len()) {
        simpler.steps.remove(at);
        return Some(simpler);
    }
    for (at, step) in program.steps.iter().enumerate() {
        let Step::Together { calls, .. } = step else { continue };
        if take(1).is_some() {
            simpler.steps.splice(at..=at, calls.iter().cloned().map(Step::Alone));
            return Some(simpler);
        }
        // The parts of a partition say nothing without each other.
        let removable = if calls.iter().all(|call| call.kind == "partition") { 0 } else { calls.len() };
        if let Some(call) = take(removable) {
            if let Step::Together { calls, .. } = &mut simpler.steps[at] {
                calls.remove(call);
            }
            return Some(simpler);
        }
    }
    if let Some(at) = take(program.tables.len()) {
        return Some(without_table(program, at).unwrap_or(simpler));
    }
    for (at, table) in program.tables.iter().enumerate() {
        if let Some(rule) = take(RULES) {
            return Some(with_table(program, at, |table| without_rule(&mut table.rules, rule)));
        }
        if let Some(key) = take(table.foreign_keys.len()) {
            return Some(with_table(program, at, |table| drop(table.foreign_keys.remove(key))));
        }
        if let Some(index) = take(table.indexes.len()) {
            return Some(with_table(program, at, |table| drop(table.indexes.remove(index))));
        }
        if let Some(column) = take(table.columns.len()) {
            return Some(without_column(program, at, column).unwrap_or_else(|| with_plain_column(program, at, column)));
        }
    }
    for (at, step) in program.steps.iter().enumerate() {
        for (number, call) in step.calls().iter().enumerate() {
            let alone = matches!(step, Step::Alone(_));
            let forms = if call.kind == "partition" && !alone { Vec::new() } else { forms(call) };
            if let Some(form) = take(forms.len()) {
                simpler.steps[at].calls_mut()[number].operation = forms.into_iter().nth(form)?;
                return Some(simpler);
            }
        }
    }
    None
}

fn with_table(program: &Program, at: usize, change: impl FnOnce(&mut Table)) -> Program {
    let mut tables = program.tables.clone();
    change(Arc::make_mut(&mut tables[at]));
    program.on(tables)
}

/// Rules that may go: the five with a column, the folded ones together, the last word.
const RULES: usize = 7;

fn without_rule(rules: &mut Rules, rule: usize) {
    match rule {
        0 => rules.created_at = None,
        1 => rules.updated_at = None,
        2 => rules.version = None,
        3 => rules.soft_delete = None,
        4 => rules.tenant = None,
        5 => rules.folded.clear(),
        _ => rules.validate = None,
    }
}

/// Without a table that nothing refers to, and without what is asked of it.
fn without_table(program: &Program, at: usize) -> Option<Program> {
    let name = &program.tables[at].name;
    let referred = |table: &Arc<Table>| table.name != *name && table.foreign_keys.iter().any(|key| key.parent == *name);
    if program.tables.len() == 1 || program.tables.iter().any(referred) {
        return None;
    }
    let mut program = program.clone();
    program.tables.remove(at);
    let other = |call: &Call| call.operation.table().name != *name;
    program.steps.retain_mut(|step| match step {
        Step::Alone(call) => other(call),
        Step::Together { calls, .. } => {
            calls.retain(other);
            !calls.is_empty()
        }
    });
    Some(program)
}

/// A column that must stay, without its default.
fn with_plain_column(program: &Program, at: usize, column: usize) -> Program {
    with_table(program, at, |table| table.columns[column].default = None)
}

/// Without a column that no key, index or reference needs.
fn without_column(program: &Program, at: usize, column: usize) -> Option<Program> {
    let table = &program.tables[at];
    let rules = &table.rules;
    let automatic = [rules.created_at, rules.updated_at, rules.version, rules.soft_delete, rules.tenant];
    let used = table.key.contains(&column)
        || automatic.contains(&Some(column))
        || rules.folded.iter().any(|rule| rule.source == column || rule.folded == column)
        || table.indexes.iter().any(|index| index.columns.contains(&column))
        || table.foreign_keys.iter().any(|key| key.columns.contains(&column));
    if used {
        return None;
    }
    let name = table.columns[column].name.clone();
    let table_name = table.name.clone();
    let mut simpler = with_table(program, at, |table| {
        table.columns.remove(column);
        let shift = |position: &mut usize| *position -= usize::from(*position > column);
        table.key.iter_mut().for_each(shift);
        let rules = &mut table.rules;
        let automatic = [
            &mut rules.created_at,
            &mut rules.updated_at,
            &mut rules.version,
            &mut rules.soft_delete,
            &mut rules.tenant,
        ];
        automatic.into_iter().flatten().for_each(shift);
        rules.folded.iter_mut().flat_map(|rule| [&mut rule.source, &mut rule.folded]).for_each(shift);
        table.indexes.iter_mut().flat_map(|index| &mut index.columns).for_each(shift);
        table.foreign_keys.iter_mut().flat_map(|key| &mut key.columns).for_each(shift);
    });
    for call in simpler.steps.iter_mut().flat_map(Step::calls_mut) {
        if call.operation.table().name != table_name {
            continue;
        }
        match &mut call.operation {
            Operation::Select(o) => {
                o.order.retain(|one| one.column != name);
                o.columns.iter_mut().for_each(|columns| columns.retain(|column| *column != name));
                o.filter.iter_mut().for_each(|filter| forget(filter, &name));
            }
            Operation::Aggregate(o) => o.filter.iter_mut().for_each(|filter| forget(filter, &name)),
            Operation::Insert(o) => {
                for row in o.rows.iter_mut().filter(|row| row.len() > column) {
                    row.remove(column);
                }
                if let Some(on_conflict) = &mut o.on_conflict {
                    on_conflict.take.retain(|taken| *taken != name);
                    on_conflict.changes.retain(|change| change.column != name);
                    on_conflict.only.retain(|only| only.column != name);
                }
            }
            Operation::Update(o) => {
                o.changes.retain(|change| change.column != name);
                o.filter.iter_mut().for_each(|filter| forget(filter, &name));
            }
            Operation::Delete(o) => o.filter.iter_mut().for_each(|filter| forget(filter, &name)),
            _ => {}
        }
    }
    Some(simpler)
}

/// The filter without what it asks of a column.
fn forget(filter: &mut Filter, column: &str) {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter_mut().for_each(|part| forget(part, column)),
        Filter::Not(inner) => forget(inner, column),
        Filter::Compare(name, ..)
        | Filter::DistinctFrom(name, _)
        | Filter::In(name, _)
        | Filter::NotIn(name, _)
        | Filter::Between(name, ..)
        | Filter::IsNull(name)
        | Filter::IsNotNull(name)
        | Filter::Text(name, ..)
        | Filter::Folded(name, ..)
        | Filter::Json(name, ..)
            if name == column =>
        {
            *filter = Filter::And(Vec::new());
        }
        _ => {}
    }
}

/// The operation with one thing less.
fn forms(call: &Call) -> Vec<Operation> {
    let mut forms = Vec::new();
    match &call.operation {
        Operation::Select(o) => {
            for filter in filters(o.filter.as_ref()) {
                forms.push(Operation::Select(seabed::backend::Select { filter, ..o.clone() }));
            }
            for at in 0..o.order.len() {
                let mut less = o.clone();
                less.order.remove(at);
                forms.push(Operation::Select(less));
            }
            if o.lock.is_some() {
                forms.push(Operation::Select(seabed::backend::Select { lock: None, ..o.clone() }));
            }
            if o.columns.is_some() {
                let whole = seabed::backend::Select { columns: None, distinct: false, ..o.clone() };
                forms.push(Operation::Select(whole));
                forms.push(Operation::Select(seabed::backend::Select { distinct: false, ..o.clone() }));
            }
            if o.limit.is_some() {
                forms.push(Operation::Select(seabed::backend::Select { limit: None, ..o.clone() }));
            }
            if o.offset > 0 {
                forms.push(Operation::Select(seabed::backend::Select { offset: 0, ..o.clone() }));
            }
        }
        Operation::Aggregate(o) => {
            for filter in filters(o.filter.as_ref()) {
                forms.push(Operation::Aggregate(seabed::backend::Aggregate { filter, ..o.clone() }));
            }
            for at in 0..o.order.len() {
                let mut less = o.clone();
                less.order.remove(at);
                forms.push(Operation::Aggregate(less));
            }
            for at in 0..o.figures.len() {
                if o.figures.len() > 1 && o.order.is_empty() {
                    let mut less = o.clone();
                    less.figures.remove(at);
                    forms.push(Operation::Aggregate(less));
                }
            }
        }
        Operation::Insert(o) => forms.extend(inserts(o).into_iter().map(Operation::Insert)),
        Operation::Update(o) => {
            for filter in filters(o.filter.as_ref()) {
                forms.push(Operation::Update(seabed::backend::Update { filter, ..o.clone() }));
            }
            for at in 0..o.changes.len() {
                if o.changes.len() > 1 {
                    let mut less = o.clone();
                    less.changes.remove(at);
                    forms.push(Operation::Update(less));
                }
                let Change { column, to } = &o.changes[at];
                if let (Ok(of), ChangeTo::Value(to)) = (o.table.column(column), to)
                    && let Some(simple) = simple(&of.kind).filter(|simple| worth(to, simple))
                {
                    let mut less = o.clone();
                    less.changes[at].to = ChangeTo::Value(simple);
                    forms.push(Operation::Update(less));
                }
            }
            if o.returning {
                forms.push(Operation::Update(seabed::backend::Update { returning: false, ..o.clone() }));
            }
        }
        Operation::Delete(o) => {
            for filter in filters(o.filter.as_ref()) {
                forms.push(Operation::Delete(seabed::backend::Delete { filter, ..o.clone() }));
            }
        }
        _ => {}
    }
    forms
}

/// An insert with one thing less.
fn inserts(o: &Insert) -> Vec<Insert> {
    let mut forms = Vec::new();
    if let Some(on_conflict) = &o.on_conflict {
        forms.push(Insert { on_conflict: None, ..o.clone() });
        for at in 0..on_conflict.take.len() {
            let mut less = on_conflict.clone();
            less.take.remove(at);
            forms.push(Insert { on_conflict: Some(less), ..o.clone() });
        }
        for at in 0..on_conflict.changes.len() {
            let mut less = on_conflict.clone();
            less.changes.remove(at);
            forms.push(Insert { on_conflict: Some(less), ..o.clone() });
        }
    }
    for at in 0..o.rows.len() {
        if o.rows.len() > 1 {
            let mut less = o.clone();
            less.rows.remove(at);
            forms.push(less);
        }
        for (column, cell) in o.rows[at].iter().enumerate() {
            let Some(of) = o.table.columns.get(column) else { continue };
            if of.nullable && cell.as_ref().is_some_and(|cell| !value::is_null(cell)) {
                let mut less = o.clone();
                less.rows[at][column] = Some(of.kind.null());
                forms.push(less);
            }
            if let Some(simple) =
                simple(&of.kind).filter(|simple| cell.as_ref().is_some_and(|cell| worth(cell, simple)))
            {
                let mut less = o.clone();
                less.rows[at][column] = Some(simple);
                forms.push(less);
            }
        }
    }
    forms
}

/// Whether a simple value says less than this one.
fn worth(value: &Value, simple: &Value) -> bool {
    value != simple && !value::is_null(value)
}

/// The dullest value of a kind.
fn simple(kind: &Kind) -> Option<Value> {
    Some(match kind {
        Kind::Bool => Value::from(false),
        Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::UInt32 | Kind::UInt64 => {
            value::stored(kind, Value::from(1_i64)).ok()?
        }
        Kind::Double => Value::from(1.0),
        Kind::Text { .. } => Value::from("a"),
        Kind::Bytes => Value::from(Vec::<u8>::new()),
        Kind::Json => Value::from(serde_json::json!(1)),
        _ => return None,
    })
}

/// No filter, and every filter that is one thing simpler.
fn filters(filter: Option<&Filter>) -> Vec<Option<Filter>> {
    let Some(filter) = filter else { return Vec::new() };
    let mut simpler = vec![None];
    simpler.extend(parts(filter).into_iter().map(Some));
    simpler
}

fn parts(filter: &Filter) -> Vec<Filter> {
    let mut simpler = Vec::new();
    match filter {
        Filter::And(all) | Filter::Or(all) => {
            let same = |parts| if matches!(filter, Filter::And(_)) { Filter::And(parts) } else { Filter::Or(parts) };
            simpler.extend(all.iter().cloned());
            for at in 0..all.len() {
                let mut less = all.clone();
                less.remove(at);
                simpler.push(same(less));
                for part in parts(&all[at]) {
                    let mut less = all.clone();
                    less[at] = part;
                    simpler.push(same(less));
                }
            }
        }
        Filter::Not(inner) => {
            simpler.push(Filter::clone(inner));
            simpler.extend(parts(inner).into_iter().map(|part| Filter::Not(Box::new(part))));
        }
        Filter::Related(related) => {
            for inner in filters(related.filter.as_ref()) {
                let mut less = related.clone();
                less.filter = inner;
                simpler.push(Filter::Related(less));
            }
        }
        Filter::In(name, values) | Filter::NotIn(name, values) => {
            let same = |values| {
                if matches!(filter, Filter::In(..)) {
                    Filter::In(name.clone(), values)
                } else {
                    Filter::NotIn(name.clone(), values)
                }
            };
            if values.len() > 8 {
                simpler.push(same(values[..values.len() / 2].to_vec()));
                simpler.push(same(values[values.len() / 2..].to_vec()));
            } else {
                for at in 0..values.len() {
                    let mut less = values.clone();
                    less.remove(at);
                    simpler.push(same(less));
                }
            }
        }
        _ => {}
    }
    simpler
}
