//! Links in the documentation lead to files and headings that are there, and each chapter of the book is in its contents and compiled.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{published_sources, root};

const CHAPTERS: &str = "docs/book/src";

/// Every Markdown file that a reader is led to, from the root.
fn documents() -> Vec<PathBuf> {
    let at_the_root = ["README.md", "ARCHITECTURE.md", "BENCHMARKS.md", "CHANGELOG.md", "CONTRIBUTING.md"];
    let examples = ["access-log", "lending", "storefront"].map(|name| format!("examples/{name}/README.md"));
    let others = at_the_root
        .map(str::to_owned)
        .into_iter()
        .chain(examples)
        .chain(["tests/databases/README.md".to_owned()]);
    others
        .map(PathBuf::from)
        .chain(chapters().into_iter().map(|name| Path::new(CHAPTERS).join(name)))
        .collect()
}

/// The files in the book's directory.
fn chapters() -> BTreeSet<String> {
    let entries = fs::read_dir(root().join(CHAPTERS)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".md")).collect()
}

/// A text without its blocks of code, and without code in its lines where `links` are looked for.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut is_code = false;
    text.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence && !line.starts_with("    ")
    })
}

/// Where the links of a text lead: what stands in `](...)`.
fn links(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    for line in prose(text) {
        let outside_of_code: String = line.split('`').step_by(2).collect::<Vec<_>>().join("code");
        let targets = outside_of_code.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        links.extend(targets.map(str::to_owned));
    }
    links
}

/// What leads to a heading: its words in lower case with hyphens between, as GitHub and mdBook make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = prose(text).filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| -> String {
        let words = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = words.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(anchor).collect()
}

/// Why a link that stands in `document` leads nowhere.
fn broken(document: &Path, link: &str) -> Option<String> {
    if ["http://", "https://", "mailto:"].iter().any(|scheme| link.starts_with(scheme)) {
        return None;
    }
    let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
    let target = match path {
        "" => root().join(document),
        path => root().join(document).parent().unwrap().join(path),
    };
    // In the book as HTML there is nothing around it.
    if document.starts_with(CHAPTERS) && path.contains('/') {
        return Some(format!("{}: {path} is not in the book", document.display()));
    }
    if !target.exists() {
        return Some(format!("{}: there is no {path}", document.display()));
    }
    let text = anchor.map(|_| fs::read_to_string(&target).unwrap_or_default()).unwrap_or_default();
    anchor
        .filter(|anchor| !anchors(&text).contains(*anchor))
        .map(|anchor| format!("{}: {path} has no heading #{anchor}", document.display()))
}

#[test]
fn links_lead_somewhere() {
    let mut all = 0;
    let mut nowhere = Vec::new();
    for document in documents() {
        let links = links(&fs::read_to_string(root().join(&document)).unwrap());
        all += links.len();
        nowhere.extend(links.iter().filter_map(|link| broken(&document, link)));
    }
    assert!(all > 50, "the documentation has moved: {all} links");
    assert_eq!(nowhere, [""; 0]);
}

#[test]
fn what_leads_nowhere_is_noticed() {
    let check = |link: &str, is_broken: bool| {
        assert_eq!(broken(Path::new("README.md"), link).is_some(), is_broken, "{link}");
    };
    check("https://example.org/x", false);
    check("ARCHITECTURE.md", false);
    check("ARCHITECTURE.md#the-flow", false);
    check("ARCHITECTURE.md#no-such-heading", true);
    check("#see-it", false);
    check("#not-there", true);
    check("docs/not-there.md", true);
    assert_eq!(links("[a](b.md) and `[c](d.md)`, [e](f.md#g)\n```\n[h](i.md)\n```"), ["b.md", "f.md#g"]);
}

#[test]
fn the_contents_name_every_chapter() {
    let contents = fs::read_to_string(root().join(CHAPTERS).join("SUMMARY.md")).unwrap();
    let named: BTreeSet<_> = links(&contents).into_iter().chain(["SUMMARY.md".to_owned()]).collect();
    assert_eq!(named, chapters());
}

#[test]
fn the_examples_of_every_chapter_are_compiled() {
    let compiled = fs::read_to_string(root().join("tests/src/lib.rs")).unwrap();
    let is_missing = |name: &String| name != "SUMMARY.md" && !compiled.contains(&format!("/{name}\";"));
    let missing: Vec<_> = chapters().into_iter().filter(is_missing).collect();
    assert_eq!(missing, [""; 0], "tests/src/lib.rs has no module for them");
}

/// A block that says `ignore` is one that nobody compiles: it goes stale.
#[test]
fn no_example_is_left_out() {
    let mut ignored = Vec::new();
    for document in documents() {
        let text = fs::read_to_string(root().join(&document)).unwrap();
        let fences =
            text.lines().enumerate().filter(|(_, line)| line.starts_with("```") && line.contains("ignore"));
        ignored.extend(fences.map(|(index, _)| format!("{}:{}", document.display(), index + 1)));
    }
    assert_eq!(ignored, [""; 0]);
}

/// The first cells of the tables in the chapter on messages, without the code's quotes.
fn messages() -> Vec<String> {
    let text = fs::read_to_string(root().join(CHAPTERS).join("troubleshooting.md")).unwrap();
    let cells =
        text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |").map(|(cell, _)| cell));
    cells.map(|cell| cell.trim_matches(['`', ' ']).to_owned()).collect()
}

/// What the published sources print: texts that go over several lines as one.
fn printed() -> String {
    let sources = published_sources().into_iter().map(|(_, text)| text).collect::<Vec<_>>().join("\n");
    let mut lines = sources.split("\\\n");
    let first = lines.next().unwrap_or_default().to_owned();
    lines.fold(first, |text, line| text + line.trim_start()).replace("\\\"", "\"")
}

#[test]
fn the_messages_that_are_explained_are_printed() {
    let (messages, printed) = (messages(), printed());
    assert!(messages.len() > 60, "the chapter has moved: {} messages", messages.len());
    let is_printed = |message: &String| message.split("...").all(|part| printed.contains(part.trim()));
    let unknown: Vec<_> = messages.iter().filter(|message| !is_printed(message)).collect();
    assert_eq!(unknown, [""; 0]);
}
