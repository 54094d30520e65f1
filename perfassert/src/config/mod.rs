//! What a team sets for all its tests: variables, `perfassert.toml` beside the workspace's `Cargo.toml`, and the tables
//! `[package.metadata.perfassert]` and `[workspace.metadata.perfassert]`. The first that sets something decides.
//!
//! ```toml
//! snapshot = "all"
//! no_n_plus_one = true
//!
//! drivers = ["our-mysql"]
//! measure = "marked"
//! max_queries = 30
//!
//! [[limit]]
//! tests = "api::orders::*"
//! endpoint = "GET *"
//! max_queries = 5
//!
//! # What git ignores and a build needs: for `cargo perfassert diff`.
//! copy = [".env", "src/generated/**"]
//!
//! [[allow]]
//! statement = "SELECT rate FROM currencies WHERE code = ?"
//! reason = "ten currencies, and the application keeps them"
//! ```

mod limits;

use limits::{Allocs, Counters, Queries};
pub(crate) use limits::{Limit, gates};

use std::path::Path;

use serde::Deserialize;
use toml_07::Table;

use crate::inconclusive::Inconclusive;
use crate::record::MEASURE_VARIABLE;
use crate::sql::{Fingerprint, normalize};

/// What is set.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Config {
    /// Whether each test that has an attribute is compared with its snapshot.
    pub(crate) snapshot_all: bool,
    /// The threshold for tests without `#[no_n_plus_one]`, if they are to be judged.
    pub(crate) no_n_plus_one: Option<u64>,
    /// Statements that may repeat.
    pub(crate) allowed: Vec<Fingerprint>,
    /// Crates whose allocations are a driver's.
    pub(crate) drivers: Vec<String>,
    /// Whether `cargo perfassert` measures tests without an attribute, too.
    pub(crate) measures_all: bool,
    /// Limits for several tests at once, those of some names first.
    pub(crate) limits: Vec<Limit>,
}

/// One of the places, as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Layer {
    snapshot: Option<SnapshotOf>,
    no_n_plus_one: Option<Switch>,
    measure: Option<MeasureOf>,
    max_queries: Option<Queries>,
    max_allocs: Option<Allocs>,
    max_count: Option<Counters>,
    #[serde(default)]
    limit: Vec<Limit>,
    #[serde(default)]
    allow: Vec<Allow>,
    #[serde(default)]
    drivers: Vec<String>,
    /// For the subcommand, which reads it by itself.
    #[serde(default, rename = "copy")]
    _copy: Vec<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum SnapshotOf {
    /// The tests that have the attribute.
    Marked,
    /// All that have any.
    All,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum MeasureOf {
    /// The tests that have an attribute.
    Marked,
    /// All.
    All,
}

/// `true`, `false` or `{ threshold = 3 }`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(try_from = "toml_07::Value")]
enum Switch {
    Off,
    From(u64),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Allow {
    statement: String,
    reason: String,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            snapshot_all: false,
            no_n_plus_one: None,
            allowed: Vec::new(),
            drivers: Vec::new(),
            measures_all: true,
            limits: Vec::new(),
        }
    }
}

impl Config {
    /// What holds for the tests of the package in `manifest_dir`, whose workspace's root is `root`.
    ///
    /// # Errors
    ///
    /// When one of the places cannot be read, or says what it cannot: a gate that nobody understands does not pass.
    pub(crate) fn read(manifest_dir: &Path, root: &Path) -> Result<Self, Inconclusive> {
        let places = [
            Ok(Layer::of_variables(|name| std::env::var(name).ok())?),
            Layer::of_file(&root.join("perfassert.toml"), &[]),
            Layer::of_file(&manifest_dir.join("Cargo.toml"), &["package", "metadata", "perfassert"]),
            Layer::of_file(&root.join("Cargo.toml"), &["workspace", "metadata", "perfassert"]),
        ];
        let layers = places.into_iter().collect::<Result<Vec<_>, _>>()?;
        let snapshot = layers.iter().find_map(|layer| layer.snapshot);
        let no_n_plus_one = layers.iter().find_map(|layer| layer.no_n_plus_one);
        let allowed = layers.iter().flat_map(|layer| &layer.allow);
        Ok(Config {
            snapshot_all: snapshot == Some(SnapshotOf::All),
            no_n_plus_one: no_n_plus_one.and_then(Switch::threshold),
            allowed: allowed.map(|allow| normalize(&allow.statement).fingerprint).collect(),
            drivers: layers.iter().flat_map(|layer| layer.drivers.clone()).collect(),
            measures_all: layers.iter().find_map(|layer| layer.measure) != Some(MeasureOf::Marked),
            limits: Self::limits(&layers),
        })
    }

    fn limits(layers: &[Layer]) -> Vec<Limit> {
        let by_name = layers.iter().flat_map(|layer| layer.limit.clone());
        let of_all = |layer: &Layer| {
            let Layer { max_queries, max_allocs, max_count, .. } = layer;
            Limit::of_all(max_queries.clone(), max_allocs.clone(), max_count.clone())
        };
        by_name.chain(layers.iter().map(of_all)).filter(|limit| !limit.is_empty()).collect()
    }
}

