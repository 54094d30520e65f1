//! The report as what is written of it.

use perfassert_record::record::{Environment, TestId};
use serde_json::Value;

use super::{
    AllocatedJson, AlsoJson, BaselineJson, EnvironmentJson, EnvironmentsJson, FORMAT, FindingJson, GateJson,
    NotComparableJson, PartJson, PlaceJson, RangesJson, RenamedEndpointJson, RenamedJson, ReportJson,
    RowJson, SiteJson, StatementJson, TestJson,
};
use crate::diff::{GateChange, StatementChange};
use crate::git::BaseOrigin;
use crate::report::{Counted, Finding, Kind, Origin, Place, RelatedCount, Report, Row, Severity, Verdict};
use crate::spread::Range;

impl<'a> From<&'a Report> for ReportJson<'a> {
    fn from(report: &'a Report) -> Self {
        let context = &report.context;
        let place = |(test, endpoint): &'a (TestId, String)| PlaceJson { test: test.into(), endpoint };
        ReportJson {
            format: FORMAT,
            verdict: match report.verdict {
                Verdict::Pass => "pass",
                Verdict::Regression => "regression",
                Verdict::Failure => "failure",
            },
            exit_code: report.exit_code(),
            baseline: context.base.as_ref().map(|base| BaselineJson {
                reference: &base.reference,
                commit: &base.commit,
                how: match base.how {
                    BaseOrigin::MergeBase => "merge_base",
                    BaseOrigin::Tip => "tip",
                    BaseOrigin::FirstParent => "first_parent",
                },
                origin: match context.origin {
                    Origin::Rebuilt => "rebuilt",
                    Origin::MeasuredBefore => "measured_before",
                    Origin::Snapshots => "snapshots",
                    Origin::SnapshotsAndMeasured => "snapshots_and_measured",
                },
                missing: context.no_baseline.as_deref(),
                unconfirmed: context.unconfirmed.as_deref(),
            }),
            dirty: context.dirty,
            compared: report.compared,
            findings: report.findings.iter().map(Into::into).collect(),
            warnings: report.warnings.iter().map(Into::into).collect(),
            improvements: report.improvements.iter().map(Into::into).collect(),
            failed_tests: &context.failures.names,
            baseline_failed_tests: &context.baseline_failures.names,
            damaged_records: &context.damage,
            unrecorded_tests: context.unrecorded.iter().map(Into::into).collect(),
            baseline_unrecorded_tests: context.baseline_unrecorded.iter().map(Into::into).collect(),
            new_tests: report.new_tests.iter().map(Into::into).collect(),
            new_endpoints: report.new_endpoints.iter().map(place).collect(),
            removed_tests: report.removed_tests.iter().map(Into::into).collect(),
            removed_endpoints: report.removed_endpoints.iter().map(place).collect(),
            renamed: report
                .renamed
                .iter()
                .map(|(before, after)| RenamedJson { before: before.into(), after: after.into() })
                .collect(),
            renamed_endpoints: report
                .renamed_endpoints
                .iter()
                .map(|(test, before, after)| RenamedEndpointJson { test: test.into(), before, after })
                .collect(),
            not_comparable: report
                .not_comparable
                .iter()
                .map(|(test, endpoint, reason)| NotComparableJson {
                    test: test.into(),
                    endpoint: endpoint.as_deref(),
                    reason,
                })
                .collect(),
            gates_changed: report.gates.iter().map(|(test, gate)| gate_json(test, gate)).collect(),
            settings_loosened: &report.context.loosened,
            unmet: &report.context.unmet,
            environments: report
                .environments
                .as_ref()
                .map(|(before, after)| EnvironmentsJson { before: before.into(), after: after.into() }),
        }
    }
}

fn gate_json<'a>(test: &'a TestId, gate: &'a GateChange) -> GateJson<'a> {
    let json = |gate, before: Value, after: Value| GateJson {
        test: test.into(),
        gate,
        endpoint: None,
        metric: None,
        attribute: None,
        before,
        after,
    };
    match gate {
        GateChange::Limit { metric, endpoint, before, after } => GateJson {
            endpoint: endpoint.as_deref(),
            metric: Some(metric.to_string()),
            ..json("limit", (*before).into(), (*after).into())
        },
        GateChange::NPlusOne { before, after } => json("no_n_plus_one", (*before).into(), (*after).into()),
        GateChange::Scaling { metric, before, after } => GateJson {
            metric: Some(metric.clone()),
            ..json("scaling", before.name().into(), after.map(|after| after.name()).into())
        },
        GateChange::Sizes { before, after } => json("scaling_sizes", (*before).into(), (*after).into()),
        GateChange::Removed(attribute) => {
            GateJson { attribute: Some(attribute), ..json("attribute", true.into(), false.into()) }
        }
        GateChange::Added(attribute) => {
            GateJson { attribute: Some(attribute), ..json("attribute", false.into(), true.into()) }
        }
    }
}

