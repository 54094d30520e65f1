//! Whether the user has a runner of their own, which cargo has to keep.
//!
//! `cargo config get` is unstable, so the files are read that cargo reads, and the variables.

use std::path::{Path, PathBuf};

use cargo_platform::{Cfg, Platform};
use toml::{Table, Value};

use crate::error::Error;
use crate::workspace::{host, rustc};

/// What decides for which target cargo runs tests, and by what.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Configured {
    /// The target's triple, or the name of its file.
    pub triple: String,
    /// Where a runner for it is set, in words; `None` if there is none.
    pub runner: Option<String>,
    /// Every place that sets something, with what it sets.
    pub texts: Vec<String>,
}

impl Configured {
    /// What cargo would find in `dir`, with the arguments of `--target` and `--config`.
    ///
    /// # Errors
    ///
    /// When `rustc` cannot be asked about the target.
    pub fn read(dir: &Path, target: Option<&str>, overrides: &[String]) -> Result<Self, Error> {
        let mut tables = Vec::new();
        for text in overrides {
            match text.parse::<Table>() {
                Ok(table) => tables.push((format!("--config {text}"), table)),
                Err(_) => read_file(&dir.join(text), &mut tables),
            }
        }
        for file in files(dir) {
            read_file(&file, &mut tables);
        }
        let told = target.map(str::to_owned).or_else(|| std::env::var("CARGO_BUILD_TARGET").ok());
        let triple = match told.or_else(|| tables.iter().find_map(|(_, table)| build_target(table))) {
            Some(triple) => triple,
            None => host(dir)?,
        };
        let triple = match Path::new(&triple).extension() {
            // A target that is described by a file is named by it.
            Some(extension) if extension == "json" => {
                Path::new(&triple).file_stem().unwrap_or_default().to_string_lossy().into_owned()
            }
            _ => triple,
        };
        let variable = format!("CARGO_TARGET_{}_RUNNER", triple.to_uppercase().replace(['-', '.'], "_"));
        let runner = match std::env::var_os(&variable) {
            Some(_) => Some(variable),
            None => {
                let cfgs = if tables.iter().any(|(_, table)| has_cfg_runner(table)) {
                    cfgs(dir, &triple)?
                } else {
                    Vec::new()
                };
                tables
                    .iter()
                    .find(|(_, table)| has_runner(table, &triple, &cfgs))
                    .map(|(place, _)| place.clone())
            }
        };
        let texts = tables.iter().map(|(place, table)| format!("{place}\n{table}")).collect();
        Ok(Configured { triple, runner, texts })
    }
}

/// The configuration files of `dir` and the directories above, and that of cargo's home.
fn files(dir: &Path) -> Vec<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let above = dir.ancestors().map(|dir| dir.join(".cargo")).chain(home);
    above.flat_map(|dir| [dir.join("config"), dir.join("config.toml")]).collect()
}

/// Reads a file, and those that it includes; one that is no TOML is for cargo to complain about.
fn read_file(file: &Path, tables: &mut Vec<(String, Table)>) {
    let Ok(text) = std::fs::read_to_string(file) else { return };
    let Ok(table) = text.parse::<Table>() else { return };
    let included = match table.get("include") {
        Some(Value::Array(files)) => files.clone(),
        Some(file) => vec![file.clone()],
        None => Vec::new(),
    };
    let place = file.display().to_string();
    // One that includes itself is read once.
    if tables.iter().any(|(known, _)| *known == place) {
        return;
    }
    tables.push((place, table));
    for value in &included {
        let path = value.as_str().or_else(|| value.get("path")?.as_str());
        if let (Some(path), Some(dir)) = (path, file.parent()) {
            read_file(&dir.join(path), tables);
        }
    }
}

/// The one target of `build.target`.
fn build_target(table: &Table) -> Option<String> {
    match table.get("build")?.get("target")? {
        Value::Array(targets) => targets.first()?.as_str().map(str::to_owned),
        target => target.as_str().map(str::to_owned),
    }
}

/// The targets that have a runner in a table.
fn with_runner(table: &Table) -> impl Iterator<Item = &String> {
    let targets = table.get("target").and_then(Value::as_table).into_iter().flatten();
    targets.filter(|(_, target)| target.get("runner").is_some()).map(|(name, _)| name)
}

fn has_cfg_runner(table: &Table) -> bool {
    with_runner(table).any(|name| name.starts_with("cfg("))
}

fn has_runner(table: &Table, triple: &str, cfgs: &[Cfg]) -> bool {
    with_runner(table)
        .any(|name| name.parse::<Platform>().is_ok_and(|platform| platform.matches(triple, cfgs)))
}

fn cfgs(dir: &Path, triple: &str) -> Result<Vec<Cfg>, Error> {
    let printed = rustc(dir, &["--print", "cfg", "--target", triple])?;
    Ok(printed.lines().filter_map(|line| line.parse().ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(table: &str, expected: bool) {
        let cfgs = ["unix", "target_arch=\"x86_64\""].map(|cfg| cfg.parse().unwrap());
        assert_eq!(
            has_runner(&table.parse().unwrap(), "x86_64-unknown-linux-gnu", &cfgs),
            expected,
            "{table}"
        );
    }

    #[test]
    fn runners() {
        check("", false);
        check("target.x86_64-unknown-linux-gnu.linker = 'cc'", false);
        check("target.x86_64-unknown-linux-gnu.runner = 'sudo -E'", true);
        check("[target.'cfg(unix)']\nrunner = ['sudo']", true);
        check("[target.'cfg(target_arch = \"wasm32\")']\nrunner = 'wasmtime'", false);
        check("target.wasm32-wasip1.runner = 'wasmtime'", false);
    }

    #[test]
    fn files_include_others() {
        let dir = tempfile::tempdir().unwrap();
        let config = dir.path().join(".cargo");
        std::fs::create_dir_all(&config).unwrap();
        std::fs::write(config.join("config.toml"), "include = ['more.toml', { path = 'config.toml' }]")
            .unwrap();
        std::fs::write(config.join("more.toml"), "build.target = 'a-b-c'\ntarget.a-b-c.runner = 'run'")
            .unwrap();
        let read = Configured::read(&dir.path().join("inside"), None, &[]).unwrap();
        assert_eq!(read.triple, "a-b-c");
        assert_eq!(read.runner, Some(config.join("more.toml").display().to_string()));
        let other = Configured::read(dir.path(), Some("x-y-z"), &["target.x-y-z.runner='run'".to_owned()]);
        assert_eq!(other.unwrap().runner, Some("--config target.x-y-z.runner='run'".to_owned()));
    }
}
