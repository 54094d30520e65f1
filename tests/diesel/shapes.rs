//! What an operation is counted as: a fixture each, with the statements that are expected of it.

use diesel::connection::{CacheSize, SimpleConnection};
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool};
use diesel::result::Error;
use diesel::{IntoSql, sql_query};
use perfassert::max_queries;

use crate::check;
use crate::shop::{FIND, INSERT, LOAD, connect, customers, find, insert, load};

/// A fixture is a body with a connection. Its test compares what was recorded with the list.
macro_rules! shapes {
    ($($name:ident($connection:ident) $body:block => [$($expected:expr),* $(,)?];)*) => { $(
        mod $name {
            use super::*;

            #[max_queries(100, select = 100)]
            #[ignore = "a fixture"]
            #[test]
            fn fixture() {
                let $connection = &mut connect();
                // A gate that observes nothing is inconclusive.
                perfassert::query("SELECT marker FROM the_fixture");
                $body
            }

            #[test]
            fn is_counted() {
                check(concat!("shapes::", stringify!($name), "::fixture"), &[
                    "1x SELECT marker FROM the_fixture", $(&*$expected),*
                ]);
            }
        }
    )* };
}

fn of(times: u32, sql: &str) -> String {
    format!("{times}x {sql}")
}

const BEGIN: &str = "1x BEGIN [transaction]";
const COMMIT: &str = "1x COMMIT [transaction]";
const ROLLBACK: &str = "1x ROLLBACK [transaction]";

