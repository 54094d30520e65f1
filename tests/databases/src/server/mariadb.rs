//! A private MariaDB.

use std::fs;
use std::process::Command;

use anyhow::Result;

use super::{Home, program};
use crate::Engine;
use crate::client::Address;

/// Everything that only matters for data that is to last is off, and every statement is logged.
const SETTINGS: &[&str] = &[
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--skip-log-bin",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=OFF",
    "--innodb-buffer-pool-size=32M",
    "--innodb-log-file-size=16M",
    "--max-connections=400",
    "--character-set-server=utf8mb4",
    "--general-log=ON",
    "--log-output=TABLE",
];

const ADMIN: &str = "perfassert";

/// Makes the data, and the command that starts the server.
pub(super) fn prepare(home: &Home, port: u16) -> Result<(Command, Address)> {
    let data = home.path("data");
    let mut init = home.command(&program("mariadb-install-db", Engine::MySql)?);
    init.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]);
    init.arg(format!("--datadir={}", data.display()));
    home.run(init)?;

    let users = home.path("users.sql");
    fs::write(
        &users,
        format!(
            "CREATE USER '{ADMIN}'@'%' IDENTIFIED BY '{ADMIN}';\n\
             GRANT ALL ON *.* TO '{ADMIN}'@'%' WITH GRANT OPTION;\n"
        ),
    )?;
    let mut server = home.command(&program("mariadbd", Engine::MySql)?);
    server.arg("--no-defaults").args(SETTINGS).arg(format!("--port={port}"));
    for (option, path) in [("datadir", data), ("socket", home.path("socket")), ("init-file", users)] {
        server.arg(format!("--{option}={}", path.display()));
    }
    let (user, password) = (ADMIN.to_owned(), ADMIN.to_owned());
    Ok((server, Address { host: "127.0.0.1".to_owned(), port, user, password }))
}
