//! The header that insta writes above a snapshot: between two lines of `---`, with our part as `info`, a map of two maps.

use std::collections::BTreeMap;
use std::fmt;

use super::{Snapshot, SnapshotError};
use crate::json;
use crate::record::{Environment, TestId};

/// The header and the body of a snapshot of insta's.
pub(super) fn split(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix("---\n")?.split_once("\n---\n")
}

/// A header has no more lines than this.
pub(super) const LINES: usize = 20;

/// Whether perfassert wrote it.
pub(super) fn is_ours(header: &str) -> bool {
    header.lines().any(|line| line.starts_with("    perfassert: "))
}

/// Whether lines that only perfassert writes are among these.
pub(super) fn is_in<'a>(mut lines: impl Iterator<Item = &'a str>) -> bool {
    lines.any(|line| ["    perfassert: ", "    fingerprints: "].iter().any(|start| line.starts_with(start)))
}

/// The file that insta's macro was called in.
pub(super) fn source(header: &str) -> Option<String> {
    header.lines().find_map(|line| line.strip_prefix("source:")).map(|source| scalar(source.trim()))
}

/// Whose the snapshot is, whether that test has an attribute, and where it was measured.
pub(super) fn read(header: &str) -> Result<(TestId, bool, Environment), SnapshotError> {
    let values = values(header);
    let optional = |key: &str| values.get(key).cloned();
    let value = |key: &str| {
        optional(key).ok_or_else(|| SnapshotError::Unreadable(format!("its header has no `info.{key}`")))
    };
    let fingerprints = value("environment.fingerprints")?;
    let test = TestId {
        package: value("test.package")?,
        target: value("test.target")?,
        name: value("test.name")?,
        case: optional("test.case"),
    };
    let environment = Environment {
        rustc: value("environment.rustc")?,
        target: value("environment.target")?,
        profile: value("environment.profile")?,
        perfassert: value("environment.perfassert")?,
        fingerprints: fingerprints.parse().map_err(|_| {
            SnapshotError::Unreadable(format!("`{fingerprints}` is no version of fingerprints"))
        })?,
    };
    Ok((test, optional("test.has_attribute").as_deref() != Some("false"), environment))
}

/// The header of `snapshot` with its two lines of `---`, as insta has it.
pub(super) fn write(snapshot: &Snapshot, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Snapshot { test, source, is_marked, environment, .. } = snapshot;
    writeln!(f, "---")?;
    if let Some(source) = source {
        writeln!(f, "source: {}", written(source))?;
    }
    writeln!(f, "info:\n  test:")?;
    writeln!(f, "    package: {}", written(&test.package))?;
    writeln!(f, "    target: {}", written(&test.target))?;
    writeln!(f, "    name: {}", written(&test.name))?;
    if let Some(case) = &test.case {
        writeln!(f, "    case: {}", written(case))?;
    }
    if !is_marked {
        writeln!(f, "    has_attribute: false")?;
    }
    writeln!(f, "  environment:")?;
    writeln!(f, "    perfassert: {}", written(&environment.perfassert))?;
    writeln!(f, "    fingerprints: {}", environment.fingerprints)?;
    writeln!(f, "    rustc: {}", written(&environment.rustc))?;
    writeln!(f, "    target: {}", written(&environment.target))?;
    writeln!(f, "    profile: {}\n---", written(&environment.profile))
}

/// A scalar as [`scalar`] reads it: plain where no reader of YAML can take it for anything but a text.
fn written(text: &str) -> String {
    const OTHERS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./".contains(letter);
    let has_plain_letters =
        text.starts_with(|first: char| first.is_ascii_alphanumeric()) && text.chars().all(is_plain);
    if has_plain_letters && !OTHERS.contains(&text.to_ascii_lowercase().as_str()) {
        return text.to_owned();
    }
    String::from_utf8(json::to_vec(&text)).expect("JSON is UTF-8")
}

/// The scalars of `info`, by the names of their map and their own: `test.name`.
fn values(header: &str) -> BTreeMap<String, String> {
    let lines = header.lines().skip_while(|line| *line != "info:").skip(1);
    let (mut map, mut values) = (String::new(), BTreeMap::new());
    for line in lines.take_while(|line| line.starts_with("  ")) {
        let Some((key, value)) = line.trim_start().split_once(':') else { continue };
        if line.starts_with("    ") {
            values.insert(format!("{map}.{key}"), scalar(value.trim()));
        } else {
            key.clone_into(&mut map);
        }
    }
    values
}

/// A scalar of YAML as insta writes it: plain, or in double quotes with the escapes of JSON.
fn scalar(text: &str) -> String {
    let quoted = text.starts_with('"').then(|| json::from_slice(text.as_bytes()).ok()).flatten();
    quoted.unwrap_or_else(|| text.to_owned())
}
