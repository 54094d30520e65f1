//! What the branch has loosened of single tests, as the sources of both sides have it: whatever the baseline's counts are from.

use std::collections::BTreeMap;
use std::path::Path;

use cargo_metadata::{Package, Target};
use perfassert_record::record::TestId;

use crate::diff::GateChange;
use crate::error::Error;
use crate::git::{Base, Repository};
use crate::settings::Settings;
use crate::sources::{
    Attribute, Function, Functions, Limit, Meaning, functions, name_of_crate, name_of_perfassert,
};
use crate::workspace::Workspace;

/// What was loosened.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoosenedGates {
    /// The tests, without their cases, and what was loosened of each.
    pub changes: Vec<(TestId, GateChange)>,
    /// The tests that are there and whose gates judge nothing any more: the harness ignores them, or they have no attribute left.
    unmeasured: Vec<TestId>,
    /// The tests whose own function does something else now.
    rewritten: Vec<TestId>,
}

impl LoosenedGates {
    #[cfg(test)]
    pub(crate) fn rewriting(tests: impl IntoIterator<Item = TestId>) -> Self {
        LoosenedGates { rewritten: tests.into_iter().collect(), ..LoosenedGates::default() }
    }

    /// Whether the function of `test` itself does something else than it did.
    #[must_use]
    pub fn is_rewritten(&self, test: &TestId) -> bool {
        self.rewritten.iter().any(|it| is_of(test, it))
    }

    /// Whether `test` is there and its gates judge nothing any more.
    #[must_use]
    pub fn is_unmeasured(&self, test: &TestId) -> bool {
        self.unmeasured.iter().any(|it| is_of(test, it))
    }
}

/// Whether `test` is the function `of`, or a case of it.
#[must_use]
pub(crate) fn is_of(test: &TestId, of: &TestId) -> bool {
    (&test.package, &test.target, &test.name) == (&of.package, &of.target, &of.name)
}

/// What the branch has loosened since `base`. Of a test that has another name there nothing is known.
///
/// # Errors
///
/// When git fails.
pub(crate) fn loosened(
    repository: &Repository,
    base: &Base,
    workspace: &Workspace,
) -> Result<LoosenedGates, Error> {
    let root = &repository.root;
    let top = workspace.root().strip_prefix(root).unwrap_or(Path::new(""));
    let paths = repository.paths(&base.commit, &top.to_string_lossy().replace('\\', "/"))?;
    let sources = paths.iter().filter(|path| path.ends_with(".rs"));
    let texts: BTreeMap<_, _> = repository.texts(&base.commit, sources)?.into_iter().collect();
    let now = |path: &Path| std::fs::read_to_string(path).ok();
    let before = |path: &Path| {
        let path = path.strip_prefix(root).ok()?.to_string_lossy().replace('\\', "/");
        texts.get(path.as_str()).cloned()
    };
    let mut loosened = LoosenedGates::default();
    for package in workspace.metadata.workspace_packages() {
        let Some(dir) = package.manifest_path.as_std_path().parent() else { continue };
        let is_same = |path: &str| {
            let file = root.join(path);
            !file.starts_with(dir) || now(&file).as_ref() == texts.get(path)
        };
        if texts.keys().all(|path| is_same(path)) {
            continue;
        }
        let perfassert = name_of_perfassert(package).unwrap_or_else(|| "perfassert".to_owned());
        let settings = Settings::of_package(workspace, package).unwrap_or_default();
        for target in &package.targets {
            let file = target.src_path.as_std_path();
            let sides = [functions(file, &perfassert, before), functions(file, &perfassert, now)];
            loosened.add(package, target, sides, &settings);
        }
    }
    Ok(loosened)
}

impl LoosenedGates {
    fn add(
        &mut self,
        package: &Package,
        target: &Target,
        [before, now]: [Functions; 2],
        settings: &Settings,
    ) {
        for (path, before) in before {
            let Some(now) = now.get(&path) else { continue };
            let (package, target) = (package.name.to_string(), name_of_crate(target));
            let test = TestId { package, target, name: path, case: None };
            // Those under other conditions stand in the same order, or nothing is known of them.
            for (before, now) in before.iter().zip(now).filter(|_| before.len() == now.len()) {
                if before.body != now.body {
                    self.rewritten.push(test.clone());
                }
                if !before.attributes.iter().any(is_ours) {
                    continue;
                }
                let changes = changes(before, now, settings);
                let is_ignored = is_ignored(now) && !is_ignored(before);
                if is_ignored || !now.attributes.iter().any(is_ours) {
                    self.unmeasured.push(test.clone());
                }
                self.changes.extend(changes.into_iter().map(|change| (test.clone(), change)));
            }
        }
    }
}

fn is_ours(attribute: &Attribute) -> bool {
    !matches!(attribute.meaning, Meaning::Exempt(_))
}

fn is_ignored(function: &Function) -> bool {
    function.attributes.iter().any(|attribute| attribute.meaning == Meaning::Exempt("ignore"))
}

