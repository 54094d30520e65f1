//! What a team sets for all its tests, in `perfassert.toml` and the tables of `Cargo.toml`: what a branch has loosened there. The library
//! reads the same places, and refuses what it cannot understand.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cargo_metadata::Package;
use perfassert_record::attributes::THRESHOLD;
use perfassert_record::record::MEASURE_VARIABLE;
use perfassert_record::sql::{Fingerprint, normalize};
use toml::{Table, Value};

use crate::clean::clean;
use crate::error::Error;
use crate::git::{Base, Repository};
use crate::workspace::Workspace;

/// What holds for the tests of one package.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Settings {
    pub(crate) has_snapshots: bool,
    /// From how many repetitions on each test is accused, if it is.
    pub(crate) n_plus_one: Option<i64>,
    /// Statements that may repeat, each as it stands there and with its reason.
    pub(crate) allowed: BTreeMap<Fingerprint, (String, String)>,
    pub(crate) drivers: BTreeSet<String>,
    /// What is limited for all tests, or for those of some names: tests, endpoint and number, each with its limit.
    pub(crate) limits: BTreeMap<(String, String, String), i64>,
    /// Whether tests without an attribute are measured.
    pub(crate) measures_all: bool,
    /// Files that a build needs and git does not have, as patterns from the workspace's root.
    pub(crate) copy: BTreeSet<String>,
}

/// What the branch has loosened since `base`, in words.
///
/// # Errors
///
/// When git fails.
pub fn loosened(repository: &Repository, base: &Base, workspace: &Workspace) -> Result<Vec<String>, Error> {
    let relative = |dir: &Path| relative(dir, &repository.root);
    let Some(root) = relative(workspace.root()) else { return Ok(Vec::new()) };
    let committed = repository.paths(&base.commit, root.trim_end_matches('/'))?;
    let is_one = |path: &&String| [FILE, MANIFEST].iter().any(|name| path.rsplit('/').next() == Some(name));
    let before: BTreeMap<_, _> =
        repository.texts(&base.commit, committed.iter().filter(is_one))?.into_iter().collect();
    let now = |path: &str| std::fs::read_to_string(repository.root.join(path)).ok();
    let packages = workspace.metadata.workspace_packages();
    let changes = |manifest: &Path| {
        let dir = relative(manifest.parent()?)?;
        let before = Settings::of(&root, &dir, |path| before.get(path).cloned())?;
        Some(before.loosened(&Settings::of(&root, &dir, now)?))
    };
    let all: Vec<_> = packages
        .iter()
        .map(|package| changes(package.manifest_path.as_std_path()).unwrap_or_default())
        .collect();
    let of_each: BTreeSet<_> = all.iter().flatten().collect();
    let in_words = |change: &&String| {
        let of: Vec<_> = packages.iter().zip(&all).filter(|(_, changes)| changes.contains(change)).collect();
        match of.len() == packages.len() {
            true => format!("all tests: {change}"),
            false => {
                let names: Vec<_> = of.iter().map(|(package, _)| package.name.as_str()).collect();
                format!("tests of {}: {change}", names.join(", "))
            }
        }
    };
    Ok(of_each.iter().map(in_words).collect())
}

/// `dir` from `root` on, with a slash at the end; `None` for one that lies elsewhere.
fn relative(dir: &Path, root: &Path) -> Option<String> {
    let dir = dir.strip_prefix(root).ok()?.to_str()?.replace('\\', "/");
    Some(if dir.is_empty() { dir } else { dir + "/" })
}

const FILE: &str = "perfassert.toml";
const MANIFEST: &str = "Cargo.toml";

impl Settings {
    /// What holds now for each package of the workspace, by its name, as far as that can be understood.
    pub(crate) fn of_each(workspace: &Workspace) -> BTreeMap<String, Self> {
        let of =
            |package: &Package| Some((package.name.to_string(), Settings::of_package(workspace, package)?));
        workspace.metadata.workspace_packages().into_iter().filter_map(of).collect()
    }

    /// What holds now for one of them.
    pub(crate) fn of_package(workspace: &Workspace, package: &Package) -> Option<Self> {
        let text = |path: &str| std::fs::read_to_string(workspace.root().join(path)).ok();
        let dir = package.manifest_path.as_std_path().parent()?;
        // A member may lie beside the workspace: joined to anything, its own path stays what it is.
        let place = relative(dir, workspace.root()).unwrap_or_else(|| format!("{}/", dir.display()));
        Settings::of("", &place, text)
    }

