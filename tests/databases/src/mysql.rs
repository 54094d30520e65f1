//! MariaDB and MySQL: what the general log says.

use anyhow::{Context, Result, bail};

use crate::client::{Address, mariadb, wait_for};
use crate::database::Start;
use crate::seen::split;

pub(crate) fn create(admin: &Address, name: &str) -> Result<()> {
    let sql = format!(
        "CREATE DATABASE {name}; CREATE USER '{name}'@'%' IDENTIFIED BY '{name}'; \
         GRANT ALL ON *.* TO '{name}'@'%' WITH GRANT OPTION"
    );
    mariadb(admin, "", &sql).map(drop_text)
}

pub(crate) fn drop(admin: &Address, name: &str) -> Result<()> {
    mariadb(admin, "", &format!("DROP DATABASE IF EXISTS {name}; DROP USER IF EXISTS '{name}'@'%'"))
        .map(drop_text)
}

pub(crate) fn execute(admin: &Address, name: &str, sql: &str) -> Result<()> {
    mariadb(admin, name, sql).map(drop_text)
}

fn drop_text(_: String) {}

/// The end of what `user` did so far, in rows.
pub(crate) fn now(admin: &Address, user: &str) -> Result<Start> {
    let settings = mariadb(admin, "", "SELECT @@general_log, @@log_output")?;
    let columns: Vec<&str> = settings.trim().split('\t').collect();
    let ["1", output] = columns.as_slice() else { bail!(no_log()) };
    if !output.split(',').any(|output| output == "TABLE") {
        bail!(no_log());
    }
    let count = mariadb(admin, "", &format!("SELECT count(*) FROM mysql.general_log WHERE {}", of(user)))?;
    Ok(Start { file: String::new(), position: count.trim().parse().context("the log's size")? })
}

fn no_log() -> &'static str {
    "the server does not log what it executes: set general_log = ON and log_output = TABLE, and let the user of the URL read \
     mysql.general_log and create users"
}

fn of(user: &str) -> String {
    format!("user_host LIKE '{}[%'", user.replace('_', "\\_"))
}

/// The texts that `user` sent since `start`. Waits for the end of its sessions.
pub(crate) fn executed(admin: &Address, user: &str, start: &Start) -> Result<Vec<String>> {
    let sessions = format!("SELECT count(*) FROM information_schema.processlist WHERE user = '{user}'");
    wait_for("the end of the user's sessions", || {
        let count = mariadb(admin, "", &sessions)?;
        Ok((count.trim() == "0").then_some(()))
    })?;
    let log = mariadb(
        admin,
        "",
        &format!(
            "SELECT command_type, CONVERT(argument USING utf8mb4) FROM mysql.general_log WHERE {}",
            of(user)
        ),
    )?;
    let lines = log.lines().skip(usize::try_from(start.position)?);
    let texts = lines.filter_map(|line| line.split_once('\t')).filter_map(|(command, text)| match command {
        // A prepared statement stands there with its values, each time that it is executed.
        "Query" | "Execute" => Some(unescaped(text)),
        "Ping" => Some(String::new()),
        _ => None,
    });
    Ok(texts.flat_map(|text| split(&text)).collect())
}

/// The client escapes what would break its lines.
fn unescaped(text: &str) -> String {
    let mut unescaped = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('n') => unescaped.push('\n'),
                Some('t') => unescaped.push('\t'),
                Some('0') => unescaped.push('\0'),
                Some(other) => unescaped.push(other),
                None => unescaped.push('\\'),
            },
            other => unescaped.push(other),
        }
    }
    unescaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clients_escapes_are_undone() {
        assert_eq!(unescaped(r"SELECT\t'a\\b'\n\0"), "SELECT\t'a\\b'\n\0");
    }
}
