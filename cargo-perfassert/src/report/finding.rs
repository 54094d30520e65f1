//! A finding, as every format tells it.

use perfassert_record::counts::Metric;
use perfassert_record::record::TestId;

use crate::diff::{MetricChange, ScopeChange, StatementChange, TestChange};
use crate::spread::Range;

/// A change, judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// What follows from it.
    pub severity: Severity,
    /// The tests that see it; never empty. The counts are those of the first, the others are sorted.
    pub tests: Vec<TestId>,
    /// The endpoint, for a request of it; `None` for a whole test.
    pub endpoint: Option<String>,
    /// What the baseline calls the endpoint, where that is another name.
    pub renamed_from: Option<String>,
    /// What was counted; `None` where a finding is about no number.
    pub metric: Option<Metric>,
    /// What the count is of.
    pub counted: Counted,
    /// The least count on the baseline; `None` if there is none.
    pub before: Option<i64>,
    /// The least count now.
    pub after: i64,
    /// What was counted on the baseline and now, where that was not the same in each look.
    pub ranges: Option<(Range, Range)>,
    /// Of a finding about bytes, how many allocations asked for them, on both sides.
    pub allocs: Option<i64>,
    /// What the cause did to each endpoint, and to each whole test, the worst first: that is the one whose counts are those of the
    /// finding. Never empty in a report.
    pub rows: Vec<Row>,
    /// The statements that tell of it, the greatest increase first; unchanged ones are context.
    pub statements: Vec<StatementChange>,
    /// Of more allocations, or of more bytes, the functions that account for them in the first test, the greatest increase first.
    pub places: Vec<Place>,
    /// The limit that the count is over, or could be tightened to keep.
    pub budget: Option<i64>,
    /// Whether the baseline is over the limit just as much.
    pub already_there: bool,
    /// Whether it leads to a line that the branch changed.
    pub touched: bool,
    /// Other counts that rose with it: told here, because they are no matter of their own.
    pub also: Vec<RelatedCount>,
    /// What the test itself said.
    pub reasons: Vec<String>,
    /// What to do, one step a line.
    pub help: Vec<String>,
}

/// What a count is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// The dearest request of an endpoint.
    Request,
    /// So many requests of an endpoint together: the dearest does not show it.
    Requests(u64),
    /// A whole test.
    Test,
    /// What a test does outside of its requests: as a whole it does not show it.
    OutsideRequests,
}

/// What the cause of a finding did to one endpoint, or to one whole test.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The tests that see it; never empty. The counts are those of the first.
    pub tests: Vec<TestId>,
    /// The endpoint, for a request of it; `None` for a whole test.
    pub endpoint: Option<String>,
    /// What the baseline calls the endpoint, where that is another name.
    pub renamed_from: Option<String>,
    /// What the count is of.
    pub counted: Counted,
    /// The least count on the baseline; `None` if there is none.
    pub before: Option<i64>,
    /// The least count now.
    pub after: i64,
    /// The limit that the count is over, or could be tightened to keep.
    pub budget: Option<i64>,
    /// How often the statements of this cause were executed on the baseline and are now, where others rose there as well.
    pub part: Option<(u64, u64)>,
    /// Other counts that rose with it.
    pub also: Vec<RelatedCount>,
}

/// A function that allocates more than it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The function.
    pub function: String,
    /// The file and the line in it that rose most, where the function is the user's.
    pub site: Option<(String, u32)>,
    /// What it counted in the whole test on the baseline, of the finding's metric.
    pub before: i64,
    /// What it counts now.
    pub after: i64,
}

impl Place {
    /// Whether both are the same function, on whatever line.
    pub(super) fn is_same_function(&self, other: &Place) -> bool {
        let file = |it: &Place| it.site.as_ref().map(|(file, _)| file.clone());
        self.function == other.function && file(self) == file(other)
    }
}

