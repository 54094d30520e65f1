//! One way through the house: what a module imports, against the rooms that ARCHITECTURE.md lists.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::{PUBLISHED, collect, root};

/// A file by its module path: `gate::judge`, and `gate` for `gate/mod.rs`.
type Files = BTreeMap<Vec<String>, String>;

/// The sources of a crate, without its unit tests.
fn files(crate_dir: &str) -> Files {
    let src = root().join(crate_dir).join("src");
    let mut sources = Vec::new();
    collect(&src, &mut sources);
    let prefix = format!("{crate_dir}/src/");
    let module = |(name, text): (String, String)| {
        let path = name.strip_prefix(&prefix)?.strip_suffix(".rs")?.to_owned();
        let parts: Vec<_> = path.split('/').filter(|part| *part != "mod").map(str::to_owned).collect();
        let is_of_users = !parts.iter().any(|part| part == "tests") && parts != ["lib"] && parts != ["main"];
        is_of_users.then(|| (parts, without_tests(&text)))
    };
    sources.into_iter().filter_map(module).collect()
}

/// Without comments, and without what stands behind `mod tests {`.
fn without_tests(text: &str) -> String {
    let code =
        text.split("\nmod tests {").next().unwrap_or(text).split("\nmod test {").next().unwrap_or(text);
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The paths that a text names from `crate` or `super` on, in full.
fn named(module: &[String], text: &str) -> BTreeSet<Vec<String>> {
    let mut named = BTreeSet::new();
    for (at, root) in ["crate::", "super::"].iter().flat_map(|root| text.match_indices(root)) {
        if text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
            continue;
        }
        let mut tail = &text[at..];
        let mut start = module;
        while let Some(rest) = tail.strip_prefix("super::") {
            (tail, start) = (rest, &start[..start.len().saturating_sub(1)]);
        }
        if root == "crate::" {
            (tail, start) = (&tail[root.len()..], &[]);
        }
        named.extend(paths(tail).into_iter().map(|path| [start, &path].concat()));
    }
    named
}

/// `a::{b, c::d}` as `a::b` and `a::c::d`.
fn paths(text: &str) -> Vec<Vec<String>> {
    if let Some(group) = text.strip_prefix('{') {
        let (mut depth, mut start, mut found) = (0, 0, Vec::new());
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => {
                    found.extend(paths(group[start..at].trim()));
                    break;
                }
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    found.extend(paths(group[start..at].trim()));
                    start = at + 1;
                }
                _ => {}
            }
        }
        return found;
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let (first, rest) = text.split_at(end);
    if first.is_empty() {
        return Vec::new();
    }
    match rest.strip_prefix("::") {
        Some(rest) if rest.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '{') => {
            let further = paths(rest).into_iter();
            further.map(|path| std::iter::once(first.to_owned()).chain(path).collect()).collect()
        }
        _ => vec![vec![first.to_owned()]],
    }
}

/// From each file to those that it names, but for a folder and what lies in it.
fn arrows(files: &Files) -> BTreeMap<&[String], BTreeSet<&[String]>> {
    let file_of = |path: &[String]| {
        (1..=path.len())
            .rev()
            .find_map(|n| files.get_key_value(&path[..n]).map(|(module, _)| module.as_slice()))
    };
    let of_file = |(module, text): (&'_ Vec<String>, &String)| -> BTreeSet<&[String]> {
        let targets = named(module, text).into_iter().filter_map(|path| file_of(&path));
        targets.filter(|to| !to.starts_with(module) && !module.starts_with(to)).collect()
    };
    files.iter().map(|file| (file.0.as_slice(), of_file(file))).collect()
}

/// The rooms of a crate as ARCHITECTURE.md lists them, those of each line together, from the bottom up.
fn rooms(crate_dir: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let title = format!("    {crate_dir}/src/");
    let listed =
        text.lines().skip_while(|line| *line != title).skip(1).take_while(|line| line.starts_with("      "));
    let names = listed.map(|line| line.trim_start().split("  ").next().unwrap_or_default());
    names.map(|names| names.split(", ").map(str::to_owned).collect()).collect()
}

