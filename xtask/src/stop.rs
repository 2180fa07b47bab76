//! Whatever was started is stopped: at the end, on a panic, and on Ctrl-C, SIGTERM or a closed terminal.
//!
//! Every process is [held](hold) from the moment it exists. A [`Guard`] stops it when it is dropped, which covers the
//! first two. For the third the signals are blocked in all threads and one thread waits for them, so that the cleaning
//! up is ordinary code and not a signal handler. `kill -9` leaves servers behind; the next start sweeps them.

use anyhow::{Result, bail};
use nix::{
    errno::Errno,
    sys::signal::{SigSet, Signal, kill, killpg},
    unistd::Pid,
};
use std::{
    collections::BTreeMap,
    fs,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

type Stop = Box<dyn FnOnce() + Send>;

struct Held {
    stopping: bool,
    next: u64,
    stops: BTreeMap<u64, Stop>,
}

static HELD: Mutex<Held> = Mutex::new(Held { stopping: false, next: 0, stops: BTreeMap::new() });

fn held() -> MutexGuard<'static, Held> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Stops what it guards when it is dropped.
#[derive(Debug)]
#[must_use = "dropping it stops what it guards"]
pub struct Guard(u64);

impl Guard {
    /// What was guarded has ended, or is to stay.
    pub fn release(self) {
        drop(held().stops.remove(&self.0));
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        wait_if_stopping();
        let stop = held().stops.remove(&self.0);
        if let Some(stop) = stop {
            stop();
        }
    }
}

/// Starts something and holds it, in one step: a signal comes before or after, never between.
///
/// # Errors
/// That of `start`; or the program is being stopped.
pub fn hold<T>(start: impl FnOnce() -> Result<(T, Stop)>) -> Result<(T, Guard)> {
    let mut held = held();
    if held.stopping {
        drop(held);
        wait_if_stopping();
        bail!("interrupted");
    }
    let (started, stop) = start()?;
    let id = held.next;
    held.next += 1;
    held.stops.insert(id, stop);
    Ok((started, Guard(id)))
}

/// From here on a signal stops what is held, last first, and then the program.
pub fn on_signals() {
    let mut signals = SigSet::empty();
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        signals.add(signal);
    }
    if let Err(error) = signals.thread_block() {
        eprintln!("warning: cannot wait for signals ({error}): an interrupt would leave servers running");
        return;
    }
    thread::spawn(move || {
        let Ok(signal) = signals.wait() else { return };
        let stops = {
            let mut held = held();
            held.stopping = true;
            std::mem::take(&mut held.stops)
        };
        eprintln!("{signal}: stopping what was started");
        for (_, stop) in stops.into_iter().rev() {
            stop();
        }
        std::process::exit(128 + signal as i32);
    });
}

/// Does not return while a signal is being answered: the thread that answers it ends the program.
pub fn wait_if_stopping() {
    while held().stopping {
        thread::sleep(Duration::from_secs(1));
    }
}

/// Whether a process runs. One that has ended and that nobody collected does not.
pub fn is_alive(pid: i32) -> bool {
    kill(Pid::from_raw(pid), None) != Err(Errno::ESRCH) && state(pid).is_none_or(|(state, _)| state != 'Z')
}

/// Whether any process of a group runs.
fn is_group_alive(group: i32) -> bool {
    if killpg(Pid::from_raw(group), None) == Err(Errno::ESRCH) {
        return false;
    }
    // Under a first process that collects nobody the group stays for ever, of dead members.
    let Ok(entries) = fs::read_dir("/proc") else { return true };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter_map(state).any(|(state, of)| of == group && state != 'Z')
}

/// The state of a process and its group, where the system tells.
fn state(pid: i32) -> Option<(char, i32)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name of the program comes first, in parentheses, and may hold anything.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?.chars().next()?;
    Some((state, fields.nth(1)?.parse().ok()?))
}

/// Asks a process to end, waits up to ten seconds, then kills it.
pub fn end_process(pid: i32, gently: Signal) {
    let send = |signal| kill(Pid::from_raw(pid), signal);
    end(gently, send, || is_alive(pid), Duration::from_secs(10));
}

/// Asks a process group to end, waits up to two seconds, then kills it.
pub fn end_group(group: i32) {
    let send = |signal| killpg(Pid::from_raw(group), signal);
    end(Signal::SIGTERM, send, || is_group_alive(group), Duration::from_secs(2));
}

fn end(gently: Signal, send: impl Fn(Signal) -> nix::Result<()>, is_alive: impl Fn() -> bool, within: Duration) {
    for (signal, within) in [(gently, within), (Signal::SIGKILL, Duration::from_secs(2))] {
        if send(signal).is_err() {
            return;
        }
        let deadline = Instant::now() + within;
        while Instant::now() < deadline {
            if !is_alive() {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        os::unix::process::CommandExt,
        process::{Child, Command},
    };

    fn sleeper() -> Child {
        Command::new("sleep").arg("600").process_group(0).spawn().expect("sleep starts")
    }

    #[test]
    fn a_dropped_guard_ends_its_process_group() {
        let (mut child, guard) = hold(|| {
            let child = sleeper();
            let pid = child.id().cast_signed();
            Ok((child, Box::new(move || end_group(pid)) as Stop))
        })
        .expect("held");
        drop(guard);
        assert!(!child.wait().expect("waited").success());
    }

    #[test]
    fn a_released_guard_leaves_its_process_alone() {
        let (mut child, guard) = hold(|| {
            let child = sleeper();
            let pid = child.id().cast_signed();
            Ok((child, Box::new(move || end_group(pid)) as Stop))
        })
        .expect("held");
        guard.release();
        assert!(child.try_wait().expect("looked").is_none());
        child.kill().expect("killed");
        child.wait().expect("waited");
    }

    #[test]
    fn a_process_that_nobody_collected_is_not_alive() {
        let mut child = sleeper();
        let pid = child.id().cast_signed();
        assert!(is_alive(pid));
        child.kill().expect("killed");
        let deadline = Instant::now() + Duration::from_secs(5);
        while is_alive(pid) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
        assert!(!is_alive(pid));
        child.wait().expect("waited");
    }
}
