//! One lane's turn: its messages, one after the other, each handed over and only then the next.

use super::{
    Message, RelayOptions, Relayed,
    claim::{Claim, Then},
    entity::message,
};
use crate::Result;
use futures::FutureExt;
use std::{fmt::Display, panic::AssertUnwindSafe};

/// The most characters that are kept of what a handler said.
const ERROR: usize = 1_000;

/// How one message ended.
enum Ended {
    Delivered,
    /// Its lane pauses.
    Failed,
    /// It is a dead letter.
    Dead,
    /// The lane is another relay's by now, and so is the message.
    Lost,
}

/// Hands over what waits in the lane, a batch of it at most, until `stop` says so.
pub(super) async fn turn<H, F, E>(
    claim: &Claim,
    options: &RelayOptions,
    handler: &H,
    stop: impl Fn() -> bool + Send,
) -> Result<Relayed>
where
    H: Fn(Message) -> F + Send + Sync,
    F: Future<Output = Result<(), E>> + Send,
    E: Display + Send,
{
    let ended = batch(claim, options, handler, stop).await;
    if ended.is_err() {
        // Nobody works on the lane any more. Where that cannot be said either, its lease runs out.
        let _ = claim.give_up(options.first_pause).await;
    }
    ended
}

async fn batch<H, F, E>(
    claim: &Claim,
    options: &RelayOptions,
    handler: &H,
    stop: impl Fn() -> bool + Send,
) -> Result<Relayed>
where
    H: Fn(Message) -> F + Send + Sync,
    F: Future<Output = Result<(), E>> + Send,
    E: Display + Send,
{
    let mut relayed = Relayed::default();
    let messages = claim.messages(options.batch).await?;
    let all = (messages.len() as u64) < options.batch;
    for message in messages {
        if stop() {
            claim.release(false, options.poll).await?;
            return Ok(relayed);
        }
        match hand_over(claim, options, handler, message).await? {
            Ended::Delivered => relayed.delivered += 1,
            Ended::Dead => relayed.dead += 1,
            Ended::Failed => {
                relayed.failed += 1;
                return Ok(relayed);
            }
            Ended::Lost => return Ok(relayed),
        }
    }
    claim.release(all, options.poll).await?;
    Ok(relayed)
}

async fn hand_over<H, F, E>(
    claim: &Claim,
    options: &RelayOptions,
    handler: &H,
    message: message::Model,
) -> Result<Ended>
where
    H: Fn(Message) -> F + Send + Sync,
    F: Future<Output = Result<(), E>> + Send,
    E: Display + Send,
{
    let (id, topic) = (message.id, &*claim.lane.topic);
    let failures = message.attempts.saturating_add(1);
    let error = match call(handler, options, Message::new(&claim.lane, message)).await {
        Ok(()) if claim.delivered(id).await? => {
            tracing::debug!(target: "seabed", topic, message = %id, attempt = failures, "a message was delivered");
            return Ok(Ended::Delivered);
        }
        Ok(()) => return Ok(lost(topic)),
        Err(error) => error,
    };
    let tries = u32::try_from(failures).unwrap_or(u32::MAX);
    let last = tries >= options.attempts;
    let then = if last { Then::Bury } else { Then::Pause(options.pause(tries)) };
    if !claim.failed(id, failures, error, then).await? {
        return Ok(lost(topic));
    }
    // What the handler said may quote the payload: it is in the table, and not in the log.
    if last {
        tracing::error!(target: "seabed", topic, message = %id, attempt = failures, "a message is a dead letter");
        Ok(Ended::Dead)
    } else {
        tracing::warn!(target: "seabed", topic, message = %id, attempt = failures, "a message failed");
        Ok(Ended::Failed)
    }
}

/// Calls the handler; what it said where it failed. Its panic is a failure of the message and not of the relay.
async fn call<H, F, E>(handler: &H, options: &RelayOptions, message: Message) -> Result<(), String>
where
    H: Fn(Message) -> F + Send + Sync,
    F: Future<Output = Result<(), E>> + Send,
    E: Display + Send,
{
    let limit = options.limit();
    let call = AssertUnwindSafe(async { handler(message).await.map_err(|error| error.to_string()) }).catch_unwind();
    let error = match tokio::time::timeout(limit, call).await {
        Ok(Ok(Ok(()))) => return Ok(()),
        Ok(Ok(Err(error))) => error,
        Ok(Err(_)) => "the handler panicked".to_owned(),
        Err(_) => format!("the handler took longer than {limit:?}"),
    };
    Err(error.chars().filter(|character| *character != '\0').take(ERROR).collect())
}

fn lost(topic: &str) -> Ended {
    tracing::warn!(target: "seabed", topic, "the lease ran out while a message was handed over: it is another relay's");
    Ended::Lost
}
