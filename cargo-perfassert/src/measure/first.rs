//! The first build in a target directory, which takes longer than one of `cargo test`.

use std::fs;
use std::path::PathBuf;

use super::{Measurement, OPTIMISED};

/// See the module above.
pub(super) struct First {
    /// A file that is there when it is over: it goes with what was built.
    over: PathBuf,
    is_told: bool,
}

impl First {
    /// Why it takes longer.
    pub(super) fn text() -> String {
        let [perfassert, readers @ ..] = OPTIMISED;
        format!(
            "the first build compiles {perfassert} and what reads debug information ({}) with optimisation: unoptimised they slow \
             the tests down",
            readers.join(", ")
        )
    }

    pub(super) fn of(measurement: &Measurement<'_>) -> Self {
        let over = measurement.target_dir.join("perfassert").join("optimised");
        let selection = measurement.selection;
        // The baseline takes over most of what the branch has, and another profile has its own.
        let is_dev =
            !selection.release && selection.profile.as_ref().is_none_or(|it| it == "dev" || it == "test");
        let is_told = is_dev
            && !measurement.own_build_dir
            && !selection.shown.quiet
            && measurement.workspace.has_perfassert()
            && !over.exists();
        First { over, is_told }
    }

    /// Whether it is to be told of.
    pub(super) fn is_told(&self) -> bool {
        self.is_told
    }

    /// It is told once.
    pub(super) fn is_over(&self) {
        if self.is_told {
            // What cannot be noted is told again.
            let _ = self.over.parent().map(fs::create_dir_all);
            let _ = fs::write(&self.over, "");
        }
    }
}
