//! What does not join, and what that means.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use perfassert::{max_allocs, max_queries};
use perfassert_test_support::child::Child as Fixture;

use crate::{PROGRAM, check_fails, program, queries_of, run, succeed};

#[max_queries(0)]
#[ignore]
#[test]
fn one_that_stays_away() {
    run("stay away");
}

#[max_allocs(100_000)]
#[ignore]
#[test]
fn one_of_two() {
    run("query");
    run("stay away");
}

#[max_queries(0)]
#[ignore]
#[test]
fn although_asked_to() {
    succeed(program("stay away").envs(perfassert::child::variables()));
}

#[max_queries(0)]
#[ignore]
#[test]
fn after_a_fork() {
    succeed(program("stay away").process_group(0).gid(group()));
}

#[max_queries(0)]
#[ignore]
#[test]
fn by_a_path_of_its_own() {
    let path = Path::new(PROGRAM);
    succeed(Command::new(path.file_name().unwrap()).arg("stay away").env("PATH", path.parent().unwrap()));
}

#[max_queries(0)]
#[ignore]
#[test]
fn under_another_name() {
    let dir = tempfile::tempdir().unwrap();
    let shop = dir.path().join("shop");
    std::os::unix::fs::symlink(PROGRAM, &shop).unwrap();
    succeed(Command::new(shop).arg("stay away"));
}

#[max_queries(0)]
#[ignore]
#[test]
fn from_another_directory() {
    let (dir, name) = (Path::new(PROGRAM).parent().unwrap(), Path::new(PROGRAM).file_name().unwrap());
    let mut relative = Command::new(Path::new(".").join(name));
    let mut child =
        relative.arg("stay away until told").current_dir(dir).stdin(Stdio::piped()).spawn().unwrap();
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

/// A test that runs itself, in another environment say.
#[max_queries(0)]
#[ignore]
#[test]
fn this_program() {
    succeed(Command::new(std::env::current_exe().unwrap()).arg("--list").stdout(Stdio::null()));
}

#[max_queries(0)]
#[ignore]
#[test]
fn by_a_child() {
    succeed(program("start").arg("stay away"));
}

#[max_queries(0)]
#[ignore]
#[test]
fn one_that_was_asked_for() {
    let mut env = Command::new("env");
    env.arg("-i").envs(perfassert::child::variables());
    succeed(env.args([PROGRAM, "query"]));
}

#[max_queries(0)]
#[ignore]
#[test]
#[allow(unsafe_code)]
fn fork() {
    // SAFETY: the new process does nothing.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        // SAFETY: as above.
        unsafe { libc::_exit(0) };
    }
    // SAFETY: the process is a child of this one, and no status is asked for.
    assert_eq!(unsafe { libc::waitpid(pid, std::ptr::null_mut(), 0) }, pid);
}

/// A process that another thread's work was copied into, and that counts.
#[max_queries(0)]
#[ignore]
#[test]
#[allow(unsafe_code)]
fn forks_that_count() {
    static IS_OVER: AtomicBool = AtomicBool::new(false);
    let works = || {
        while !IS_OVER.load(Relaxed) {
            perfassert::query("SELECT 1");
            perfassert::counter("turns").add(1);
            drop(std::hint::black_box(vec![1_u8; 64]));
        }
    };
    let others = [std::thread::spawn(works), std::thread::spawn(works)];
    for _ in 0..200 {
        // SAFETY: the new process only allocates, which the C library allows, and does what perfassert says that it may.
        let pid = unsafe { libc::fork() };
        if pid == 0 {
            // SAFETY: it ends the process if that does not end by itself.
            unsafe { libc::alarm(10) };
            perfassert::query("SELECT 2");
            perfassert::counter("turns").add(1);
            perfassert::endpoint("job", || drop(std::hint::black_box(vec![1_u8; 64])));
            // SAFETY: nothing else is to be done.
            unsafe { libc::_exit(0) };
        }
        let mut status = 0;
        // SAFETY: the process is a child of this one, and its status can be written.
        assert_eq!(unsafe { libc::waitpid(pid, &raw mut status, 0) }, pid);
        assert_eq!(status, 0, "the process hung");
    }
    IS_OVER.store(true, Relaxed);
    others.into_iter().for_each(|other| other.join().unwrap());
}

fn group() -> u32 {
    std::os::unix::fs::MetadataExt::gid(&std::fs::metadata("/proc/self").unwrap())
}

#[test]
fn a_program_of_the_projects_that_did_not_join_is_named() {
    let cause =
        "the test has started `perfassert-children-tests`, which did not join it: what it did is not known";
    for fixture in [
        "one_that_stays_away",
        "one_of_two",
        "although_asked_to",
        "after_a_fork",
        "by_a_path_of_its_own",
        "under_another_name",
        "from_another_directory",
        "by_a_child",
    ] {
        check_fails(
            &format!("unseen::{fixture}"),
            &[cause, "child::join();` first of all", "perfassert::unmeasured"],
        );
    }
}

#[test]
fn a_test_program_is_not_told_to_join() {
    let help = "help: start it in `perfassert::unmeasured`: it is a test program";
    check_fails("unseen::this_program", &["the test has started `children-", help]);
}

#[test]
fn variables_that_nobody_has_used_are_said() {
    check_fails(
        "unseen::one_that_was_asked_for",
        &["a child process was to join this test, and none did", "child::join()"],
    );
}

#[test]
fn a_fork_is_said() {
    check_fails("unseen::fork", &["the test has forked, and what the new process did is not known"]);
}

#[test]
fn a_fork_that_counts_does_not_hang() {
    let said = "the test has forked, and what the new process did is not known";
    check_fails("unseen::forks_that_count", &[said]);
}

#[max_queries(0)]
#[ignore]
#[test]
fn without_a_directory() {
    succeed(&mut Command::new("true"));
    succeed(Command::new("true").gid(group()));
}

#[test]
fn what_cannot_be_taken_down_is_said() {
    let no_directory = |test: &mut Command| {
        test.env("TMPDIR", "/dev/null");
    };
    let ran = Fixture::one("unseen::without_a_directory").told(no_directory).run();
    for text in [
        "cannot record which processes this test starts: making /dev/null/",
        "have `TMPDIR` name a directory",
    ] {
        assert!(!ran.passed && ran.output.contains(text), "no `{text}` in {}", ran.output);
    }
}

#[max_queries(1)]
#[ignore]
#[test]
fn programs_of_others() {
    let dir = tempfile::tempdir().unwrap();
    let elsewhere = dir.path().join("elsewhere");
    std::fs::copy(PROGRAM, &elsewhere).unwrap();
    succeed(Command::new(&elsewhere).arg("stay away"));
    succeed(Command::new(&elsewhere).arg("stay away").gid(group()));
    succeed(Command::new("true").env_clear());
    succeed(&mut Command::new("true"));
    succeed(Command::new("sh").args(["-c", "true; exec true"]));
    assert!(Command::new("no-such-program").status().is_err());
    assert!(Command::new("no-such-program").gid(group()).status().is_err());
    perfassert::query("SELECT 1 AS of_the_test");
}

#[test]
fn what_others_do_is_not_missed() {
    queries_of("unseen::programs_of_others", 1, "1x SELECT ? AS of_the_test");
}
