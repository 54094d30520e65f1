//! A throw-away cargo project under git, in a temporary directory, with a scrubbed environment.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, PoisonError};

use cargo_metadata::Metadata;
use cargo_perfassert::measure::OPTIMISED;
use cargo_perfassert::seed::seed;
use tempfile::TempDir;

/// Compiles quickly, over the subcommand's own choice: that too is a test.
pub(crate) const QUICK: [&str; 4] = [
    "--config",
    "profile.dev.package.perfassert.opt-level=0",
    "--config",
    "profile.dev.package.perfassert-record.opt-level=0",
];

/// What a project is made of.
struct Sources {
    name: &'static str,
    /// What it has of perfassert.
    features: &'static str,
    /// How much of debug information it is built with.
    debug: &'static str,
    /// What its manifest has besides.
    manifest: &'static str,
    files: &'static [(&'static str, &'static str)],
}

/// It writes its records by itself, so that a test can have it write any.
const SHOP: Sources = Sources {
    name: "shop",
    features: "[]",
    debug: "0",
    manifest: "",
    files: &[
        ("src/lib.rs", include_str!("shop/src/lib.rs")),
        ("src/db.rs", include_str!("shop/src/db.rs")),
        ("tests/api.rs", include_str!("shop/tests/api.rs")),
    ],
};

/// Its counts are snapshots.
const LEDGER: Sources = Sources {
    name: "ledger",
    features: "['allocator', 'inherit-threads', 'macros', 'snapshot']",
    debug: "0",
    manifest: "",
    files: &[
        ("src/lib.rs", include_str!("ledger/src/lib.rs")),
        ("tests/api.rs", include_str!("ledger/tests/api.rs")),
    ],
};

/// Its allocations are told line by line.
const DEPOT: Sources = Sources {
    name: "depot",
    features: "['allocator', 'inherit-threads', 'macros', 'call-sites']",
    debug: "line-tables-only",
    files: &[
        ("src/lib.rs", include_str!("depot/src/lib.rs")),
        ("tests/api.rs", include_str!("depot/tests/api.rs")),
    ],
    manifest: "",
};

/// It has benchmarks of both harnesses.
const HOT: Sources = Sources {
    name: "hot",
    features: "['allocator', 'inherit-threads', 'macros', 'call-sites', 'criterion', 'divan']",
    debug: "0",
    manifest: "criterion = { version = '0.8', default-features = false }\n\
               divan = { version = '0.1.21', default-features = false }\n\n\
               [[bench]]\nname = 'sampled'\nharness = false\n\n\
               [[bench]]\nname = 'timed'\nharness = false\n\n\
               [[bench]]\nname = 'tabled'\nharness = false\n",
    files: &[
        ("src/lib.rs", include_str!("hot/src/lib.rs")),
        ("benches/sampled.rs", include_str!("hot/benches/sampled.rs")),
        ("benches/timed.rs", include_str!("hot/benches/timed.rs")),
        ("benches/tabled.rs", include_str!("hot/benches/tabled.rs")),
        ("tests/api.rs", include_str!("hot/tests/api.rs")),
    ],
};

/// A project, in a repository with the one branch `main`.
pub(crate) struct Project {
    sources: &'static Sources,
    temporary: std::rc::Rc<TempDir>,
    /// The top of the working tree.
    pub(crate) root: PathBuf,
}

/// What the subcommand did.
pub(crate) struct Ran {
    /// The exit code; `None` after a signal.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Ran {
    fn new(output: &Output) -> Self {
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        // Cargo says so whenever another test's cargo holds a lock at that moment.
        let is_of_neighbours = |line: &&str| line.starts_with("    Blocking waiting for file lock on ");
        let err = String::from_utf8_lossy(&output.stderr);
        let err = err.split_inclusive('\n').filter(|line| !is_of_neighbours(line)).collect();
        Ran { code: output.status.code(), out, err }
    }

    /// Runs `command` to its end.
    pub(crate) fn of(command: &mut Command) -> Self {
        Ran::new(&command.output().unwrap())
    }