impl Layer {
    fn of_variables(value_of: impl Fn(&str) -> Option<String>) -> Result<Self, Inconclusive> {
        let of = |name: &str, key: &str, bare: fn(&str) -> bool| -> Result<Table, Inconclusive> {
            let Some(text) = value_of(name) else { return Ok(Table::new()) };
            let value = if bare(&text) { text } else { format!("{text:?}") };
            format!("{key} = {value}")
                .parse()
                .map_err(|_| unreadable(name, "it has no value that can be read"))
        };
        let is_switch = |text: &str| text.parse::<bool>().is_ok() || text.parse::<u64>().is_ok();
        let layer = |name: &str, key: &str, bare| Layer::of_table(name, of(name, key, bare)?);
        Ok(Layer {
            snapshot: layer("PERFASSERT_SNAPSHOT", "snapshot", |_| false)?.snapshot,
            no_n_plus_one: layer("PERFASSERT_NO_N_PLUS_ONE", "no_n_plus_one", is_switch)?.no_n_plus_one,
            measure: layer(MEASURE_VARIABLE, "measure", |_| false)?.measure,
            ..Layer::default()
        })
    }

    /// The table at `keys` of a file; a file that is not there says nothing.
    fn of_file(path: &Path, keys: &[&str]) -> Result<Self, Inconclusive> {
        let place = path.display().to_string();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Layer::default()),
            Err(error) => return Err(unreadable(&place, &error.to_string())),
        };
        // A manifest without the table is not parsed, in each process of a suite.
        if !keys.iter().all(|key| text.contains(key)) {
            return Ok(Layer::default());
        }
        let mut table: Table =
            text.parse().map_err(|error: toml_07::de::Error| unreadable(&place, error.message()))?;
        for key in keys {
            match table.remove(*key) {
                Some(toml_07::Value::Table(inner)) => table = inner,
                _ => return Ok(Layer::default()),
            }
        }
        Self::of_table(&place, table)
    }

    fn of_table(place: &str, table: Table) -> Result<Self, Inconclusive> {
        let layer: Layer =
            table.try_into().map_err(|error: toml_07::de::Error| unreadable(place, error.message()))?;
        if let Some(allow) = layer.allow.iter().find(|allow| allow.reason.trim().is_empty()) {
            return Err(unreadable(place, &format!("`{}` is allowed without a reason", allow.statement)));
        }
        if layer.limit.iter().any(Limit::is_empty) {
            return Err(unreadable(place, "a `[[limit]]` limits nothing"));
        }
        if layer.limit.iter().any(Limit::counts_in_an_endpoint) {
            return Err(unreadable(
                place,
                "`max_count` is for whole tests, and its `[[limit]]` is for endpoints",
            ));
        }
        Ok(layer)
    }
}

impl Switch {
    fn threshold(self) -> Option<u64> {
        match self {
            Switch::Off => None,
            Switch::From(threshold) => Some(threshold),
        }
    }
}

impl TryFrom<toml_07::Value> for Switch {
    type Error = &'static str;

    fn try_from(value: toml_07::Value) -> Result<Self, &'static str> {
        let wrong = "`no_n_plus_one` is true, false, or { threshold = 3 }, from 2";
        let is_threshold = |n: &u64| *n >= crate::spec::NoNPlusOne::LEAST;
        let number = |n: i64| u64::try_from(n).ok().filter(is_threshold).map(Switch::From).ok_or(wrong);
        match value {
            toml_07::Value::Boolean(true) => Ok(Switch::From(crate::spec::NoNPlusOne::DEFAULT.threshold)),
            toml_07::Value::Boolean(false) => Ok(Switch::Off),
            toml_07::Value::Integer(n) => number(n),
            toml_07::Value::Table(table) => match table.get("threshold").and_then(toml_07::Value::as_integer)
            {
                Some(n) if table.len() == 1 => number(n),
                _ => Err(wrong),
            },
            _ => Err(wrong),
        }
    }
}

