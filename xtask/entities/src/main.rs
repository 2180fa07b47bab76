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

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_entities_are_what_the_migrations_make() {
        super::generate::run(true).expect("run `cargo xtask entities` and commit what it writes");
    }
}
