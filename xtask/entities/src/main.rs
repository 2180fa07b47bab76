//! The generator behind `cargo xtask entities`.

mod generate;

use std::{env, process::ExitCode};

fn main() -> ExitCode {
    match generate::run(env::args().any(|argument| argument == "--check")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
