//! The words that describe a statement, each the same in code, records and messages.

use std::fmt;
use std::str::FromStr;

/// A text that is none of the words of its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownWord(pub String);

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown word `{}`", self.0)
    }
}

impl std::error::Error for UnknownWord {}

/// Defines an enum whose variants have one word each, by which they are printed and parsed.
macro_rules! words {
    ($(#[$docs:meta])* pub enum $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$docs])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant,)+
        }

        impl $name {
            /// Every variant, in order.
            pub const ALL: &[$name] = &[$($name::$variant),+];

            /// The variant's word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                let found = Self::ALL.iter().find(|word| word.as_str() == text);
                found.copied().ok_or_else(|| UnknownWord(text.to_owned()))
            }
        }
    };
}

words! {
    /// What a statement does.
    pub enum Kind {
        /// Reads: `SELECT`, also `FOR UPDATE`, and `VALUES`, `TABLE`.
        Select = "select",
        /// Writes rows: `INSERT`, `REPLACE`, also as part of a `WITH`.
        Insert = "insert",
        /// Changes rows: `UPDATE`, `MERGE`, also as part of a `WITH`.
        Update = "update",
        /// Removes rows: `DELETE`, `TRUNCATE`, also as part of a `WITH`.
        Delete = "delete",
        /// Changes the schema: `CREATE`, `ALTER`, `DROP` and their kin.
        Ddl = "ddl",
        /// Moves rows in bulk: `COPY`, `LOAD DATA`.
        Copy = "copy",
        /// Everything else: `SET`, `PRAGMA`, `EXPLAIN`, `BEGIN`, ...
        Other = "other",
    }
}

words! {
    /// Why a statement was sent. Budgets are about application statements; the others are kept in ledgers of their own,
    /// because they depend on the driver and on the state of the pool.
    pub enum Class {
        /// The application asked for it.
        Application = "application",
        /// `BEGIN`, `COMMIT`, `SAVEPOINT` and their kin.
        Transaction = "transaction",
        /// The set-up of a session or connection: `SET`, `PRAGMA`, `SHOW`.
        Session = "session",
        /// A driver's look-up of types, tables and columns.
        Catalog = "catalog",
        /// A pool asking whether its connection is alive.
        Ping = "ping",
        /// A migration tool's own bookkeeping.
        Migration = "migration",
    }
}

/// The identity of a normalised statement: the same across runs, platforms and dependency updates.
///
/// Printed as 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub u64);

#[cfg(feature = "toml-files")]
impl Fingerprint {
    /// Of a text that is normal already.
    pub(crate) fn of_normal(text: &str) -> Self {
        super::hash::fingerprint(text)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for Fingerprint {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let digits = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let parsed = digits.then(|| u64::from_str_radix(text, 16).ok()).flatten();
        parsed.map(Fingerprint).ok_or_else(|| UnknownWord(text.to_owned()))
    }
}
