//! Texts that must not drift: files under `tests/golden/`. With `CLOUDTALLY_GOLDEN=write` they are
//! rewritten, and the diff is the review.

use std::fs;
use std::path::Path;

/// Demands that a text equals its golden file.
#[track_caller]
pub(crate) fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    if std::env::var_os("CLOUDTALLY_GOLDEN").is_some_and(|mode| mode == "write") {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        return;
    }
    let known = fs::read_to_string(&path).unwrap_or_default();
    let line = known
        .lines()
        .zip(text.lines())
        .position(|(known, now)| known != now);
    let line = line.unwrap_or_else(|| known.lines().count().min(text.lines().count())) + 1;
    let at = |text: &str| text.lines().nth(line - 1).unwrap_or("(nothing)").to_owned();
    assert!(
        known == text,
        "tests/golden/{name}:{line}\n  was {}\n  now {}\n`make golden` accepts what is new",
        at(&known),
        at(text),
    );
}
