use crate::sql::{Normalized, normalize, statements};

/// A small deterministic generator (xorshift).
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % below
    }

    fn join(&mut self, pieces: &[&str], separators: &[&str]) -> String {
        let mut text = String::new();
        for _ in 0..=self.next(14) {
            text.push_str(pieces[self.next(pieces.len())]);
            text.push_str(separators[self.next(separators.len())]);
        }
        text
    }
}

const NASTY: &[&str] = &[
    "'",
    "''",
    "\"",
    "`",
    "[",
    "]",
    "(",
    ")",
    ",",
    ".",
    ";",
    ":",
    "::",
    ":=",
    "?",
    "?|",
    "?&",
    "?1",
    "$",
    "$$",
    "$a$",
    "$1",
    "$a",
    "@",
    "@@",
    "@x",
    "%",
    "%s",
    "#",
    "#>",
    "#>>",
    "#-",
    "-",
    "--",
    "+",
    "/",
    "/*",
    "*/",
    "*",
    "\\",
    "\\'",
    "\\\"",
    "\n",
    "|",
    "||",
    "&",
    "<",
    ">",
    "=",
    "<>",
    "!",
    "~",
    "^",
    "\0",
    "\u{e9}",
    "\u{1F600}",
    "0",
    "4242",
    "1e5",
    ".5",
    "0x",
    "1e-",
    "e",
    "E'",
    "N'",
    "X'",
    "U&'",
    "_utf8'",
    "a",
    "A1",
    "_",
    "select",
    "FROM",
    "in",
    "IN (",
    "values",
    "VALUES (",
    "row",
    "array",
    "ARRAY[",
    "any(",
    "all",
    "union",
    "null",
    "NULL",
    "default",
    "true",
    "is",
    "not",
    "as",
    "by",
    "order",
    "set",
    "insert",
    "update",
    "delete",
    "with",
    "case",
    "end",
    "begin",
    "create trigger",
    "if",
    "fetch",
    "declare",
    "cursor",
    "for",
    "savepoint",
    "prepare",
    "execute",
    "release",
    "rollback to",
    "explain",
    "current of",
    "transaction",
    "key",
    "primary",
    "field(",
    "unnest(",
    "limit",
    "like",
    "escape",
    "into",
    "table",
    "on",
    "interval",
    "date",
    "-- binds: [",
];

/// Values and names that are complete by themselves, in dialects that agree with each other.
const STANDARD: &[&str] = &[
    "'SECRET'",
    "'SEC''RET SECRET'",
    r"E'SECRET\' SECRET'",
    "$$SECRET ' SECRET$$",
    "$a$SECRET $$ \" SECRET$a$",
    "N'SECRET'",
    "X'4242'",
    "4242",
    "4242.5",
    "-4242",
    ".4242",
    "4242e5",
    "0x4242",
    "4_242",
    "1e4242",
    "/* SECRET ' */",
    "-- SECRET '\n",
    "'SECRET\n-- /* \"'",
    r"'C:\SECRET'",
    r"'SECRET\'",
    r"ESCAPE '\'",
    r"'SECRET\n'",
    "U&'SECRET' UESCAPE '!'",
    "'SECRET'::text",
    "INTERVAL 'SECRET 4242'",
    "\"t\".\"c\"",
    "\"it's 'SECRET'\"",
    "_utf8'SECRET'",
    "(",
    ")",
    ",",
    "=",
    "IN (",
    "VALUES (",
    "ARRAY[",
    "]",
    "SELECT",
    "FROM t",
    "WHERE a",
    "AND",
    "NULL",
    "||",
    "->>",
    "?",
    "$1",
    "::int",
    ";",
    "x",
    "- ",
    "f(",
    "DATE '4242'",
    "'SECRET' 'SECRET'",
];

/// The same for MySQL.
const MYSQL: &[&str] = &[
    r"'SECRET\'s SECRET'",
    r"'it\'s SECRET'",
    r"'\'SECRET\''",
    r#"'say \"SECRET\"'"#,
    r#""SECRET""#,
    r#""it\"SECRET\" 4242""#,
    r#""it's SECRET""#,
    r"'SECRET\\'",
    r"'SECRET\\\'SECRET'",
    r"'it\'s -- SECRET'",
    "'SECRET'",
    "_utf8mb4'SECRET'",
    "x'4242'",
    "4242",
    "-4242",
    "# SECRET '\n",
    "/* SECRET ' */",
    "`name`",
    "`t`.`c`",
    "(",
    ")",
    ",",
    "=",
    "IN (",
    "VALUES (",
    "SELECT",
    "FROM t",
    "WHERE a",
    "AND",
    "NULL",
    "?",
    ";",
    "x",
    "f(",
    "LIKE",
    "CONCAT(",
];

