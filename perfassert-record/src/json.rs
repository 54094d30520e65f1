//! Lines of JSON, as records and what children tell are kept. No other place knows the library that writes and reads them.
//!
//! It is not `serde_json`, because a dependency of tests must not change what their code means: that compares its values with the
//! numbers and texts of `std`, and wherever it is linked, however indirectly, `assert_eq!(&*bytes, &[])` no longer compiles, as the
//! type of the right side is no longer the only possible one.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json_wasm::de::Error as ReadError;

/// Why a line could not be read.
#[derive(Debug, PartialEq, Eq)]
pub enum Error {
    /// It ends before the value does.
    CutShort,
    /// It is no JSON, or none of the type: why.
    Other(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::CutShort => f.write_str("cut short"),
            Error::Other(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for Error {}

/// The line of a value.
///
/// # Panics
///
/// When the value has fractions, or keys that are no texts.
#[must_use]
pub fn to_vec(value: &impl Serialize) -> Vec<u8> {
    serde_json_wasm::to_vec(value).expect("a line is plain data")
}

/// The value that `text` is, with nothing but white space around it. Unknown fields are skipped.
///
/// # Errors
///
/// When it is another value or none.
pub fn from_slice<T: DeserializeOwned>(text: &[u8]) -> Result<T, Error> {
    serde_json_wasm::from_slice(text).map_err(|error| match error {
        ReadError::EofWhileParsingList
        | ReadError::EofWhileParsingObject
        | ReadError::EofWhileParsingString
        | ReadError::EofWhileParsingValue => Error::CutShort,
        error => Error::Other(error.to_string().trim_end_matches('.').to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::collection::{btree_map, vec};
    use proptest::prelude::*;
    use proptest::sample::{Index, select};
    use serde::Deserialize;

    use super::*;

    /// The shapes of data that our lines are made of.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Line {
        Bare,
        Pair(usize, Part),
        Parts { parts: Vec<Part>, counts: BTreeMap<String, i64>, numbers: [u64; 2] },
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Part {
        name: String,
        rows: Option<u64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        case: Option<String>,
        failed: bool,
    }

    const AWKWARD: [&str; 7] = [
        "SELECT \"name\" FROM 'users'",
        r"C:\new\u0041",
        "\u{0}\u{7}\u{8}\t\n\u{b}\u{c}\r\u{1b}\u{1f} \u{7f}",
        "/*</script>*/",
        "\u{80}\u{feff}\u{2028}\u{2029}\u{fffd}",
        "ß Ω 表 🦀\u{10000}\u{10ffff}",
        "\\\"\\",
    ];

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![select(AWKWARD.to_vec()).prop_map(str::to_owned), any::<String>()]
    }

    fn part() -> impl Strategy<Value = Part> {
        let fields = (text(), any::<Option<u64>>(), proptest::option::of(text()), any::<bool>());
        fields.prop_map(|(name, rows, case, failed)| Part { name, rows, case, failed })
    }

    fn line() -> impl Strategy<Value = Line> {
        let parts = (vec(part(), 0..3), btree_map(text(), any::<i64>(), 0..4), any::<[u64; 2]>());
        prop_oneof![
            Just(Line::Bare),
            (any::<usize>(), part()).prop_map(|(number, part)| Line::Pair(number, part)),
            parts.prop_map(|(parts, counts, numbers)| Line::Parts { parts, counts, numbers }),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) })]

        /// Others read lines with it, and may write them.
        #[test]
        fn serde_json_reads_and_writes_the_same(line in line()) {
            let written = to_vec(&line);
            prop_assert!(!written.contains(&b'\n'));
            prop_assert_eq!(from_slice::<Line>(&written), Ok(line.clone()));
            prop_assert_eq!(&serde_json::from_slice::<Line>(&written).unwrap(), &line);
            prop_assert_eq!(from_slice::<Line>(&serde_json::to_vec_pretty(&line).unwrap()), Ok(line));
        }

        #[test]
        fn a_line_that_is_cut_short_is_none(line in line(), at in any::<Index>()) {
            let written = to_vec(&line);
            prop_assert!(from_slice::<Line>(&written[..at.index(written.len())]).is_err());
        }

        #[test]
        fn no_bytes_are_too_much(bytes in vec(any::<u8>(), 0..64), line in line(), at in any::<Index>()) {
            let _ = from_slice::<Line>(&bytes);
            let mut damaged = to_vec(&line);
            let at = at.index(damaged.len());
            damaged.splice(at..at, bytes);
            let _ = from_slice::<Line>(&damaged);
        }
    }

    #[test]
    fn unknown_fields_are_skipped() {
        let other = r#"{"a": [1.5e3, null, {"b": "\u00e9\ud83e\udd80"}], "c": -0.1, "d": true}"#;
        let text = format!(r#" {{"name": "x", "other": {other}, "rows": null, "failed": false}} "#);
        let part = Part { name: "x".to_owned(), rows: None, case: None, failed: false };
        assert_eq!(from_slice(text.as_bytes()), Ok(part));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let check = |text: &str, error: &str| {
            assert_eq!(from_slice::<Part>(text.as_bytes()).unwrap_err().to_string(), error, "{text}");
        };
        check("", "cut short");
        check(r#"{"name":"x","#, "cut short");
        check(r#"{"name":"SELECT"#, "cut short");
        check("{}", "missing field `name`");
        check(
            r#"{"name":"x","rows":null,"failed":true}}"#,
            "JSON has non-whitespace trailing characters after the value",
        );
        check(
            &format!(r#"{{"other":{}"#, "[".repeat(1_000_000)),
            "JSON is nested too deeply, exceeded the recursion limit",
        );
    }
}
