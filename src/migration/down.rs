//! What was applied is taken back, the newest first: the reverse of each step, the last one first, with the same journal.

use super::{
    Applied, ApplyOptions, MigratorTrait, Progress, apply,
    books::{self, Books},
    counted::counted_so_far,
    hand, run,
    run::{Run, what},
    stepwise,
};
use crate::{
    Database, Error, ErrorKind, Result,
    backend::{Deploy, deploy::State},
    schema::{Planned, Risk, Step, Warning},
};

/// Takes back the newest migrations that were applied; one unless the options say `steps`. What a step lost does not come back with
/// it.
///
/// # Errors
/// As [`apply`](super::apply()); `NotAccepted` where rows would be lost that are there now and the options do not say that they may
/// (one written by hand is not looked into); `Migration` also where the newest is unknown to this program, or has a step without a way back: then
/// nothing of it is taken back.
pub async fn take_back<M: MigratorTrait>(db: &Database, options: ApplyOptions) -> Result<Applied> {
    let mut deploy = db.backend().deploy().await?;
    let taken = down_on::<M>(&mut *deploy, &options).await;
    super::closed(deploy, taken).await
}

pub(super) async fn down_on<M: MigratorTrait>(deploy: &mut dyn Deploy, options: &ApplyOptions) -> Result<Applied> {
    apply::lock::<M>(deploy, options).await?;
    let taken = back::<M>(deploy, options).await;
    let _ = deploy.unlock().await;
    taken
}

async fn back<M: MigratorTrait>(deploy: &mut dyn Deploy, options: &ApplyOptions) -> Result<Applied> {
    let mut taken = Applied::default();
    let limit = options.steps.unwrap_or(1) as usize;
    while taken.names.len() < limit {
        let books = Books::read::<M>(deploy).await?;
        books.sound(true)?;
        if let Some(half) = books.half() {
            let why = format!(
                "`{}` is half applied: `apply` goes on with it, and says what is in doubt; then it can be taken back",
                half.name
            );
            return Err(Error::new(ErrorKind::HalfApplied, why));
        }
        let Some(name) = books.last()? else { break };
        if one::<M>(deploy, options, &books, &name).await? {
            options.tell(&Progress::Done { name: &name });
            taken.names.push(name);
        }
    }
    Ok(taken)
}

async fn one<M: MigratorTrait>(
    deploy: &mut dyn Deploy,
    options: &ApplyOptions,
    books: &Books,
    name: &str,
) -> Result<bool> {
    let migrations = M::migrations();
    let Some(migration) = migrations.iter().find(|migration| migration.name() == name) else { return Ok(false) };
    let Some(stepwise) = stepwise(name) else {
        options.tell(&Progress::Migration { name, steps: 0 });
        let mut run = Run { deploy, options, name, steps: 1, back: true, noted: Vec::new() };
        return hand::migrate::<M>(&mut run, &**migration).await;
    };
    let steps = reversed(name, &(stepwise.steps)()?)?;
    options.tell(&Progress::Migration { name, steps: steps.len() });
    let digest = books::digest(stepwise.source);
    let undoing = books.booked(name).filter(|booked| booked.state == State::Undoing).cloned();
    if undoing.is_none() {
        spared(deploy, options, name, &steps).await?;
    }
    let noted = if undoing.is_some() { books.steps(name) } else { Vec::new() };
    let mut run = Run { deploy, options, name, steps: steps.len(), back: true, noted };
    if undoing.is_none() && apply::is_one(&run, &steps) {
        return apply::whole::<M>(&mut run, &steps, run::begins(name, digest, State::Undoing)).await;
    }
    if undoing.is_none() {
        run.sure().await?;
        run.deploy.note(&run::begins(name, digest, State::Undoing)).await?;
    }
    apply::journaled(&mut run, &steps).await?;
    apply::end::<M>(&mut run, None).await?;
    Ok(true)
}

/// Refuses to take away what has rows, unless somebody said that they may go.
async fn spared(deploy: &mut dyn Deploy, options: &ApplyOptions, name: &str, steps: &[Step]) -> Result<()> {
    let have = deploy.inspect().await?;
    let mut lost = Vec::new();
    for (step, mut warnings) in steps.iter().zip(deploy.judge(steps, &have)) {
        warnings.retain(|it| it.risk >= Risk::Destructive && !options.lose.contains(&it.code));
        let mut planned = Planned { step: step.clone(), statements: Vec::new(), reverse: None, warnings };
        let counted = counted_so_far(deploy, &mut planned).await?;
        // What cannot be counted may be there.
        let none = |warning: &Warning| counted.iter().any(|it| it.warning.code == warning.code && it.rows == 0);
        planned.warnings.retain(|warning| !none(warning));
        lost.extend(planned.warnings.into_iter().map(|warning| (what(&step.action), warning)));
    }
    let Some((_, first)) = lost.first() else { return Ok(()) };
    let why = format!(
        "nothing of `{name}` was taken back, for its way back would lose what is there:{}\nWhere that is right, run \
         `down --lose {}`",
        lost.iter().map(|(what, it)| format!("\n  {what}: {} ({}): {}", it.code, it.risk, it.why)).collect::<String>(),
        first.code
    );
    Err(Error::new(ErrorKind::NotAccepted, why))
}

/// The steps of the way back.
fn reversed(name: &str, steps: &[Step]) -> Result<Vec<Step>> {
    let mut back = Vec::new();
    for (at, step) in steps.iter().enumerate().rev() {
        let Some(actions) = step.action.reverse() else {
            let why = format!(
                "`{name}` has no way back: nobody knows the reverse of its step {} ({}). Nothing was taken back",
                at + 1,
                what(&step.action)
            );
            return Err(Error::new(ErrorKind::Migration, why));
        };
        back.extend(actions.into_iter().map(Step::from));
    }
    Ok(back)
}
