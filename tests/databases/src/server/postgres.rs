//! A private PostgreSQL.

use std::process::Command;

use anyhow::Result;

use super::{Home, program};
use crate::Engine;
use crate::client::Address;

/// Everything that only matters for data that is to last is off, and every statement is logged.
const SETTINGS: &[&str] = &[
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",
    "shared_buffers=16MB",
    "max_connections=400",
    "logging_collector=on",
    "log_destination=jsonlog",
    "log_rotation_age=0",
    "log_rotation_size=0",
    "log_statement=all",
];

/// Makes the data, and the command that starts the server.
pub(super) fn prepare(home: &Home, port: u16) -> Result<(Command, Address)> {
    let data = home.path("data");
    let mut init = home.command(&program("initdb", Engine::Postgres)?);
    init.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"]);
    init.arg("--pgdata").arg(&data);
    home.run(init)?;

    let mut server = home.command(&program("postgres", Engine::Postgres)?);
    server.arg("-D").arg(&data).arg("-p").arg(port.to_string());
    for setting in SETTINGS {
        server.args(["-c", setting]);
    }
    let user = "postgres".to_owned();
    Ok((server, Address { host: "127.0.0.1".to_owned(), port, user, password: String::new() }))
}
