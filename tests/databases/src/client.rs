//! The servers' own command-line clients: what looks after the servers is no driver that is under test.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::Engine;
use crate::server::program;

/// Where a server is, and as whom.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) user: String,
    pub(crate) password: String,
}

impl Address {
    /// Reads `scheme://user:password@host:port/...`.
    pub(crate) fn parse(url: &str, engine: Engine) -> Result<Self> {
        let (_, rest) = url.split_once("://").context("the URL has no `://`")?;
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        let (user, server) = authority.rsplit_once('@').context("the URL names no user")?;
        let (user, password) = user.split_once(':').unwrap_or((user, ""));
        let default = if engine == Engine::Postgres { 5432 } else { 3306 };
        let (host, port) = match server.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().context("the URL's port")?),
            None => (server, default),
        };
        ensure!(!host.is_empty(), "the URL names no host");
        let owned = str::to_owned;
        Ok(Address { host: owned(host), port, user: owned(user), password: owned(password) })
    }

    pub(crate) fn url(&self, engine: Engine, database: &str) -> String {
        let Address { host, port, user, password } = self;
        format!("{engine}://{user}:{password}@{host}:{port}/{database}")
    }
}

/// Executes each text by itself with `psql`, and returns the rows: columns by `|`, one row a line.
pub(crate) fn psql(address: &Address, database: &str, texts: &[&str]) -> Result<String> {
    let mut client = Command::new(program("psql", Engine::Postgres)?);
    client.args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1"]);
    client.arg(format!("--dbname={}", address.url(Engine::Postgres, database)));
    // The notices of DROP ... IF EXISTS are nobody's news.
    client.env("PGOPTIONS", "-c client_min_messages=warning");
    for text in texts {
        client.args(["--command", text]);
    }
    run(client)
}

/// Executes a text with `mariadb` or `mysql`, and returns the rows: columns by tabs, one row a line, special characters
/// escaped.
pub(crate) fn mariadb(address: &Address, database: &str, text: &str) -> Result<String> {
    let client = program("mariadb", Engine::MySql).or_else(|_| program("mysql", Engine::MySql))?;
    let mut client = Command::new(client);
    let Address { host, port, user, password } = address;
    client.args(["--no-defaults", "--protocol=TCP", "--batch", "--skip-column-names"]);
    client.args([format!("--host={host}"), format!("--port={port}"), format!("--user={user}")]);
    client.env("MYSQL_PWD", password);
    client.arg(format!("--execute={text}"));
    if !database.is_empty() {
        client.arg(database);
    }
    run(client)
}

fn run(mut client: Command) -> Result<String> {
    let output = client.output().with_context(|| format!("running {}", client.get_program().display()))?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Asks again and again, for some seconds.
pub(crate) fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask()? {
            return Ok(answer);
        }
        ensure!(start.elapsed() < PATIENCE, "{what} did not happen within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

const PATIENCE: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_its_url() {
        let url = "mysql://ann:secret@db.example:3307/shop";
        let address = Address::parse(url, Engine::MySql).unwrap();
        assert_eq!(address.url(Engine::MySql, "shop"), url);
        let short = Address::parse("postgres://ann@localhost", Engine::Postgres).unwrap();
        assert_eq!((short.host.as_str(), short.port, short.password.as_str()), ("localhost", 5432, ""));
        assert!(Address::parse("postgres://localhost/shop", Engine::Postgres).is_err());
    }
}
