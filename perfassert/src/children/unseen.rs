//! Which of the processes that a test has started did what nobody knows: those of programs that cargo has built beside the test, and
//! that have not joined.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::note::{Started, find, read_all};
use super::process::Process;
use crate::inconclusive::Inconclusive;

/// One for each program, of those that are noted in `dir`. The processes `joined` have joined.
pub(crate) fn unseen(dir: &Path, joined: &[Process]) -> Vec<Inconclusive> {
    let (mut programs, mut has_forked) = (BTreeSet::new(), false);
    for process in read_all(dir) {
        has_forked |= process.is_empty();
        let unseen = process.into_iter().filter(|started| !joined.contains(&started.process));
        programs.extend(unseen.filter_map(|started| built_beside(&started, cargos_dirs())));
    }
    let programs = programs.iter().map(|program| did_not_join(program));
    programs.chain(has_forked.then(has_become_nothing)).collect()
}

/// The program, if it lies in one of `dirs`.
fn built_beside(started: &Started, dirs: &[PathBuf]) -> Option<PathBuf> {
    let path = find(&started.program, &started.path)?;
    let is_beside = path.parent().is_some_and(|dir| dirs.iter().any(|known| known == dir));
    is_beside.then_some(path)
}

/// Where cargo puts programs: beside the directory of the test binaries, and where it says that it has put them.
fn cargos_dirs() -> &'static [PathBuf] {
    static DIRS: OnceLock<Vec<PathBuf>> = OnceLock::new();
    DIRS.get_or_init(|| {
        let this = std::env::current_exe().and_then(|this| this.canonicalize());
        let deps = this.ok().and_then(|this| Some(this.parent()?.to_owned()));
        let profile =
            deps.filter(|deps| deps.ends_with("deps")).and_then(|deps| Some(deps.parent()?.to_owned()));
        let beside = profile.into_iter().flat_map(|dir| [dir.join("deps"), dir.join("examples"), dir]);
        let said =
            std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO_BIN_EXE_"));
        let said = said
            .filter_map(|(_, program)| Some(Path::new(&program).canonicalize().ok()?.parent()?.to_owned()));
        beside.chain(said).collect()
    })
}

fn did_not_join(program: &Path) -> Inconclusive {
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    Inconclusive::to_everything(
        format!("the test has started `{name}`, which did not join it: what it did is not known"),
        // Where cargo puts test programs, which have no `main` of the user's.
        if program.parent().is_some_and(|dir| dir.ends_with("deps")) {
            "start it in `perfassert::unmeasured`: it is a test program, and the attributes on its tests judge them there"
        } else {
            "call `let _joined = perfassert::child::join();` first of all in its `main`, which has perfassert as an optional dependency \
             under a feature of its own; or start it in `perfassert::unmeasured`, if what it does is not to count"
        },
    )
}

fn has_become_nothing() -> Inconclusive {
    Inconclusive::to_everything(
        "the test has forked, and what the new process did is not known",
        "start a program by `std::process::Command`; or fork in `perfassert::unmeasured`, if what it does is not to count",
    )
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    use super::super::note::Note;
    use super::*;

    /// Programs in two containers may have the same number.
    #[test]
    fn a_process_answers_for_itself_alone() {
        let dir = tempfile::tempdir().unwrap();
        let this = std::env::current_exe().unwrap();
        Note::make(dir.path()).unwrap().add(Process::of(2, 7), this.as_os_str().as_bytes(), b"");
        let check = |joined: &[Process], expected: usize| {
            assert_eq!(unseen(dir.path(), joined).len(), expected, "{joined:?}");
        };
        check(&[Process::of(2, 7)], 0);
        check(&[Process::of(1, 7)], 1);
        check(&[Process::of(2, 8)], 1);
    }
}