/// What `now` does not refuse any more; `settings` are those that hold besides for each test that has an attribute.
fn changes(before: &Function, now: &Function, settings: &Settings) -> Vec<GateChange> {
    let mut changes = Vec::new();
    let none = Settings::default();
    let settings = if now.attributes.iter().any(is_ours) { settings } else { &none };
    for attribute in &before.attributes {
        // Where it always held it is to hold always.
        let is_as_wide = |it: &&Attribute| it.condition.is_empty() || it.condition == attribute.condition;
        let now = || now.attributes.iter().filter(is_as_wide).map(|it| &it.meaning);
        match &attribute.meaning {
            Meaning::Limits(limits) => {
                changes.extend(limits.iter().filter_map(|limit| of_limit(limit, attribute, now())));
            }
            Meaning::NPlusOne(before) => changes.extend(of_n_plus_one(*before, attribute, now(), settings)),
            Meaning::Scaling { orders, largest } => {
                let all = now().find_map(|it| {
                    if let Meaning::Scaling { orders, largest } = it { Some((orders, largest)) } else { None }
                });
                for (metric, before) in orders {
                    let after = all.and_then(|(orders, _)| orders.iter().find(|(name, _)| name == metric));
                    let after = after.map(|(_, order)| *order);
                    if after.is_none_or(|after| after > *before) {
                        changes.push(GateChange::Scaling { metric: metric.clone(), before: *before, after });
                    }
                }
                if let (Some(before), Some((_, Some(after)))) = (*largest, all)
                    && *after < before
                {
                    changes.push(GateChange::Sizes { before, after: *after });
                }
            }
            Meaning::Snapshot => {
                if !settings.has_snapshots && !now().any(|it| *it == Meaning::Snapshot) {
                    changes.push(GateChange::Removed(attribute.text.clone()));
                }
            }
            Meaning::Exempt(_) => {}
        }
    }
    let exempt = now.attributes.iter().filter(|it| !is_ours(it));
    let is_new = |it: &&Attribute| {
        let was_there = |was: &Attribute| {
            was.meaning == it.meaning && (was.condition.is_empty() || was.condition == it.condition)
        };
        !before.attributes.iter().any(was_there)
    };
    changes.extend(exempt.filter(is_new).map(|it| GateChange::Added(shown(it))));
    // What several attributes held is lost once.
    let mut once = Vec::new();
    changes.retain(|change| {
        !once.contains(change) && {
            once.push(change.clone());
            true
        }
    });
    changes
}

fn shown(attribute: &Attribute) -> String {
    match attribute.condition.as_str() {
        "" => attribute.text.clone(),
        condition => {
            let inner = attribute.text.trim_start_matches("#[").trim_end_matches(']');
            format!("#[cfg_attr({condition}, {inner})]")
        }
    }
}

fn of_limit<'a>(
    limit: &Limit,
    attribute: &Attribute,
    now: impl Iterator<Item = &'a Meaning>,
) -> Option<GateChange> {
    let Limit { metric, endpoint, max } = limit;
    let limits =
        now.filter_map(|it| if let Meaning::Limits(limits) = it { Some(limits) } else { None }).flatten();
    let same: Vec<_> = limits.filter(|it| it.metric == *metric && it.endpoint == *endpoint).collect();
    // Of several the tightest holds. One that is no number may be any.
    let after = same.iter().map(|it| it.max).min().flatten();
    let change =
        |before| GateChange::Limit { metric: metric.clone(), endpoint: endpoint.clone(), before, after };
    match (max, after) {
        (Some(before), Some(after)) => (after > *before).then(|| change(*before)),
        (Some(before), None) => same.is_empty().then(|| change(*before)),
        (None, _) => same.is_empty().then(|| GateChange::Removed(attribute.text.clone())),
    }
}

