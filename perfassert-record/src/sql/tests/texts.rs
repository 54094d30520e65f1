use crate::sql::normalize;

/// All texts normalise to `expected`, which is normal already.
#[track_caller]
fn check(expected: &str, texts: &[&str]) {
    for text in texts {
        assert_eq!(normalize(text).text, expected, "of: {text}");
        assert_eq!(normalize(text).fingerprint, normalize(expected).fingerprint, "of: {text}");
    }
    assert_eq!(normalize(expected).text, expected, "is not stable");
}

#[track_caller]
fn check_different(texts: &[&str]) {
    for (index, text) in texts.iter().enumerate() {
        for other in &texts[index + 1..] {
            assert_ne!(normalize(text).fingerprint, normalize(other).fingerprint, "{text}\n{other}");
        }
    }
}

/// Whether the texts are batches, and how many rows they insert.
#[track_caller]
fn check_batch(batched: bool, rows: Option<u64>, texts: &[&str]) {
    for text in texts {
        let normalized = normalize(text);
        assert_eq!((normalized.batched, normalized.rows), (batched, rows), "of: {text}");
    }
}

#[test]
fn q1_lists_fold() {
    check(
        "SELECT id FROM users WHERE id IN (?)",
        &[
            "SELECT id FROM users WHERE id IN (1)",
            "SELECT id FROM users WHERE id IN (1,2,3)",
            "SELECT id FROM users WHERE id IN ( $1 , $2 )",
            "SELECT id FROM users WHERE id IN (?, -1, NULL, 'a', 1e5)",
        ],
    );
    check(
        "DELETE FROM t WHERE a NOT IN (?)",
        &["DELETE FROM t WHERE a NOT IN (1)", "DELETE FROM t WHERE a NOT IN (1, 2)"],
    );
    check("SELECT a FROM t WHERE a IN (?::uuid)", &["SELECT a FROM t WHERE a IN ($1::uuid, $2::uuid)"]);
    check("SELECT a FROM t WHERE (a, b) IN ((?, ?))", &["SELECT a FROM t WHERE (a, b) IN ((1, 2), (3, 4))"]);
    check("SELECT a FROM t WHERE a IN (?, b)", &["SELECT a FROM t WHERE a IN (1, b, 2)"]);
    check("SELECT ARRAY[?], ARRAY[[?, ?]]", &["SELECT ARRAY[1, 2, 3], array [[1, 2], [3, 4]]"]);
    check(
        "SELECT a FROM t ORDER BY field(id, ?)",
        &["SELECT a FROM t ORDER BY FIELD(id, 3, 1, 2)", "SELECT a FROM t ORDER BY field(id, ?)"],
    );
    check(
        "SELECT * FROM t WHERE id = ANY(?)",
        &["SELECT * FROM t WHERE id = ANY($1)", "select * from t where id = any ('{1,2}')"],
    );
    check("SELECT * FROM t WHERE id = ANY(?::int[])", &["SELECT * FROM t WHERE id = ANY($1::int[])"]);
}

#[test]
fn q1_batches() {
    check_batch(
        true,
        None,
        &[
            "SELECT a FROM t WHERE a IN (1, 2)",
            "SELECT a FROM t WHERE (a, b) IN ((1, 2), (3, 4))",
            "SELECT a FROM t WHERE a = ANY($1)",
            "SELECT a FROM t WHERE a = ANY($1::uuid[])",
            "SELECT a FROM t WHERE a <> ALL($1)",
            "SELECT a FROM t WHERE a = ANY(ARRAY[1, 2])",
            "INSERT INTO t SELECT * FROM UNNEST($1::int[], $2::text[])",
            "SELECT a FROM t WHERE a IN (SELECT value FROM json_each(?))",
            "SELECT a FROM t JOIN (VALUES (1), (2)) v(id) ON v.id = t.id",
        ],
    );
    check_batch(
        false,
        None,
        &[
            "SELECT a FROM t WHERE a = 1",
            "SELECT a FROM t WHERE a IN (1)",
            "SELECT a FROM t WHERE a IN (SELECT 1, 1 FROM u)",
            "SELECT a FROM t WHERE a = ANY(SELECT b FROM u)",
            "SELECT a FROM t UNION ALL (SELECT a FROM u)",
            "SELECT coalesce(1, 1)",
        ],
    );
}

