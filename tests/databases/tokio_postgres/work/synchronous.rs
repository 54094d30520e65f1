//! `postgres`: the same driver, with a runtime inside of each client.

use std::thread;

use perfassert::max_queries;
use synchronous_postgres::{Client, NoTls};

use super::{INSERT, url};

fn connect() -> Client {
    perfassert::tokio_postgres::init().unwrap();
    Client::connect(&url(), NoTls).unwrap()
}

fn count(client: &mut Client) -> i64 {
    client.query_one("SELECT count(*) FROM item", &[]).unwrap().get(0)
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[test]
fn reads_and_writes() {
    let mut client = connect();
    client.execute(INSERT, &[&11]).unwrap();
    client.batch_execute("UPDATE item SET shop = 2 WHERE id = 11").unwrap();
    let by_shop = client.prepare("SELECT name FROM item WHERE shop = $1").unwrap();
    assert_eq!(client.query(&by_shop, &[&2]).unwrap().len(), 3);
    assert_eq!(count(&mut client), 6);
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[test]
fn committed() {
    let mut client = connect();
    let mut transaction = client.transaction().unwrap();
    transaction.execute(INSERT, &[&41]).unwrap();
    transaction.commit().unwrap();
    assert_eq!(count(&mut client), 6);
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[test]
fn on_a_thread() {
    let mut client = connect();
    count(&mut client);
    let client = thread::spawn(move || {
        count(&mut client);
        client
    });
    count(&mut client.join().unwrap());
}
