//! Databases of others, taken over as a reader of the guide would: entities are written from them, compiled, and what they want is
//! planned against the database that they came from. The plan must be empty.

use crate::{
    servers::{Backend, Servers},
    shell, starter,
    summary::Summary,
};
use anyhow::{Context, Result, bail};
use std::{fs, path::Path};

/// What is taken over.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// On which backends.
    #[arg(long, value_delimiter = ',', default_value = "sqlite,postgres,mysql")]
    backends: Vec<Backend>,
    /// Installs nothing.
    #[arg(long)]
    no_install: bool,
}

/// The crate that the entities are compiled in. What it builds on is built as for the workspace to copy.
const MANIFEST: &str = r#"[package]
name = "taken"
version = "0.1.0"
edition = "2024"
publish = false

[workspace]

[dependencies]
seabed = { path = "ROOT" }
seabed-framework = { package = "migration", path = "ROOT/migration" }
serde = { version = "1", features = ["derive"] }
tokio = { version = "1", features = ["rt-multi-thread", "macros"] }

[profile.dev]
debug = "line-tables-only"
[profile.dev.package."*"]
debug = false
opt-level = 0
"#;

/// What it does: the plan, of which nothing is left to do and nothing stands beside that an entity can say.
const MAIN: &str = r#"
use seabed::{Config, Database, Result, migration::plan, repository::EntityInfo, schema::Drift};
use std::{process::ExitCode, sync::Arc};

#[tokio::main]
async fn main() -> ExitCode {
    let mut failed = false;
    for (name, entities) in [LIST] {
        match planned(name, entities).await {
            Ok(faults) if faults.is_empty() => println!("{name}: nothing to do"),
            Ok(faults) => {
                failed = true;
                faults.iter().for_each(|fault| eprintln!("{name}: {fault}"));
            }
            Err(error) => {
                failed = true;
                eprintln!("{name}: {error} {:?}", error.detail());
            }
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

async fn planned(name: &str, entities: Vec<EntityInfo>) -> Result<Vec<String>> {
    let url = std::fs::read_to_string(format!("{name}.url")).expect("a URL");
    let db = Database::connect(Config::from_url(&url)?).await?;
    let tables = entities.iter().map(EntityInfo::table).collect::<Result<Vec<_>>>()?;
    let owned: Vec<_> = tables.iter().map(|table| Arc::unwrap_or_clone(Arc::clone(table))).collect();
    let mut deploy = db.backend().deploy().await?;
    let plan = plan::against(&mut *deploy, &tables, &owned).await?;
    deploy.close().await?;
    db.close().await?;
    let steps = plan.steps.iter().map(|planned| format!("{:?}", planned.step.action));
    // What an entity never says: the server's own collation for new columns, and who makes keys.
    let unsaid = |drift: &&Drift| drift.what == "collation" || drift.why.contains("refuses keys");
    let drift = plan.drift.iter().filter(|drift| !unsaid(drift)).map(|drift| format!("{drift:?}"));
    Ok(steps.chain(drift).collect())
}
"#;

/// Makes the databases, writes the entities, compiles them, plans.
///
/// # Errors
/// Where they do not compile, or where something is left to do.
pub fn run(options: &Options) -> Result<()> {
    let backends = &options.backends;
    let servers = Servers::start(backends, !options.no_install)?;
    let folder = shell::target().join(format!("takeover-{}", std::process::id()));
    fs::create_dir_all(folder.join("src"))?;
    let names: Vec<&str> = backends.iter().map(|backend| backend.name()).collect();
    let outcome = trial(&servers, &folder, &names, false).and_then(|()| compiled(&folder, &names));
    let dropped = trial(&servers, &folder, &names, true);
    // What does not compile is looked at.
    outcome.with_context(|| folder.display().to_string())?;
    dropped?;
    fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
    Summary { passed: backends.len(), ..Summary::default() }.finish("takeover")
}

fn trial(servers: &Servers, folder: &Path, backends: &[&str], drop: bool) -> Result<()> {
    let mut command = shell::cargo();
    command.args(["run", "--quiet", "--package", "xtask-trials", "--", "takeover"]).arg(folder);
    command.args(["--backends", &backends.join(",")]).args(drop.then_some("--drop"));
    if !shell::status(command.envs(servers.environment()))?.success() {
        bail!("the databases of others");
    }
    Ok(())
}

fn compiled(folder: &Path, backends: &[&str]) -> Result<()> {
    let write = |file: &str, text: String| fs::write(folder.join(file), text).with_context(|| file.to_owned());
    write("Cargo.toml", MANIFEST.replace("ROOT", &shell::root().display().to_string()))?;
    let modules: String = backends.iter().map(|name| format!("pub mod {name};\n")).collect();
    write("src/lib.rs", format!("#![deny(warnings)]\n{modules}"))?;
    let list: Vec<_> = backends.iter().map(|name| format!("(\"{name}\", taken::{name}::entities())")).collect();
    write("src/main.rs", MAIN.replace("LIST", &list.join(", ")))?;
    fs::copy(shell::root().join("Cargo.lock"), folder.join("Cargo.lock"))?;
    let mut command = starter::cargo(folder);
    if !shell::status(command.args(["run", "--quiet"]))?.success() {
        bail!("the entities do not compile, or want what is not there");
    }
    Ok(())
}