/// A count that rose together with that of a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct RelatedCount {
    /// The test, where the count is of another scope than the finding's own.
    pub test: Option<TestId>,
    /// The endpoint of that test; `None` if the count is that of the whole test, or of the finding's own scope.
    pub endpoint: Option<String>,
    /// What was counted.
    pub metric: Metric,
    /// What the count is of.
    pub counted: Counted,
    /// The count on the baseline.
    pub before: Option<i64>,
    /// The count now.
    pub after: i64,
    /// The limit that it is over.
    pub budget: Option<i64>,
}

/// What a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A gate could not see.
    Inconclusive,
    /// A statement is executed once for each row of another one.
    NPlusOne,
    /// A statement is executed again and again with the same values.
    Duplicate,
    /// A declared limit is exceeded, and not for the other reasons.
    OverBudget,
    /// More queries.
    Queries,
    /// More of a counter of the user's own.
    Counter,
    /// More allocations; or as many, of more bytes.
    Allocs,
    /// A test that is gone.
    Removed,
    /// As many queries as before, and other ones.
    ChangedSql,
    /// Queries, or a counter of the user's own, that are not the same in each repeat.
    Nondeterministic,
    /// A counter that the baseline does not have.
    NewCounter,
    /// A count fell.
    Fewer,
}

impl Kind {
    /// Whether a statement is executed again and again.
    pub(super) fn is_repeated_statement(self) -> bool {
        matches!(self, Kind::NPlusOne | Kind::Duplicate)
    }

    /// Whether queries rose.
    pub(super) fn is_more_queries(self) -> bool {
        self.is_repeated_statement() || self == Kind::Queries
    }
}

/// What follows from a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The diff fails.
    Fail,
    /// It is shown.
    Warning,
    /// It is shown, gladly.
    Improvement,
}

impl Finding {
    /// The increase, from nothing where the baseline has no count.
    #[must_use]
    pub fn increase(&self) -> i64 {
        self.after - self.before.unwrap_or(0)
    }

    pub(super) fn is_about_memory(&self) -> bool {
        matches!(self.metric, Some(Metric::Allocs | Metric::AllocsPerIter | Metric::Bytes))
    }

    /// Whether it is worth asking which functions allocate more.
    #[must_use]
    pub fn has_places(&self) -> bool {
        self.severity == Severity::Fail
            && self.is_about_memory()
            && self.before.is_some()
            && self.increase() > 0
    }

    pub(super) fn new(kind: Kind, severity: Severity, test: &TestId) -> Self {
        Finding {
            kind,
            severity,
            tests: vec![test.clone()],
            endpoint: None,
            renamed_from: None,
            metric: None,
            counted: Counted::Test,
            before: None,
            after: 0,
            rows: Vec::new(),
            statements: Vec::new(),
            places: Vec::new(),
            budget: None,
            ranges: None,
            allocs: None,
            already_there: false,
            touched: false,
            also: Vec::new(),
            reasons: Vec::new(),
            help: Vec::new(),
        }
    }

    pub(super) fn of(
        kind: Kind,
        severity: Severity,
        test: &TestChange,
        scope: &ScopeChange,
        change: &MetricChange,
    ) -> Self {
        Finding {
            endpoint: scope.endpoint.clone(),
            renamed_from: scope.renamed_from.clone(),
            metric: Some(change.metric.clone()),
            counted: match (&scope.endpoint, change.outside) {
                (Some(_), _) => Counted::Request,
                (None, Some(_)) => Counted::OutsideRequests,
                (None, None) => Counted::Test,
            },
            before: change.outside.map(|(before, _)| before).or(change.before.map(|before| before.least)),
            after: change.outside.map_or(change.after.least, |(_, after)| after),
            ranges: change.before.map(|before| (before, change.after)).filter(|_| change.moves()),
            ..Finding::new(kind, severity, &test.test)
        }
    }

    /// To be told beside another finding of its scope.
    pub(super) fn into_also(self) -> Option<RelatedCount> {
        let Finding { metric, counted, before, after, budget, .. } = self;
        Some(RelatedCount { test: None, endpoint: None, metric: metric?, counted, before, after, budget })
    }
}
