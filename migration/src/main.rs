//! The deploy-time command: `cargo run -p migration -- status`.

#[tokio::main]
async fn main() -> std::process::ExitCode {
    seabed::migration::run::<migration::Migrator>(migration::entities()).await
}
