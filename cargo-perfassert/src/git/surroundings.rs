//! A place for a second checkout from which relative paths lead where they led.
//!
//! A manifest may name `../common`, a directory beside the repository; a `rust-toolchain.toml` or a `.cargo/config.toml` may lie above
//! it. So the directories above the repository stand in the temporary directory once more, with a link in place of everything else
//! that lies in them.

use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use crate::error::{Error, io};

/// How the directory is called that it is all in.
const PREFIX: &str = "perfassert-";

/// See the module above.
#[derive(Debug)]
pub(super) struct Surroundings {
    /// Stands for the root of the file system.
    pub(super) top: PathBuf,
}

impl Surroundings {
    /// A new place, without anything in it.
    pub(super) fn make() -> Result<Self, Error> {
        let dir = tempfile::Builder::new().prefix(PREFIX).tempdir();
        let dir = dir.map_err(io("creating a directory in", std::env::temp_dir()))?;
        Ok(Surroundings { top: dir.keep() })
    }

    /// One that was left behind. What has another name is somebody else's.
    pub(super) fn at(top: &Path) -> Option<Self> {
        let is_ours = top.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
        is_ours.then(|| Surroundings { top: top.to_owned() })
    }

    /// What stands for `path`, which is absolute.
    pub(super) fn place_of(&self, path: &Path) -> PathBuf {
        let names = path.components().filter(|component| matches!(component, Component::Normal(_)));
        names.fold(self.top.clone(), |place, name| place.join(name))
    }

    /// Links everything that lies beside `repository`, and beside the directories that it lies in.
    pub(super) fn surround(&self, repository: &Path) -> Result<(), Error> {
        let above = repository.parent().map(|parent| self.place_of(parent)).unwrap_or_default();
        fs::create_dir_all(&above).map_err(io("creating", above))?;
        let mut inner = repository;
        while let (Some(dir), Some(name)) = (inner.parent(), inner.file_name()) {
            self.link_all_but(dir, name)?;
            inner = dir;
        }
        Ok(())
    }

    fn link_all_but(&self, dir: &Path, name: &OsStr) -> Result<(), Error> {
        // What cannot be listed leads nowhere by itself either.
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            let (path, link) = (entry.path(), self.place_of(&entry.path()));
            if entry.file_name() == name || path == self.top || !leads_somewhere(&path) {
                continue;
            }
            match link_to(&path, &link) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                    return Err(io("linking", link)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Whether a relative path may lead there: hidden files are nobody's but cargo's configuration, of which the user's own is read anyway.
fn leads_somewhere(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    let is_hidden = name.as_encoded_bytes().starts_with(b".");
    !is_hidden || name == ".cargo" && path.canonicalize().ok() != cargo_home()
}

fn cargo_home() -> Option<PathBuf> {
    let set = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    set.or_else(|| Some(std::env::home_dir()?.join(".cargo")))?.canonicalize().ok()
}

#[cfg(unix)]
fn link_to(path: &Path, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(path, link)
}

#[cfg(windows)]
fn link_to(path: &Path, link: &Path) -> std::io::Result<()> {
    if path.is_dir() {
        std::os::windows::fs::symlink_dir(path, link)
    } else {
        std::os::windows::fs::symlink_file(path, link)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_paths_lead_where_they_led() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().canonicalize().unwrap();
        for dir in ["work/shop", "work/common", "tools", "work/.cargo", ".hidden"] {
            fs::create_dir_all(home.join(dir)).unwrap();
        }
        fs::write(home.join("work/common/Cargo.toml"), "common").unwrap();
        fs::write(home.join("work/.cargo/config.toml"), "config").unwrap();
        fs::write(home.join("tools/list"), "tools").unwrap();

        let surroundings = Surroundings::make().unwrap();
        surroundings.surround(&home.join("work/shop")).unwrap();
        let shop = surroundings.place_of(&home.join("work/shop"));
        assert!(!shop.exists());
        fs::create_dir(&shop).unwrap();
        let check = |path: &str, expected: &str| {
            assert_eq!(fs::read_to_string(shop.join(path)).unwrap(), expected, "{path}");
        };
        check("../common/Cargo.toml", "common");
        check("../../tools/list", "tools");
        check("../.cargo/config.toml", "config");
        assert!(!shop.join("../../.hidden").exists());

        fs::remove_dir_all(&surroundings.top).unwrap();
        assert!(home.join("work/common/Cargo.toml").exists(), "a link was followed");
        assert!(Surroundings::at(&home).is_none());
    }
}
