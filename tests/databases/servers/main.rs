//! The servers: shared, private, and gone when nobody needs them.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use perfassert::sql::Class;
use perfassert_database_tests::{Database, Engine};

fn keeper(engine: &str, dir: &Path) -> Child {
    let program = env!("CARGO_BIN_EXE_perfassert-test-servers");
    let mut keeper = Command::new(program);
    keeper
        .arg(engine)
        .arg(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[track_caller]
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_server_that_nobody_uses_goes_away_with_its_data() {
    let dir = tempfile::tempdir().unwrap();
    let mut keeper = keeper("postgres", dir.path());
    let state = dir.path().join("postgres.json");
    wait_until("the server starts", || state.exists());
    let state_text = fs::read_to_string(&state).unwrap();
    let json: serde_json::Value = serde_json::from_str(&state_text).unwrap();
    let (data, pid) = (json["data"].as_str().unwrap().to_owned(), json["pid"].as_u64().unwrap());
    assert!(Path::new(&data).is_dir());
    assert!(Path::new(&format!("/proc/{pid}")).exists());

    assert!(keeper.wait().unwrap().success());
    wait_until("the data goes", || !Path::new(&data).exists());
    assert!(!state.exists());
    assert!(!Path::new(&format!("/proc/{pid}")).exists());
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let output = keeper("oracle", dir.path()).wait_with_output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("unknown engine `oracle`"));
}

/// Each database has a user and a log of its own.
#[test]
fn databases_do_not_see_each_other() {
    for engine in Engine::ALL {
        let (a, b) = (Database::new(*engine), Database::new(*engine));
        for database in [&a, &b] {
            database.execute("CREATE TABLE item (id INTEGER)");
        }
        assert_ne!(a.url(), b.url());
        let watch = a.watch();
        b.execute("INSERT INTO item VALUES (1)");
        assert!(watch.end().of(Class::Application).is_empty());
    }
}
