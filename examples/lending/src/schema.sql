CREATE TABLE authors (
    id   INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL
);

CREATE TABLE books (
    id        INTEGER NOT NULL PRIMARY KEY,
    title     TEXT NOT NULL,
    author_id INTEGER NOT NULL REFERENCES authors (id),
    year      INTEGER NOT NULL
);

CREATE INDEX books_by_author ON books (author_id);

CREATE TABLE copies (
    id      INTEGER NOT NULL PRIMARY KEY,
    book_id INTEGER NOT NULL REFERENCES books (id),
    shelf   TEXT NOT NULL
);

CREATE INDEX copies_by_book ON copies (book_id);

CREATE TABLE members (
    id   INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL
);

CREATE TABLE loans (
    id          INTEGER NOT NULL PRIMARY KEY,
    copy_id     INTEGER NOT NULL REFERENCES copies (id),
    member_id   INTEGER NOT NULL REFERENCES members (id),
    lent_on     TEXT NOT NULL DEFAULT CURRENT_DATE,
    due_on      TEXT NOT NULL DEFAULT (date('now', '+21 days')),
    returned_on TEXT
);

CREATE INDEX loans_by_member ON loans (member_id);

-- A copy can be with one member only.
CREATE UNIQUE INDEX loans_under_way ON loans (copy_id) WHERE returned_on IS NULL;