    /// What holds for the package in `dir` of the workspace in `root`, both with a slash at the end; `None` if that cannot be understood.
    fn of(root: &str, dir: &str, text: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let table = |path: String, keys: &[&str]| -> Option<Table> {
            let mut table: Table = text(&path).unwrap_or_default().parse().ok()?;
            for key in keys {
                match table.remove(*key) {
                    Some(Value::Table(inner)) => table = inner,
                    _ => return Some(Table::new()),
                }
            }
            Some(table)
        };
        // The first that sets something decides.
        let places = [
            table(format!("{root}{FILE}"), &[])?,
            table(format!("{dir}{MANIFEST}"), &["package", "metadata", "perfassert"])?,
            table(format!("{root}{MANIFEST}"), &["workspace", "metadata", "perfassert"])?,
        ];
        let first = |key: &str| places.iter().find_map(|place| place.get(key));
        let each =
            |key: &'static str| places.iter().filter_map(move |place| place.get(key)?.as_array()).flatten();
        let allow = |entry: &Value| {
            let word = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            let statement = word("statement");
            let words = (clean(&statement).into_owned(), clean(&word("reason")).into_owned());
            (normalize(&statement).fingerprint, words)
        };
        Some(Settings {
            has_snapshots: first("snapshot").and_then(Value::as_str) == Some("all"),
            n_plus_one: first("no_n_plus_one").and_then(threshold),
            allowed: each("allow").map(allow).collect(),
            drivers: each("drivers").filter_map(Value::as_str).map(|name| clean(name).into_owned()).collect(),
            limits: places
                .iter()
                .rev()
                .flat_map(|place| {
                    let by_name = place.get("limit").and_then(Value::as_array).into_iter().flatten();
                    by_name.filter_map(Value::as_table).chain([place]).flat_map(limits).collect::<Vec<_>>()
                })
                .collect(),
            measures_all: std::env::var(MEASURE_VARIABLE)
                .ok()
                .as_deref()
                .or_else(|| first("measure").and_then(Value::as_str))
                != Some("marked"),
            copy: each("copy").filter_map(Value::as_str).map(str::to_owned).collect(),
        })
    }

    /// Limits that are gone, raised, or new before another one of the same number.
    fn looser_limits(&self, now: &Settings) -> Vec<String> {
        let place = |(tests, endpoint, _): &(String, String, String)| {
            let of = |word: &str, name: &str| {
                if name.is_empty() { String::new() } else { format!(" of {word}{name}") }
            };
            format!("{}{}", of("", endpoint), of("tests ", tests))
        };
        let mut changes = Vec::new();
        for (key, before) in &self.limits {
            let (what, place) = (&key.2, place(key));
            match now.limits.get(key) {
                None => changes.push(format!("{what} = {before}{place} removed")),
                Some(now) if now > before => {
                    changes.push(format!("{what} = {before}{place} raised to {now}"))
                }
                Some(_) => {}
            }
        }
        let is_new = |key: &&(String, String, String)| !self.limits.contains_key(*key);
        let is_in_front = |key: &&(String, String, String)| {
            !key.0.is_empty()
                && self
                    .limits
                    .iter()
                    .any(|(other, max)| (&other.1, &other.2) == (&key.1, &key.2) && *max < now.limits[*key])
        };
        let new = now.limits.keys().filter(is_new).filter(is_in_front);
        changes.extend(
            new.map(|key| {
                format!("{} = {}{} goes before a lower one now", key.2, now.limits[key], place(key))
            }),
        );
        changes
    }

    /// What `now` no longer refuses.
    fn loosened(&self, now: &Settings) -> Vec<String> {
        let mut changes = Vec::new();
        match (self.n_plus_one, now.n_plus_one) {
            (Some(_), None) => changes.push("no_n_plus_one removed".to_owned()),
            (Some(before), Some(now)) if now > before => {
                changes.push(format!("no_n_plus_one threshold of {before} raised to {now}"));
            }
            _ => {}
        }
        changes.extend(self.looser_limits(now));
        if self.measures_all && !now.measures_all {
            changes.push("tests without an attribute are not measured any more".to_owned());
        }
        if self.has_snapshots && !now.has_snapshots {
            changes.push("snapshot = \"all\" removed".to_owned());
        }
        let allowed = now.allowed.iter().filter(|(fingerprint, _)| !self.allowed.contains_key(fingerprint));
        changes.extend(
            allowed.map(|(_, (statement, reason))| format!("may repeat now: {statement} (\"{reason}\")")),
        );
        let drivers = now.drivers.difference(&self.drivers);
        changes.extend(drivers.map(|name| format!("allocations of {name} are a driver's now")));
        changes
    }
}

/// The limits of an entry, and of what is set for all tests: `max_queries = 30`, or `{ max = 30, select = 20 }`.
fn limits(entry: &Table) -> Vec<((String, String, String), i64)> {
    let word = |key: &str| clean(entry.get(key).and_then(Value::as_str).unwrap_or_default()).into_owned();
    let mut limits = Vec::new();
    for key in ["max_queries", "max_allocs", "max_count"] {
        let mut add = |name: &str, value: &Value| {
            let what = if name == "max" { key.to_owned() } else { format!("{key} {}", clean(name)) };
            limits.extend(value.as_integer().map(|max| ((word("tests"), word("endpoint"), what), max)));
        };
        match entry.get(key) {
            Some(Value::Table(numbers)) => numbers.iter().for_each(|(name, value)| add(name, value)),
            Some(value) => add("max", value),
            None => {}
        }
    }
    limits
}

