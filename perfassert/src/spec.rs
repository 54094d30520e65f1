//! What the attributes declare: the macros expand to literals of these types.

use std::path::Path;
use std::sync::OnceLock;

pub use perfassert_record::attributes::Order;
use perfassert_record::attributes::{SIZES, THRESHOLD};

use crate::counts::Metric;
use crate::record::TestId;
use crate::sql::Kind;
use crate::workspace::{Compiled, Workspace};

/// A test function with attributes on it.
#[derive(Debug)]
pub struct Test {
    /// `CARGO_PKG_NAME` of the test's crate.
    pub package: &'static str,
    /// `CARGO_MANIFEST_DIR` of the test's crate.
    pub manifest_dir: &'static str,
    /// `module_path!()` of the test.
    pub module: &'static str,
    /// Whether that is a binary's, which may be called like a library.
    pub is_binary: bool,
    /// The test function's name.
    pub function: &'static str,
    /// `file!()` of the test.
    pub file: &'static str,
    /// The test is to panic, so no panic of a gate may stand in for its own.
    pub should_panic: bool,
    /// The test attribute asks for a runtime with several threads.
    pub multi_thread: bool,
    /// The gates, in the order of the attributes.
    pub gates: &'static [Gate],
    /// Calls insta's macro where the test stands, with a name and a text; absent without the feature `snapshot`.
    pub assert_snapshot: Option<fn(&str, &str)>,
}

/// One attribute.
#[derive(Clone, Debug)]
pub enum Gate {
    /// `#[max_queries]`
    MaxQueries(MaxQueries),
    /// `#[max_allocs]`
    MaxAllocs(MaxAllocs),
    /// `#[max_count]`
    MaxCount(MaxCount),
    /// `#[no_n_plus_one]`
    NoNPlusOne(NoNPlusOne),
    /// `#[perfassert::snapshot]`
    Snapshot,
    /// `#[scaling]`
    Scaling(Scaling),
}

/// `#[max_queries]`: how many application statements, in all and by kind.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each field is the attribute's option of the same name")]
pub struct MaxQueries {
    pub max: Option<u64>,
    pub select: Option<u64>,
    pub insert: Option<u64>,
    pub update: Option<u64>,
    pub delete: Option<u64>,
    pub ddl: Option<u64>,
    pub copy: Option<u64>,
    pub other: Option<u64>,
    pub endpoint: Option<&'static str>,
    /// Set for several tests, be there queries in each or not.
    #[doc(hidden)]
    pub is_for_all: bool,
}

/// `#[max_allocs]`: how many allocations, how many bytes, how many of them at once and at the end; and how many per iteration.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each field is the attribute's option of the same name")]
pub struct MaxAllocs {
    pub max: Option<u64>,
    pub bytes: Option<u64>,
    pub peak: Option<u64>,
    pub live: Option<u64>,
    pub per_iter: Option<u64>,
    pub endpoint: Option<&'static str>,
    /// Set for several tests.
    #[doc(hidden)]
    pub is_for_all: bool,
}

/// `#[max_count]`: how often a counter of the user's own.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each field is the attribute's option of the same name")]
pub struct MaxCount {
    pub counter: &'static str,
    pub max: u64,
    /// Set for several tests, be it counted in each or not.
    #[doc(hidden)]
    pub is_for_all: bool,
}

/// `#[no_n_plus_one]`: from how many repetitions on a statement is accused.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each field is the attribute's option of the same name")]
pub struct NoNPlusOne {
    pub threshold: u64,
    /// Set for all tests, be there queries in them or not.
    #[doc(hidden)]
    pub is_for_all: bool,
}

/// `#[scaling]`: how fast the counts may grow with the size of what the test works on.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each field is the attribute's option of the same name")]
pub struct Scaling {
    pub n: &'static [usize],
    pub queries: Option<Order>,
    pub allocs: Option<Order>,
}

/// A limit that stands in an attribute as a constant of some integer type.
///
/// # Panics
///
/// When it is below 0: at compile time, because the attributes are constants.
#[must_use]
#[track_caller]
pub const fn limit(n: i128) -> u64 {
    assert!(n >= 0, "a limit is a whole number from 0");
    if n > u64::MAX as i128 { u64::MAX } else { n as u64 }
}

