//! What a program does that a test runs counts for the test.

mod unseen;
mod ways;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use perfassert::record::{Outcome, Record, explain};
use perfassert::{Metric, max_allocs, max_count, max_queries};
use perfassert_test_support::child::{Child as Fixture, Ran, count, endpoint, list, record_of};
use rstest::rstest;

const ONE: &str = "SELECT ? AS one";

const PROGRAM: &str = env!("CARGO_BIN_EXE_perfassert-children-tests");

fn program(what: &str) -> Command {
    let mut program = Command::new(PROGRAM);
    program.arg(what);
    program
}

fn run(what: &str) {
    succeed(&mut program(what));
}

fn succeed(program: &mut Command) {
    assert!(program.status().unwrap().success());
}

#[max_queries(1)]
#[ignore]
#[test]
fn queries() {
    run("query");
}

#[max_allocs(10)]
#[ignore]
#[test]
fn over_the_budget_of_allocations() {
    (0..3).for_each(|_| drop(std::hint::black_box(Box::new(0_u8))));
    run("allocate");
}

#[max_queries(1)]
#[ignore]
#[test]
fn killed() {
    run("query");
    std::process::abort();
}

#[max_queries(4)]
#[ignore]
#[test]
fn queries_of_two() {
    run("query");
    run("query on threads");
    perfassert::query("SELECT 1 AS of_the_test");
}

#[max_queries(1)]
#[ignore]
#[test]
fn set_up() {
    perfassert::unmeasured(|| run("query"));
    perfassert::measure("a part", || run("query"));
}

#[max_count("mail.sent" = 3)]
#[ignore]
#[test]
fn counters() {
    run("count");
}

#[max_allocs(100_000)]
#[ignore]
#[test]
fn allocations() {
    run("allocate");
}

#[max_queries(1, endpoint = "job invoices")]
#[ignore]
#[test]
fn endpoints() {
    run("part");
}

#[max_queries(1)]
#[ignore]
#[test]
fn one_that_exits() {
    run("exit");
}

#[max_allocs(100_000)]
#[ignore]
#[test]
fn allocations_of_one_that_exits() {
    run("exit");
}

#[max_queries(0)]
#[ignore]
#[test]
fn over_the_budget() {
    run("query");
}

/// Killed, as servers are at the end of a test.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start() -> Self {
        let mut child = program("serve").stdout(Stdio::piped()).spawn().unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut address).unwrap();
        Server { child, address: address.trim().to_owned() }
    }

    fn get(&self, path: &str) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
        stream.read_to_end(&mut Vec::new()).unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[max_queries(2, endpoint = "GET /orders/{id}")]
#[max_queries(4)]
#[ignore]
#[test]
fn server() {
    let server = Server::start();
    server.get("/orders/1");
    server.get("/orders/2");
    server.get("/broken");
}

/// What starts a server before the body: a fixture, or an attribute of the application's own.
#[rstest::fixture]
fn of_the_set_up() -> Server {
    let server = Server::start();
    server.get("/orders/1");
    run("count");
    server
}

#[max_queries(2, endpoint = "GET /orders/{id}")]
#[max_queries(2)]
#[max_count("mail.sent" = 0)]
#[rstest]
#[ignore]
#[tokio::test]
async fn server_of_the_set_up(of_the_set_up: Server) {
    of_the_set_up.get("/orders/2");
}

#[rstest::fixture]
fn program_of_the_set_up() -> Child {
    program("wait until told").stdin(Stdio::piped()).spawn().unwrap()
}

#[max_allocs(1_000_000)]
#[rstest]
#[ignore]
#[tokio::test]
async fn allocations_of_a_program_of_the_set_up(mut program_of_the_set_up: Child) {
    drop(program_of_the_set_up.stdin.take());
    assert!(program_of_the_set_up.wait().unwrap().success());
}

fn queries_of(fixture: &str, expected: i64, statements: &str) -> Record {
    let record = record_of(fixture);
    assert_eq!(count(&record, &Metric::Queries), expected, "{fixture}");
    assert_eq!(list(&record.statements), statements, "{fixture}");
    record
}

#[test]
fn what_a_child_queries_is_the_tests() {
    let record = queries_of("queries", 1, &format!("1x {ONE}"));
    let site = &record.statements.iter().find(|statement| statement.sql == ONE).unwrap().sites[0];
    let line = include_str!("../../src/main.rs").lines().position(|line| line.ends_with("// the line of it"));
    assert_eq!((site.file.as_str(), site.line as usize), ("tests/children/src/main.rs", line.unwrap() + 1));
    queries_of("queries_of_two", 4, &format!("3x {ONE}; 1x SELECT ? AS of_the_test"));
    queries_of("set_up", 1, &format!("1x {ONE}"));
    queries_of("one_that_exits", 1, &format!("1x {ONE}"));
}

