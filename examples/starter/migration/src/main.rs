//! The deploy-time command: `cargo run -p shop-migration -- plan`.

#[tokio::main]
async fn main() -> std::process::ExitCode {
    seabed::migration::run::<shop_migration::Migrator>(shop_migration::entities()).await
}
