//! What has a new name: by `renamed_from`, by an answer, or perhaps: then it is asked.

use super::{Answer, order::Phase, ours::full, rename, walk::Walk};
use crate::{
    Error, ErrorKind, Result,
    schema::{Action, Column, IndexDef, Question, Table},
};

/// Finds all new names, and makes the walk's pictures and tables speak them.
pub(super) fn find(walk: &mut Walk<'_>, answers: &[Answer]) -> Result<()> {
    tables(walk, answers)?;
    for table in walk.tables {
        if walk.have.tables.contains_key(&full(table)) {
            columns(walk, table, answers)?;
        }
    }
    Ok(())
}

fn tables(walk: &mut Walk<'_>, answers: &[Answer]) -> Result<()> {
    let is_there = |name: &String| walk.have.tables.contains_key(name);
    // Where nothing of ours is there all is made, and there is nothing that had another name.
    let fresh = !walk.tables.iter().map(|table| full(table)).chain(walk.owned.iter().map(full)).any(|it| is_there(&it));
    for table in walk.tables {
        let name = full(table);
        if walk.have.tables.contains_key(&name) {
            continue;
        }
        let hint = table.extra.renamed_from.as_ref();
        let hint = hint.map(|from| table.schema.as_ref().map_or_else(|| from.clone(), |at| format!("{at}.{from}")));
        let Some(from) = hint.clone().or_else(|| answered(answers, None, &name)) else { continue };
        if walk.have.tables.contains_key(&from) {
            let action = Action::RenameTable { from: from.clone(), to: name };
            walk.steps.push(Phase::Rename, action);
            rename::table(walk, &from, table);
        } else if hint.is_some() && !fresh {
            return Err(nothing(&from).entity(&table.name));
        }
    }
    let gone: Vec<&Table> = walk.owned.iter().filter(|table| walk.have.tables.contains_key(&full(table))).collect();
    let gone = gone.into_iter().filter(|table| walk.wanted(&full(table)).is_none());
    let new = || walk.tables.iter().filter(|table| !walk.have.tables.contains_key(&full(table)));
    let pairs = gone.flat_map(|from| new().filter(|to| alike(from, to)).map(|to| (full(from), full(to))));
    let questions: Vec<_> = pairs.map(|(from, to)| Question { table: None, from, to }).collect();
    ask(walk, questions, answers);
    Ok(())
}

fn columns(walk: &mut Walk<'_>, table: &Table, answers: &[Answer]) -> Result<()> {
    let name = full(table);
    for column in &table.columns {
        if walk.has_column(&name, &column.name) {
            continue;
        }
        let hint = column.extra.renamed_from.clone();
        let Some(from) = hint.clone().or_else(|| answered(answers, Some(&name), &column.name)) else { continue };
        if walk.has_column(&name, &from) {
            let to = column.name.to_string();
            walk.steps.push(Phase::Rename, Action::RenameColumn { table: name.clone(), from: from.clone(), to });
            rename::column(walk, &name, &from, &column.name);
        } else if hint.is_some() {
            return Err(nothing(&from).entity(&table.name).field(&*column.name));
        }
    }
    indexes(walk, table)?;
    let owned = walk.owned(&name).map(|table| table.columns.as_slice()).unwrap_or_default();
    let goes = |it: &&Column| walk.has_column(&name, &it.name) && table.position(&it.name).is_err();
    let gone: Vec<&Column> = owned.iter().filter(goes).collect();
    let new: Vec<&Column> = table.columns.iter().filter(|it| !walk.has_column(&name, &it.name)).collect();
    let pairs = gone.iter().flat_map(|from| new.iter().filter(|to| to.kind == from.kind).map(move |to| (from, to)));
    let question = |(from, to): (&&Column, &&Column)| Question {
        table: Some(name.clone()),
        from: from.name.to_string(),
        to: to.name.to_string(),
    };
    let questions = pairs.map(question).collect();
    ask(walk, questions, answers);
    Ok(())
}

/// Names of indexes follow only where a hint says so; the structure is what is compared.
fn indexes(walk: &mut Walk<'_>, table: &Table) -> Result<()> {
    let name = full(table);
    for IndexDef { name: to, renamed_from, .. } in &table.extra.indexes {
        let (Some(from), Some(have)) = (renamed_from, walk.have.tables.get_mut(&name)) else { continue };
        if have.index(to).is_some() {
            continue;
        }
        if let Some(index) = have.indexes.iter_mut().find(|index| index.name == *from) {
            index.name.clone_from(to);
            let (from, to) = (from.clone(), to.clone());
            walk.steps.push(Phase::Rename, Action::RenameIndex { table: name.clone(), from, to });
        } else if !walk.has_structure(&name, to) {
            return Err(nothing(from).entity(&table.name).field(to));
        }
    }
    Ok(())
}

fn answered(answers: &[Answer], table: Option<&str>, to: &str) -> Option<String> {
    let of = |it: &&Answer| it.renamed && it.question.table.as_deref() == table && it.question.to == to;
    answers.iter().find(of).map(|answer| answer.question.from.clone())
}

fn ask(walk: &mut Walk<'_>, questions: Vec<Question>, answers: &[Answer]) {
    let open = |question: &Question| !answers.iter().any(|answer| answer.question == *question);
    walk.questions.extend(questions.into_iter().filter(open));
}

/// Whether one table may be the other under a new name: most of their columns are the same.
fn alike(from: &Table, to: &Table) -> bool {
    let same = |column: &&Column| to.column(&column.name).is_ok_and(|other| other.kind == column.kind);
    let both = from.columns.iter().filter(same).count();
    both * 2 > from.columns.len().max(to.columns.len())
}

fn nothing(from: &str) -> Error {
    let why = format!("`renamed_from` names `{from}`, which is not there, nor is there anything of the new name");
    Error::new(ErrorKind::SchemaMismatch, why)
}
