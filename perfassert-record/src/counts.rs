//! The numbers: what is counted ([`Metric`]) and how much of it there was ([`Counts`]).

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::sql::Kind;

/// What is counted.
///
/// The textual name ([`Display`](fmt::Display), [`FromStr`]) is the one in records, in JSON and in messages.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Metric {
    /// Application statements that were executed. Name: `queries`.
    Queries,
    /// Application statements of one kind. Name: `queries.select` and so on.
    QueriesOf(Kind),
    /// Texts with application statements that were sent: three statements in one text are one round trip. What a driver's
    /// protocol does beneath, such as preparing a statement first, is not told. Name: `round-trips`.
    RoundTrips,
    /// Calls of the application, and of the libraries that it calls, that obtain memory: `alloc`, `alloc_zeroed` and a growing
    /// `realloc`. Name: `allocs`.
    Allocs,
    /// The share of [`Metric::Allocs`] that was `alloc_zeroed`. Name: `allocs.zeroed`.
    AllocsZeroed,
    /// The share of [`Metric::Allocs`] that was a growing `realloc`. Name: `allocs.realloc`.
    AllocsRealloc,
    /// Such calls of code that is not the application's. Names: `allocs.driver` and so on.
    AllocsOf(OtherCode),
    /// [`Metric::Allocs`] of one iteration, rounded up: of `perfassert::per_iter`, or of a benchmark. Of several, that which
    /// has most. Name: `allocs.per-iter`.
    AllocsPerIter,
    /// How many of the application's blocks were given back. Measured where live bytes are. Name: `frees`.
    Frees,
    /// Bytes that the application's calls asked for; of a growing `realloc`, the growth. Name: `bytes`.
    Bytes,
    /// Bytes that other code asked for. Names: `bytes.driver` and so on.
    BytesOf(OtherCode),
    /// [`Metric::Bytes`] of one iteration, rounded up. Name: `bytes.per-iter`.
    BytesPerIter,
    /// The highest sum of live bytes, over all threads. Measured where it is asked for. Name: `bytes.peak`.
    BytesPeak,
    /// Bytes of the application's blocks that were not given back by the end. Measured where it is asked for. Name: `bytes.live`.
    BytesLive,
    /// A counter of the user's own, by its name. Name: `count.` and the counter's name.
    Counter(String),
}

impl Metric {
    /// The attribute that limits it to `n`, for each request of `endpoint` or for a whole test. None where there is no such attribute.
    ///
    /// ```
    /// # use perfassert::Metric;
    /// let attribute = Metric::Queries.attribute(5, Some("GET /orders"));
    /// assert_eq!(attribute.as_deref(), Some("#[max_queries(5, endpoint = \"GET /orders\")]"));
    /// ```
    #[must_use]
    pub fn attribute(&self, n: i64, endpoint: Option<&str>) -> Option<String> {
        let (name, limit) = match self {
            Metric::Queries => ("max_queries", n.to_string()),
            Metric::QueriesOf(kind) => ("max_queries", format!("{kind} = {n}")),
            Metric::Allocs => ("max_allocs", n.to_string()),
            Metric::AllocsPerIter => ("max_allocs", format!("per_iter = {n}")),
            Metric::Bytes => ("max_allocs", format!("bytes = {n}")),
            Metric::BytesPeak => ("max_allocs", format!("peak = {n}")),
            Metric::BytesLive => ("max_allocs", format!("live = {n}")),
            Metric::Counter(counter) => ("max_count", format!("{counter:?} = {n}")),
            _ => return None,
        };
        let endpoint = endpoint.map(|endpoint| format!(", endpoint = {endpoint:?}")).unwrap_or_default();
        Some(format!("#[{name}({limit}{endpoint})]"))
    }