#[test]
fn q2_columns_differ() {
    check_different(&[
        "SELECT * FROM t WHERE id = $1",
        "SELECT * FROM t WHERE email = $1",
        "SELECT * FROM t WHERE id > $1",
        "SELECT * FROM t WHERE id = $1 LIMIT 1",
        "SELECT * FROM t WHERE id IN ($1)",
        "SELECT * FROM t WHERE id IS NULL",
        "SELECT * FROM t WHERE id IS NOT NULL",
        "SELECT * FROM \"t\" WHERE id = $1",
        "SELECT * FROM \"T\" WHERE id = $1",
    ]);
}

#[test]
fn q3_subqueries_are_no_lists() {
    check(
        "SELECT a FROM t WHERE a IN (SELECT ?, ? FROM u)",
        &["SELECT a FROM t WHERE a IN (select 1, 1 from u)"],
    );
    check(
        "SELECT a FROM t WHERE a IN (WITH x AS (SELECT ?) SELECT ?, ? FROM x)",
        &["SELECT a FROM t WHERE a IN (with x as (select 1) select 1, 1 from x)"],
    );
    check_different(&["SELECT a FROM t WHERE a IN (1, 2)", "SELECT a FROM t WHERE a IN (SELECT 1)"]);
}

#[test]
fn q4_comments_go() {
    check(
        "SELECT a FROM t WHERE b = ?",
        &[
            "SELECT /* nested /* */ 'SECRET */ a FROM t WHERE b = 1",
            "SELECT a -- it's\nFROM t WHERE b = 1",
            "SELECT a # it's\nFROM t WHERE b = 1",
            "# it's\nSELECT a FROM t WHERE b = 1 #> it's",
            "/* trace-id: 4242 */ SELECT a FROM t WHERE b = 1 -- 4242",
            "SELECT a FROM t WHERE b = '--'",
            "SELECT a FROM t WHERE b = '/*' /* SECRET",
            "SELECT a FROM t WHERE b = '#'",
            "/* a /* flat comment */ SELECT a FROM t WHERE b = 1",
            "SELECT a FROM t WHERE b = 1 /*! SQL_NO_CACHE */",
        ],
    );
}

#[test]
fn q5_literals_are_placeholders() {
    for literal in [
        "'O''Brien'",
        r"E'\''",
        r"e'a\'b\\'",
        "$$it's$$",
        "$tag$ $$ it's $tag$",
        "X'AB'",
        "b'01'",
        "N'SECRET'",
        "_utf8mb4'SECRET'",
        "U&'SECRET'",
        "0xFF",
        "0b01",
        "1",
        "-1",
        "- 1",
        "+1",
        "- -1",
        "1.5",
        ".5",
        "-.5",
        "1.",
        "1e5",
        "1.5e-3",
        "1E+5",
        "1_000",
        "TRUE",
        "false",
        "'a' 'b'",
        "'a'\n'b'",
        "\"it's\"",
        "\"SECRET\"",
        "''",
        "'\u{fc}\u{1F600}'",
        "'--'",
    ] {
        check(
            "UPDATE t SET a = ? WHERE b > ?",
            &[&format!("UPDATE t SET a = {literal} WHERE b > {literal}")],
        );
        check("SELECT f(?, ?)", &[&format!("SELECT f({literal}, {literal})")]);
        check("SELECT ?", &[&format!("SELECT {literal}")]);
    }
    check(
        "SELECT date ?, INTERVAL ?, ?::text, CAST(? AS int)",
        &["SELECT date '2020-01-01', interval '1 day', 'x'::text, cast('1' as int)"],
    );
    check("SELECT a - ?, a - ?, -(?), -a", &["SELECT a -1, a - -1, -(1), -a"]);
    check("SELECT * FROM t LIMIT ? OFFSET ?", &["SELECT * FROM t LIMIT 10 OFFSET 20"]);
}

