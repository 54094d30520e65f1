//! Names that are made up for one run: `test_1f3a9c2b07`, a UUID, a time in milliseconds, `k3j9x2m4q7`.
//!
//! The same statement is sent to another schema in each run. A name is judged by its parts, and in doubt it is one that somebody
//! has chosen: `orders_2024`, `users_v2`, `oauth2_tokens`, `utf8mb4`, `sha256_sums`.

/// Whether a name looks as if nobody had chosen it.
pub(super) fn is_made_up(name: &str) -> bool {
    let parts = || name.split(|char: char| !char.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    let is_for_tests = parts().any(|part| {
        let part = part.trim_end_matches(|char: char| char.is_ascii_digit()).to_ascii_lowercase();
        FOR_TESTS.contains(&part.as_str())
    });
    is_uuid(parts()) || parts().any(|part| is_made_up_part(part, is_for_tests))
}

/// Words that say that an object is there for a test, or for a while.
const FOR_TESTS: &[&str] =
    &["test", "tests", "testing", "testdb", "tmp", "temp", "temporary", "scratch", "ephemeral"];

/// Five groups of hexadecimal digits.
fn is_uuid<'a>(parts: impl Iterator<Item = &'a str>) -> bool {
    let mut lengths = [0; 5];
    parts.fold(false, |found, part| {
        lengths.rotate_left(1);
        lengths[4] = if is_hex(part) { part.len() } else { 0 };
        found || lengths == [8, 4, 4, 4, 12]
    })
}

fn is_hex(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_made_up_part(part: &str, is_for_tests: bool) -> bool {
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    let letters = part.len() - digits;
    if letters == 0 {
        return is_made_up_number(part, is_for_tests);
    }
    let least = if is_for_tests { 6 } else { 8 };
    let is_mixed_hex = is_hex(part) && digits >= 2 && part.len() >= least;
    is_mixed_hex || is_mixed(part, digits, least) || (digits == 0 && is_no_word(part, is_for_tests))
}

/// A time, or a number of a process: not a year, a month or a day.
fn is_made_up_number(part: &str, is_for_tests: bool) -> bool {
    let is_year = part.len() == 4 && (part.starts_with("19") || part.starts_with("20"));
    let is_day = part.len() == 8 && is_made_of_date(part);
    match part.len() {
        9.. => true,
        4.. => is_for_tests && !is_year && !is_day,
        _ => false,
    }
}

/// `20241231`
fn is_made_of_date(part: &str) -> bool {
    let number = |from: usize| part.get(from..from + 2).and_then(|two| two.parse::<u32>().ok()).unwrap_or(0);
    (part.starts_with("19") || part.starts_with("20"))
        && (1..=12).contains(&number(4))
        && (1..=31).contains(&number(6))
}

/// Letters and digits among each other, more than a word with a number or two has.
fn is_mixed(part: &str, digits: usize, least: usize) -> bool {
    let kinds: Vec<u8> = part.bytes().map(kind).collect();
    let is_change = |two: &&[u8]| (two[0] == DIGIT) != (two[1] == DIGIT);
    let changes = kinds.windows(2).filter(is_change).count();
    // `userAccounts` rises and falls once for each word.
    let is_rise = |two: &&[u8]| two[0] == SMALL && two[1] == CAPITAL;
    let rises = kinds.windows(2).filter(is_rise).count();
    let is_short_word = |three: &&[u8]| three[0] == CAPITAL && three[1] == SMALL && three[2] == CAPITAL;
    let short_words = kinds.windows(3).filter(is_short_word).count();
    let is_broken_up = digits >= 2 && changes >= 3 && part.len() >= least && changes * 4 >= part.len();
    let is_in_any_case = rises >= 2 && digits + short_words >= 2 && part.len() >= least;
    is_broken_up || is_in_any_case
}

const DIGIT: u8 = 0;
const SMALL: u8 = 1;
const CAPITAL: u8 = 2;

fn kind(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => DIGIT,
        b'A'..=b'Z' => CAPITAL,
        _ => SMALL,
    }
}

/// Letters that nobody could say aloud.
fn is_no_word(part: &str, is_for_tests: bool) -> bool {
    let vowels = part.bytes().filter(|byte| b"aeiouyAEIOUY".contains(byte)).count();
    is_for_tests && part.len() >= 10 && vowels * 5 <= part.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Q61
    #[test]
    fn names_of_one_run_are_told_from_those_that_somebody_has_chosen() {
        for name in [
            "test_1f3a9c2b07",
            "test_a3f29c",
            "test_1f3a2b4c",
            "_sqlx_test_1706700000123",
            "tenant_9f8e7d6c5b4a39281706f5e4d3c2b1a0",
            "it_550e8400_e29b_41d4_a716_446655440000",
            "test-6ba7b810-9dad-11d1-80b4-00c04fd430c8",
            "550e8400e29b41d4a716446655440000",
            "db_k3j9x2m4q7",
            "V1StGXR8_Z5jdHi6B-myT",
            "schema_01hqz3k8m9v2x4",
            "test_xkqzjwpvbn",
            "tmp_48213",
            "test_db_1706700000",
            "orders_1706700000123",
            "app_test_0c9a8b7d",
        ] {
            assert!(is_made_up(name), "{name}");
        }
        for name in [
            "orders",
            "orders_2024",
            "orders_2024_01",
            "orders_20240131",
            "users_v2",
            "oauth2_tokens",
            "utf8mb4",
            "sha256_sums",
            "md5_hashes",
            "base64_files",
            "s3_objects",
            "ipv4_addresses",
            "x509_certificates",
            "iso3166_countries",
            "pg_catalog",
            "test",
            "test_db",
            "test_db_2",
            "test_orders_2024",
            "temp_uploads",
            "tmp_20240131",
            "userAccounts",
            "OrderLineItems",
            "http2_push_streams",
            "deadbeef",
            "facade",
            "decade_2020",
            "customers_backup_1",
            "a1_b2_c3",
            "idx_users_on_email",
            "diesel_savepoint_1",
            "__diesel_schema_migrations",
            "_sqlx_migrations",
            "p2p_transfers",
            "k8s_clusters",
            "test_strengths_of_rhythms",
            "catchphrases",
            "mp3_files",
        ] {
            assert!(!is_made_up(name), "{name}");
        }
    }
}
