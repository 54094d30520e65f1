//! However a program is started, it counts, and nothing has to be said in the test.

use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use perfassert::{Metric, max_queries};
use perfassert_test_support::child::{Child as Fixture, endpoint, list, record_of};

use crate::{ONE, PROGRAM, program, queries_of, run, succeed};

fn me() -> u32 {
    std::fs::metadata("/proc/self").unwrap().uid()
}

fn dir() -> &'static Path {
    Path::new(PROGRAM).parent().unwrap()
}

fn name() -> &'static str {
    Path::new(PROGRAM).file_name().unwrap().to_str().unwrap()
}

#[max_queries(1)]
#[ignore]
#[tokio::test]
async fn by_tokio() {
    assert!(tokio::process::Command::new(PROGRAM).arg("query").status().await.unwrap().success());
}

#[max_queries(1)]
#[ignore]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_a_task() {
    tokio::spawn(async { run("query") }).await.unwrap();
}

#[max_queries(3)]
#[ignore]
#[test]
fn two_at_once() {
    let both = ["query", "query on threads"].map(|what| program(what).spawn().unwrap());
    for mut child in both {
        assert!(child.wait().unwrap().success());
    }
}

#[max_queries(1)]
#[ignore]
#[test]
fn without_an_environment() {
    succeed(program("query").env_clear());
}

#[max_queries(1)]
#[ignore]
#[test]
fn by_a_script() {
    succeed(Command::new("sh").args(["-c", "\"$0\" query", PROGRAM]));
}

// `Command` forks.
#[max_queries(2)]
#[ignore]
#[test]
fn by_a_fork() {
    succeed(program("query").uid(me()));
    succeed(program("query").uid(me()).env_clear());
}

// `Command` forks, and looks the program up.
#[max_queries(1)]
#[ignore]
#[test]
fn by_a_path_of_its_own() {
    succeed(Command::new(name()).arg("query").env("PATH", dir()));
}

// The environment is not handed on.
#[max_queries(1)]
#[ignore]
#[test]
fn by_hand() {
    let mut env = Command::new("env");
    env.arg("-i");
    for (name, value) in perfassert::child::variables() {
        env.arg(format!("{name}={}", value.display()));
    }
    succeed(env.args([PROGRAM, "query"]));
}

#[max_queries(1)]
#[ignore]
#[test]
fn by_hand_and_by_itself() {
    let mut asked = program("query");
    asked.envs(perfassert::child::variables());
    succeed(&mut asked);
}

#[max_queries(2)]
#[ignore]
#[test]
fn by_a_child() {
    succeed(program("start").arg("query"));
    succeed(program("start").args(["start", "query"]));
    succeed(program("start unmeasured").arg("query"));
}

#[max_queries(1)]
#[ignore]
#[test]
fn in_a_request() {
    perfassert::endpoint("job reports", || run("query"));
}

#[max_queries(0)]
#[ignore]
#[test]
fn in_the_set_up() {
    perfassert::unmeasured(|| {
        run("query");
        succeed(program("query").uid(me()));
        run("stay away");
        succeed(program("stay away").uid(me()));
    });
}

#[test]
fn a_program_counts_however_it_is_started() {
    for fixture in [
        "by_tokio",
        "by_a_task",
        "without_an_environment",
        "by_a_script",
        "by_a_path_of_its_own",
        "by_hand",
        "by_hand_and_by_itself",
    ] {
        queries_of(&format!("ways::{fixture}"), 1, &format!("1x {ONE}"));
    }
    queries_of("ways::two_at_once", 3, &format!("3x {ONE}"));
    queries_of("ways::by_a_fork", 2, &format!("2x {ONE}"));
    queries_of("ways::by_a_child", 2, &format!("2x {ONE}"));
    queries_of("ways::in_the_set_up", 0, "");
    let record = queries_of("ways::in_a_request", 1, &format!("1x {ONE}"));
    assert_eq!(list(&endpoint(&record, "job reports").statements), format!("1x {ONE}"));
}

fn start_nothing() {
    succeed(&mut Command::new("true"));
}

#[max_queries(0)]
#[ignore]
#[test]
fn nothing() {
    start_nothing();
    perfassert::endpoint("start", start_nothing);
}

#[test]
fn what_is_handed_over_costs_nothing() {
    start_nothing();
    let (_, outside) = perfassert::measure("outside of a test", start_nothing);
    let inside = record_of("ways::nothing");
    assert_eq!(endpoint(&inside, "start").counts.get(&Metric::Allocs), outside.get(&Metric::Allocs));
}

#[max_queries(1)]
#[ignore]
#[test]
fn inner_1() {
    inner();
}

#[max_queries(1)]
#[ignore]
#[test]
fn inner_2() {
    inner();
}

#[max_queries(1)]
#[ignore]
#[test]
fn inner_3() {
    inner();
}

#[max_queries(1)]
#[ignore]
#[test]
fn inner_4() {
    inner();
}

fn inner() {
    perfassert::query("SELECT 1 AS inner");
    run("query on threads");
}

#[max_queries(0)]
#[ignore]
#[test]
fn test_binary() {
    let tests = std::env::current_exe().unwrap();
    let mut tests = Command::new(tests);
    let ran = tests.args(["--ignored", "inner_", "--test-threads=4"]).output().unwrap();
    let output = String::from_utf8_lossy(&ran.stdout);
    assert!(output.contains("4 failed"), "{output}");
    assert_eq!(output.matches("3 queries, budget 1").count(), 4, "{output}");
}

/// Its tests are themselves, and have children of their own, whoever has started it.
#[test]
fn a_test_binary_is_no_child() {
    let ran = Fixture::one("ways::test_binary").run();
    assert!(ran.output.contains("the test has started `children-"), "{}", ran.output);
    // Nor are they tests of the run: a test that runs itself would be there twice.
    let recorded: Vec<_> = ran.records.iter().map(|record| record.test.name.as_str()).collect();
    assert_eq!(recorded, ["ways::test_binary"]);
}

#[test]
fn without_its_test_a_program_does_what_it_is_for() {
    let mut late = program("query");
    late.env("PERFASSERT_CHILD_DIR", std::env::temp_dir().join("perfassert-no-such-test"));
    late.env("PERFASSERT_CHILD_TRACEPARENT", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    succeed(&mut late);
}
