//! The patches in `examples/storefront/regressions/`: each applies, keeps the application's own assertions, and gets the
//! verdict that it deserves, from the subcommand as a CI job would run it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use cargo_metadata::{Metadata, MetadataCommand};
use serde_json::Value;

const PATCHES: &str = "examples/storefront/regressions";

const SNAPSHOTS: &str = "snapshots";

/// What is to be said about a patch.
struct Expected {
    exit_code: i32,
    /// Where the counts of `main` come from.
    baseline: &'static str,
    /// Kind, endpoint and numbers of each finding, in their order.
    findings: &'static [&'static str],
    /// Where the first finding leads.
    site: Option<&'static str>,
}

#[test]
fn each_patch_gets_its_verdict() {
    let repository = Repository::copy();
    let mut checked = Vec::new();
    let mut check = |patch: &'static str, expected: Expected| {
        let (code, report) = repository.diff(patch, &[]);
        assert_eq!(report["baseline"]["origin"], expected.baseline, "{patch}");
        let findings = report["findings"].as_array().expect("a report has findings");
        let shown: Vec<String> = findings.iter().map(finding).collect();
        assert_eq!(shown, expected.findings, "{patch}: {report:#}");
        assert_eq!(code, Some(expected.exit_code), "{patch}: {report:#}");
        assert_eq!(report["failed_tests"], serde_json::json!([]), "{patch} keeps the tests' own assertions");
        let site = findings.first().map(|first| first["statements"][0]["sites"][0]["file"].clone());
        if patch == "extra_allocs" {
            let function = &findings[0]["places"][0];
            assert_eq!(function["file"], "examples/storefront/src/invoice.rs", "{report:#}");
            assert_eq!(findings[0]["changed_in_this_branch"], true, "{report:#}");
            // The test that renders without a request sees the same function.
            let row = &findings[0]["rows"][1];
            assert_eq!((&row["endpoint"], &row["after"]), (&Value::Null, &Value::from(32)), "{report:#}");
        }
        if let Some(expected) = expected.site {
            assert_eq!(site, Some(Value::from(expected)), "{patch}: {report:#}");
        }
        checked.push(patch);
    };
    check(
        "n_plus_one",
        Expected {
            exit_code: 100,
            baseline: SNAPSHOTS,
            findings: &["n_plus_one GET /orders queries 1 -> 15"],
            site: Some("examples/storefront/src/customers.rs"),
        },
    );
    check(
        "extra_allocs",
        Expected {
            exit_code: 100,
            // A rise of allocations is looked at again, on both sides.
            baseline: "snapshots_and_measured",
            findings: &["allocs GET /orders/{id}/invoice allocs 8 -> 48"],
            site: None,
        },
    );
    check(
        "one_more_query",
        Expected {
            exit_code: 100,
            baseline: SNAPSHOTS,
            findings: &["queries GET /customers/{id}/orders queries 1 -> 2"],
            site: Some("examples/storefront/src/customers.rs"),
        },
    );
    check("rename", Expected { exit_code: 0, baseline: SNAPSHOTS, findings: &[], site: None });
    // Measured at the commit itself, it is the same.
    let (code, report) = repository.diff("n_plus_one", &["--rebuild"]);
    assert_eq!((code, &report["baseline"]["origin"]), (Some(100), &Value::from("rebuilt")), "{report:#}");
    assert_eq!(finding(&report["findings"][0]), "n_plus_one GET /orders queries 1 -> 15");
    let statements = &report["findings"][0]["statements"];
    let (child, parent) = (&statements[0], &statements[1]);
    assert_eq!(child["per_row_of"], parent["fingerprint"], "{report:#}");
    assert_eq!((&parent["after"], &child["after"]), (&Value::from(1), &Value::from(14)), "{report:#}");
    checked.sort_unstable();
    assert_eq!(checked, repository.patches(), "each patch has a verdict");
    found_without_attributes(&repository);
}

/// The same suite with every attribute removed, and its set-up counted: the same findings about endpoints.
fn found_without_attributes(repository: &Repository) {
    git(&repository.root, ["checkout", "--quiet", "main"]);
    repository.edit("examples/storefront/Cargo.toml", |text| text.replace("snapshot = \"all\"\n", ""));
    for file in ["tests/api.rs", "tests/catalogue.rs", "src/invoice.rs"] {
        let is_about_it = |line: &&str| {
            let words =
                ["#[max_", "#[no_n_plus_one", "#[perfassert::", "use perfassert::{", "use perfassert::max"];
            !words.iter().any(|word| line.trim_start().starts_with(word))
        };
        repository.edit(&format!("examples/storefront/{file}"), |text| {
            text.lines().filter(is_about_it).map(|line| format!("{line}\n")).collect()
        });
    }
    repository.edit("examples/storefront/tests/common/mod.rs", |text| {
        text.replace("perfassert::unmeasured_async(schema::in_memory())", "schema::in_memory()")
    });
    fs::remove_dir_all(repository.root.join("examples/storefront/tests/snapshots")).expect("snapshots");
    repository.commit("Without attributes");
    let check = |patch: &str, expected: &[&str]| {
        let (code, report) = repository.diff(patch, &[]);
        let findings = report["findings"].as_array().expect("a report has findings");
        assert_eq!(findings.iter().map(finding).collect::<Vec<_>>(), expected, "{patch}: {report:#}");
        assert_eq!((code, &report["improvements"]), (Some(100), &serde_json::json!([])), "{report:#}");
        assert_eq!(report["compared"], 21, "{report:#}");
    };
    check("n_plus_one", &["n_plus_one GET /orders queries 1 -> 15"]);
    check("extra_allocs", &["allocs GET /orders/{id}/invoice allocs 8 -> 48"]);
}