/// Whether the limit of a part can be exceeded while that of the whole is kept.
const fn reaches(part: Option<u64>, whole: Option<u64>) -> bool {
    match (part, whole) {
        (Some(part), Some(whole)) => part <= whole,
        _ => true,
    }
}

/// The module that `module` stands in.
#[must_use]
pub const fn parent(module: &'static str) -> &'static str {
    let path = module.as_bytes();
    let mut end = path.len();
    while end > 0 {
        end -= 1;
        if path[end] == b':' && end > 0 {
            return match std::str::from_utf8(path.split_at(end - 1).0) {
                Ok(parent) => parent,
                Err(_) => module,
            };
        }
    }
    module
}

impl MaxQueries {
    /// Without any limit.
    pub const NONE: Self = MaxQueries {
        max: None,
        select: None,
        insert: None,
        update: None,
        delete: None,
        ddl: None,
        copy: None,
        other: None,
        endpoint: None,
        is_for_all: false,
    };

    /// # Panics
    ///
    /// When a kind's limit is above that of all: at compile time, because the attributes are constants.
    #[must_use]
    #[track_caller]
    pub const fn checked(self) -> Self {
        let kinds = [self.select, self.insert, self.update, self.delete, self.ddl, self.copy, self.other];
        let mut index = 0;
        while index < kinds.len() {
            assert!(
                reaches(kinds[index], self.max),
                "a limit by kind is never reached, as it is above that of all queries"
            );
            index += 1;
        }
        self
    }

    pub(crate) fn limits(&self) -> Vec<(Metric, i64)> {
        let kinds = [
            (Kind::Select, self.select),
            (Kind::Insert, self.insert),
            (Kind::Update, self.update),
            (Kind::Delete, self.delete),
            (Kind::Ddl, self.ddl),
            (Kind::Copy, self.copy),
            (Kind::Other, self.other),
        ];
        let kinds = kinds.map(|(kind, max)| (Metric::QueriesOf(kind), max));
        present([(Metric::Queries, self.max)].into_iter().chain(kinds))
    }
}

impl MaxAllocs {
    /// Without any limit.
    pub const NONE: Self = MaxAllocs {
        max: None,
        bytes: None,
        peak: None,
        live: None,
        per_iter: None,
        endpoint: None,
        is_for_all: false,
    };

    /// # Panics
    ///
    /// When `live` is above `peak`: at compile time, because the attributes are constants.
    #[must_use]
    #[track_caller]
    pub const fn checked(self) -> Self {
        assert!(
            reaches(self.live, self.peak),
            "the limit of `live` is never reached, as it is above that of `peak`"
        );
        self
    }

    pub(crate) fn limits(&self) -> Vec<(Metric, i64)> {
        present([
            (Metric::Allocs, self.max),
            (Metric::Bytes, self.bytes),
            (Metric::BytesPeak, self.peak),
            (Metric::BytesLive, self.live),
            (Metric::AllocsPerIter, self.per_iter),
        ])
    }
}

impl NoNPlusOne {
    /// Of an attribute that names no threshold.
    pub const DEFAULT: Self = NoNPlusOne { threshold: THRESHOLD, is_for_all: false };
    /// What is sent once does not repeat.
    pub(crate) const LEAST: u64 = 2;

    /// # Panics
    ///
    /// When the threshold is below 2: at compile time, because the attributes are constants.
    #[must_use]
    #[track_caller]
    pub const fn checked(self) -> Self {
        assert!(self.threshold >= Self::LEAST, "a threshold is a whole number from 2");
        self
    }
}

impl Scaling {
    /// The sizes of an attribute that names none.
    pub const USUAL: &'static [usize] = SIZES;

    /// Without any limit.
    pub const NONE: Self = Scaling { n: Self::USUAL, queries: None, allocs: None };
}

fn present(limits: impl IntoIterator<Item = (Metric, Option<u64>)>) -> Vec<(Metric, i64)> {
    let limits = limits.into_iter();
    limits.filter_map(|(metric, max)| Some((metric, i64::try_from(max?).unwrap_or(i64::MAX)))).collect()
}

impl Gate {
    /// The endpoint whose requests the gate is about; the whole test if absent.
    pub(crate) fn endpoint(&self) -> Option<&'static str> {
        match self {
            Gate::MaxQueries(gate) => gate.endpoint,
            Gate::MaxAllocs(gate) => gate.endpoint,
            Gate::MaxCount(_) | Gate::NoNPlusOne(_) | Gate::Snapshot | Gate::Scaling(_) => None,
        }
    }

    /// Whether it is set for several tests, and not by an attribute of this one.
    pub(crate) fn is_for_all(&self) -> bool {
        match self {
            Gate::MaxQueries(gate) => gate.is_for_all,
            Gate::MaxAllocs(gate) => gate.is_for_all,
            Gate::NoNPlusOne(gate) => gate.is_for_all,
            Gate::MaxCount(gate) => gate.is_for_all,
            Gate::Snapshot | Gate::Scaling(_) => false,
        }
    }

    /// The largest size that the test runs with, if it runs with several.
    pub(crate) fn largest(&self) -> Option<usize> {
        match self {
            Gate::Scaling(scaling) => scaling.n.last().copied(),
            _ => None,
        }
    }

    /// The numbers that the gate limits.
    pub(crate) fn limits(&self) -> Vec<(Metric, i64)> {
        match self {
            Gate::MaxQueries(gate) => gate.limits(),
            Gate::MaxAllocs(gate) => gate.limits(),
            Gate::MaxCount(gate) => present([(Metric::Counter(gate.counter.to_owned()), Some(gate.max))]),
            Gate::NoNPlusOne(_) | Gate::Snapshot | Gate::Scaling(_) => Vec::new(),
        }
    }
}

