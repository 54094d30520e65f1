//! The record format: what is written can be read, what is damaged is reported, and every published version stays readable.

use std::fs;
use std::path::Path;

use perfassert::Site;
use perfassert::counts::{Counts, Metric, OtherCode};
use perfassert::record::{
    self, Budget, Endpoint, Environment, Outcome, ReadError, Reason, Record, Statement, TestId,
};
use perfassert::sql::normalize;

fn statement(sql: &str, count: u64, n_plus_one: bool) -> Statement {
    let mut statement = Statement::new(&normalize(sql), count);
    statement.n_plus_one = n_plus_one;
    statement.sites =
        vec![Site { file: "src/orders.rs".into(), line: 42, function: "orders::load_author".into() }];
    statement
}

fn sample() -> Record {
    let author = statement("SELECT name FROM users WHERE id = 7", 10, true);
    let mut list = Endpoint::new("GET /orders".into(), 2);
    list.counts.insert(Metric::Queries, 11);
    list.sums = Some(Counts::from_iter([(Metric::Queries, 13)]));
    list.statements = vec![author.clone()];
    list.statements[0].sum = Some(12);
    let test = TestId {
        package: "shop".into(),
        target: "api".into(),
        name: "orders::list".into(),
        case: Some("case_1".into()),
    };
    let over = vec!["GET /orders   12 queries in one request, budget 5  (+7)".into()];
    let mut environment =
        Environment::new("1.95.0".into(), "x86_64-unknown-linux-gnu".into(), "debug".into());
    (environment.perfassert, environment.fingerprints) = ("0.1.0".into(), 1);
    let mut record = Record::new(test, Outcome::OverBudget(over), environment);
    record.trace_id = Some("4bf92f3577b34da6a3ce929d0e0e4736".into());
    record.counts = Counts::from_iter([
        (Metric::Queries, 11),
        (Metric::Allocs, 412),
        (Metric::AllocsOf(OtherCode::Driver), 96),
        (Metric::BytesLive, 8),
        (Metric::Counter("cache.miss".into()), 3),
    ]);
    record.endpoints = vec![list];
    record.statements = vec![author, statement("BEGIN", 1, false)];
    record.budgets = vec![Budget { metric: Metric::Queries, max: 5, endpoint: Some("GET /orders".into()) }];
    record.snapshot = Some("tests/snapshots/api__orders__list__case_1.snap".into());
    record
}

#[test]
fn what_is_written_can_be_read() {
    let dir = tempfile::tempdir().unwrap();
    let check = |outcome| {
        let before = record::read_dir(dir.path()).unwrap().0.len();
        let mut record = sample();
        record.outcome = outcome;
        record::append(dir.path(), &record).unwrap();
        let (records, damage) = record::read_dir(dir.path()).unwrap();
        assert_eq!((records.len(), damage.len()), (before + 1, 0));
        assert_eq!(records.last(), Some(&record));
    };
    check(Outcome::Passed);
    check(Outcome::Failed);
    check(Outcome::OverBudget(vec!["a".into(), "b".into()]));
    check(Outcome::Inconclusive(vec![Reason {
        cause: "nothing was observed".into(),
        help: "look\nthere".into(),
    }]));
}

#[test]
fn what_failed_is_written_where_something_did() {
    let dir = tempfile::tempdir().unwrap();
    let mut record = sample();
    let line = |record: &Record| {
        record::write_file(&dir.path().join("1.jsonl"), std::slice::from_ref(record)).unwrap();
        fs::read_to_string(dir.path().join("1.jsonl")).unwrap()
    };
    // Of the endpoint.
    assert_eq!(line(&record).matches("\"failed\"").count(), 1);
    record.statements[0].failed = 2;
    assert!(line(&record).contains("\"count\":10,\"failed\":2,"), "{}", line(&record));
    assert_eq!(record::read_dir(dir.path()).unwrap().0, [record]);
}

