//! What `docs/book/src/n-plus-one.md` says of the shapes is what was observed.

use std::fmt::Write;
use std::path::Path;

use crate::table::{Row, SHAPES};
use crate::{Verdict, observed};

/// How often each verdict was given to the shapes that deserve each.
fn matrix() -> String {
    let verdicts = [Verdict::NPlusOne, Verdict::Duplicate, Verdict::Innocent];
    let mut text = "| deserved \\ given | N+1 | duplicate | innocent |\n|---|---|---|---|\n".to_owned();
    for deserved in verdicts {
        let given = verdicts.map(|given| {
            let shapes = SHAPES.iter().filter(|(_, verdict, _)| *verdict == deserved);
            shapes.filter(|(shape, ..)| observed(shape) == given).count().to_string()
        });
        writeln!(text, "| {deserved} | {} |", given.join(" | ")).unwrap();
    }
    let count = |deserved: bool, given: bool| {
        let of_kind = |(shape, verdict, _): &&Row| {
            (verdict.is_finding(), observed(shape).is_finding()) == (deserved, given)
        };
        SHAPES.iter().filter(of_kind).count()
    };
    writeln!(
        text,
        "\nOf {} shapes: {} found and {} missed, {} passed and {} accused without reason.",
        SHAPES.len(),
        count(true, true),
        count(true, false),
        count(false, false),
        count(false, true),
    )
    .unwrap();
    text
}

fn wrong() -> String {
    let mut text = "| shape | deserves | gets | because |\n|---|---|---|---|\n".to_owned();
    for (shape, deserved, but) in SHAPES {
        if let Some((_, because)) = but {
            writeln!(text, "| {} | {deserved} | {} | {because} |", name(shape), observed(shape)).unwrap();
        }
    }
    text
}

/// Every shape with its verdict, where that is right.
fn right() -> String {
    let mut text = String::new();
    for verdict in [Verdict::NPlusOne, Verdict::Duplicate, Verdict::Innocent] {
        let of_verdict =
            SHAPES.iter().filter(|(shape, deserved, _)| *deserved == verdict && observed(shape) == verdict);
        let names: Vec<_> = of_verdict.map(|(shape, ..)| name(shape)).collect();
        writeln!(text, "- {verdict}: {}", names.join(", ")).unwrap();
    }
    text
}

/// `loops::two_rows` is `two rows`, and with another driver than sqlx has its name behind it.
fn name(shape: &str) -> String {
    let (module, rest) = shape.split_once("::").unwrap();
    let name = rest.rsplit("::").next().unwrap();
    let driver =
        if ["rusqlite", "diesel"].contains(&module) { format!(" ({module})") } else { String::new() };
    format!("{}{driver}", name.replace('_', " "))
}

#[test]
fn the_docs_say_what_was_observed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("docs/book/src/n-plus-one.md");
    let docs = std::fs::read_to_string(path).unwrap();
    let missing: Vec<_> = [matrix(), wrong(), right()].into_iter().filter(|it| !docs.contains(it)).collect();
    assert!(missing.is_empty(), "docs/book/src/n-plus-one.md does not say:\n\n{}", missing.join("\n"));
}