/// Kind, place and numbers.
fn finding(finding: &Value) -> String {
    let text = |field: &str| finding[field].as_str().unwrap_or_default();
    let place = finding["endpoint"].as_str().unwrap_or("(test)");
    format!("{} {place} {} {} -> {}", text("kind"), text("metric"), finding["before"], finding["after"])
}

/// The working tree of this repository as the only commit of another one, with its dependencies compiled.
struct Repository {
    root: PathBuf,
    _temporary: tempfile::TempDir,
}

impl Repository {
    fn copy() -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the suite lies in the repository");
        let temporary = tempfile::tempdir().expect("a temporary directory");
        let repository = Repository { root: temporary.path().join("shop"), _temporary: temporary };
        let listed = git(here, ["ls-files", "--cached", "--others", "--exclude-standard", "-z"]);
        for file in listed.split('\0').filter(|file| here.join(file).is_file()) {
            let copy = repository.root.join(file);
            fs::create_dir_all(copy.parent().expect("a file lies in a directory")).expect("a directory");
            fs::copy(here.join(file), copy).expect("a copy");
        }
        git(&repository.root, ["init", "--quiet", "--initial-branch", "main"]);
        repository.commit("The shop");
        let metadata = metadata(here);
        let target = metadata.target_directory.as_std_path();
        cargo_perfassert::seed::seed(target, &repository.root.join("target"), &metadata).expect("seeding");
        repository
    }

    /// Commits the patch on a branch of its own and compares that with `main`.
    fn diff(&self, patch: &str, options: &[&str]) -> (Option<i32>, Value) {
        git(&self.root, ["checkout", "--quiet", "-B", patch, "main"]);
        git(&self.root, ["apply", "--index", &format!("{PATCHES}/{patch}.patch")]);
        self.commit(patch);
        let mut command = Command::new(env!("CARGO_BIN_EXE_perfassert-cli-under-test"));
        command.args(["perfassert", "diff", "main", "--package", "storefront", "--format", "json"]);
        // Optimised, as the subcommand has it, the library takes longer to be compiled than all else together.
        command.args(["--config", "profile.dev.package.perfassert.opt-level=0"]);
        command.args(options);
        let output = run(&mut command, &self.root);
        let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            panic!("{patch}: {error}\n{}", String::from_utf8_lossy(&output.stderr));
        });
        (output.status.code(), report)
    }

    /// Changes a file.
    fn edit(&self, file: &str, change: impl FnOnce(&str) -> String) {
        let text = fs::read_to_string(self.root.join(file)).expect("the file");
        let changed = change(&text);
        assert_ne!(changed, text, "{file}");
        fs::write(self.root.join(file), changed).expect("a changed file");
    }

    fn commit(&self, message: &str) {
        git(&self.root, ["add", "--all"]);
        let who = ["-c", "user.name=suite", "-c", "user.email=suite@perfassert.invalid"];
        git(&self.root, who.into_iter().chain(["commit", "--quiet", "--message", message]));
    }

    /// The names of all patches, sorted.
    fn patches(&self) -> Vec<String> {
        let entries = fs::read_dir(self.root.join(PATCHES)).expect("the patches");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        let patches = paths.filter(|path| path.extension() == Some(OsStr::new("patch")));
        let mut names: Vec<_> =
            patches.filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned())).collect();
        names.sort();
        names
    }
}

fn metadata(workspace: &Path) -> Metadata {
    MetadataCommand::new().current_dir(workspace).exec().expect("the workspace's metadata")
}

fn git<I: IntoIterator<Item: AsRef<OsStr>>>(dir: &Path, arguments: I) -> String {
    let output = run(Command::new("git").args(arguments), dir);
    assert!(output.status.success(), "git: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("git prints UTF-8")
}

/// Runs a command as a user would: without what cargo, nextest and CI told the process around it.
fn run(command: &mut Command, dir: &Path) -> Output {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let prefixes =
            ["CARGO_", "GIT_", "NEXTEST", "PERFASSERT_", "RUST_BACKTRACE", "RUST_LOG", "RUST_TEST"];
        let is_home = text == "CARGO_HOME";
        if text == "CARGO" || (prefixes.iter().any(|prefix| text.starts_with(prefix)) && !is_home) {
            command.env_remove(&name);
        }
    }
    command.current_dir(dir).output().expect("the command can be started")
}