fn of_n_plus_one<'a>(
    before: Option<i64>,
    attribute: &Attribute,
    mut now: impl Iterator<Item = &'a Meaning>,
    settings: &Settings,
) -> Option<GateChange> {
    let declared =
        now.find_map(|it| if let Meaning::NPlusOne(threshold) = it { Some(*threshold) } else { None });
    let after = match declared {
        // No number.
        Some(None) => return None,
        Some(threshold) => threshold,
        None => settings.n_plus_one,
    };
    match (before, after) {
        (None, Some(_)) => None,
        (None, None) => Some(GateChange::Removed(attribute.text.clone())),
        (Some(before), after) => {
            after.is_none_or(|after| after > before).then_some(GateChange::NPlusOne { before, after })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each side is what stands before a function.
    #[track_caller]
    fn check_with(settings: &Settings, before: &str, now: &str, expected: &[&str]) {
        let side = |attributes: &str| {
            let text = format!("use perfassert::*; {attributes} #[test] fn lists() {{}}");
            functions(Path::new("a.rs"), "perfassert", |_| Some(text.clone()))["lists"][0].clone()
        };
        let changes = changes(&side(before), &side(now), settings);
        let changes: Vec<_> = changes.iter().map(|change| format!("{change:?}")).collect();
        assert_eq!(changes, expected, "{before} -> {now}");
    }

    #[track_caller]
    fn check(before: &str, now: &str, expected: &[&str]) {
        check_with(&Settings::default(), before, now, expected);
    }

    #[test]
    fn d44_limits() {
        let change = |metric: &str, endpoint: &str, before: &str, after: &str| {
            format!("Limit {{ metric: {metric}, endpoint: {endpoint}, before: {before}, after: {after} }}")
        };
        let removed = change("Queries", "None", "5", "None");
        check("#[max_queries(5)]", "#[max_queries(5)]", &[]);
        check("#[max_queries(5)]", "#[max_queries(4)]", &[]);
        check("#[max_queries(5)]", "#[max_queries(6)]", &[&change("Queries", "None", "5", "Some(6)")]);
        check("#[max_queries(5)]", "#[max_queries(6)] #[max_queries(5)]", &[]);
        check("#[max_queries(5)]", "", &[&removed]);
        check("#[max_queries(5)]", "#[max_queries(5, endpoint = \"GET /\")]", &[&removed]);
        let miss = change("Counter(\"miss\")", "None", "3", "Some(4)");
        check("#[max_count(\"miss\" = 3)]", "#[max_count(\"miss\" = 4)]", &[&miss]);
        // Under a condition it holds no longer always.
        check("#[max_queries(5)]", "#[cfg_attr(ci, max_queries(5))]", &[&removed]);
        check("#[cfg_attr(ci, max_queries(5))]", "#[max_queries(5)]", &[]);
        check("#[cfg_attr(ci, max_queries(5))]", "#[cfg_attr(ci, max_queries(5))]", &[]);
        // What is no number is not known.
        check("#[max_queries(5)]", "#[max_queries(LIMIT)]", &[]);
        check("#[max_queries(LIMIT)]", "#[max_queries(9)]", &[]);
        check("#[max_queries(LIMIT)]", "#[snapshot]", &["Removed(\"#[max_queries(LIMIT)]\")"]);
    }

    #[test]
    fn d44_the_other_gates() {
        check("#[no_n_plus_one]", "#[no_n_plus_one(threshold = 3)]", &[]);
        check(
            "#[no_n_plus_one]",
            "#[no_n_plus_one(threshold = 4)]",
            &["NPlusOne { before: 3, after: Some(4) }"],
        );
        check("#[no_n_plus_one(threshold = N)]", "", &["Removed(\"#[no_n_plus_one(threshold = N)]\")"]);
        check("#[snapshot]", "#[max_queries(5)]", &["Removed(\"#[snapshot]\")"]);
        let scaling = "#[scaling(queries = \"constant\", allocs = \"linear\")]";
        check(scaling, "#[scaling(queries = \"constant\", allocs = \"constant\")]", &[]);
        check(
            scaling,
            "#[scaling(n = [1, 2], queries = \"constant\")]",
            &[
                "Scaling { metric: \"allocs\", before: Linear, after: None }",
                "Sizes { before: 16, after: 2 }",
            ],
        );
        check(
            "#[scaling(queries = \"constant\")]",
            "#[scaling(queries = \"linear\")]",
            &["Scaling { metric: \"queries\", before: Constant, after: Some(Linear) }"],
        );
    }

    #[test]
    fn d44_what_the_harness_does_with_it() {
        let ours = "#[max_queries(5)]";
        let check = |before: &str, now: &str, expected: &[&str]| {
            check(&format!("{ours} {before}"), &format!("{ours} {now}"), expected);
        };
        check("", "#[ignore]", &["Added(\"#[ignore]\")"]);
        check("#[ignore]", "#[ignore = \"slow\"]", &[]);
        check("#[ignore]", "", &[]);
        check(
            "",
            "#[should_panic(expected = \"empty\")]",
            &["Added(\"#[should_panic(expected = \\\"empty\\\")]\")"],
        );
        check("", "#[cfg_attr(ci, ignore)]", &["Added(\"#[cfg_attr(ci, ignore)]\")"]);
        check("#[cfg_attr(ci, ignore)]", "#[ignore]", &["Added(\"#[ignore]\")"]);
    }

    #[test]
    fn what_is_set_for_all_tests_takes_its_place() {
        let settings = Settings { has_snapshots: true, n_plus_one: Some(4), ..Settings::default() };
        check_with(&settings, "#[snapshot]", "#[max_queries(5)]", &[]);
        check_with(&settings, "#[no_n_plus_one(threshold = 4)]", "#[max_queries(5)]", &[]);
        check_with(
            &settings,
            "#[no_n_plus_one]",
            "#[max_queries(5)]",
            &["NPlusOne { before: 3, after: Some(4) }"],
        );
        // It holds for tests that have an attribute.
        let gone = ["NPlusOne { before: 4, after: None }"];
        check_with(&settings, "#[no_n_plus_one(threshold = 4)]", "", &gone);
        check_with(&settings, "#[snapshot]", "", &["Removed(\"#[snapshot]\")"]);
    }
}
