//! PostgreSQL: what its own log of statements says.

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::client::{Address, psql, wait_for};
use crate::database::Start;
use crate::seen::split;

const ADMIN: &str = "postgres";

pub(crate) fn create(admin: &Address, name: &str) -> Result<()> {
    let role = format!("CREATE ROLE {name} LOGIN SUPERUSER PASSWORD '{name}'");
    let database = format!("CREATE DATABASE {name} OWNER {name}");
    psql(admin, ADMIN, &[&role, &database]).map(drop_text)
}

pub(crate) fn drop(admin: &Address, name: &str) -> Result<()> {
    let database = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    psql(admin, ADMIN, &[&database]).map(drop_text)
}

pub(crate) fn execute(admin: &Address, name: &str, sql: &str) -> Result<()> {
    psql(admin, name, &[sql]).map(drop_text)
}

fn drop_text(_: String) {}

/// The end of the log.
pub(crate) fn now(admin: &Address) -> Result<Start> {
    let rows = psql(
        admin,
        ADMIN,
        &["SELECT current_setting('log_statement'), coalesce(pg_current_logfile('jsonlog'), ''), \
           coalesce((pg_stat_file(pg_current_logfile('jsonlog'), true)).size, 0)"],
    )?;
    let columns: Vec<&str> = rows.trim().split('|').collect();
    let [log_statement, file, size] = columns.as_slice() else { bail!("{rows}") };
    if *log_statement != "all" || file.is_empty() {
        bail!(
            "the server does not log what it executes: set log_statement = all, logging_collector = on, \
             log_destination = jsonlog and lc_messages = C, and let the user of the URL be a superuser"
        );
    }
    Ok(Start { file: (*file).to_owned(), position: size.parse().context("the log's size")? })
}

/// The texts that `user` sent since `start`. Waits for the end of its sessions.
pub(crate) fn executed(admin: &Address, user: &str, start: &Start) -> Result<Vec<String>> {
    let Start { file, position } = start;
    let sessions = format!("SELECT count(*) FROM pg_stat_activity WHERE usename = '{user}'");
    // The log is written by a process of its own. When this has come out of it, everything before it has.
    let marker = format!("SELECT 'the end of what {user} did'");
    let read = format!("SELECT pg_read_file('{file}', {position}, 1000000000)");
    let log = wait_for("the end of the user's sessions, and of the log", || {
        let answers = psql(admin, ADMIN, &[&sessions, &marker, &read])?;
        let (sessions, log) = answers.split_once('\n').context("no answer")?;
        let (_, log) = log.split_once('\n').context("no answer")?;
        Ok((sessions == "0" && log.contains(&marker)).then(|| log.to_owned()))
    })?;
    Ok(texts_of(&log, user))
}

/// A line of the log.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    user: String,
    #[serde(default)]
    session_id: String,
    #[serde(default)]
    error_severity: String,
    #[serde(default)]
    message: String,
    /// The statement that an error is about.
    #[serde(default)]
    statement: Option<String>,
}

/// What was executed, and what failed before it could be: a text that cannot be parsed stands in the log only with its
/// error.
fn texts_of(log: &str, user: &str) -> Vec<String> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok());
    let mut texts: Vec<String> = Vec::new();
    // What each session executed last, as long as no error has come of it.
    let mut last: Vec<(String, String)> = Vec::new();
    for line in lines.filter(|line| line.user == user) {
        let executed = executed_text(&line.message).filter(|_| line.error_severity == "LOG");
        let failed = line.statement.filter(|_| line.error_severity == "ERROR");
        let Some(text) = executed.map(str::to_owned).or(failed) else { continue };
        let known = last.iter().position(|(session, _)| *session == line.session_id);
        let before = known.map(|index| last.swap_remove(index).1);
        if line.error_severity == "LOG" {
            last.push((line.session_id, text.clone()));
        } else if before.as_ref() == Some(&text) {
            continue;
        }
        texts.extend(split(&text));
    }
    texts
}

/// `statement: ...` in the simple protocol, `execute name: ...` in the extended one, where `execute fetch from ...` goes on
/// with what was begun.
fn executed_text(message: &str) -> Option<&str> {
    if let Some(text) = message.strip_prefix("statement: ") {
        return Some(text);
    }
    let (name, text) = message.strip_prefix("execute ")?.split_once(": ")?;
    (!name.starts_with("fetch from ")).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(session: &str, severity: &str, message: &str, statement: Option<&str>) -> String {
        let line = serde_json::json!({
            "user": "me", "session_id": session, "error_severity": severity, "message": message, "statement": statement,
        });
        line.to_string() + "\n"
    }

    #[track_caller]
    fn check(log: &[String], texts: &[&str]) {
        assert_eq!(texts_of(&log.concat(), "me"), texts);
    }

    #[test]
    fn each_execution_counts_once() {
        check(
            &[
                line("a", "LOG", "statement: SELECT 1; SELECT 2", None),
                line("a", "LOG", "execute sqlx_s_1: SELECT $1", None),
                line("a", "LOG", "execute fetch from sqlx_s_1: SELECT $1", None),
                line("a", "LOG", "execute <unnamed>: SELECT 'a: b'", None),
                line("a", "LOG", "disconnection: session time: 0:00:01", None),
            ],
            &["SELECT 1", " SELECT 2", "SELECT $1", "SELECT 'a: b'"],
        );
    }

    /// An error that is found when a text is read stands in the log alone, one that comes later beside the text.
    #[test]
    fn a_failure_counts_once() {
        let error = |session, text| line(session, "ERROR", "it failed", Some(text));
        check(
            &[
                error("a", "SELEC 1"),
                error("a", "SELEC 1"),
                line("a", "LOG", "execute s: INSERT 1", None),
                line("b", "LOG", "execute s: INSERT 2", None),
                error("a", "INSERT 1"),
                error("b", "INSERT 2"),
                error("b", "INSERT 2"),
            ],
            &["SELEC 1", "SELEC 1", "INSERT 1", "INSERT 2", "INSERT 2"],
        );
    }

    #[test]
    fn others_do_not_count() {
        let log = line("a", "LOG", "statement: SELECT 1", None).replace("me", "somebody");
        check(&[log], &[]);
    }
}
