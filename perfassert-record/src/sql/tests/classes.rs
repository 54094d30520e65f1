use crate::sql::{Class, Kind, normalize, statements};

#[track_caller]
fn check(class: Class, kind: Kind, texts: &[&str]) {
    for text in texts {
        let normalized = normalize(text);
        assert_eq!((normalized.class, normalized.kind), (class, kind), "of: {text}");
    }
}

#[track_caller]
fn check_statements(statements: u32, texts: &[&str]) {
    for text in texts {
        assert_eq!(normalize(text).statements, statements, "of: {text}");
    }
}

#[test]
fn q13_the_verb_decides() {
    check(
        Class::Application,
        Kind::Select,
        &[
            "SELECT a FROM t",
            "SELECT a FROM t FOR UPDATE",
            "(SELECT 1) UNION (SELECT 2)",
            "WITH x AS (SELECT 1) SELECT * FROM x",
            "VALUES (1)",
            "TABLE t",
            "/* update */ select a from t -- delete",
            "SELECT 'DELETE FROM t'",
        ],
    );
    check(
        Class::Application,
        Kind::Insert,
        &[
            "INSERT INTO t VALUES (1)",
            "REPLACE INTO t VALUES (1)",
            "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x RETURNING id",
            "INSERT INTO t SELECT * FROM pg_type",
        ],
    );
    check(
        Class::Application,
        Kind::Update,
        &["UPDATE t SET a = 1", "MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE"],
    );
    check(
        Class::Application,
        Kind::Delete,
        &["DELETE FROM t", "TRUNCATE t", "WITH x AS (SELECT 1) DELETE FROM t"],
    );
    check(Class::Application, Kind::Copy, &["COPY t FROM STDIN", "LOAD DATA INFILE 'x' INTO TABLE t"]);
}

#[test]
fn q14_writing_in_with_is_writing() {
    check(Class::Application, Kind::Delete, &["WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x"]);
    check(
        Class::Application,
        Kind::Insert,
        &[
            "WITH y AS (SELECT 1), x AS (INSERT INTO t SELECT * FROM y RETURNING *) SELECT * FROM x",
            "WITH x AS (DELETE FROM t RETURNING *) INSERT INTO u SELECT * FROM x",
        ],
    );
    check(
        Class::Application,
        Kind::Update,
        &["WITH x AS MATERIALIZED (UPDATE t SET a = 1 RETURNING a) SELECT a FROM x"],
    );
    check(
        Class::Application,
        Kind::Select,
        &["WITH x AS (SELECT a FROM t FOR UPDATE) SELECT replace(a, 'b', 'c') FROM x"],
    );
}

#[test]
fn q15_commands_have_kinds_of_their_own() {
    check(
        Class::Session,
        Kind::Other,
        &[
            "SET search_path TO x",
            "SHOW TABLES",
            "PRAGMA foreign_keys = ON",
            "USE db",
            "DISCARD ALL",
            "RESET ALL",
            "PREPARE s AS SELECT 1",
            "DEALLOCATE ALL",
            "ATTACH 'x' AS y",
            "CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *; SELECT pg_advisory_unlock_all(); \
         DISCARD TEMP; DISCARD SEQUENCES;",
        ],
    );
    check(
        Class::Application,
        Kind::Other,
        &[
            "DECLARE c CURSOR FOR SELECT 1",
            "FETCH 10 FROM c",
            "CLOSE c",
            "EXPLAIN ANALYZE DELETE FROM t",
            "CALL p(1)",
            "EXECUTE s(1)",
            "VACUUM t",
            "ANALYZE",
            "LISTEN c",
            "NOTIFY c, 'x'",
            "DO $$ BEGIN DELETE FROM t; END $$",
            "LOCK TABLE t",
            "SELEKT 1",
        ],
    );
    check(
        Class::Application,
        Kind::Ddl,
        &[
            "CREATE TABLE t (id int)",
            "create unique index i on t (a)",
            "ALTER TABLE t ADD COLUMN a int",
            "DROP TABLE t",
            "GRANT SELECT ON t TO u",
            "COMMENT ON TABLE t IS 'x'",
        ],
    );
}

#[test]
fn q16_transaction_control() {
    check(
        Class::Transaction,
        Kind::Other,
        &[
            "BEGIN",
            "BEGIN IMMEDIATE",
            "BEGIN TRANSACTION ISOLATION LEVEL SERIALIZABLE",
            "START TRANSACTION READ ONLY",
            "COMMIT",
            "commit work",
            "END",
            "ROLLBACK",
            "ROLLBACK TO SAVEPOINT a",
            "ABORT",
            "SAVEPOINT a",
            "RELEASE SAVEPOINT a",
            "PREPARE TRANSACTION 'x'",
            "COMMIT PREPARED 'x'",
            "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
            "SET CONSTRAINTS ALL DEFERRED",
            "SET autocommit = 0",
            "XA START 'x'",
        ],
    );
    check(Class::Application, Kind::Other, &["START REPLICA"]);
}

