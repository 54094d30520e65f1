//! `cargo perfassert explain`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use perfassert_record::record::explain::Explanation;
use perfassert_record::record::{Outcome, TestId};

use super::{ExplainArguments, Head, written};
use crate::baseline::{Request, explained};
use crate::error::{Error, PASS, io as io_error};
use crate::explain::advice::{advice, advice_on_difference};
use crate::explain::{self, difference, paths, tree};
use crate::git::{Repository, short};
use crate::measure::{ListedTest, Measured, Selection, meant};
use crate::render;
use crate::render::explain::Explained;

/// The other side.
struct BaselineSide {
    /// What it is called.
    name: String,
    /// Its paths, by the lines of the branch.
    paths: Vec<explain::Path>,
}

pub(super) fn explain(
    arguments: &ExplainArguments,
    out: &mut dyn Write,
    progress: &mut dyn Write,
) -> Result<u8, Error> {
    if let Some(filter) = &arguments.selection.filter {
        let message = format!("one test is explained at a time: leave out `{filter}`");
        return Err(Error::Usage(message));
    }
    let head = Head::new(&arguments.how, &arguments.selection)?;
    let listed = head.list(&arguments.selection, progress)?;
    let test = meant(&listed, &arguments.path)?;
    let _ = writeln!(progress, "perfassert: explaining {test}");
    let selection = arguments.selection.exactly(&test.name, head.runner);
    let measured = head.explain(&selection, progress)?;
    let now = explanation(&measured, &test, head.workspace.has_perfassert())?;
    let reference = arguments.baseline.as_deref();
    let before = reference.map(|reference| before(reference, &head, &selection, &now.test, progress));
    let before = before.transpose()?;
    let after = paths(now);
    let metric = arguments.metric;
    let other = before.as_ref().map(|before| before.paths.as_slice());
    let tree = match other {
        Some(before) => difference(before, &after, metric),
        None => tree(&after, metric),
    };
    let shown = Explained {
        test: render::test_name(&now.test),
        function: &now.test.name,
        against: before.as_ref().map(|before| before.name.clone()),
        tree: &tree,
        others: if other.is_some() { &[] } else { &now.others },
        children: if other.is_some() { (0, 0) } else { (now.child_allocs, now.child_bytes) },
        all: arguments.all_rows,
        advice: match other {
            Some(before) => advice_on_difference(before, &after, metric),
            None => advice(&after, metric),
        },
    };
    written(render::explain::explanation(&shown, out))?;
    let mut file = |path: &Option<PathBuf>, write: &dyn Fn(&mut dyn Write) -> io::Result<()>| match path {
        Some(path) => save(path, write, progress),
        None => Ok(()),
    };
    file(&arguments.folded, &|out| render::explain::folded(other, &after, metric, out))?;
    file(&arguments.dhat, &|out| render::explain::dhat(now, out))?;
    file(&arguments.svg, &|out| render::explain::svg(&shown.test, other, &after, metric, out))?;
    Ok(PASS)
}

fn save(
    path: &Path,
    write: &dyn Fn(&mut dyn Write) -> io::Result<()>,
    progress: &mut dyn Write,
) -> Result<(), Error> {
    let whole = || {
        let mut file = BufWriter::new(File::create(path)?);
        write(&mut file)?;
        file.flush()
    };
    whole().map_err(io_error("writing", path))?;
    let _ = writeln!(progress, "perfassert: wrote {}", path.display());
    Ok(())
}

/// What `test` has left, and otherwise why it has left nothing.
fn explanation<'a>(
    measured: &'a Measured,
    test: &ListedTest,
    has_perfassert: bool,
) -> Result<&'a Explanation, Error> {
    let is_it = |id: &TestId| id.path() == test.name;
    let mut found: Vec<_> = measured.explanations.iter().filter(|it| is_it(&it.test)).collect();
    // The path of another executable's test may be the same one.
    let is_here = |it: &&Explanation| it.test.target.trim_start_matches("bin/") == test.target;
    if found.len() > 1 && found.iter().any(is_here) {
        found.retain(is_here);
    }
    let not = |reason: &str, help: &str| Error::NotExplained {
        test: test.to_string(),
        reason: reason.to_owned(),
        help: help.to_owned(),
    };
    let failed = |outcome: &Outcome| *outcome == Outcome::Failed;
    let record = measured.run.records.iter().find(|record| is_it(&record.test));
    match found.as_slice() {
        [only] if only.has_stacks => Ok(only),
        [_] => Err(not(
            "its build cannot look at stacks",
            "that takes Linux with glibc, and the default feature `call-sites` of perfassert",
        )),
        [_, ..] => {
            let tests = found.iter().map(|it| render::test_name(&it.test)).collect();
            Err(Error::SeveralTests { name: test.name.clone(), tests })
        }
        [] if record.is_some_and(|record| failed(&record.outcome)) || !measured.failures.is_empty() => {
            Err(not("the test failed by itself", "its output is above"))
        }
        [] if !measured.damage.is_empty() => Err(not(
            &format!("what it left is damaged: {}", measured.damage[0]),
            "run it again; a process that is killed leaves its file cut short",
        )),
        [] if record.is_some() => Err(not(
            "the perfassert that it is compiled with leaves no explanation",
            "update that dependency: cargo update --package perfassert",
        )),
        [] if !measured.unrecorded.is_empty() => {
            Err(not("its process ended before the test did", "see that nothing calls std::process::exit"))
        }
        [] => Err(Error::NothingMeasured { has_perfassert }),
    }
}

/// The same test, explained at the merge base. What it has not is nothing.
fn before(
    reference: &str,
    head: &Head,
    selection: &Selection,
    test: &TestId,
    progress: &mut dyn Write,
) -> Result<BaselineSide, Error> {
    let repository = Repository::find(head.workspace.root())?;
    let base = repository.base(reference, false)?;
    let request = Request {
        repository: &repository,
        base: &base,
        head: &head.workspace,
        target_dir: &head.target_dir,
        home: &head.home,
        selection,
        runner: head.runner,
        repeat: 1,
        rebuild: true,
        color: super::color(),
    };
    let commit = short(&base.commit);
    let name = format!("{commit} (merge base of {reference})");
    let nothing = |reason: &str, progress: &mut dyn Write| {
        let _ = writeln!(progress, "perfassert: {commit} {reason}: everything is new");
        Ok(BaselineSide { name: name.clone(), paths: Vec::new() })
    };
    let measured = match explained(&request, progress)? {
        Ok(measured) => measured,
        Err(reason) => return nothing(&reason, progress),
    };
    let same = |it: &&Explanation| it.test == *test;
    match measured.explanations.iter().find(same) {
        Some(was) => {
            let moved = repository.moved(&base.commit, head.workspace.root())?;
            Ok(BaselineSide {
                name,
                paths: paths(was).into_iter().map(|path| path.by_lines_of_now(&moved)).collect(),
            })
        }
        None if measured.run.records.iter().any(|record| record.test == *test) => Err(Error::NotExplained {
            test: format!("{} at {commit}", test.path()),
            reason: "it failed there, or its perfassert leaves no explanation".to_owned(),
            help: "leave out --baseline, or name a commit with a perfassert that does".to_owned(),
        }),
        None => nothing("does not have this test, or does not measure it yet", progress),
    }
}