#[test]
fn q5_backslashes_of_both_dialects() {
    // MySQL: the backslash escapes the quote.
    check(
        "SELECT a FROM t WHERE b = ? AND c = ?",
        &[
            r"SELECT a FROM t WHERE b = 'it\'s SECRET' AND c = 1",
            r"SELECT a FROM t WHERE b = '\'SECRET\'' AND c = 'x'",
            r#"SELECT a FROM t WHERE b = "\"SECRET\"" AND c = 'x'"#,
            r"SELECT a FROM t WHERE b = 'a\\' AND c = 'it\'s'",
            r"SELECT a FROM t WHERE b = 'it\'s -- SECRET' AND c = 1",
        ],
    );
    // Standard: the string ends.
    check(
        "SELECT a FROM t WHERE b LIKE ? ESCAPE ? AND c = ?",
        &[
            r"SELECT a FROM t WHERE b LIKE '%\%%' ESCAPE '\' AND c = 'SECRET'",
            r"SELECT a FROM t WHERE b LIKE $1 ESCAPE '\' AND c = 1",
        ],
    );
    check("SELECT a FROM t WHERE b = ? AND c = ?", &[r"SELECT a FROM t WHERE b = 'C:\' AND c = 'SECRET'"]);
    // It is neither: what follows is taken for a part of the string.
    check("SELECT ?", &[r"SELECT 'it\'s SECRET' AND b = 'SECRET"]);
}

#[test]
fn q6_placeholders_and_operators() {
    check(
        "SELECT a FROM t WHERE b = ? AND c > ?",
        &[
            "SELECT a FROM t WHERE b = $1 AND c > $2",
            "SELECT a FROM t WHERE b = ? AND c > ?",
            "SELECT a FROM t WHERE b = ?1 AND c > ?2",
            "SELECT a FROM t WHERE b = :name AND c > :other",
            "SELECT a FROM t WHERE b = @p0 AND c > @name",
            "SELECT a FROM t WHERE b = $name AND c > :1",
            "SELECT a FROM t WHERE b = %s AND c > %s",
            "select a from t where b=?and c>?",
        ],
    );
    check(
        "SELECT data ? ?, data ?| ARRAY[?], data ?& ?, data @? ?",
        &["SELECT data ? 'a', data ?| array['a', 'b'], data ?& $1, data @? '$.a'"],
    );
    check(
        "SELECT data -> ?, data ->> ?, data #> ?, data #>> ?, data #- ?",
        &["SELECT data->'a', data->>'a', data#>'{a}', data#>>'{a,b}', data #- '{a}'"],
    );
    check("SELECT a[?:?], a[lo:hi], a[?]::text[]", &["SELECT a[1:2], a[lo:hi], a [ 1 ] :: text[]"]);
    check("SELECT a % s, a % ?, ? := ?, @@sql_mode", &["SELECT a % s, a %5, @x := 5, @@sql_mode"]);
    check(
        "SELECT a <-> ?, a <#> ?, a @> ?, a || ?, a ~* ?, a <=> ?",
        &["SELECT a<->'[1]', a <#> $1, a@>'{}', a||'x', a~*'x', a <=> 1"],
    );
    check("SELECT a FROM t WHERE b = ? || ?", &["SELECT a FROM t WHERE b = ?||'x'"]);
}

