//! The subcommand on real projects: the D cases of the acceptance list.

mod allocators;
mod baseline;
mod bench;
mod chance;
mod committed_baseline;
mod diff;
mod explain;
mod formats;
mod git;
mod insta;
mod isolate;
mod project;
mod run;
mod scaling;
mod snapshots;
mod unmarked;
mod unmarked_snapshots;
