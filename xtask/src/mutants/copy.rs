//! A copy of the work tree: what is committed and what is about to be.

use crate::shell;
use anyhow::{Context, Result};
use std::{collections::BTreeSet, fs, path::Path};

/// Makes `copy` equal to the work tree at `root`.
///
/// A file whose content is the same is left alone, and one that differs gets the present time: cargo builds again what
/// is newer than its last build, and an old time would leave the patched program in place.
pub fn sync(root: &Path, copy: &Path) -> Result<()> {
    let mut list = shell::command("git");
    list.current_dir(root).args(["ls-files", "-z", "-co", "--exclude-standard"]);
    let listed = shell::run(&mut list)?;
    let files: BTreeSet<_> = listed.split('\0').filter(|path| !path.is_empty() && root.join(path).is_file()).collect();
    for path in &files {
        let (from, to) = (root.join(path), copy.join(path));
        let content = fs::read(&from).with_context(|| format!("cannot read {}", from.display()))?;
        if fs::read(&to).ok().as_ref() != Some(&content) {
            fs::create_dir_all(to.parent().unwrap_or(copy))?;
            fs::write(&to, content).with_context(|| format!("cannot write {}", to.display()))?;
        }
    }
    for entry in walkdir::WalkDir::new(copy) {
        let entry = entry?;
        let inner = entry.path().strip_prefix(copy)?;
        if entry.file_type().is_file() && !inner.to_str().is_some_and(|inner| files.contains(inner)) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_what_the_tree_has_and_keeps_what_is_the_same() {
        let folder = tempfile::tempdir().expect("a folder");
        let (root, copy) = (folder.path().join("root"), folder.path().join("copy"));
        fs::create_dir_all(root.join("src")).expect("made");
        fs::write(root.join("src/a.rs"), "a").expect("written");
        fs::write(root.join("b.rs"), "b").expect("written");
        fs::write(root.join(".gitignore"), "ignored\n").expect("written");
        fs::write(root.join("ignored"), "").expect("written");
        shell::run(shell::command("git").current_dir(&root).args(["init", "--quiet"])).expect("a repository");
        sync(&root, &copy).expect("copied");
        let made = fs::metadata(copy.join("b.rs")).and_then(|file| file.modified()).expect("a time");
        fs::write(copy.join("src/a.rs"), "patched").expect("written");
        fs::write(copy.join("new.rs"), "patched").expect("written");
        sync(&root, &copy).expect("copied");
        assert_eq!(fs::read_to_string(copy.join("src/a.rs")).expect("read"), "a");
        assert!(!copy.join("new.rs").exists() && !copy.join("ignored").exists());
        assert_eq!(fs::metadata(copy.join("b.rs")).and_then(|file| file.modified()).expect("a time"), made);
    }
}