#[test]
fn records_of_every_format_stay_readable() {
    let check = |format: u32, expected: Record| {
        let frozen = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("records/format-{format}.jsonl"));
        let (records, damage) = record::read_file(&frozen).unwrap();
        assert_eq!(records, [expected], "format {format}");
        assert_eq!(damage, []);
    };
    // Of an endpoint the dearest request was known.
    let without_sums = |mut record: Record| {
        record.endpoints[0].requests = 1;
        record.endpoints[0].sums = None;
        record.endpoints[0].statements[0].sum = None;
        record
    };
    let sample_3 = without_sums(sample());
    // Allocations were of all code.
    let counts = sample().counts;
    let kept = counts.iter().filter(|(metric, _)| matches!(metric, Metric::Queries | Metric::Counter(_)));
    let mut sample_2 = sample_3.clone();
    sample_2.counts = kept.map(|(metric, n)| (metric.clone(), n)).collect();
    let mut sample_1 = sample_2.clone();
    (sample_1.trace_id, sample_1.snapshot) = (None, None);
    check(1, sample_1);
    check(2, sample_2);
    check(3, sample_3);
    check(4, sample());
    assert_eq!(record::VERSION, 4, "freeze a file of the new format, too");
}

#[test]
fn what_is_written_is_what_is_frozen() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("1.jsonl");
    record::write_file(&file, &[sample()]).unwrap();
    let frozen = format!("records/format-{}.jsonl", record::VERSION);
    let frozen = Path::new(env!("CARGO_MANIFEST_DIR")).join(frozen);
    assert_eq!(fs::read_to_string(file).unwrap(), fs::read_to_string(frozen).unwrap());
}

#[test]
fn what_is_known_of_repeated_statements_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let mut record = sample();
    record::append(dir.path(), &record).unwrap();
    record.statements[0].distinct_values = Some(1);
    record.statements[0].duplicate = true;
    record.statements[1].too_few_rows = true;
    record::append(dir.path(), &record).unwrap();
    let (records, damage) = record::read_dir(dir.path()).unwrap();
    assert_eq!((records, damage), (vec![sample(), record], vec![]));
}

#[test]
fn a_damaged_line_is_reported_and_the_others_are_read() {
    let line =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("records/format-1.jsonl")).unwrap();
    let line = line.trim_end();
    let check = |broken: &str, reason: &str| {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("1.jsonl");
        fs::write(&file, format!("{line}\n{broken}\n{line}\n")).unwrap();
        let (records, damage) = record::read_dir(dir.path()).unwrap();
        assert_eq!(records.len(), 2);
        let damage: Vec<String> = damage.iter().map(ToString::to_string).collect();
        assert_eq!(damage, [format!("{}:2: {reason}", file.display())]);
    };
    check(&line[..line.len() / 2], "cut short");
    check(&line.replace("\"queries\"", "\"queeries\""), "unknown word `queeries`");
    check("{}", "missing field `format`");
}

/// D80: it is known which tests have begun, whether a record follows or not.
#[test]
fn what_has_begun_can_be_read() {
    let dir = tempfile::tempdir().unwrap();
    let test = sample().test;
    record::begin(dir.path(), &test).unwrap();
    record::begin(dir.path(), &test).unwrap();
    let (begun, damage) = record::begun(dir.path()).unwrap();
    assert_eq!((begun, damage.len()), (vec![test.clone(), test], 0));
    assert_eq!(record::read_dir(dir.path()).unwrap().0, Vec::new());
    fs::write(dir.path().join("1.begun"), "{\"format\":1,\"beg").unwrap();
    assert_eq!(record::begun(dir.path()).unwrap().1.len(), 1);
}

#[test]
fn a_newer_format_is_refused_with_a_clear_word() {
    let dir = tempfile::tempdir().unwrap();
    let newer = record::VERSION + 1;
    fs::write(dir.path().join("1.jsonl"), format!("{{\"format\":{newer},\"new\":true}}\n")).unwrap();
    let error = record::read_dir(dir.path()).unwrap_err();
    assert!(matches!(error, ReadError::Newer { format, .. } if format == newer));
    let message = error.to_string();
    assert!(message.ends_with("update cargo-perfassert"), "{message}");
}
