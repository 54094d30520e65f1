//! No value leaves the process, neither one that is bound nor one in the text.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use perfassert::max_queries;

use crate::shop::{connect, find, insert};
use perfassert_test_support::child::Child;

const SECRET: &str = "tr0ub4dor";

#[max_queries(1)]
#[ignore = "a fixture"]
#[test]
fn secrets() {
    let connection = &mut connect();
    insert(connection, 4_815_162, SECRET).unwrap();
    insert(connection, 4_815_163, SECRET).unwrap_err();
    insert(connection, 4_815_164, &format!("' -- binds: [\"{SECRET}")).unwrap();
    find(connection, 4_815_162).unwrap();
    sql_query(format!("SELECT '{SECRET}' -- binds: [4815162]")).execute(connection).unwrap();
    sql_query(format!("SELECT '{SECRET}")).execute(connection).unwrap_err();
    connection.batch_execute(&format!("SELECT '{SECRET}'; SELECT 4815162")).unwrap();
}

#[test]
fn no_value_is_shown_or_recorded() {
    let run = Child::one("literals::secrets").run();
    assert!(run.output.contains("secrets exceeded its budget"), "{}", run.output);
    // Shown where something failed.
    assert!(
        run.output.contains("3x  INSERT INTO `customers` (`id`, `name`) VALUES (?, ?)  (1 failed)\n"),
        "{}",
        run.output
    );
    let recorded = format!("{:?}", run.records);
    assert!(!run.records[0].statements.is_empty());
    for value in [SECRET, "4815162", "4_815_162"] {
        assert!(!run.output.contains(value) && !recorded.contains(value), "{}\n{recorded}", run.output);
    }
}