#[track_caller]
fn check_stable(text: &str) -> Normalized {
    let normalized = normalize(text);
    assert_eq!(normalized, normalize(text));
    let again = normalize(&normalized.text);
    // `$1` tells that `"` quotes names, and is gone in the normal form.
    let has_lost_dialect = text.contains('"') && (text.contains('$') || text.contains(':'));
    assert!(
        again.text == normalized.text || has_lost_dialect,
        "of: {text:?}\n  {:?}\n  {:?}",
        normalized.text,
        again.text
    );
    normalized
}

/// Every statement of a text by itself, and nothing between them is lost.
fn check_split(text: &str) {
    let whole = normalize(text);
    let statements = statements(text);
    if whole.statements > 1 {
        assert_eq!(statements.len(), whole.statements as usize, "of: {text}");
        let texts: Vec<_> = statements.iter().map(|statement| statement.text.as_str()).collect();
        assert_eq!(texts.join("; "), whole.text, "of: {text}");
    } else {
        assert_eq!(statements, [whole], "of: {text}");
    }
}

#[test]
#[cfg_attr(miri, ignore)]
fn q11_anything_goes() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..30_000 {
        let text = random.join(NASTY, &["", " ", " ", "\n"]);
        check_split(&text);
        let normalized = check_stable(&text);
        assert!(!normalized.text.contains('\'') || text.contains(['"', '`']), "of: {text:?}");
        assert_eq!(normalized.text.trim(), normalized.text, "of: {text:?}");
        let is_digit = |byte: u8| byte.is_ascii_digit();
        let words =
            normalized.text.split(|char: char| !(char.is_alphanumeric() || "_$\"`@\u{1F600}".contains(char)));
        let numbers = words.filter(|word| word.bytes().next().is_some_and(is_digit)).count();
        assert!(numbers == 0 || text.contains(['"', '`', '[']), "of: {text:?}\n  {}", normalized.text);
    }
}

#[test]
#[cfg_attr(miri, ignore)]
fn q11_no_value_survives() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    for pieces in [STANDARD, MYSQL] {
        for _ in 0..20_000 {
            let text = random.join(pieces, &[" ", " ", "\n"]);
            check_split(&text);
            let normalized = check_stable(&text);
            let leaks = normalized.text.contains("SECRET") || normalized.text.contains("secret");
            assert!(!leaks && !normalized.text.contains("42"), "of: {text:?}\n  {}", normalized.text);
        }
    }
}

#[test]
#[cfg_attr(miri, ignore)]
fn q11_any_bytes() {
    let mut random = Random(0x1234_5678_9abc_def1);
    for _ in 0..10_000 {
        let bytes: Vec<u8> = (0..random.next(24)).map(|_| random.next(256) as u8).collect();
        check_stable(&String::from_utf8_lossy(&bytes));
    }
}

/// Each takes milliseconds; were one of them quadratic, it would take minutes.
#[test]
#[cfg_attr(miri, ignore)]
fn q11_long_texts() {
    for piece in [
        "'",
        "\"",
        "`",
        "[",
        "[a ",
        "(",
        ")",
        ",",
        ";",
        "?",
        "a ?",
        "$",
        "$a",
        "$a$b",
        "/*",
        "/* /* */ ",
        "*/",
        "--",
        "- ",
        "#",
        "a #>",
        "\\'",
        "'\\' \"",
        ":",
        "::",
        ".",
        "order .",
        "order/**/",
        " ",
        "\n",
        "1",
        "a",
        "a ",
        "in (",
        "in (a,b,",
        "IN (1,2),",
        "values (",
        "VALUES (a),(b),(c),(d),(e),(f),",
        "array[",
        "any(",
        "case ",
        "E'",
        "\u{e9}",
    ] {
        let _ = normalize(&piece.repeat(1_000_000 / piece.len()));
        let _ = normalize(&format!("values (1), {}", piece.repeat(1_000_000 / piece.len())));
    }
}