shapes! {
    // Q13
    kinds(connection) {
        load(connection);
        insert(connection, 4, "Dan").unwrap();
        diesel::update(customers::table.find(4)).set(customers::name.eq("Don")).execute(connection).unwrap();
        diesel::delete(customers::table.find(4)).execute(connection).unwrap();
        sql_query("WITH x (id) AS (SELECT 7) INSERT INTO customers SELECT id, 'Eve' FROM x RETURNING id")
            .execute(connection).unwrap();
    } => [
        of(1, LOAD),
        of(1, INSERT),
        "1x UPDATE `customers` SET `name` = ? WHERE (`customers`.`id` = ?)",
        "1x DELETE FROM `customers` WHERE (`customers`.`id` = ?)",
        "1x WITH x(id) AS (SELECT ?) INSERT INTO customers SELECT id, ? FROM x RETURNING id",
    ];
    // Q15
    commands(connection) {
        connection.batch_execute("PRAGMA foreign_keys = ON").unwrap();
        connection.batch_execute("CREATE TABLE t (id INTEGER)").unwrap();
        sql_query("EXPLAIN SELECT 1").execute(connection).unwrap();
    } => [
        "1x PRAGMA foreign_keys = ON [session]",
        "1x CREATE TABLE t (id integer)",
        "1x EXPLAIN SELECT ?",
    ];
    // Q16
    committed(connection) {
        connection.transaction(|connection| insert(connection, 4, "Dan")).unwrap();
    } => [BEGIN, of(1, INSERT), COMMIT];
    rolled_back(connection) {
        connection.transaction(|connection| {
            insert(connection, 4, "Dan")?;
            Err::<(), _>(Error::RollbackTransaction)
        }).unwrap_err();
    } => [BEGIN, of(1, INSERT), ROLLBACK];
    of_a_test(connection) {
        connection.test_transaction(|connection| insert(connection, 4, "Dan"));
    } => [BEGIN, of(1, INSERT), ROLLBACK];
    begun_for_a_test(connection) {
        connection.begin_test_transaction().unwrap();
        insert(connection, 4, "Dan").unwrap();
        connection.transaction(|connection| insert(connection, 5, "Eve")).unwrap();
    } => [BEGIN, of(2, INSERT), "1x SAVEPOINT ? [transaction]", "1x RELEASE SAVEPOINT ? [transaction]"];
    immediate(connection) {
        connection.immediate_transaction(|connection| insert(connection, 4, "Dan")).unwrap();
    } => ["1x BEGIN IMMEDIATE [transaction]", of(1, INSERT), COMMIT];
    // Q17
    nested_three_deep(connection) {
        connection.transaction(|connection| {
            insert(connection, 4, "Dan")?;
            connection.transaction(|connection| {
                insert(connection, 5, "Eve")?;
                connection.transaction(|connection| {
                    insert(connection, 6, "Fay")?;
                    Err::<(), _>(Error::RollbackTransaction)
                }).unwrap_err();
                QueryResult::Ok(())
            })
        }).unwrap();
    } => [
        BEGIN,
        of(3, INSERT),
        "2x SAVEPOINT ? [transaction]",
        "1x ROLLBACK TO SAVEPOINT ? [transaction]",
        "1x RELEASE SAVEPOINT ? [transaction]",
        COMMIT,
    ];
    // Q21
    cached(connection) {
        for id in 1..=3 {
            find(connection, id).unwrap();
        }
    } => [of(3, FIND)];
    not_cached(connection) {
        connection.set_prepared_statement_cache_size(CacheSize::Disabled);
        for id in 1..=3 {
            find(connection, id).unwrap();
        }
    } => [of(3, FIND)];
    // Q22
    connecting(_connection) {
        SqliteConnection::establish(":memory:").unwrap();
        SqliteConnection::establish("/no/such/directory/db").err().unwrap();
    } => [];
    // Q23
    pinged_by_r2d2(_connection) {
        let manager = ConnectionManager::<SqliteConnection>::new(":memory:");
        let pool = Pool::builder().max_size(1).build(manager).unwrap();
        for _ in 0..3 {
            sql_query("SELECT 1 + 1").execute(&mut pool.get().unwrap()).unwrap();
        }
    } => ["3x SELECT ? [ping]", "3x SELECT ? + ?"];
    // Q24
    streamed_to_the_end(connection) {
        assert_eq!(customers::table.load_iter::<(i32, String), _>(connection).unwrap().count(), 3);
    } => [of(1, LOAD)];
    streamed_in_part(connection) {
        customers::table.load_iter::<(i32, String), _>(connection).unwrap().next().unwrap().unwrap();
    } => [of(1, LOAD)];
    streamed_and_not_read(connection) {
        drop(customers::table.load_iter::<(i32, String), _>(connection).unwrap());
    } => [of(1, LOAD)];
    streamed_until_it_failed(connection) {
        // The smallest number has no absolute value.
        let numbers = "SELECT abs(CASE id WHEN 2 THEN -9223372036854775807 - 1 ELSE id END) AS n FROM customers";
        #[derive(QueryableByName)]
        struct Number { #[diesel(sql_type = diesel::sql_types::BigInt)] n: i64 }
        let mut read = sql_query(numbers).load_iter::<Number, _>(connection).unwrap();
        assert_eq!(read.next().unwrap().unwrap().n, 1);
        assert!(read.next().unwrap().is_err());
        // On SQLite diesel finishes a stream without an error, whatever came of it.
    } => ["1x SELECT abs(CASE id WHEN ? THEN ? - ? ELSE id END) AS n FROM customers"];
    // Q25
    wrong_syntax(connection) {
        sql_query("SELEKT 1").execute(connection).unwrap_err();
        connection.batch_execute("SELEKT 2").unwrap_err();
    } => ["2x SELEKT ? (2 failed)"];
    against_a_constraint(connection) {
        insert(connection, 4, "Dan").unwrap();
        insert(connection, 4, "Dan").unwrap_err();
        connection.transaction(|connection| insert(connection, 5, "Ann")).unwrap_err();
    } => [of(3, INSERT) + " (2 failed)", BEGIN, ROLLBACK];
    not_found(connection) {
        assert_eq!(find(connection, 9), Err(Error::NotFound));
    } => [of(1, FIND)];
    not_to_be_written(connection) {
        let nothing: Option<String> = None;
        let update = diesel::update(customers::table.find(1)).set(nothing.map(|name| customers::name.eq(name)));
        assert!(matches!(update.execute(connection), Err(Error::QueryBuilderError(_))));
    } => [];
    // Q26
    not_executed(_connection) {
        let query = customers::table.find(1);
        assert!(diesel::debug_query::<diesel::sqlite::Sqlite, _>(&query).to_string().starts_with("SELECT"));
    } => [];
    // Q27
    tried_again(_connection) {
        let file = tempfile::NamedTempFile::new().unwrap();
        let connect = || SqliteConnection::establish(file.path().to_str().unwrap()).unwrap();
        let (mut first, mut second) = (connect(), connect());
        perfassert::unmeasured(|| first.batch_execute(crate::shop::SCHEMA).unwrap());
        first.exclusive_transaction(|first| {
            insert(&mut second, 2, "Bob").unwrap_err();
            insert(first, 1, "Ann")
        }).unwrap();
        insert(&mut second, 2, "Bob").unwrap();
    } => ["1x BEGIN EXCLUSIVE [transaction]", of(3, INSERT) + " (1 failed)", COMMIT];
    lists_of_different_lengths(connection) {
        for ids in [vec![1], vec![1, 2], vec![1, 2, 3]] {
            customers::table.filter(customers::id.eq_any(ids)).load::<(i32, String)>(connection).unwrap();
        }
    } => [of(3, &format!("{LOAD} WHERE (`customers`.`id` IN (?))"))];
    a_query_of_the_users_that_looks_like_a_ping(connection) {
        connection.batch_execute("SELECT 1").unwrap();
        diesel::select(2.into_sql::<diesel::sql_types::Integer>()).execute(connection).unwrap();
    } => ["2x SELECT ?"];
}
