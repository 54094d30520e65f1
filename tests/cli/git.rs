//! Which commit a branch is compared with, and what is said when there is none.

use crate::project::Project;

const ALLOCATE: &str = "db.allocate(100)";

/// A clone of `shop` as CI makes one.
fn clone(shop: &Project, arguments: &[&str]) -> Project {
    let clone = shop.sibling("clone");
    let url = format!("file://{}", shop.root.display());
    shop.git(&[&["clone", "--quiet"], arguments, &[&url, clone.root.to_str().unwrap()]].concat());
    clone.seed();
    clone
}

#[test]
fn d22_a_clone_of_depth_1_and_the_exact_fix() {
    let shop = Project::shop();
    shop.branch("src/lib.rs", "A shop", "This shop");
    let clone = clone(&shop, &["--depth=1", "--branch=branch"]);
    let fix = "git fetch --unshallow origin main:refs/remotes/origin/main";
    clone.perfassert(&["diff", "main"]).exits(3).tells(&["shallow", fix, "fetch-depth: 0"]);
    clone.git(&fix.split(' ').skip(1).collect::<Vec<_>>());
    clone.perfassert(&["diff", "main"]).exits(0).says(&["against main (merge base "]);
}

#[test]
fn d23_a_pull_request_s_merge_of_depth_2() {
    let shop = Project::shop();
    let base = shop.git(&["rev-parse", "HEAD"]);
    shop.branch("src/lib.rs", ALLOCATE, "db.allocate(1000)");
    shop.git(&["switch", "--quiet", "--detach", "main"]);
    shop.git(&["merge", "--quiet", "--no-ff", "--message", "merge", "branch"]);
    shop.git(&["update-ref", "refs/heads/merge", "HEAD"]);
    let clone = clone(&shop, &["--depth=2", "--branch=merge"]);
    clone.perfassert(&["diff", "main"]).exits(100).says(&[
        "the merge's first parent HEAD^1",
        &base[..9],
        "1000 allocs",
    ]);
}

#[test]
fn d24_unrelated_histories() {
    let shop = Project::shop();
    shop.git(&["switch", "--quiet", "--orphan", "other"]);
    shop.git(&["commit", "--quiet", "--allow-empty", "--message", "another beginning"]);
    shop.git(&["switch", "--quiet", "main"]);
    shop.perfassert(&["diff", "other"]).exits(3).tells(&["HEAD and other have no common commit", "--tip"]);
}

#[test]
fn an_unknown_reference_and_no_repository() {
    let shop = Project::shop();
    shop.perfassert(&["diff", "mian"])
        .exits(3)
        .tells(&["git knows no commit `mian`", "git fetch origin mian"]);
    std::fs::rename(shop.root.join(".git"), shop.beside().join("git")).unwrap();
    shop.perfassert(&["diff", "main"]).exits(3).tells(&["no git repository"]);
}

#[test]
fn d25_main_has_moved_on() {
    let shop = Project::shop();
    shop.branch("src/lib.rs", "A shop", "This shop");
    shop.git(&["switch", "--quiet", "main"]);
    shop.edit("src/lib.rs", ALLOCATE, "db.allocate(10)");
    shop.commit("much better");
    shop.git(&["switch", "--quiet", "branch"]);
    shop.perfassert(&["diff", "main"]).exits(0).says(&["(merge base "]);
    shop.perfassert(&["diff", "main", "--tip"]).exits(100).says(&["(tip ", "10 -> 100 allocs"]);
}

#[test]
fn d31_a_dirty_tree_and_the_user_s_index() {
    let shop = Project::shop();
    shop.write("staged.txt", "staged\n");
    shop.git(&["add", "staged.txt"]);
    shop.edit("src/lib.rs", ALLOCATE, "db.allocate(1000)");
    let state = || (std::fs::read(shop.root.join(".git/index")).unwrap(), shop.git(&["stash", "list"]));
    let before = state();
    shop.perfassert(&["diff", "main"]).exits(100).says(&["uncommitted changes", "1000 allocs"]);
    assert!(before == state(), "the index was written");
    assert_eq!(shop.git(&["status", "--porcelain"]), "M src/lib.rs\nA  staged.txt");
    assert_eq!(shop.git(&["worktree", "list"]).lines().count(), 1);
}
