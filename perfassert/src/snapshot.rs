//! `#[perfassert::snapshot]`: the counts of a test and of its endpoints, compared with those that are committed.
//!
//! insta is what the user sees of it: its files, its variables, `cargo insta review`. Ours are the text and the comparison.

use std::path::Path;

use insta::{Comparator, Settings, Snapshot as Compared};

use crate::callers;
use crate::record::Record;
use crate::record::snapshot::{Body, Info, Snapshot, SnapshotError};
use crate::scope::runs_one_test;
use crate::spec::Test;

/// Where the committed snapshot of a test lies: below the directory that `file!()` is relative to, with `/` on every platform.
pub(crate) fn file(test: &Test) -> String {
    let beside = Path::new(test.file).parent().unwrap_or(Path::new(""));
    let path = beside.join("snapshots").join(test.id().snapshot_file());
    path.to_string_lossy().replace('\\', "/")
}

/// Compares the counts with the committed ones, as insta is told to: writes, fails, or both.
///
/// # Panics
///
/// By insta, when they differ; and when the committed file cannot be read.
#[track_caller]
pub(crate) fn check(test: &Test, assert: fn(&str, &str), record: &Record) {
    let path = test.workspace_root().unwrap_or(Path::new("")).join(file(test));
    // The file is this test's: what stands in it is a snapshot of ours, or was.
    let parsed = |text: &str| Snapshot::parse(text)?.ok_or(SnapshotError::Damaged);
    let committed = std::fs::read(&path).ok().map(|text| match parsed(&String::from_utf8_lossy(&text)) {
        Ok(snapshot) => snapshot,
        Err(error) => panic!(
            "perfassert: the snapshot of {} cannot be compared: {error}\n  {}\n\n  \
             help: settle it, or take the file away and accept the counts anew: cargo insta test --review",
            test.name(),
            path.display()
        ),
    });
    let mut body = Body::of(record);
    let mut environment = &record.environment;
    // Where no stacks are looked at, what is done once in a process is charged to whichever test comes first, if there are several.
    if !callers::CAN_LOOK && !runs_one_test() {
        body.keep_allocs_of(committed.as_ref().map(|committed| &committed.body));
        // They are those of where they were counted.
        if let Some(committed) = committed.as_ref().filter(|_| body.has_allocs()) {
            environment = &committed.environment;
        }
    }
    let comparison = Comparison {
        ours: body.clone(),
        alike: committed.as_ref().is_some_and(|committed| committed.environment.allocates_like(environment)),
        same_rules: committed
            .as_ref()
            .is_some_and(|committed| committed.environment.fingerprints == record.environment.fingerprints),
    };
    let passes = committed.as_ref().is_some_and(|committed| comparison.accepts(&committed.body));
    if passes && !is_insta_to_know(&path, test) {
        return;
    }
    let mut settings = Settings::new();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_info(&Info::new(&record.test, environment));
    settings.set_comparator(Box::new(comparison));
    settings.bind(|| assert(&test.id().snapshot_name(), &body.to_string()));
}

/// Whether insta has to be told of a snapshot that passes: it asks cargo for the workspace in each process, which takes longer than most
/// tests do. Somebody has told it what to do, or it has something to tidy up.
fn is_insta_to_know(snapshot: &Path, test: &Test) -> bool {
    const CONFIGURATIONS: [&str; 3] = [".config/insta.yaml", "insta.yaml", ".insta.yaml"];
    let is_told = std::env::vars_os().any(|(name, _)| name.as_encoded_bytes().starts_with(b"INSTA_"));
    let root = test.workspace_root().unwrap_or(Path::new(""));
    is_told
        || snapshot.with_extension("snap.new").exists()
        || CONFIGURATIONS.iter().any(|name| root.join(name).exists())
}

/// How insta compares the committed text with ours.
#[derive(Clone)]
struct Comparison {
    ours: Body,
    alike: bool,
    same_rules: bool,
}

impl Comparison {
    fn accepts(&self, committed: &Body) -> bool {
        self.ours.matches(committed, self.alike, self.same_rules)
    }
}

impl Comparator for Comparison {
    fn matches(&self, committed: &Compared, _ours: &Compared) -> bool {
        let text = committed.as_text().map(ToString::to_string);
        text.and_then(|text| text.parse().ok()).is_some_and(|committed| self.accepts(&committed))
    }

    fn dyn_clone(&self) -> Box<dyn Comparator> {
        Box::new(self.clone())
    }
}
