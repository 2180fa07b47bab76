//! `generate`: a new migration, from the entities and the snapshot.

use super::{Told, code, scene::Scene};
use crate::{
    Error, ErrorKind, Result,
    migration::{
        MigratorTrait,
        generate::{self, GenerateOptions, Generated},
        show::{Style, words::counted},
    },
    schema::{Question, diff},
};
use std::io::{BufRead as _, IsTerminal as _, Write as _};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What it does in a few words, such as `add_sku`: small letters, digits and _
    #[arg(required_unless_present = "snapshot_only")]
    name: Option<String>,
    /// This column (`table.old=new`) or table (`old=new`) has a new name
    #[arg(long, value_name = "OLD=NEW", value_parser = question)]
    renamed: Vec<Question>,
    /// This is no new name: the old one goes with its values, the new one is another
    #[arg(long, value_name = "OLD=NEW", value_parser = question)]
    not_renamed: Vec<Question>,
    /// Write the snapshot alone: the migrations that are there make what the entities want
    #[arg(long)]
    snapshot_only: bool,
}

pub(super) type Answer = Generated;

#[expect(clippy::unused_async, reason = "every verb has the same two functions")]
pub(super) async fn ask<M: MigratorTrait>(args: &Args, scene: &Scene<'_>) -> Result<Answer> {
    let folder = scene.folder()?;
    let tables = folder.own::<M>(&scene.tables()?)?;
    let Some(name) = args.name.as_ref().filter(|_| !args.snapshot_only) else {
        return generate::snapshot_only(&folder, &tables);
    };
    let mut options = GenerateOptions::new(name);
    let answer = |renamed| move |question: &Question| diff::Answer { question: question.clone(), renamed };
    options.answers.extend(args.renamed.iter().map(answer(true)));
    options.answers.extend(args.not_renamed.iter().map(answer(false)));
    loop {
        let generated = generate::generate(&folder, &tables, &options)?;
        let Some(question) = generated.questions.first() else { return Ok(generated) };
        if !std::io::stdin().is_terminal() {
            return Err(unanswered(&generated.questions));
        }
        options.answers.push(diff::Answer { question: question.clone(), renamed: asked(question)? });
    }
}

pub(super) fn tell(answer: &Answer) -> Told {
    let mut lines = Vec::new();
    match &answer.migration {
        Some(name) => lines.push(format!("{} with {}", Style::Added.paint(name), counted(answer.steps.len(), "step"))),
        None if answer.files.is_empty() => {
            lines.push("nothing to do: the entities are as the last migration left them".to_owned());
        }
        None => lines.push("no step for a database: the snapshot is up to date now".to_owned()),
    }
    lines.extend(answer.files.iter().map(|file| format!("wrote {}", file.display())));
    let codes = answer.unaccepted.iter();
    lines.extend(codes.map(|(step, code)| {
        format!(
            "step {} loses something: accept `{}` in the file, with the reason",
            step + 1,
            Style::Removed.paint(code)
        )
    }));
    Told { text: lines.join("\n"), code: code::CLEAN }
}

/// `item.a=b`, or `a=b` of a table.
fn question(text: &str) -> Result<Question, String> {
    let (old, new) = text.split_once('=').ok_or("it is `table.old=new`, or `old=new` of a table")?;
    let (table, from) = match old.rsplit_once('.') {
        Some((table, column)) => (Some(table.to_owned()), column),
        None => (None, old),
    };
    Ok(Question { table, from: from.to_owned(), to: new.to_owned() })
}

fn said(question: &Question) -> String {
    let table = question.table.iter().map(|table| format!("{table}.")).collect::<String>();
    format!("{table}{}={}", question.from, question.to)
}

/// In a script nobody answers.
fn unanswered(questions: &[Question]) -> Error {
    let each: String = questions
        .iter()
        .map(|question| format!("\n- `--renamed {0}`, or `--not-renamed {0}`", said(question)))
        .collect();
    Error::new(ErrorKind::Migration, format!("what went and what came may be one under a new name; say which:{each}"))
}

fn asked(question: &Question) -> Result<bool> {
    let table = question.table.iter().map(|table| format!("{table}.")).collect::<String>();
    let failed = |error| Error::new(ErrorKind::Migration, "the terminal cannot be read").with_source(error);
    print!("Is `{table}{}` the new name of `{table}{}`? Else its values are lost. [y/n] ", question.to, question.from);
    std::io::stdout().flush().map_err(failed)?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(failed)?;
    match line.trim() {
        "y" | "yes" => Ok(true),
        "n" | "no" => Ok(false),
        _ => Err(unanswered(std::slice::from_ref(question))),
    }
}