#[test]
fn counters_allocations_and_endpoints_are_too() {
    assert_eq!(count(&record_of("counters"), &Metric::Counter("mail.sent".into())), 3);
    let allocations = count(&record_of("allocations"), &Metric::Allocs);
    assert!((1000..5000).contains(&allocations), "{allocations}");
    let endpoints = record_of("endpoints");
    assert_eq!(list(&endpoint(&endpoints, "job invoices").statements), "1x SELECT ? FROM invoices");
}

#[test]
fn a_server_counts_until_it_is_killed() {
    let record = queries_of("server", 4, &format!("4x {ONE}"));
    let orders = endpoint(&record, "GET /orders/{id}");
    assert_eq!((orders.requests, orders.failed), (2, 0));
    assert_eq!(list(&orders.statements), format!("2x {ONE}"));
    let broken = endpoint(&record, "GET /broken");
    assert_eq!((broken.requests, broken.failed), (1, 1));
    assert!(record.trace_id.is_some());
}

#[test]
fn what_a_server_did_before_the_body_is_set_up() {
    let record = queries_of("server_of_the_set_up", 2, &format!("2x {ONE}"));
    assert_eq!(endpoint(&record, "GET /orders/{id}").requests, 1);
    assert_eq!(record.endpoints.len(), 1);
    assert_eq!(record.counts.get(&Metric::Counter("mail.sent".into())), None);
}

#[track_caller]
fn check_fails(fixture: &str, expected: &[&str]) {
    let ran = Fixture::one(fixture).run();
    assert!(!ran.passed, "{}", ran.output);
    for text in expected {
        assert!(ran.output.contains(text), "no `{text}` in {}", ran.output);
    }
}

#[test]
fn a_failure_is_said() {
    check_fails(
        "allocations_of_one_that_exits",
        &["did not reach the end of its `main`: what it allocated is not known", "have it end by itself"],
    );
    check_fails(
        "allocations_of_a_program_of_the_set_up",
        &["was started before the test's body", "start it in the body"],
    );
    check_fails(
        "over_the_budget_of_allocations",
        &[
            "1000x     7.8 KiB  perfassert_children_tests::main (in a program that the test has started)\n",
            "  over_the_budget_of_allocations\n",
        ],
    );
    check_fails("over_the_budget", &["1 query, budget 0", ONE, "tests/children/src/main.rs:", "query"]);
}

/// A failing limit names functions, which cost next to nothing; who has a test explained sees lines.
#[test]
fn it_is_explained_line_by_line() {
    let dir = tempfile::tempdir().unwrap();
    let told = |command: &mut Command| {
        command.env(explain::DIR_VARIABLE, dir.path());
    };
    assert!(Fixture::one("allocations").told(told).run().passed);
    let (explanations, damage) = explain::read_dir(dir.path()).unwrap();
    let ([explained], []) = (&*explanations, &*damage) else { panic!("{explanations:?} {damage:?}") };
    let of_child = |allocations: &&explain::Allocations| allocations.allocs == 1000;
    let stack = &explained.allocations.iter().find(of_child).unwrap().stack;
    let frame = &explained.frames[stack[0]];
    let line = include_str!("../../src/main.rs").lines().position(|line| line.contains("\"allocate\" =>"));
    assert_eq!(frame.file.as_deref(), Some("tests/children/src/main.rs"));
    assert_eq!(frame.line.map(|line| line as usize), line.map(|line| line + 1));
    assert_eq!((stack.len(), explained.child_allocs), (1, 0));
}

#[test]
fn nothing_is_left_behind() {
    let dir = tempfile::tempdir().unwrap();
    assert!(run_in(dir.path(), "server").passed);
    assert_eq!(left_in(dir.path()), Vec::<String>::new());
}

/// Nobody but the next run that starts a program can remove what a test left that was killed.
#[test]
fn what_a_killed_test_left_goes_with_the_next() {
    let dir = tempfile::tempdir().unwrap();
    assert!(!run_in(dir.path(), "killed").passed);
    assert_eq!(left_in(dir.path()).len(), 1);
    assert!(run_in(dir.path(), "queries").passed);
    assert_eq!(left_in(dir.path()), Vec::<String>::new());
}

/// Runs the fixture with its own directory for temporary files.
fn run_in(temp_dir: &Path, fixture: &str) -> Ran {
    let told = |command: &mut Command| {
        command.env("TMPDIR", temp_dir);
    };
    Fixture::one(fixture).told(told).run()
}

fn left_in(temp_dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(temp_dir).unwrap().map(Result::unwrap);
    let names = entries.map(|entry| entry.file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("perfassert-")).collect()
}

#[test]
fn outside_of_a_test_there_are_no_variables() {
    assert!(perfassert::child::variables().is_empty());
    assert_eq!(record_of("queries").outcome, Outcome::Passed);
}