impl<'a> From<&'a Finding> for FindingJson<'a> {
    fn from(finding: &'a Finding) -> Self {
        FindingJson {
            kind: match finding.kind {
                Kind::Inconclusive => "inconclusive",
                Kind::NPlusOne => "n_plus_one",
                Kind::Duplicate => "duplicate",
                Kind::OverBudget => "over_budget",
                Kind::Queries => "queries",
                Kind::Counter => "counter",
                Kind::Allocs => "allocs",
                Kind::Removed => "removed",
                Kind::ChangedSql => "changed_sql",
                Kind::Nondeterministic => "not_deterministic",
                Kind::NewCounter => "new_counter",
                Kind::Fewer => "fewer",
            },
            severity: match finding.severity {
                Severity::Fail => "fail",
                Severity::Warning => "warning",
                Severity::Improvement => "improvement",
            },
            tests: finding.tests.iter().map(Into::into).collect(),
            endpoint: finding.endpoint.as_deref(),
            renamed_from: finding.renamed_from.as_deref(),
            metric: finding.metric.as_ref().map(ToString::to_string),
            counted: counted(finding.counted),
            before: finding.before,
            after: finding.after,
            budget: finding.budget,
            rows: finding.rows.iter().map(Into::into).collect(),
            allocs: finding.allocs,
            ranges: finding.ranges.map(Into::into),
            already_there: finding.already_there,
            changed_in_this_branch: finding.touched,
            statements: finding.statements.iter().map(Into::into).collect(),
            places: finding.places.iter().map(Into::into).collect(),
            also: finding.also.iter().map(Into::into).collect(),
            reasons: &finding.reasons,
            help: &finding.help,
        }
    }
}

fn counted(counted: Counted) -> &'static str {
    match counted {
        Counted::Request => "request",
        Counted::Requests(_) => "requests",
        Counted::Test => "test",
        Counted::OutsideRequests => "outside_requests",
    }
}

impl From<(Range, Range)> for RangesJson {
    fn from((before, after): (Range, Range)) -> Self {
        let pair = |range: Range| [range.least, range.most];
        RangesJson { before: pair(before), after: pair(after) }
    }
}

impl<'a> From<&'a Place> for AllocatedJson<'a> {
    fn from(place: &'a Place) -> Self {
        let Place { function, site, before, after } = place;
        let (file, line) = site.as_ref().map(|(file, line)| (file.as_str(), *line)).unzip();
        AllocatedJson { file, line, function, before: *before, after: *after }
    }
}

impl<'a> From<&'a RelatedCount> for AlsoJson<'a> {
    fn from(also: &'a RelatedCount) -> Self {
        let RelatedCount { test, endpoint, metric, counted, before, after, budget } = also;
        let (test, endpoint) = (test.as_ref().map(Into::into), endpoint.as_deref());
        let (metric, before, after, budget) = (metric.to_string(), *before, *after, *budget);
        AlsoJson { test, endpoint, metric, counted: self::counted(*counted), before, after, budget }
    }
}

impl<'a> From<&'a Row> for RowJson<'a> {
    fn from(row: &'a Row) -> Self {
        RowJson {
            tests: row.tests.iter().map(Into::into).collect(),
            endpoint: row.endpoint.as_deref(),
            renamed_from: row.renamed_from.as_deref(),
            counted: counted(row.counted),
            before: row.before,
            after: row.after,
            budget: row.budget,
            statements: row.part.map(|(before, after)| PartJson { before, after }),
            also: row.also.iter().map(Into::into).collect(),
        }
    }
}

impl<'a> From<&'a StatementChange> for StatementJson<'a> {
    fn from(statement: &'a StatementChange) -> Self {
        StatementJson {
            sql: &statement.sql,
            fingerprint: statement.fingerprint.to_string(),
            kind: statement.kind.as_str(),
            before: statement.before,
            after: statement.after,
            n_plus_one: statement.is_n_plus_one(),
            duplicate: statement.duplicate,
            per_row_of: statement.per_row_of.map(|parent| parent.to_string()),
            sites: statement.sites.iter().map(Into::into).collect(),
        }
    }
}

impl<'a> From<&'a perfassert_record::record::Site> for SiteJson<'a> {
    fn from(site: &'a perfassert_record::record::Site) -> Self {
        SiteJson { file: &site.file, line: site.line, function: &site.function }
    }
}

impl<'a> From<&'a TestId> for TestJson<'a> {
    fn from(test: &'a TestId) -> Self {
        TestJson {
            package: &test.package,
            target: &test.target,
            name: &test.name,
            case: test.case.as_deref(),
        }
    }
}

impl<'a> From<&'a Environment> for EnvironmentJson<'a> {
    fn from(environment: &'a Environment) -> Self {
        let Environment { rustc, target, profile, .. } = environment;
        EnvironmentJson { rustc, target, profile }
    }
}