#[test]
fn q19_statements_of_one_text() {
    check_statements(0, &["", ";", "/* a; b */ ;; -- c;"]);
    check_statements(1, &["SELECT 1", "SELECT 1;", "SELECT ';'", "SELECT 1 -- ;\n;", "DO $$ a; b; $$"]);
    check_statements(2, &["SELECT 1; SELECT 2", "BEGIN; COMMIT;", "SELECT (1; SELECT 2"]);
    check_statements(3, &["a;b;c", "INSERT INTO t VALUES (1);\nUPDATE t SET a = 1;;\nDELETE FROM t;"]);
    check_statements(
        1,
        &[
            "CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE t SET a = CASE WHEN b THEN 1 END; DELETE FROM u; END;",
            "CREATE PROCEDURE p() BEGIN IF a THEN SELECT 1; END IF; CASE a WHEN 1 THEN SELECT 1; END CASE; END",
        ],
    );
    check_statements(2, &["CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END; SELECT 2"]);
}

#[test]
fn q19_the_weightiest_statement_decides() {
    check(
        Class::Application,
        Kind::Insert,
        &[
            "BEGIN; SELECT 1; INSERT INTO t VALUES (1); DELETE FROM t; COMMIT",
            "SET a = 1; INSERT INTO t VALUES (1)",
        ],
    );
    check(Class::Application, Kind::Select, &["BEGIN; SELECT a FROM t; CREATE TABLE u (a int)"]);
    check(Class::Transaction, Kind::Other, &["BEGIN; SET a = 1"]);
    check(
        Class::Migration,
        Kind::Insert,
        &["CREATE TABLE t (a int); INSERT INTO _sqlx_migrations VALUES (1)"],
    );
}

#[test]
fn q22_catalog_look_ups() {
    check(
        Class::Catalog,
        Kind::Select,
        &[
            // sqlx on PostgreSQL
            "SELECT pg_type.oid,\npg_type.oid::regtype::text pretty_name,\ntypname catalog_name,\noriginal_name,\n\
         NULLIF(typelem, 0::oid) typelem,\nCOALESCE((SELECT array_agg(enumlabel) FROM (SELECT *\n\
         FROM pg_catalog.pg_enum\nWHERE enumtypid = pg_type.oid\nORDER BY enumsortorder) labels),\n'{}') enum_labels\n\
         FROM (SELECT DISTINCT ON(lookup_oid) original_name, lookup_oid\n\
         FROM (VALUES ('mood', 'mood'::regtype::oid), (NULL, 4242)) lookup_inner(original_name, lookup_oid)\n\
         ORDER BY lookup_oid) type_lookup\n\
         INNER JOIN pg_catalog.pg_type ON type_lookup.lookup_oid = pg_type.oid\n\
         LEFT JOIN pg_catalog.pg_range ON pg_type.oid = pg_range.rngtypid",
            "SELECT\nattrelid table_oid,\nattrelid::regclass::text table_name,\narray_agg(ROW(attnum, attname)) AS columns\n\
         FROM (VALUES (1, 2), (3, 4)) lookup(table_oid, attribute_num)\n\
         INNER JOIN pg_catalog.pg_attribute ON lookup.table_oid = attrelid AND lookup.attribute_num = attnum\n\
         GROUP BY attrelid",
            // sqlx 0.8
            "SELECT $1::regtype::oid",
            // diesel
            r#"SELECT "pg_type"."oid", "pg_type"."typarray" FROM "pg_type" INNER JOIN "pg_namespace"
           ON ("pg_type"."typnamespace" = "pg_namespace"."oid") WHERE ("pg_type"."typname" = $1) -- binds: ["mood"]"#,
            // tokio-postgres
            "SELECT t.typname, t.typtype, t.typelem, r.rngsubtype, t.typbasetype, n.nspname, t.typrelid\n\
         FROM pg_catalog.pg_type t LEFT OUTER JOIN pg_catalog.pg_range r ON r.rngtypid = t.oid\n\
         INNER JOIN pg_catalog.pg_namespace n ON t.typnamespace = n.oid WHERE t.oid = $1",
            "select exists(SELECT 1 from INFORMATION_SCHEMA.SCHEMATA WHERE SCHEMA_NAME = ?)",
            "SELECT name FROM sqlite_master WHERE type = 'table'",
            "SELECT name FROM main.sqlite_schema",
            "SELECT name FROM pragma_table_info('t')",
            "SELECT current_database()",
            "SELECT DATABASE()",
            "SELECT VERSION()",
        ],
    );
    check(
        Class::Application,
        Kind::Select,
        &[
            "SELECT t.id FROM things t JOIN types ON types.id = t.type_id",
            "SELECT a FROM pg_orders",
            "SELECT a FROM tables",
            "SELECT a FROM users, pg_type",
            "SELECT a FROM pg_type, users",
            "SELECT a FROM (users JOIN pg_type ON true)",
            "SELECT a FROM pg_type WHERE EXISTS (SELECT 1 FROM users)",
            "SELECT pg_catalog.lower(a) FROM users",
            "SELECT 'pg_catalog.pg_type'",
            "SELECT now(), version()",
        ],
    );
}