    /// Whether two counts of it, one after the other, are as much as their sum.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        !matches!(self, Metric::AllocsPerIter | Metric::BytesPerIter | Metric::BytesPeak | Metric::BytesLive)
    }

    /// Whether it is about memory.
    #[must_use]
    pub fn is_of_allocations(&self) -> bool {
        match self {
            Metric::Allocs
            | Metric::AllocsZeroed
            | Metric::AllocsRealloc
            | Metric::AllocsOf(_)
            | Metric::AllocsPerIter
            | Metric::Frees
            | Metric::Bytes
            | Metric::BytesOf(_)
            | Metric::BytesPerIter
            | Metric::BytesPeak
            | Metric::BytesLive => true,
            Metric::Queries | Metric::QueriesOf(_) | Metric::RoundTrips | Metric::Counter(_) => false,
        }
    }
}

/// A number of bytes from 1 KiB on, in the unit that suits it, rounded to a tenth: `12.3 KiB`. `None` below.
#[must_use]
pub fn in_binary_units(bytes: u64) -> Option<String> {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "it is rounded to a tenth")]
    let mut n = bytes as f64 / 1024.0;
    let mut unit = 0;
    // What would be rounded to 1024.0 is one of the next.
    while n >= 1023.95 && unit + 1 < UNITS.len() {
        n /= 1024.0;
        unit += 1;
    }
    Some(format!("{n:.1} {}", UNITS[unit]))
}

/// Code whose allocations are kept apart from the application's: they depend on the state of a pool, on timing, or on how the tests are
/// run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum OtherCode {
    /// Database drivers and their pools. Name: `driver`.
    Driver,
    /// The queues of asynchronous runtimes, and what `std` keeps of threads. Name: `runtime`.
    Runtime,
    /// The test harness: captured output, the report of a panic. Name: `harness`.
    Harness,
    /// Initialisers that run once in a process or thread: `OnceLock`, `LazyLock`, `thread_local!` and their kin. Whoever comes first
    /// has them run. Name: `once`.
    Once,
}

impl OtherCode {
    /// All of them.
    pub const ALL: &[OtherCode] =
        &[OtherCode::Driver, OtherCode::Runtime, OtherCode::Harness, OtherCode::Once];
}

impl fmt::Display for OtherCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            OtherCode::Driver => "driver",
            OtherCode::Runtime => "runtime",
            OtherCode::Harness => "harness",
            OtherCode::Once => "once",
        })
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Metric::Queries => f.write_str("queries"),
            Metric::QueriesOf(kind) => write!(f, "queries.{kind}"),
            Metric::RoundTrips => f.write_str("round-trips"),
            Metric::Allocs => f.write_str("allocs"),
            Metric::AllocsZeroed => f.write_str("allocs.zeroed"),
            Metric::AllocsRealloc => f.write_str("allocs.realloc"),
            Metric::AllocsOf(code) => write!(f, "allocs.{code}"),
            Metric::AllocsPerIter => f.write_str("allocs.per-iter"),
            Metric::Frees => f.write_str("frees"),
            Metric::Bytes => f.write_str("bytes"),
            Metric::BytesOf(code) => write!(f, "bytes.{code}"),
            Metric::BytesPerIter => f.write_str("bytes.per-iter"),
            Metric::BytesPeak => f.write_str("bytes.peak"),
            Metric::BytesLive => f.write_str("bytes.live"),
            Metric::Counter(name) => write!(f, "count.{name}"),
        }
    }
}

/// A text that names no [`Metric`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownMetric(pub String);

impl fmt::Display for UnknownMetric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no metric", self.0)
    }
}

impl std::error::Error for UnknownMetric {}

impl FromStr for Metric {
    type Err = UnknownMetric;

    fn from_str(text: &str) -> Result<Self, UnknownMetric> {
        let unknown = || UnknownMetric(text.to_owned());
        Ok(match text {
            "queries" => Metric::Queries,
            "round-trips" => Metric::RoundTrips,
            "allocs" => Metric::Allocs,
            "allocs.zeroed" => Metric::AllocsZeroed,
            "allocs.realloc" => Metric::AllocsRealloc,
            "allocs.per-iter" => Metric::AllocsPerIter,
            "frees" => Metric::Frees,
            "bytes" => Metric::Bytes,
            "bytes.per-iter" => Metric::BytesPerIter,
            "bytes.peak" => Metric::BytesPeak,
            "bytes.live" => Metric::BytesLive,
            _ => match text.split_once('.') {
                Some(("queries", kind)) => Metric::QueriesOf(kind.parse().map_err(|_| unknown())?),
                Some(("count", name)) => Metric::Counter(name.to_owned()),
                Some(("allocs", code)) => Metric::AllocsOf(other_code(code).ok_or_else(unknown)?),
                Some(("bytes", code)) => Metric::BytesOf(other_code(code).ok_or_else(unknown)?),
                _ => return Err(unknown()),
            },
        })
    }
}

