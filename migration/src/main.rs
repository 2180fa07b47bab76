//! The deploy-time command: `cargo run -p migration -- status`.

use entity::{annotation, audit_event, dataset, error_event, pipeline_run};

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let framework = seabed::entities![dataset, annotation, pipeline_run, audit_event, error_event];
    let entities = [framework, seabed::outbox::entities()].concat();
    seabed::migration::run::<migration::Migrator>(entities).await
}
