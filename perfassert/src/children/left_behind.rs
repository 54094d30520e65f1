//! The directories of tests that were killed: nobody but the next run removes them.

use std::path::Path;

use super::process::Process;

const PREFIX: &str = "perfassert-";

/// What the directory of a test of this process is called.
pub(super) fn name(trace_id: &str, ending: &str) -> String {
    format!("{PREFIX}{}-{trace_id}.{ending}", Process::this())
}

/// Removes from `dir` what processes that are gone have left in it. What cannot be removed stays.
pub(super) fn remove_from(dir: &Path) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        if owner(&entry.file_name().to_string_lossy()).is_some_and(Process::is_gone) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// Whose test the directory of that name is, if it is one.
fn owner(name: &str) -> Option<Process> {
    let (process, _) = name.strip_prefix(PREFIX)?.split_once('-')?;
    process.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn only_what_is_known_to_be_left_goes() {
        let dir = tempfile::tempdir().unwrap();
        let mut gone = std::process::Command::new("true").spawn().unwrap();
        let number = gone.id();
        gone.wait().unwrap();
        let (this, left) = (Process::this().to_string(), Process::this().with_number(number).to_string());
        let names = [
            format!("perfassert-{left}-1.children"),
            format!("perfassert-{this}-2.memory"),
            format!("perfassert-1.{number}-3.children"),
            "perfassert-cli-4".to_owned(),
            "other".to_owned(),
        ];
        names.iter().for_each(|name| std::fs::create_dir(dir.path().join(name)).unwrap());
        remove_from(dir.path());
        let stays: Vec<_> = names.iter().map(|name| dir.path().join(name).exists()).collect();
        assert_eq!(stays, [false, true, true, true, true]);
    }

    #[test]
    fn what_is_named_is_known_again() {
        assert_eq!(owner(&name("4bf92f3577b34da6a3ce929d0e0e4736", "children")), Some(Process::this()));
        assert_eq!(owner("perfassert-cli-lvpO2W"), None);
    }
}
