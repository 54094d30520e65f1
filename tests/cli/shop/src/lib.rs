//! A shop whose branches differ in what they ask the database.

pub mod db;

use db::Db;

pub fn list_orders(db: &mut Db) {
    db.query("SELECT id, customer_id, total FROM orders");
}

pub fn one_order(db: &mut Db) {
    db.query("SELECT id, total FROM orders WHERE id = ?");
    db.allocate(100);
}
