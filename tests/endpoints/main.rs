//! Endpoints: method and route pattern, measured to the end of the body, in each framework; and whose they are.

mod actix;
#[path = "axum/v07.rs"]
mod axum_07;
#[path = "axum/v08.rs"]
mod axum_08;
mod client;
mod exported;
mod grpc;
mod joined;
mod work;

use perfassert::record::Record;
use perfassert_test_support::child::{list, record_of};

/// The endpoints of a test by name, one a line: the requests, how many of them failed, and what the dearest executed.
fn endpoints(record: &Record) -> Vec<String> {
    let line = |endpoint: &perfassert::record::Endpoint| {
        let (requests, failed) = (endpoint.requests, endpoint.failed);
        format!("{} | {requests} requests, {failed} failed | {}", endpoint.name, list(&endpoint.statements))
    };
    let mut endpoints: Vec<_> = record.endpoints.iter().map(line).collect();
    endpoints.sort();
    endpoints
}

/// Runs the fixture, which is to leave these endpoints and nothing that is nobody's.
#[track_caller]
fn check(fixture: &str, expected: &[&str]) {
    let record = record_of(fixture);
    assert_eq!(endpoints(&record), expected, "{fixture}");
    assert!(record.unattributed.is_empty(), "{fixture}: {}", list(&record.unattributed));
}