#[track_caller]
fn check_flow(crate_dir: &str) {
    let (files, rooms) = (files(crate_dir), rooms(crate_dir));
    let floor = |room: &String| rooms.iter().position(|floor| floor.contains(room));
    let there: BTreeSet<_> = files.keys().map(|module| &module[0]).collect();
    let unlisted: Vec<_> = there.iter().filter(|room| floor(room).is_none()).collect();
    assert!(unlisted.is_empty(), "ARCHITECTURE.md lists no {unlisted:?} of {crate_dir}");
    let gone: Vec<_> = rooms.iter().flatten().filter(|room| !there.contains(room)).collect();
    assert!(gone.is_empty(), "{crate_dir} has no {gone:?}");
    let arrows = arrows(&files);
    let back: Vec<_> = arrows
        .iter()
        .flat_map(|(from, to)| to.iter().map(move |to| (from, to)))
        .filter(|(from, to)| from[0] != to[0] && floor(&to[0]) >= floor(&from[0]))
        .map(|(from, to)| format!("{} -> {}", from.join("::"), to.join("::")))
        .collect();
    assert_eq!(back, [""; 0], "arrows that turn back");
    assert_eq!(circle(&arrows), None);
}

/// Files that name one another all around, if there are some.
fn circle(arrows: &BTreeMap<&[String], BTreeSet<&[String]>>) -> Option<Vec<String>> {
    let mut rest = arrows.clone();
    // What names nobody that is left is in no circle.
    loop {
        let leaves: Vec<_> = rest
            .iter()
            .filter(|(_, to)| to.iter().all(|to| !rest.contains_key(to)))
            .map(|(from, _)| *from)
            .collect();
        if leaves.is_empty() {
            break;
        }
        leaves.iter().for_each(|leaf| drop(rest.remove(leaf)));
    }
    let left = rest.keys().map(|module| module.join("::")).collect::<Vec<_>>();
    (!left.is_empty()).then_some(left)
}

#[test]
fn arrows_run_one_way() {
    check_flow("perfassert-record");
    check_flow("perfassert");
    check_flow("cargo-perfassert");
}

/// The library and the subcommand meet in what is on disk, and nowhere else.
#[test]
fn arrows_between_crates_run_one_way() {
    let metadata = cargo_metadata::MetadataCommand::new().no_deps().exec().unwrap();
    let links = |name: &str| -> BTreeSet<String> {
        let package = metadata.packages.iter().find(|package| package.name == name).unwrap();
        let normal =
            package.dependencies.iter().filter(|it| it.kind == cargo_metadata::DependencyKind::Normal);
        normal.map(|it| it.name.clone()).filter(|name| PUBLISHED.contains(&name.as_str())).collect()
    };
    let check =
        |name, expected: &[&str]| assert!(links(name).iter().eq(expected), "{name}: {:?}", links(name));
    check("perfassert-macros", &[]);
    check("perfassert-record", &[]);
    check("perfassert", &["perfassert-macros", "perfassert-record"]);
    check("cargo-perfassert", &["perfassert-record"]);
}

#[test]
fn imports_are_read() {
    let module = ["gate".to_owned(), "judge".to_owned()];
    let text = "use super::{suspect::Suspect, text::{self, line}};\nuse crate::scope::Entry;\nlet x = crate::sql::shortened(y);";
    let named: Vec<_> = named(&module, text).iter().map(|path| path.join("::")).collect();
    let expected =
        ["gate::suspect::Suspect", "gate::text::line", "gate::text::self", "scope::Entry", "sql::shortened"];
    assert_eq!(named, expected);
}

#[test]
fn a_circle_is_found() {
    let [a, b, c] = ["a", "b", "c"].map(|name| vec![name.to_owned()]);
    let round = BTreeMap::from([
        (a.as_slice(), BTreeSet::from([b.as_slice()])),
        (b.as_slice(), BTreeSet::from([a.as_slice()])),
        (c.as_slice(), BTreeSet::from([a.as_slice()])),
    ]);
    assert!(circle(&round).is_some());
    let straight = BTreeMap::from([
        (a.as_slice(), BTreeSet::new()),
        (b.as_slice(), BTreeSet::from([a.as_slice()])),
        (c.as_slice(), BTreeSet::from([a.as_slice(), b.as_slice()])),
    ]);
    assert_eq!(circle(&straight), None);
}
