//! `cargo xtask bench`: what counting costs, beside its peers, as ratios.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};

use crate::run::{command, output, root, run, say};

/// How often each program runs, all of them in turn, so that a busy moment of the machine meets each alike.
const TURNS: usize = 7;

/// Programs that do the same, and whose times are compared with the first one's.
struct Group {
    programs: &'static [&'static str],
    /// What `cargo build` is told besides.
    build: &'static str,
    /// On one core, the database as well: a query waits for another thread or process, and how long it takes to wake one on another
    /// core is chance.
    is_pinned: bool,
}

const QUERIES: &[&str] = &["queries-without", "queries-with"];
const BUILD_QUERIES: &str = "--features queries --bin queries-without --bin queries-with";

/// The programs whose instructions are counted, of the first group: all but what takes forty times as long as the others.
const COUNTED: usize = GROUPS[0].programs.len() - 1;

const GROUPS: [Group; 3] = [
    Group {
        programs: &[
            "alloc-system",
            "alloc-perfassert-no-scope",
            "alloc-perfassert",
            "alloc-perfassert-nested",
            "alloc-perfassert-looked-at",
            "alloc-perfassert-live",
            "alloc-divan",
            "alloc-stats_alloc",
            "alloc-allocation-counter",
            "alloc-dhat",
        ],
        build: "",
        is_pinned: false,
    },
    Group { programs: QUERIES, build: BUILD_QUERIES, is_pinned: true },
    Group { programs: QUERIES, build: BUILD_QUERIES, is_pinned: false },
];

/// Name of a piece of work -> nanoseconds.
type Times = BTreeMap<String, f64>;

/// Builds the programs of `benches/`, runs them in turn, and prints the ratios.
pub(crate) fn bench() -> Result<()> {
    let root = root();
    let target = target_dir(&root)?;
    run(&mut command(&root, "cargo build --quiet --package perfassert-database-tests --bins"))?;
    for Group { programs: names, build, is_pinned } in GROUPS {
        let mut building = command(&root.join("benches"), &format!("cargo build --quiet --release {build}"));
        run(building.arg("--target-dir").arg(&target))?;
        let programs: Vec<_> = names.iter().map(|name| target.join("release").join(name)).collect();
        let mut least = vec![Times::new(); names.len()];
        for _ in 0..TURNS {
            for (program, least) in programs.iter().zip(&mut least) {
                keep_least(least, times(&root, program, is_pinned)?);
            }
        }
        let (base, others) = least.split_first().context("a group has a program")?;
        for (name, times) in names.iter().skip(1).zip(others) {
            let cores = if is_pinned { ", on one core" } else { "" };
            say(&format!("{name}{cores}: {}", ratios(base, times)));
        }
    }
    count_instructions(&target)
}

/// Prints the ratios of the instructions that whole programs execute, which are nearly the same on any machine.
fn count_instructions(target: &Path) -> Result<()> {
    let mut base = None;
    for name in &GROUPS[0].programs[..COUNTED] {
        let count = instructions(&target.join("release").join(name))?;
        let base = *base.get_or_insert(count);
        say(&format!("{name}: {:.3} of the instructions ({base:.0} -> {count:.0})", count / base));
    }
    Ok(())
}

fn instructions(program: &Path) -> Result<f64> {
    let output = std::process::Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .output()
        .context("counting instructions takes valgrind: apt-get install valgrind")?;
    let said = String::from_utf8_lossy(&output.stderr);
    let count = said.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    count.with_context(|| format!("reading what valgrind printed:\n{said}"))
}

/// Beside the workspace's own: the programs have a lock file of their own.
fn target_dir(root: &Path) -> Result<std::path::PathBuf> {
    let metadata = cargo_metadata::MetadataCommand::new().current_dir(root).no_deps().exec()?;
    Ok(metadata.target_directory.join("benches").into_std_path_buf())
}

/// What a program prints: `name<TAB>nanoseconds` lines.
fn times(root: &Path, program: &Path, is_pinned: bool) -> Result<Times> {
    let pinned = if is_pinned { "taskset --cpu-list 0 " } else { "" };
    let words =
        "cargo run --quiet --package perfassert-database-tests --bin perfassert-with-database -- postgres";
    let printed = output(command(root, &format!("{pinned}{words}")).arg(program))?;
    let line = |line: &str| {
        let (name, time) = line.split_once('\t')?;
        Some((name.to_owned(), time.parse().ok()?))
    };
    let times = printed.lines().map(line).collect::<Option<_>>();
    times.with_context(|| format!("reading what {} printed:\n{printed}", program.display()))
}

/// Whatever disturbs a run makes it longer.
fn keep_least(least: &mut Times, times: Times) {
    for (name, time) in times {
        let known = least.entry(name).or_insert(time);
        *known = known.min(time);
    }
}

/// `sqlx-sqlite 1.05 (10100.0 -> 10600.0 ns)`
fn ratios(base: &Times, times: &Times) -> String {
    let each = times.iter().filter_map(|(work, time)| {
        let base = base.get(work)?;
        Some(format!("{work} {:.2} ({:.1} -> {:.1} ns)", time / base, base, time))
    });
    each.collect::<Vec<_>>().join(", ")
}