/// That of `true`, `3` or `{ threshold = 3 }`.
fn threshold(value: &Value) -> Option<i64> {
    match value {
        Value::Boolean(true) => i64::try_from(THRESHOLD).ok(),
        Value::Integer(threshold) => Some(*threshold),
        Value::Table(table) => table.get("threshold")?.as_integer(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each side is the text of a `perfassert.toml`.
    #[track_caller]
    fn check(before: &str, now: &str, expected: &[&str]) {
        let of = |text: &str| {
            Settings::of("", "", |path| (path == FILE).then(|| text.to_owned()))
                .expect("it can be understood")
        };
        assert_eq!(of(before).loosened(&of(now)), expected, "{before} -> {now}");
    }

    #[test]
    fn what_is_loosened_is_named() {
        check("no_n_plus_one = true", "", &["no_n_plus_one removed"]);
        check("no_n_plus_one = 4", "no_n_plus_one = false", &["no_n_plus_one removed"]);
        check(
            "no_n_plus_one = 4",
            "no_n_plus_one = { threshold = 9 }",
            &["no_n_plus_one threshold of 4 raised to 9"],
        );
        check("snapshot = 'all'", "snapshot = 'marked'", &["snapshot = \"all\" removed"]);
        let allow = "[[allow]]\nstatement = 'SELECT rate FROM rates WHERE code = 7'\nreason = 'few'";
        check("", allow, &["may repeat now: SELECT rate FROM rates WHERE code = 7 (\"few\")"]);
        check("drivers = ['a']", "drivers = ['b', 'a']", &["allocations of b are a driver's now"]);
        check("", "measure = 'marked'", &["tests without an attribute are not measured any more"]);
    }

    #[test]
    fn limits_for_several_tests_are_compared() {
        check("max_queries = 30", "", &["max_queries = 30 removed"]);
        check("max_count = { miss = 3 }", "max_count = { miss = 4 }", &["max_count miss = 3 raised to 4"]);
        check(
            "max_queries = 30\nmax_allocs = { max = 9, bytes = 90 }",
            "max_queries = { max = 31, select = 2 }\nmax_allocs = { max = 9, bytes = 91 }",
            &["max_allocs bytes = 90 raised to 91", "max_queries = 30 raised to 31"],
        );
        let limit = |tests: &str, max: u32| {
            format!("max_queries = 30\n[[limit]]\ntests = '{tests}'\nmax_queries = {max}\n")
        };
        check("max_queries = 30", &limit("a::*", 20), &[]);
        check(
            "max_queries = 30",
            &limit("a::*", 40),
            &["max_queries = 40 of tests a::* goes before a lower one now"],
        );
        check(&limit("a::*", 20), &limit("a::*", 25), &["max_queries = 20 of tests a::* raised to 25"]);
        check(&limit("a::*", 20), "max_queries = 30", &["max_queries = 20 of tests a::* removed"]);
        check(
            "[[limit]]\nendpoint = 'GET *'\nmax_queries = 3",
            "[[limit]]\nendpoint = 'GET *'\nmax_queries = 4",
            &["max_queries = 3 of GET * raised to 4"],
        );
    }

    #[test]
    fn what_is_tightened_or_said_otherwise_is_not() {
        check("", "no_n_plus_one = true\nsnapshot = 'all'", &[]);
        check("no_n_plus_one = 9", "no_n_plus_one = true", &[]);
        check("no_n_plus_one = true", "no_n_plus_one = { threshold = 2 }", &[]);
        check("drivers = ['a']", "", &[]);
        let allow = |code: &str| {
            format!("[[allow]]\nstatement = 'SELECT rate FROM rates WHERE code = {code}'\nreason = 'few'")
        };
        check(&allow("7"), &allow("8"), &[]);
        check(&allow("7"), "", &[]);
    }

    #[test]
    fn the_first_place_decides() {
        let files = |own: &'static str, all: &'static str| {
            Settings::of("", "shop/", move |path| match path {
                "shop/Cargo.toml" => Some(format!("[package]\n[package.metadata.perfassert]\n{own}")),
                "Cargo.toml" => Some(format!("[workspace.metadata.perfassert]\n{all}")),
                _ => None,
            })
            .unwrap()
        };
        let before = files("", "no_n_plus_one = 3");
        assert_eq!(before.loosened(&files("no_n_plus_one = 5", "no_n_plus_one = 3")).len(), 1);
        assert!(before.loosened(&files("no_n_plus_one = 3", "")).is_empty());
        assert_eq!(Settings::of("", "", |_| Some("snapshot = ".to_owned())), None);
    }
}