#[test]
fn q7_rows_fold() {
    let many = format!("INSERT INTO users (id, name) VALUES {}", vec!["($1, $2)"; 500].join(", "));
    let one = "INSERT INTO users(id,name) VALUES (1, 'a')";
    check(
        "INSERT INTO users (id, name) VALUES (?, ?)",
        &[
            one,
            &many,
            "INSERT INTO users (id, name) VALUES (1, NULL), (DEFAULT, 2)",
            "INSERT INTO users (id, name) VALUES ROW(1, 2), ROW(3, 4)",
        ],
    );
    check_batch(false, Some(1), &[one]);
    check_batch(true, Some(500), &[&many]);
    check(
        "INSERT INTO t VALUES (?, now()) RETURNING id",
        &["INSERT INTO t VALUES (1, now()), (2, NOW()) RETURNING id"],
    );
    check("INSERT INTO t VALUES (?, a), (?, b)", &["INSERT INTO t VALUES (1, a), (2, b), (3, a), (4, b)"]);
    let upsert =
        "INSERT INTO t (a) VALUES (1), (2) ON DUPLICATE KEY UPDATE a = VALUES(a), b = COALESCE(VALUES(b), 1)";
    check(
        "INSERT INTO t (a) VALUES (?) ON DUPLICATE KEY UPDATE a = VALUES (a), b = coalesce(VALUES (b), ?)",
        &[upsert],
    );
    check_batch(true, Some(2), &[upsert, "WITH x AS (SELECT 1) INSERT INTO t VALUES (1), (2)"]);
    check_batch(
        false,
        None,
        &["VALUES (1)", "INSERT INTO t DEFAULT VALUES", "INSERT INTO t SELECT * FROM u"],
    );
}

