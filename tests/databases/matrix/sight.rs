//! The rows about what is in the way of seeing.

use perfassert::Metric;
use perfassert::record::Outcome;
use perfassert_database_tests::{Database, Engine};

use crate::row::{SCHEMA, Suite};
use perfassert_test_support::child::{Child, Ran};

const NOTHING: &str = "no query of the test was observed";
const HIDDEN: &str = "a `tracing` subscriber that was set for this thread only hides the drivers' events";

/// What becomes of a fixture.
enum Sight {
    /// So many queries are counted.
    Counted(i64),
    /// It fails, and says this.
    Inconclusive(&'static str),
}

/// The last of the fixtures that have this name in their path is judged; those before it run in the same process.
const ROWS: &[(&str, Sight)] = &[
    ("statement_logging_off", Sight::Inconclusive("sqlx logged only 0 of")),
    ("statements_logged_at_trace_level", Sight::Counted(1)),
    ("a_default_for_the_body", Sight::Inconclusive(HIDDEN)),
    ("a_default_in_the_middle", Sight::Inconclusive(HIDDEN)),
    ("a_default_in_the_middle_beside_a_global_one", Sight::Inconclusive(HIDDEN)),
    ("a_default_at_the_beginning_beside_a_global_one", Sight::Inconclusive(HIDDEN)),
    ("a_default_of_a_task", Sight::Inconclusive(HIDDEN)),
    ("a_default_of_a_task_on_another_thread", Sight::Inconclusive(HIDDEN)),
    ("try_init_again_and_again", Sight::Counted(3)),
    ("runtime_of_nobody", Sight::Inconclusive(NOTHING)),
    // No other test is open.
    ("runtime_of_a_test", Sight::Counted(2)),
];

/// Runs every row on a driver of a suite.
#[track_caller]
pub(crate) fn check_sight(suite: &Suite, driver: &str, engine: Engine) {
    let wrong: Vec<String> =
        ROWS.iter().filter_map(|(row, sight)| judge(suite, driver, engine, row, sight).err()).collect();
    assert!(wrong.is_empty(), "{} of {} rows:\n\n{}", wrong.len(), ROWS.len(), wrong.join("\n\n"));
}

fn judge(suite: &Suite, driver: &str, engine: Engine, row: &str, sight: &Sight) -> Result<(), String> {
    let database = Database::new(engine);
    database.execute(SCHEMA);
    let name = format!("{driver}::blind::{row}");
    let child = match row.starts_with("runtime_of") {
        true => Child::matching_in(&suite.program, &name, 1),
        false => Child::one_in(&suite.program, &name),
    };
    let Ran { passed, output, records } = child.told(|child| database.tell(child)).run();
    let record = records.last().ok_or_else(|| format!("{name} left no record:\n{output}"))?;
    let is_right = match sight {
        Sight::Counted(n) => passed && record.counts.get(&Metric::Queries) == Some(*n),
        Sight::Inconclusive(cause) => {
            let said = ["could not be measured", cause, "help: "].iter().all(|text| output.contains(text));
            !passed && said && matches!(record.outcome, Outcome::Inconclusive(_))
        }
    };
    if is_right { Ok(()) } else { Err(format!("{name}: {:?}, {output}", record.outcome)) }
}