    /// Fails unless each text is in the output of a test, on whichever of the two.
    #[track_caller]
    pub(crate) fn shows(self, texts: &[&str]) -> Self {
        let all = format!("{}{}", self.out, self.err);
        for text in texts {
            assert!(all.contains(text), "no `{text}` in:\n{all}");
        }
        self
    }

    /// Fails if one of the texts is on either of the two.
    #[track_caller]
    pub(crate) fn shows_nothing_of(self, texts: &[&str]) -> Self {
        let all = format!("{}{}", self.out, self.err);
        for text in texts {
            assert!(!all.contains(text), "`{text}` in:\n{all}");
        }
        self
    }

    /// Fails unless the exit code is `code`.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// Fails unless each text is in the report.
    #[track_caller]
    pub(crate) fn says(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(self.out.contains(text), "no `{text}` in stdout:\n{}\nstderr:\n{}", self.out, self.err);
        }
        self
    }

    /// Fails if one of the texts is in the report.
    #[track_caller]
    pub(crate) fn says_nothing_of(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(!self.out.contains(text), "`{text}` in stdout:\n{}", self.out);
        }
        self
    }

    /// Fails unless each text is in the progress or the error message.
    #[track_caller]
    pub(crate) fn tells(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(self.err.contains(text), "no `{text}` in stderr:\n{}\nstdout:\n{}", self.err, self.out);
        }
        self
    }
}

impl Project {
    /// The shop, committed on `main`, with its dependencies compiled.
    pub(crate) fn shop() -> Self {
        let project = Self::unbuilt();
        project.seed();
        project
    }

    /// The ledger, likewise, without snapshots yet.
    pub(crate) fn ledger() -> Self {
        let project = Self::of(&LEDGER);
        project.seed();
        project
    }

    /// The depot, likewise.
    pub(crate) fn depot() -> Self {
        let project = Self::of(&DEPOT);
        project.seed();
        project
    }

    /// The hot path, likewise.
    pub(crate) fn hot() -> Self {
        let project = Self::of(&HOT);
        project.seed();
        project
    }

    /// Takes over the compiled dependencies of the whole suite.
    pub(crate) fn seed(&self) {
        let template = template(self.sources);
        let metadata = fs::read_to_string(template.join("metadata.json")).unwrap();
        let mut metadata: Metadata = serde_json::from_str(&metadata).unwrap();
        // The same sources for every project of the suite, so they may be taken over like a registry's.
        for ours in metadata.packages.iter_mut().filter(|package| package.name.starts_with("perfassert")) {
            ours.source = serde_json::from_str("\"registry+shared\"").unwrap();
        }
        seed(&template.join("target"), &self.root.join("target"), &metadata).unwrap();
    }

    /// The shop, committed on `main`, with nothing compiled.
    pub(crate) fn unbuilt() -> Self {
        Self::of(&SHOP)
    }

    fn of(sources: &'static Sources) -> Self {
        let temporary = tempfile::Builder::new().prefix("perfassert-cli-").tempdir().unwrap();
        let root = temporary.path().canonicalize().unwrap().join(sources.name);
        let project = Project { sources, temporary: std::rc::Rc::new(temporary), root };
        project.files();
        project.git(&["init", "--quiet", "--initial-branch=main"]);
        project.commit("the first");
        project
    }

    fn files(&self) {
        let perfassert = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("perfassert");
        let Sources { name, features, manifest, files, .. } = self.sources;
        self.write(
            "Cargo.toml",
            &format!(
                "[package]\nname = \"{name}\"\nedition = \"2024\"\n\n[lib]\ntest = false\n\n[dependencies]\n\
             perfassert = {{ path = {perfassert:?}, default-features = false, features = {features} }}\n{manifest}",
            ),
        );
        let lock = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("Cargo.lock");
        // The workspace's own versions are the ones that are surely downloaded.
        self.write("Cargo.lock", &fs::read_to_string(lock).unwrap());
        self.write(".gitignore", "/target\n");
        for (path, text) in *files {
            self.write(path, text);
        }
        // Cargo strikes out what the project does not need; a diff must not find the tree dirty by that.
        assert!(
            self.command("cargo").args(["metadata", "--format-version=1"]).output().unwrap().status.success()
        );
    }