#[test]
fn q8_case_and_space_fold_outside_quotes() {
    check(
        "SELECT id, name FROM users u WHERE u.id = ? AND lower(name) = ?",
        &[
            "select  ID,Name\nfrom\tUSERS U where u . id=1 and LOWER( name )='X';",
            "SELECT id , name FROM users u WHERE u.id = $1 AND lower (name) = $2 ; ; ",
        ],
    );
    check(
        r#"SELECT "Id", `Key`, [First Name] FROM "My Users""#,
        &[r#"select "Id",`Key`,[First Name] from "My Users""#],
    );
    check(r#"SELECT id AS "id!: Uuid" FROM users"#, &[r#"select ID as "id!: Uuid" from users"#]);
    check("SELECT t.order, x.key, count(*) FROM t", &["SELECT t.ORDER, x.key, COUNT(*) FROM t"]);
    check(
        "SELECT order.id FROM t",
        &["SELECT ORDER . id FROM t", "SELECT order/* SECRET */ -- SECRET\n.id from t"],
    );
    check_different(&[r#"SELECT a FROM "Users""#, r#"SELECT a FROM "users""#, "SELECT a FROM users"]);
}

#[test]
fn q8_double_quotes_of_both_dialects() {
    // Names, where no string can stand or where the text shows a dialect in which they quote names.
    check(
        r#"SELECT "id", "t"."b c" FROM "t" WHERE "id" = ?"#,
        &[r#"SELECT "id", "t"."b c" FROM "t" WHERE "id" = $1"#],
    );
    assert_eq!(
        normalize(r#"SELECT "userId" FROM t WHERE id = $1"#).text,
        r#"SELECT "userId" FROM t WHERE id = ?"#
    );
    // Strings, elsewhere.
    check("SELECT ? FROM t WHERE a = ?", &[r#"SELECT "SECRET" FROM t WHERE a = "SECRET""#]);
    check("REVOKE SELECT ON t FROM ?", &[r#"REVOKE SELECT ON t FROM "SECRET""#]);
    check("SELECT trim(? FROM ?)", &[r#"SELECT trim('x' FROM "SECRET")"#]);
    check(
        r#"SELECT "id" FROM "t" WHERE a = ? AND b IN (?)"#,
        &[r#"SELECT "id" FROM "t" WHERE a = "SECRET" AND b IN ("SECRET", "x")"#],
    );
}

#[test]
fn q9_names_are_canonical() {
    check(
        "SAVEPOINT ?",
        &["SAVEPOINT _sqlx_savepoint_1", "savepoint \"x y\"", "SAVEPOINT diesel_savepoint_2"],
    );
    check("RELEASE SAVEPOINT ?", &["RELEASE SAVEPOINT _sqlx_savepoint_1"]);
    check("RELEASE ?", &["release a"]);
    check("ROLLBACK TO SAVEPOINT ?", &["ROLLBACK TO SAVEPOINT _sqlx_savepoint_1"]);
    check("ROLLBACK TO ?", &["ROLLBACK TO a"]);
    check(
        "DECLARE ? CURSOR FOR SELECT name FROM t WHERE a = ?",
        &["declare c1 cursor for select name from t where a = 1"],
    );
    check("FETCH FORWARD ? FROM ?", &["FETCH FORWARD 100 FROM c1", "fetch forward 1 from c2"]);
    check("FETCH NEXT FROM ?", &["FETCH NEXT FROM c1"]);
    check("CLOSE ?", &["CLOSE c1"]);
    check("EXECUTE ? (?, ?)", &["EXECUTE s1(1, 2)"]);
    check("DEALLOCATE ?", &["DEALLOCATE s1"]);
    // A test has a database of its own, with a name that is another one each time.
    check("CREATE DATABASE ?", &["CREATE DATABASE test_01a20347", "create database \"test-1\""]);
    check("CREATE DATABASE IF NOT EXISTS ?", &["CREATE DATABASE IF NOT EXISTS `test_1`"]);
    check("CREATE DATABASE ? template shop", &["CREATE DATABASE test_1 TEMPLATE shop"]);
    check("CREATE DATABASE _sqlx_test", &["create database _sqlx_test_1"]);
    check("DROP DATABASE IF EXISTS ? WITH (force)", &["DROP DATABASE IF EXISTS test_1 WITH (FORCE)"]);
    check("ALTER DATABASE ? allow_connections ?", &["ALTER DATABASE test_1 ALLOW_CONNECTIONS false"]);
    check("GRANT connect ON database shop TO reader", &["GRANT CONNECT ON DATABASE shop TO reader"]);
    check("DEALLOCATE PREPARE ?", &["DEALLOCATE PREPARE s1"]);
    check("DEALLOCATE ALL", &["deallocate all"]);
    check("PREPARE ? AS SELECT name FROM t WHERE a = ?", &["PREPARE s1 AS SELECT name FROM t WHERE a = $1"]);
    check(
        "EXPLAIN (VERBOSE, FORMAT JSON) EXECUTE ? (NULL)",
        &["EXPLAIN (VERBOSE, FORMAT JSON) EXECUTE sqlx_s_1(NULL)"],
    );
    check("UPDATE t SET a = ? WHERE CURRENT OF ?", &["UPDATE t SET a = 1 WHERE CURRENT OF c1"]);
}

#[test]
fn q10_binds_go() {
    check(
        "SELECT a FROM t WHERE b = ?",
        &[
            "SELECT a FROM t WHERE b = $1 -- binds: [\"SECRET\"]",
            "SELECT a FROM t WHERE b = $1 -- binds: [Odd {\n it's: SECRET }]",
            "SELECT a FROM t WHERE b = ' -- binds: [SECRET]' -- binds: []",
        ],
    );
}

#[test]
fn q11_what_no_grammar_accepts() {
    check("SELEKT ?", &["SELEKT 4242"]);
    for (text, expected) in [
        ("SELECT 'SECRET", "SELECT ?"),
        ("SELECT \"SECRET", "SELECT ?"),
        ("SELECT `SECRET", "SELECT ?"),
        ("SELECT $a$ SECRET", "SELECT ?"),
        ("SELECT /* SECRET", "SELECT"),
        ("SELECT E'SECRET\\'", "SELECT ?"),
        ("SELECT ))((", "SELECT)) (("),
        ("", ""),
        (" ;; ", ""),
        ("\u{feff}SELECT \u{e9}t\u{e9}", "SELECT \u{e9}t\u{e9}"),
        ("\0", ""),
        (",", ","),
        ("- - -", "- - -"),
    ] {
        check(expected, &[text]);
    }
}

#[test]
fn q12_fingerprints_stay() {
    // If this fails, `VERSION` has to grow.
    for (text, fingerprint) in [
        ("SELECT id, name FROM users WHERE id = $1", "c3b8fe6ce7d2846f"),
        ("INSERT INTO t (a) VALUES (1), (2)", "aca0f92d1454e50a"),
        ("", "cbf29ce484222325"),
    ] {
        assert_eq!(normalize(text).fingerprint.to_string(), fingerprint, "of: {text}");
    }
}