#[test]
fn q22_migrations() {
    check(
        Class::Migration,
        Kind::Select,
        &[
            "SELECT version, checksum FROM _sqlx_migrations ORDER BY version",
            "SELECT version FROM myapp._sqlx_migrations WHERE success = false",
            "SELECT \"__diesel_schema_migrations\".\"version\" FROM \"__diesel_schema_migrations\"",
            "SELECT `seaql_migrations`.`version` FROM `seaql_migrations`",
            "SELECT version FROM refinery_schema_history",
            "SELECT pg_advisory_lock($1)",
            "SELECT pg_advisory_unlock($1)",
            "SELECT GET_LOCK(?, -1)",
            "SELECT RELEASE_LOCK(?)",
            "select db_name from _sqlx_test.databases",
        ],
    );
    check(
        Class::Migration,
        Kind::Ddl,
        &[
            "CREATE TABLE IF NOT EXISTS _sqlx_migrations (version BIGINT PRIMARY KEY)",
            "create database \"_sqlx_test_abc\"",
            "drop database if exists _sqlx_test_database_1",
        ],
    );
    check(
        Class::Application,
        Kind::Select,
        &["SELECT '_sqlx_migrations'", "SELECT pg_try_advisory_lock($1)"],
    );
}

#[test]
fn q23_pings() {
    check(
        Class::Ping,
        Kind::Select,
        &[
            "SELECT 1 -- binds: []",
            "SELECT $1 -- binds: [1]",
            "SELECT ? -- binds: [1]",
            "SELECT ? -- binds: [I32(1)]",
            "/* ping */ SELECT 1",
        ],
    );
    check(Class::Ping, Kind::Other, &["", ";", "/* ping */"]);
    check(
        Class::Application,
        Kind::Select,
        &["SELECT 1", "select 1;", "SELECT $1", "SELECT 1 FROM t -- binds: []"],
    );
}

/// Q19
#[track_caller]
fn check_split(text: &str, expected: &[(Class, Kind, &str)]) {
    let statements = statements(text);
    let split: Vec<_> = statements.iter().map(|it| (it.class, it.kind, it.text.as_str())).collect();
    assert_eq!(split, expected, "of: {text}");
    for statement in &statements {
        let alone = normalize(&statement.text);
        assert_eq!(statement.fingerprint, alone.fingerprint, "of `{}` in: {text}", statement.text);
    }
}

#[test]
fn q19_each_statement_of_a_text_by_itself() {
    use Class::{Application, Ping, Session, Transaction};
    check_split("SELECT a FROM t;", &[(Application, Kind::Select, "SELECT a FROM t")]);
    check_split("", &[(Ping, Kind::Other, "")]);
    check_split("/* ping */ SELECT 1", &[(Ping, Kind::Select, "SELECT ?")]);
    check_split(
        "INSERT INTO t (a) VALUES (1), (2);; UPDATE t SET a = 3 -- ;\n; select ';' from t; COMMIT",
        &[
            (Application, Kind::Insert, "INSERT INTO t (a) VALUES (?)"),
            (Application, Kind::Update, "UPDATE t SET a = ?"),
            (Application, Kind::Select, "SELECT ? FROM t"),
            (Transaction, Kind::Other, "COMMIT"),
        ],
    );
    check_split(
        "PRAGMA foreign_keys = ON; PRAGMA journal_mode = wal; SELECT 1",
        &[
            (Session, Kind::Other, "PRAGMA foreign_keys = ON"),
            (Session, Kind::Other, "PRAGMA journal_mode = wal"),
            (Application, Kind::Select, "SELECT ?"),
        ],
    );
}

#[test]
fn q19_a_body_is_no_statement_of_its_own() {
    let trigger = "CREATE TRIGGER x AFTER INSERT ON t BEGIN UPDATE t SET a = 1; DELETE FROM u; END";
    let statements = statements(&format!("{trigger}; SELECT 1"));
    let texts: Vec<&str> = statements.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(texts, [&normalize(trigger).text, "SELECT ?"]);
    assert_eq!(statements[0].fingerprint, normalize(trigger).fingerprint);
}

#[test]
fn q19_a_text_that_is_known_as_a_whole_keeps_its_class() {
    let recycling = "CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *; \
                     SELECT pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES;";
    let statements = statements(recycling);
    assert_eq!(statements.len(), 7);
    assert!(statements.iter().all(|it| it.class == Class::Session), "{statements:?}");
}

#[test]
fn q22_what_sqlx_sends_to_postgres_by_itself() {
    let explain = "EXPLAIN (VERBOSE, FORMAT JSON) EXECUTE sqlx_s_1";
    check(Class::Catalog, Kind::Other, &[explain, &format!("{explain}(NULL, NULL)")]);
    check(Class::Session, Kind::Other, &["UNLISTEN *"]);
    check(
        Class::Application,
        Kind::Other,
        &["LISTEN orders", "UNLISTEN orders", "EXPLAIN (VERBOSE) SELECT 1"],
    );
}