    /// Another working tree beside this one, in `name`, that the test makes itself.
    pub(crate) fn sibling(&self, name: &str) -> Self {
        Project {
            sources: self.sources,
            temporary: self.temporary.clone(),
            root: self.root.with_file_name(name),
        }
    }

    /// Where the other files of a test may go.
    pub(crate) fn beside(&self) -> &Path {
        self.temporary.path()
    }

    /// Writes a file.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Replaces a text that is in a file.
    #[track_caller]
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.root.join(path)).unwrap();
        assert!(text.contains(from), "no `{from}` in {path}:\n{text}");
        self.write(path, &text.replace(from, to));
    }

    /// Commits everything.
    pub(crate) fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", message]);
    }

    /// Starts a branch and commits an edit on it.
    #[track_caller]
    pub(crate) fn branch(&self, path: &str, from: &str, to: &str) {
        self.git(&["switch", "--quiet", "--create", "branch"]);
        self.edit(path, from, to);
        self.commit("a change");
    }

    /// Runs git, which must succeed, and returns what it prints.
    #[track_caller]
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = self.command("git").args(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Runs the subcommand as cargo would.
    pub(crate) fn perfassert(&self, arguments: &[&str]) -> Ran {
        Ran::new(&self.perfassert_command(arguments).output().unwrap())
    }

    /// The subcommand, not started yet.
    pub(crate) fn perfassert_command(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_perfassert-cli-under-test"));
        let (subcommand, arguments) = arguments.split_first().unwrap();
        command.args(["perfassert", subcommand]).args(QUICK).args(arguments);
        command
    }

    /// A command in the project, whose environment is the same wherever the suite runs.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).env_clear();
        for kept in
            ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "TMPDIR", "LD_LIBRARY_PATH"]
        {
            command.envs(std::env::var_os(kept).map(|value| (kept, value)));
        }
        command
            .env("CARGO_NET_OFFLINE", "true")
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_PROFILE_DEV_DEBUG", self.sources.debug)
            .env("PERFASSERT_RUNNER", "cargo-test")
            .env("GIT_CONFIG_GLOBAL", if cfg!(windows) { "NUL" } else { "/dev/null" })
            .env("GIT_CONFIG_NOSYSTEM", "1");
        for role in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{role}_NAME"), "A Tester")
                .env(format!("GIT_{role}_EMAIL"), "tester@localhost");
        }
        command
    }
}

/// A directory with a target directory of the project and its metadata: built once, by whichever test comes first.
fn template(sources: &'static Sources) -> PathBuf {
    static TEMPLATES: Mutex<BTreeMap<&str, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut templates = TEMPLATES.lock().unwrap_or_else(PoisonError::into_inner);
    templates.entry(sources.name).or_insert_with(|| build_template(sources)).clone()
}

fn build_template(sources: &'static Sources) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-{}", sources.name));
    fs::create_dir_all(&dir).unwrap();
    // Under nextest the others are other processes.
    let lock = File::create(dir.join("lock")).unwrap();
    lock.lock().unwrap();
    let run = std::env::var("NEXTEST_RUN_ID").ok();
    let built_for = fs::read_to_string(dir.join("run")).ok();
    if run.is_some() && run == built_for {
        return dir;
    }
    let project = Project::of(sources);
    let metadata = project.command("cargo").args(["metadata", "--format-version=1"]).output().unwrap();
    // As the subcommand builds it, so that no project of the suite compiles them again.
    let optimised = OPTIMISED.map(|package| format!("--config=profile.dev.package.{package}.opt-level=3"));
    let built = project
        .command("cargo")
        .args(["test", "--quiet", "--no-run", "--tests", "--benches"])
        .args(optimised)
        .args(QUICK)
        .arg("--target-dir")
        .arg(dir.join("target"))
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    fs::write(dir.join("metadata.json"), metadata.stdout).unwrap();
    fs::write(dir.join("run"), run.unwrap_or_default()).unwrap();
    dir
}