fn unreadable(place: &str, why: &str) -> Inconclusive {
    Inconclusive::to_everything(
        format!("the configuration in {place} cannot be read: {}", why.trim()),
        "its keys are `snapshot = \"all\"`, `measure = \"marked\"`, `no_n_plus_one = true`, `max_queries = 30`, `max_allocs = 1000`,\n\
         `max_count = { \"cache.miss\" = 3 }`, `drivers = [\"crate\"]`, `copy = [\".env\"]`, `[[limit]]` with `tests`, `endpoint` and these limits, and `[[allow]]` with `statement`\n\
         and `reason`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A workspace with one package in it.
    #[track_caller]
    fn check(files: &[(&str, &str)], expected: Result<Config, &str>) {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("shop")).unwrap();
        for (name, text) in files {
            std::fs::write(root.path().join(name), text).unwrap();
        }
        let read = Config::read(&root.path().join("shop"), root.path());
        match (read, expected) {
            (Err(inconclusive), Err(cause)) => {
                assert!(inconclusive.cause.contains(cause), "{}", inconclusive.cause)
            }
            (read, expected) => {
                assert_eq!(read.map_err(|inconclusive| inconclusive.cause), expected.map_err(str::to_owned))
            }
        }
    }

    #[test]
    fn the_first_place_decides() {
        let allowed = vec![normalize("SELECT 1 FROM t WHERE id = ?").fingerprint];
        check(&[], Ok(Config::default()));
        check(
            &[(
                "perfassert.toml",
                "snapshot = \"all\"\ndrivers = [\"our-mysql\"]\ncopy = [\".env\"]\nno_n_plus_one = { threshold = 5 }\n",
            )],
            Ok(Config {
                snapshot_all: true,
                no_n_plus_one: Some(5),
                drivers: vec!["our-mysql".to_owned()],
                ..Config::default()
            }),
        );
        check(
            &[
                ("perfassert.toml", "no_n_plus_one = false"),
                ("Cargo.toml", "[workspace.metadata.perfassert]\nno_n_plus_one = true\nsnapshot = \"all\""),
                (
                    "shop/Cargo.toml",
                    "[package]\nname = \"shop\"\n[package.metadata.perfassert]\nsnapshot = \"marked\"",
                ),
            ],
            Ok(Config::default()),
        );
        check(
            &[(
                "perfassert.toml",
                "[[allow]]\nstatement = \"select 1 from t where id = $1\"\nreason = \"few\"",
            )],
            Ok(Config { allowed, ..Config::default() }),
        );
    }

    #[test]
    fn what_cannot_be_understood_is_an_error() {
        check(&[("perfassert.toml", "snapshots = \"all\"")], Err("unknown field"));
        check(&[("perfassert.toml", "snapshot = \"some\"")], Err("unknown variant"));
        check(&[("perfassert.toml", "copy = \".env\"")], Err("expected a sequence"));
        check(&[("perfassert.toml", "no_n_plus_one = \"yes\"")], Err("is true, false, or"));
        check(&[("perfassert.toml", "no_n_plus_one = { treshold = 3 }")], Err("is true, false, or"));
        check(&[("perfassert.toml", "no_n_plus_one = { threshold = 0 }")], Err("{ threshold = 3 }, from 2"));
        check(&[("perfassert.toml", "no_n_plus_one = 1")], Err("{ threshold = 3 }, from 2"));
        check(&[("perfassert.toml", "[[allow]]\nstatement = \"SELECT 1\"")], Err("missing field `reason`"));
        check(
            &[("perfassert.toml", "[[allow]]\nstatement = \"SELECT 1\"\nreason = \" \"")],
            Err("without a reason"),
        );
        check(&[("perfassert.toml", "snapshot = ")], Err("perfassert.toml cannot be read"));
        check(&[("perfassert.toml", "measure = \"some\"")], Err("unknown variant"));
        check(
            &[("perfassert.toml", "max_queries = -1")],
            Err("`max_queries` is a number, or { max = 30, select = 20, .. }"),
        );
        check(&[("perfassert.toml", "max_queries = { selects = 1 }")], Err("{ max = 30, select = 20, .. }"));
        check(&[("perfassert.toml", "max_allocs = { peek = 1 }")], Err("{ max = 1000, bytes = 65536, "));
        check(&[("perfassert.toml", "max_count = 3")], Err("`max_count` is { \"cache.miss\" = 3, .. }"));
        check(
            &[("perfassert.toml", "[[limit]]\nendpoint = 'GET *'\nmax_count = { miss = 3 }")],
            Err("is for whole tests"),
        );
        check(&[("perfassert.toml", "[[limit]]\ntests = 'api::*'")], Err("limits nothing"));
        check(
            &[("perfassert.toml", "[[limit]]\ntest = 'api::*'\nmax_queries = 3")],
            Err("unknown field `test`"),
        );
    }

    #[test]
    fn variables_come_first() {
        let layer = |name: &'static str, value: &'static str| {
            Layer::of_variables(move |asked| (asked == name).then(|| value.to_owned()))
        };
        assert_eq!(layer("PERFASSERT_SNAPSHOT", "all").unwrap().snapshot, Some(SnapshotOf::All));
        assert_eq!(layer("PERFASSERT_NO_N_PLUS_ONE", "4").unwrap().no_n_plus_one, Some(Switch::From(4)));
        assert_eq!(layer("PERFASSERT_NO_N_PLUS_ONE", "false").unwrap().no_n_plus_one, Some(Switch::Off));
        assert_eq!(layer(MEASURE_VARIABLE, "marked").unwrap().measure, Some(MeasureOf::Marked));
        assert!(layer("PERFASSERT_NO_N_PLUS_ONE", "often").is_err());
        assert!(layer("PERFASSERT_NO_N_PLUS_ONE", "0").is_err());
        assert!(layer("PERFASSERT_SNAPSHOT", "al\"l").is_err());
    }
}
