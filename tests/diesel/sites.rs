//! The line of the user's code behind each statement.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use perfassert::max_queries;

use crate::shop::{connect, customers};
use perfassert_test_support::child::Child;

#[max_queries(9)]
#[ignore = "a fixture"]
#[test]
fn lines() {
    let connection = &mut connect();
    let all = customers::table.load::<(i32, String)>(connection); // statement: SELECT `customers`.`id`, `customers`.`name` FROM `customers`
    assert_eq!(all.unwrap().len(), 3);
    connection
        .transaction(|connection| {
            let delete = diesel::delete(customers::table.find(1));
            delete.execute(connection) // statement: DELETE FROM `customers` WHERE (`customers`.`id` = ?)
        })
        .unwrap();
    connection.batch_execute("DROP TABLE customers").unwrap(); // statement: DROP TABLE customers
    std::thread::scope(|threads| {
        threads.spawn(|| diesel::sql_query("SELEKT 1").execute(connection).unwrap_err()); // statement: SELEKT ?
    });
}

#[test]
fn each_statement_has_its_line() {
    let run = Child::one("sites::lines").run();
    assert!(run.passed, "{}", run.output);
    let lines: Vec<(u32, &str)> = (1..)
        .zip(include_str!("sites.rs").lines())
        .filter_map(|(number, line)| Some((number, line.split_once(" // statement: ")?.1)))
        .take(4)
        .collect();
    for (number, sql) in lines {
        let statement = run.records[0].statements.iter().find(|statement| statement.sql == sql).unwrap();
        let sites: Vec<String> = statement.sites.iter().map(ToString::to_string).collect();
        assert_eq!(sites, [format!("tests/diesel/sites.rs:{number}")], "{sql}");
    }
}
