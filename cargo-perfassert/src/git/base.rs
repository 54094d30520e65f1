//! Which commit a branch is compared with.

use super::Repository;
use crate::clean::clean;
use crate::error::Error;

/// The commit to compare with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// The reference that was asked for.
    pub reference: String,
    /// The commit's full name.
    pub commit: String,
    /// How it was found.
    pub how: BaseOrigin,
}

/// How a [`Base`] was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaseOrigin {
    /// It is the newest common commit of HEAD and the reference.
    MergeBase,
    /// It is the reference itself, as was asked.
    Tip,
    /// It is the first parent of a merge: the clone of a pull request is too shallow for more, and this is the
    /// target branch as it was when the merge was made.
    FirstParent,
}

impl Repository {
    /// Finds the commit to compare with: the merge base of HEAD and `reference`, or with `tip` the reference itself.
    ///
    /// # Errors
    ///
    /// When the reference is unknown or there is no common commit; the error says how to get one.
    pub fn base(&self, reference: &str, tip: bool) -> Result<Base, Error> {
        let base = |commit, how| Base { reference: clean(reference).into_owned(), commit, how };
        let shallow = self.ask(&["rev-parse", "--is-shallow-repository"])? == "true";
        let named = match self.commit(reference)? {
            Some(commit) => Some(commit),
            // A clone in CI has the branch only as the remote's.
            None => self.commit(&format!("origin/{reference}"))?,
        };
        if let Some(named) = &named {
            if tip {
                return Ok(base(named.clone(), BaseOrigin::Tip));
            }
            if let Some(common) = self.try_ask(&["merge-base", "HEAD", named])? {
                return Ok(base(common, BaseOrigin::MergeBase));
            }
        }
        let merge = shallow && !tip && self.commit("HEAD^2")?.is_some();
        if merge && let Some(parent) = self.commit("HEAD^1")? {
            return Ok(base(parent, BaseOrigin::FirstParent));
        }
        let name = clean(reference).into_owned();
        Err(match named {
            None => Error::UnknownRef { name, shallow },
            Some(_) if shallow => Error::Shallow { name },
            Some(_) => Error::Unrelated { name },
        })
    }
}
