//! Statements with values of all kinds: whatever a value is, the statement is the same, and the value is not in it.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use perfassert_record::sql::normalize;

/// Appears in every value that is text, and nowhere else.
const SECRET: &str = "SECRET";

#[derive(Arbitrary, Debug)]
enum Value {
    Integer(i64),
    Float(f64),
    /// As the standard writes it: a quote is doubled.
    Text(String),
    /// PostgreSQL's, with a tag.
    Dollar(String),
    Hex(Vec<u8>),
    Boolean(bool),
}

impl Value {
    fn written(&self) -> String {
        match self {
            Value::Integer(number) => number.to_string(),
            Value::Float(number) if number.is_finite() => format!("{number:e}"),
            Value::Float(_) => "1.5".to_owned(),
            // A backslash is read both ways, and takes a dialect to decide: see the rules.
            Value::Text(text) => format!("'{SECRET}{}'", text.replace('\\', "/").replace('\'', "''")),
            Value::Dollar(text) => format!("$q${SECRET}{}$q$", text.replace('$', "")),
            Value::Hex(bytes) => format!("x'{}'", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()),
            Value::Boolean(value) => value.to_string(),
        }
    }
}

fuzz_target!(|values: [Value; 3]| {
    let [a, b, c] = values.map(|value| value.written());
    let sql = format!("SELECT name FROM users WHERE a = {a} AND b IN ({b}, {c}) LIMIT 10");
    let normalized = normalize(&sql);
    assert_eq!(normalized.text, "SELECT name FROM users WHERE a = ? AND b IN (?) LIMIT ?", "{sql}");
});
