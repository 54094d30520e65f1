//! Any bytes: no panic, always the same answer, and a normal text that is not much longer than what it was made of.
#![no_main]

use libfuzzer_sys::fuzz_target;
use perfassert_record::sql::normalize;

fuzz_target!(|bytes: &[u8]| {
    let sql = String::from_utf8_lossy(bytes);
    let normalized = normalize(&sql);
    assert_eq!(normalized, normalize(&sql));
    assert!(normalized.text.len() <= 3 * sql.len() + 16, "{}", normalized.text);
});
