//! The waybill program: web server, REST interface, background work, embedded Postgres, command line.

mod api;
mod bench;
mod commands;
mod config;
mod database;
mod documents;
mod embedded;
mod gateway;
mod live;
mod mail;
mod poster;
mod router;
mod serve;
mod worker;

use clap::Parser as _;
use config::{Cli, Command};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    // A command that reads a whole year is meant to have slow statements; a server is not.
    let usual = if matches!(cli.command, None | Some(Command::Serve(_))) { "warn,waybill=info,waybill_app=info" } else { "warn,sqlx::query=error" };
    let filter = EnvFilter::try_from_env("WAYBILL_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let outcome = match cli.command {
        Some(Command::Gateway(args)) => gateway::serve(args).await.map(|()| true),
        Some(Command::Bench(bench)) => bench::run(&cli.store, bench).await.map(|()| true),
        Some(Command::Import(import)) => commands::import(&cli.store, import).await.map(|()| true),
        Some(Command::Migrate) => commands::migrate(&cli.store).await.map(|()| true),
        Some(Command::Demo(demo)) => commands::demo(&cli.store, &demo).await.map(|()| true),
        Some(Command::User(user)) => commands::user(&cli.store, user).await.map(|()| true),
        Some(Command::Doctor) => commands::doctor(&cli.store).await,
        Some(Command::Token { name, permissions }) => commands::token(&cli.store, &name, &permissions).await.map(|()| true),
        Some(Command::Serve(serve)) => serve::serve(&cli.store, serve).await.map(|()| true),
        None => serve::serve(&cli.store, config::Serve::default()).await.map(|()| true),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("waybill: {error:#}");
            ExitCode::FAILURE
        }
    }
}
