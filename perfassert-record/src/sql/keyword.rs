//! The words that steer the lexer, the writer and the classifier.

/// Defines [`Keyword`]: the hard ones are keywords wherever they stand, the soft ones only where [`follows`] or the
/// start of a statement says so, because they are also good names for columns.
macro_rules! keywords {
    (hard { $($hard:ident = $hard_text:literal,)+ } soft { $($soft:ident = $soft_text:literal,)+ }) => {
        /// A word that means something to us.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Keyword {
            $($hard,)+
            $($soft,)+
        }

        const ALL: &[Keyword] = &[$(Keyword::$hard,)+ $(Keyword::$soft,)+];
        const TEXTS: &[&str] = &[$($hard_text,)+ $($soft_text,)+];
        const HARD: usize = [$($hard_text,)+].len();
    };
}

keywords! {
    hard {
        Add = "ADD", All = "ALL", Alter = "ALTER", And = "AND", Any = "ANY", Array = "ARRAY", As = "AS", Asc = "ASC",
        Between = "BETWEEN", By = "BY", Cascade = "CASCADE", Case = "CASE", Cast = "CAST", Check = "CHECK",
        Collate = "COLLATE", Conflict = "CONFLICT", Constraint = "CONSTRAINT", Create = "CREATE", Cross = "CROSS",
        Default = "DEFAULT", Delete = "DELETE", Desc = "DESC", Distinct = "DISTINCT", Div = "DIV", Do = "DO",
        Drop = "DROP", Duplicate = "DUPLICATE", Else = "ELSE", End = "END", Escape = "ESCAPE", Except = "EXCEPT",
        Exists = "EXISTS", False = "FALSE", Fetch = "FETCH", Following = "FOLLOWING", For = "FOR",
        Foreign = "FOREIGN", From = "FROM", Full = "FULL", Glob = "GLOB", Group = "GROUP", Having = "HAVING",
        If = "IF", Ilike = "ILIKE", In = "IN", Inner = "INNER", Insert = "INSERT", Intersect = "INTERSECT",
        Interval = "INTERVAL", Into = "INTO", Is = "IS", Join = "JOIN", Lateral = "LATERAL", Left = "LEFT",
        Like = "LIKE", Limit = "LIMIT", Matched = "MATCHED", Materialized = "MATERIALIZED", Natural = "NATURAL",
        Not = "NOT", Nothing = "NOTHING", Null = "NULL", Nulls = "NULLS", Offset = "OFFSET", On = "ON",
        Only = "ONLY", Or = "OR", Order = "ORDER", Outer = "OUTER", Over = "OVER", Partition = "PARTITION",
        Preceding = "PRECEDING", Primary = "PRIMARY", Recursive = "RECURSIVE", References = "REFERENCES",
        Regexp = "REGEXP", Restrict = "RESTRICT", Returning = "RETURNING", Right = "RIGHT", Rlike = "RLIKE",
        Select = "SELECT", Set = "SET", Similar = "SIMILAR", Some = "SOME", Table = "TABLE",
        Temporary = "TEMPORARY", Then = "THEN", To = "TO", True = "TRUE", Unbounded = "UNBOUNDED", Union = "UNION",
        Unique = "UNIQUE", Unknown = "UNKNOWN", Update = "UPDATE", Using = "USING", Values = "VALUES",
        When = "WHEN", Where = "WHERE", With = "WITH", Xor = "XOR",
    }
    soft {
        Abort = "ABORT", Action = "ACTION", Attach = "ATTACH", Autocommit = "AUTOCOMMIT", Begin = "BEGIN",
        Close = "CLOSE", Column = "COLUMN", Comment = "COMMENT", Commit = "COMMIT", Constraints = "CONSTRAINTS",
        Copy = "COPY", Current = "CURRENT", Data = "DATA", Database = "DATABASE", Deallocate = "DEALLOCATE",
        Declare = "DECLARE", Detach = "DETACH", Discard = "DISCARD", Event = "EVENT", Execute = "EXECUTE",
        Explain = "EXPLAIN", Extension = "EXTENSION", Filter = "FILTER", First = "FIRST", Function = "FUNCTION",
        Grant = "GRANT", Ignore = "IGNORE", Index = "INDEX", Key = "KEY", Last = "LAST", Load = "LOAD",
        Locked = "LOCKED", Loop = "LOOP", Merge = "MERGE", Move = "MOVE", Next = "NEXT", No = "NO",
        Nowait = "NOWAIT", Of = "OF", Pragma = "PRAGMA", Prepare = "PREPARE", Procedure = "PROCEDURE",
        Release = "RELEASE", Rename = "RENAME", Repeat = "REPEAT", Replace = "REPLACE", Reset = "RESET",
        Revoke = "REVOKE", Rollback = "ROLLBACK", Rows = "ROWS", Savepoint = "SAVEPOINT",
        Schema = "SCHEMA", Sequence = "SEQUENCE", Share = "SHARE", Show = "SHOW", Skip = "SKIP", Start = "START",
        Temp = "TEMP", Transaction = "TRANSACTION", Trigger = "TRIGGER", Truncate = "TRUNCATE",
        Type = "TYPE", Unlisten = "UNLISTEN", Upsert = "UPSERT", Use = "USE", View = "VIEW", While = "WHILE",
        Within = "WITHIN", Xa = "XA",
    }
}