fn other_code(name: &str) -> Option<OtherCode> {
    OtherCode::ALL.iter().copied().find(|code| code.to_string() == name)
}

/// Metric to number. *Absent is not zero*: a metric that is absent was not measured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<Metric, i64>);

impl Counts {
    /// Nothing measured.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of `metric`, or `None` if it was not measured.
    #[must_use]
    pub fn get(&self, metric: &Metric) -> Option<i64> {
        self.0.get(metric).copied()
    }

    /// Whether nothing was measured.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every metric that was measured, in the order of [`Metric`].
    pub fn iter(&self) -> impl Iterator<Item = (&Metric, i64)> {
        self.0.iter().map(|(metric, n)| (metric, *n))
    }

    /// States that `metric` was measured and came to `n`.
    pub fn insert(&mut self, metric: Metric, n: i64) {
        self.0.insert(metric, n);
    }

    /// Adds `n` to `metric`, which counts as measured from then on.
    pub fn add(&mut self, metric: Metric, n: i64) {
        *self.0.entry(metric).or_insert(0) += n;
    }

    /// Raises every metric to the larger of both sides; one that only one side measured is taken from it.
    pub fn raise_to(&mut self, other: &Counts) {
        for (metric, n) in other.iter() {
            let mine = self.0.entry(metric.clone()).or_insert(n);
            *mine = n.max(*mine);
        }
    }
}

impl FromIterator<(Metric, i64)> for Counts {
    fn from_iter<I: IntoIterator<Item = (Metric, i64)>>(metrics: I) -> Self {
        Self(metrics.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_name(metric: Metric, name: &str) {
        assert_eq!(metric.to_string(), name);
        assert_eq!(name.parse(), Ok(metric));
    }

    #[test]
    fn a_metric_is_its_name() {
        check_name(Metric::Queries, "queries");
        check_name(Metric::QueriesOf(Kind::Select), "queries.select");
        check_name(Metric::RoundTrips, "round-trips");
        check_name(Metric::Allocs, "allocs");
        check_name(Metric::AllocsZeroed, "allocs.zeroed");
        check_name(Metric::AllocsRealloc, "allocs.realloc");
        check_name(Metric::AllocsPerIter, "allocs.per-iter");
        check_name(Metric::Frees, "frees");
        check_name(Metric::Bytes, "bytes");
        check_name(Metric::BytesPerIter, "bytes.per-iter");
        check_name(Metric::BytesPeak, "bytes.peak");
        check_name(Metric::BytesLive, "bytes.live");
        for code in OtherCode::ALL {
            check_name(Metric::AllocsOf(*code), &format!("allocs.{code}"));
            check_name(Metric::BytesOf(*code), &format!("bytes.{code}"));
        }
        check_name(Metric::Counter("cache.miss".into()), "count.cache.miss");
        assert_eq!("queries.rows".parse::<Metric>(), Err(UnknownMetric("queries.rows".into())));
    }

    #[test]
    fn sizes_are_rounded_to_a_tenth_of_their_unit() {
        let check =
            |bytes: u64, expected: Option<&str>| assert_eq!(in_binary_units(bytes).as_deref(), expected);
        check(1023, None);
        check(1024, Some("1.0 KiB"));
        check(8294, Some("8.1 KiB"));
        check((1 << 20) - 1, Some("1.0 MiB"));
        check(5 << 50, Some("5120.0 TiB"));
    }

    #[test]
    fn absent_is_not_zero() {
        let mut counts = Counts::new();
        assert_eq!(counts.get(&Metric::Queries), None);
        counts.insert(Metric::Queries, 0);
        assert_eq!(counts.get(&Metric::Queries), Some(0));
    }
}
