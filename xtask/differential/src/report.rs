//! What was asked, and how much of it succeeded.

use crate::{
    legal,
    play::Answers,
    program::{Answer, Call, Program, Step, filter_mut},
};
use comfy_table::{Table, presets::ASCII_MARKDOWN};
use seabed::backend::{Filter, Operation};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Counts of a run.
#[derive(Debug, Default)]
pub struct Report {
    kinds: BTreeMap<&'static str, (u64, u64)>,
    /// What calls of every kind were asked with.
    with: BTreeMap<&'static str, (u64, u64)>,
    pub divergences: usize,
}

impl Report {
    /// Counts the calls of a program.
    pub fn add(&mut self, program: &Program, answers: &[Answers]) {
        for (step, answers) in program.steps.iter().zip(answers) {
            let inside = usize::from(matches!(step, Step::Together { .. }));
            for (call, answer) in step.calls().iter().zip(answers.iter().skip(inside)) {
                let (asked, succeeded) = self.kinds.entry(call.kind).or_default();
                *asked += 1;
                *succeeded += u64::from(!answer.failed());
                for with in features(call) {
                    let (asked, succeeded) = self.with.entry(with).or_default();
                    *asked += 1;
                    *succeeded += u64::from(!answer.failed());
                }
            }
            if inside == 1 {
                let (asked, succeeded) = self.kinds.entry("transaction").or_default();
                *asked += 1;
                *succeeded += u64::from(answers.last().is_some_and(|answer| matches!(answer, Answer::Done)));
            }
        }
    }

    /// How many operations each backend was asked.
    pub fn operations(&self) -> u64 {
        self.kinds.iter().filter(|(kind, _)| **kind != "transaction").map(|(_, (asked, _))| asked).sum()
    }

    pub fn print(&self, elapsed: Duration) {
        let mut table = Table::new();
        table.load_style(ASCII_MARKDOWN).set_header(["kind", "asked", "succeeded"]);
        let share = |asked: u64, succeeded: u64| format!("{} %", succeeded * 100 / asked.max(1));
        for (kind, (asked, succeeded)) in &self.kinds {
            table.add_row([(*kind).to_owned(), asked.to_string(), share(*asked, *succeeded)]);
        }
        let asked = self.operations();
        let succeeded: u64 =
            self.kinds.iter().filter(|(kind, _)| **kind != "transaction").map(|(_, (_, yes))| yes).sum();
        table.add_row(["all".to_owned(), asked.to_string(), share(asked, succeeded)]);
        for (with, (asked, succeeded)) in &self.with {
            table.add_row([format!("- with {with}"), asked.to_string(), share(*asked, *succeeded)]);
        }
        println!("{table}\n\nnot asked, because the contract leaves it open:");
        for reason in legal::REASONS {
            println!("- {reason}");
        }
        let rate = u128::from(asked) * 1_000 / elapsed.as_millis().max(1);
        println!(
            "\n{asked} operations on each backend in {:.0} s ({rate} a second), {} divergences",
            elapsed.as_secs_f64(),
            self.divergences
        );
    }
}

/// What is counted beside the kind.
fn features(call: &Call) -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    let mut operation = call.operation.clone();
    let rules = &operation.table().rules;
    for (name, there) in [
        ("version rule", rules.version.is_some()),
        ("time rule", rules.created_at.is_some() || rules.updated_at.is_some()),
        ("soft delete rule", rules.soft_delete.is_some()),
        ("tenant rule", rules.tenant.is_some()),
        ("folded rule", !rules.folded.is_empty()),
        ("validate rule", rules.validate.is_some()),
    ] {
        if there {
            found.insert(name);
        }
    }
    if matches!(&operation, Operation::Update(update) if update.expects.is_some()) {
        found.insert("expected version");
    }
    if let Some(filter) = filter_mut(&mut operation) {
        asked(filter, &mut found);
    }
    found
}

fn asked(filter: &Filter, found: &mut BTreeSet<&'static str>) {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().for_each(|part| asked(part, found)),
        Filter::Not(inner) => asked(inner, found),
        Filter::Json(..) => drop(found.insert("json path")),
        Filter::Folded(..) => drop(found.insert("folded filter")),
        Filter::In(_, list) | Filter::NotIn(_, list) if list.len() >= 30 => drop(found.insert("long list")),
        Filter::Related(related) => {
            found.insert("related filter");
            if let Some(inner) = &related.filter {
                asked(inner, found);
            }
        }
        _ => {}
    }
}