impl Keyword {
    /// Whether a table or another object of the schema is named behind it, in every dialect.
    pub(super) fn announces_relation(self) -> bool {
        use Keyword as K;
        matches!(
            self,
            K::Join
                | K::Into
                | K::Update
                | K::Table
                | K::Only
                | K::References
                | K::Exists
                | K::Index
                | K::View
                | K::Schema
                | K::Database
                | K::Sequence
                | K::Type
                | K::Function
                | K::Procedure
                | K::Trigger
                | K::Extension
        )
    }

    /// The keyword that a word spells, in any case.
    pub(super) fn find(word: &str) -> Option<Keyword> {
        let word = word.as_bytes();
        let mut slot = slot(word)?;
        loop {
            let index = usize::from(SLOTS[slot]);
            let text = TEXTS.get(index)?;
            if text.as_bytes().eq_ignore_ascii_case(word) {
                return Some(ALL[index]);
            }
            slot = (slot + 1) % SLOTS.len();
        }
    }

    /// The keyword as it is written: in capitals.
    pub(super) const fn as_str(self) -> &'static str {
        TEXTS[self as usize]
    }

    /// Whether it is a keyword wherever it stands.
    pub(super) const fn is_hard(self) -> bool {
        (self as usize) < HARD
    }

    /// Whether a soft keyword is one because of the keyword right before it: `key` in `PRIMARY KEY`.
    #[rustfmt::skip]
    pub(super) const fn follows(self, before: Keyword) -> bool {
        use Keyword as K;
        match self {
            K::Key => matches!(before, K::Primary | K::Foreign | K::Duplicate | K::Unique | K::No | K::For),
            K::First | K::Last => matches!(before, K::Nulls | K::Fetch),
            K::Next => matches!(before, K::Fetch),
            K::Share | K::No => matches!(before, K::For | K::Key | K::Update | K::Delete),
            K::Action => matches!(before, K::No),
            K::Skip | K::Nowait | K::Of => matches!(before, K::Update | K::Share | K::Current),
            K::Locked => matches!(before, K::Skip),
            K::Ignore => matches!(before, K::Insert | K::Update | K::Delete),
            K::Replace => matches!(before, K::Or),
            K::Transaction | K::Constraints | K::Autocommit => matches!(before, K::Set | K::Prepare | K::Start),
            K::Savepoint => matches!(before, K::Release | K::To),
            K::Current => matches!(before, K::Where),
            K::Begin => matches!(before, K::Do | K::Then | K::Else),
            K::Loop | K::While | K::Repeat => matches!(before, K::End),
            K::Prepare => matches!(before, K::Deallocate | K::Drop),
            K::Data => matches!(before, K::Load),
            K::Temp => matches!(before, K::Create | K::Discard),
            K::Column => matches!(before, K::Add | K::Drop | K::Alter),
            K::Index | K::View | K::Sequence | K::Schema | K::Database | K::Type | K::Function | K::Procedure
            | K::Trigger | K::Extension | K::Event => {
                matches!(before, K::Create | K::Alter | K::Drop | K::Unique | K::Temporary | K::Temp | K::Replace
                    | K::Materialized)
            }
            _ => false,
        }
    }

    /// Whether an operand can end with it, so that what follows is an operator: `END - 1`, `NULL || x`.
    pub(super) const fn ends_operand(self) -> bool {
        matches!(self, Keyword::End | Keyword::Null | Keyword::Unknown)
    }

    /// Whether a parenthesis follows without a space: `CAST(`, `LEFT(`.
    pub(super) const fn is_called(self) -> bool {
        matches!(self, Keyword::Cast | Keyword::Left | Keyword::Right | Keyword::If | Keyword::Array)
    }
}

/// No keyword lives in this slot.
const EMPTY: u8 = u8::MAX;

/// A hash table over [`TEXTS`], made by the compiler.
static SLOTS: [u8; 512] = {
    assert!(TEXTS.len() < EMPTY as usize);
    let mut slots = [EMPTY; 512];
    let mut index = 0;
    while index < TEXTS.len() {
        let Some(mut at) = slot(TEXTS[index].as_bytes()) else {
            panic!("a keyword is too short or too long")
        };
        while slots[at] != EMPTY {
            at = (at + 1) % slots.len();
        }
        slots[at] = index as u8;
        index += 1;
    }
    slots
};

/// Where the search for a word starts; `None` for a word that is shorter or longer than every keyword.
const fn slot(word: &[u8]) -> Option<usize> {
    if word.len() < 2 || word.len() > 12 {
        return None;
    }
    let (first, second, last) = (word[0] | 0x20, word[1] | 0x20, word[word.len() - 1] | 0x20);
    let mixed = first as usize * 7 + second as usize * 31 + last as usize * 101 + word.len() * 173;
    Some(mixed % 512)
}