impl Test {
    /// Whether it has an attribute.
    pub(crate) fn is_marked(&self) -> bool {
        !self.gates.is_empty()
    }

    /// The path of the test inside its crate, as libtest prints it.
    pub(crate) fn name(&self) -> String {
        match self.module.split_once("::") {
            Some((_, modules)) => format!("{modules}::{}", self.function),
            None => self.function.to_owned(),
        }
    }

    /// The directory that `file!()` is relative to: the workspace's root, at or above the package's.
    pub(crate) fn workspace_root(&self) -> Option<&'static Path> {
        self.workspace().map(|workspace| workspace.root.as_path())
    }

    /// Where the tests of this program are, which are all of one package; nowhere in a program that runs without its sources.
    pub(crate) fn workspace(&self) -> Option<&'static Workspace> {
        // One without an attribute knows less of where it is.
        static UNMARKED: OnceLock<Option<Workspace>> = OnceLock::new();
        static MARKED: OnceLock<Option<Workspace>> = OnceLock::new();
        let find = || {
            let compiled =
                Compiled { package: self.package, manifest_dir: self.manifest_dir, file: self.file };
            compiled.find(|name| std::env::var_os(name), std::env::current_dir().ok().as_deref())
        };
        if self.is_marked() { &MARKED } else { &UNMARKED }.get_or_init(find).as_ref()
    }

    /// Who the test is, the same wherever the attributes stand.
    pub(crate) fn id(&self) -> TestId {
        let (name, case) = self.name_and_case();
        TestId { package: self.package.to_owned(), target: self.target(), name, case }
    }

    /// The crate, and of a binary the word that tells it from a library of the same name.
    fn target(&self) -> String {
        let name = self.crate_name();
        if self.is_binary { format!("bin/{name}") } else { name.to_owned() }
    }

    pub(crate) fn crate_name(&self) -> &'static str {
        self.module.split("::").next().unwrap_or(self.module)
    }

    /// A case of a parameterised test is a function of its own, in a module that is named like the test; or, where the
    /// attributes stand on the test itself, it is told by the name of its thread.
    fn name_and_case(&self) -> (String, Option<String>) {
        let name = self.name();
        if let Some((test, case)) = name.rsplit_once("::").filter(|(_, case)| TestId::is_case(case)) {
            return (test.to_owned(), Some(case.to_owned()));
        }
        let thread = std::thread::current();
        let case_of = |path: &str| Some(path.strip_prefix(&name)?.strip_prefix("::")?.to_owned());
        let case = thread.name().and_then(case_of).or_else(|| {
            // With one thread the harness runs a test on its main one. Then the only test that it was asked for tells.
            let mut cases = std::env::args().filter_map(|path| case_of(&path));
            cases.next().filter(|_| cases.next().is_none())
        });
        (name, case)
    }
}
