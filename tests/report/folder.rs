//! A folder with whatever a folder may hold.

use std::{
    ffi::OsStr,
    fs,
    os::unix::{ffi::OsStrExt as _, fs::symlink, net::UnixListener},
    path::Path,
    process::Command,
};
use tempfile::TempDir;

/// The files that can be registered.
pub const GOOD: u64 = 26;
/// What is found and cannot be registered.
pub const BAD: u64 = 7;

/// Twenty-six files, seven things that are none, and three that are left out.
pub fn nasty() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let names = [
        // Case, accents, padding: each is a name of its own by law V2.
        "A.txt",
        "B.txt",
        "a.txt",
        "b.txt",
        "e\u{301}.txt",
        "\u{e9}.txt",
        "e.txt",
        "a.txt ",
        " a.txt",
        "ß.txt",
        "ss.txt",
        // What means something to LIKE, to SQL, to a shell, to a URL, to a terminal.
        "%",
        "_",
        "x_y.txt",
        "xzy.txt",
        "back\\slash.txt",
        "it's.txt",
        "\"quoted\".txt",
        "; DROP TABLE dataset; --",
        "a%20b.txt",
        "line\nend.txt",
        "\u{1b}[31mred.txt",
        // Outside the basic plane.
        "🐟🏴‍☠️.csv",
    ];
    for name in names {
        // Of equal size, so that only the names put them in an order.
        write(&root.join(name), b"four");
    }
    write(&root.join("empty"), b"");
    write(&root.join("deep/er/and deeper/large.json"), &vec![b'\n'; 100_000]);
    // 255 characters in 495 bytes: as long as a name may be.
    write(&root.join("é".repeat(120)).join("é".repeat(120)).join("longest13.txt"), b"fits");

    write(&root.join("é".repeat(120)).join("é".repeat(120)).join("one-more14.txt"), b"does not fit");
    // Root reads what nobody may read, but not the first byte of a process.
    symlink("/proc/self/mem", root.join("unreadable")).expect("a link");
    symlink("nowhere", root.join("dangling")).expect("a link");
    symlink("deep", root.join("loop")).expect("a link");
    UnixListener::bind(root.join("socket")).expect("a socket");
    let made = Command::new("mkfifo").arg(root.join("pipe")).status().expect("mkfifo");
    assert!(made.success(), "a pipe, which never ends");
    write(&root.join(OsStr::from_bytes(b"not \xff Unicode.txt")), b"four");

    write(&root.join("cache/CACHEDIR.TAG"), b"Signature: 8a477f597d28d172789f06886806bc55");
    write(&root.join("cache/deep/file"), b"left out");
    write(&root.join(".git/config"), b"left out");
    folder
}

pub fn write(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, bytes).expect("a file");
}
