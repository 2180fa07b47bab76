//! A plan as a person reads it: what comes, goes and changes, how dangerous each is, what will run, and what it all comes to.

mod action;
#[cfg(test)]
pub(super) mod tests;
mod text;
pub(crate) mod words;

pub use text::{Style, Text};

use crate::schema::{Plan, Planned, Risk, Warning};
use action::{Mark, shown};
use words::counted;

/// A plan as text in colours.
///
/// ```
/// use seabed::{migration::show, schema::{Action, Plan, Planned, build::table}};
/// let note = table("note").int64("id").text("title", 80).primary_key(&["id"]).build()?;
/// let step = Planned { step: Action::CreateTable(note).into(), statements: vec![], reverse: Some(vec![]), warnings: vec![] };
/// let text = show::plan(&Plan { steps: vec![step], ..Plan::default() }).plain();
/// assert!(text.contains("+ table note"), "{text}");
/// # Ok::<_, seabed::Error>(())
/// ```
#[must_use]
pub fn plan(plan: &Plan) -> Text {
    let mut text = Text::default();
    if plan.is_empty() {
        text.line().put(Style::Added, "Nothing to do: the database is as it is wanted.");
    }
    let mut about = None;
    for (place, planned) in plan.steps.iter().enumerate() {
        let table = planned.step.action.table();
        if place == 0 || about != table {
            if place > 0 {
                text.line();
            }
            text.line().put(Style::Bold, table.unwrap_or("statements"));
            about = table;
        }
        step(&mut text, place + 1, planned);
    }
    questions(&mut text, plan);
    drift(&mut text, plan);
    if !plan.steps.is_empty() {
        text.line();
        totals(&mut text, plan);
    }
    text
}

/// The warnings of one step, as they stand below it in a plan.
#[must_use]
pub fn warnings(warnings: &[Warning]) -> Text {
    let mut text = Text::default();
    warnings.iter().for_each(|it| warning(&mut text, 0, it));
    text
}

fn step(text: &mut Text, number: usize, planned: &Planned) {
    let shown = shown(&planned.step.action);
    let risk = planned.risk();
    text.line()
        .put(shown.mark.style(), format!("  {} {}", shown.mark.sign(), shown.title))
        .right(badge(risk), &format!("{risk} #{number}"));
    for (mark, part) in &shown.parts {
        text.line().put(mark.style(), format!("      {} {part}", mark.sign()));
    }
    for it in &planned.warnings {
        warning(text, 6, it);
    }
    for allowed in planned.step.allowed.iter().filter(|allowed| !allowed.reason.trim().is_empty()) {
        text.sentence(6, (Style::Faint, &format!("ok {}: ", allowed.code)), Style::Faint, &allowed.reason);
    }
    if planned.reverse.is_none() {
        text.block(6, Style::Removed, "no way back");
    }
    for statement in &planned.statements {
        let alone = if statement.alone { "; -- outside a transaction" } else { ";" };
        text.block(6, Style::Faint, &format!("{}{alone}", statement.sql.trim_end().trim_end_matches(';')));
    }
}

fn warning(text: &mut Text, indent: usize, warning: &Warning) {
    text.sentence(indent, (badge(warning.risk), &format!("! {}: ", warning.code)), Style::Plain, &warning.why);
    if let Some(safer) = &warning.safer {
        text.sentence(indent + 2, (Style::Plain, "safer: "), Style::Plain, safer);
    }
    if let Some(count) = &warning.count {
        text.block(indent + 2, Style::Faint, &format!("counted by {count}"));
    }
}

/// How a risk looks.
pub(crate) fn badge(risk: Risk) -> Style {
    match risk {
        Risk::Safe => Style::Added,
        Risk::Locks | Risk::Rewrites | Risk::DataDependent => Style::Changed,
        Risk::Destructive | Risk::Irreversible => Style::Alarm,
    }
}

fn questions(text: &mut Text, plan: &Plan) {
    if plan.questions.is_empty() {
        return;
    }
    text.line();
    text.line().put(Style::Bold, "To be answered first");
    for question in &plan.questions {
        let (what, of) = match &question.table {
            Some(table) => ("column", format!(" of {table}")),
            None => ("table", String::new()),
        };
        let asked = format!(
            "is the {what} {}{of} the old {}, renamed? Then say `renamed_from`; else {} goes with its values.",
            question.to, question.from, question.from
        );
        text.sentence(2, (Style::Changed, "? "), Style::Plain, &asked);
    }
}

fn drift(text: &mut Text, plan: &Plan) {
    if plan.drift.is_empty() {
        return;
    }
    text.line();
    text.line().put(Style::Bold, "Left alone");
    for drift in &plan.drift {
        let of = drift.table.as_ref().map(|table| format!("{table}: ")).unwrap_or_default();
        text.sentence(2, (Style::Faint, "· "), Style::Faint, &format!("{of}{}: {}", drift.what, drift.why));
    }
}

fn totals(text: &mut Text, plan: &Plan) {
    let marks: Vec<Mark> = plan.steps.iter().map(|planned| shown(&planned.step.action).mark).collect();
    let count = |mark: Mark| marks.iter().filter(|it| **it == mark).count();
    let statements = plan.steps.iter().map(|planned| planned.statements.len()).sum();
    let mut line = text.line().put(Style::Bold, format!("{}: ", counted(plan.steps.len(), "step")));
    let mut first = true;
    for (mark, does) in [(Mark::Added, "added"), (Mark::Changed, "changed"), (Mark::Removed, "dropped")] {
        if count(mark) > 0 {
            let comma = if std::mem::take(&mut first) { "" } else { ", " };
            line = line.put(Style::Plain, comma).put(mark.style(), format!("{} {} {does}", mark.sign(), count(mark)));
        }
    }
    let mut rest = format!("; {}; ", counted(statements, "statement"));
    let without = plan.steps.iter().filter(|planned| planned.reverse.is_none()).count();
    if without > 0 {
        rest += &format!("{} without a way back; ", counted(without, "step"));
    }
    line.put(Style::Plain, rest).put(badge(plan.risk()), plan.risk().to_string());
}
