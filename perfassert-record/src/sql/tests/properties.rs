//! What holds for every statement, whatever its values and however it is laid out (Q1, Q4, Q5, Q7, Q8, Q11).

use proptest::collection::vec;
use proptest::prelude::*;

use crate::sql::normalize;

/// Statements, as the words between which there may be any white space; `{}` is the place of a value.
const TEMPLATES: &[&str] = &[
    "SELECT id , name FROM users WHERE id = {}",
    "SELECT u . id FROM users u JOIN orders o ON o . user_id = u . id WHERE o . total > {} AND u . name LIKE {}",
    "SELECT id FROM users WHERE id IN ( {} , {} , {} ) ORDER BY name LIMIT {}",
    "INSERT INTO users ( id , name ) VALUES ( {} , {} ) , ( {} , {} )",
    "UPDATE users SET name = {} , age = age + {} WHERE id = {} RETURNING id",
    "DELETE FROM users WHERE created < {} AND id NOT IN ( SELECT user_id FROM orders WHERE total = {} )",
    "WITH old AS ( SELECT id FROM users WHERE age > {} ) SELECT count ( * ) FROM old WHERE id <> {}",
];

/// A value in any of the ways in which it can be written, with a mark in those that are text.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>()
            .prop_filter("a number", |number| number.is_finite())
            .prop_map(|number| format!("{number:e}")),
        "[^'\\\\]{0,20}".prop_map(|text| format!("'SECRET{text}'")),
        "[a-z' ]{0,12}".prop_map(|text| format!("'SECRET{}'", text.replace('\'', "''"))),
        "[^$]{0,20}".prop_map(|text| format!("$q$SECRET{text}$q$")),
        "([0-9a-f]{2}){0,8}".prop_map(|digits| format!("x'{digits}'")),
        (1_u32..100).prop_map(|n| format!("${n}")),
        Just("?".to_owned()),
        Just(":name".to_owned()),
        Just("@p0".to_owned()),
    ]
}

/// What may stand between two words.
fn space() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just(" ".to_owned()),
        1 => "[ \t\n]{1,4}",
        1 => "[a-z ]{0,12}".prop_map(|text| format!(" /* {text} */ ")),
        1 => "[a-z' ]{0,12}".prop_map(|text| format!(" -- {text}\n")),
    ]
}

/// `template` with values and spaces filled in, each list used round and round.
fn fill(template: &str, values: &[String], spaces: &[String], lower: bool) -> String {
    let mut values = values.iter().cycle();
    let mut spaces = spaces.iter().cycle();
    let mut sql = String::new();
    for word in template.split(' ') {
        let word = if lower { word.to_lowercase() } else { word.to_owned() };
        sql += &if word == "{}" { values.next().unwrap().clone() } else { word };
        sql += spaces.next().unwrap();
    }
    sql
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    #[cfg_attr(miri, ignore)]
    fn neither_values_nor_layout_make_another_statement(
        template in prop::sample::select(TEMPLATES),
        values in vec(value(), 1..5),
        spaces in vec(space(), 1..6),
        lower: bool,
    ) {
        let plain = normalize(&fill(template, &["?".to_owned()], &[" ".to_owned()], false));
        let sql = fill(template, &values, &spaces, lower);
        let normalized = normalize(&sql);
        prop_assert_eq!(&normalized.text, &plain.text, "of: {}", sql);
        prop_assert_eq!(normalized.fingerprint, plain.fingerprint);
        prop_assert_eq!((normalized.kind, normalized.class), (plain.kind, plain.class));
        prop_assert_eq!(normalized.rows, plain.rows);
        prop_assert!(!normalized.text.contains("SECRET"));
    }

    #[test]
    #[cfg_attr(miri, ignore)]
    fn any_text_has_one_normal_form(sql in ".{0,200}") {
        prop_assert_eq!(normalize(&sql), normalize(&sql));
    }

    #[test]
    #[cfg_attr(miri, ignore)]
    fn the_length_of_a_list_does_not_matter(many in vec(any::<i32>(), 1..200), rows in 1..50_usize) {
        let list = many.iter().map(i32::to_string).collect::<Vec<_>>().join(", ");
        let folded = normalize(&format!("SELECT id FROM users WHERE id IN ({list})"));
        prop_assert_eq!(folded.text, "SELECT id FROM users WHERE id IN (?)");
        prop_assert_eq!(folded.batched, many.len() > 1);
        let insert = normalize(&format!("INSERT INTO t (a, b) VALUES {}", vec!["(1, 'x')"; rows].join(", ")));
        prop_assert_eq!(insert.text, "INSERT INTO t (a, b) VALUES (?, ?)");
        prop_assert_eq!(insert.rows, Some(rows as u64));
    }
}
