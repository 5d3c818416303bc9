//! The rules of the house, read from its own sources: text that drifts is tested like code.

use cloudtally::config::Config;
use cloudtally::policy::TagPolicy;
use cloudtally::showback::ShowbackRules;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder with this ending, sorted.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_str().unwrap().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

/// The code of a file, line by line, comments left out; `1` is the first line.
fn code(path: &Path) -> Vec<(usize, String)> {
    let text = fs::read_to_string(path).unwrap();
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"));
    lines.map(|(at, line)| (at + 1, line.to_owned())).collect()
}

/// The room a file of `src/` belongs to: its folder or its own name.
fn room(path: &Path) -> String {
    let inside = path.strip_prefix(root().join("src")).unwrap();
    inside
        .components()
        .next()
        .unwrap()
        .as_os_str()
        .to_str()
        .unwrap()
        .trim_end_matches(".rs")
        .to_owned()
}

/// The rooms from the ground up. Imports run downward: a room knows those of lower floors and itself;
/// rooms of one floor never know each other.
const FLOORS: &[&[&str]] = &[
    &["error"],
    &["money", "period", "tags", "sheet"],
    &["focus", "resource", "fx", "invoice", "condition"],
    &["policy", "lake"],
    &["engine"],
    &["source", "inventory", "analysis"],
    &["showback", "units", "cli"],
    &["config"],
    &["report"],
    &["command"],
    &["lib", "main"],
];

fn floor(room: &str) -> usize {
    let floor = FLOORS.iter().position(|rooms| rooms.contains(&room));
    floor.unwrap_or_else(|| {
        panic!("the room `{room}` has no floor yet: give it one in tests/house.rs")
    })
}

/// The rooms named after `crate::` in a line, groups included.
fn named(line: &str) -> Vec<String> {
    let word = |text: &str| {
        text.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect::<String>()
    };
    let after = line.split("crate::").skip(1);
    after
        .flat_map(|rest| match rest.strip_prefix('{') {
            Some(group) => group.split(',').map(|part| word(part.trim())).collect(),
            None => vec![word(rest)],
        })
        .filter(|room| room.starts_with(|c: char| c.is_ascii_lowercase()))
        .collect()
}

#[test]
fn imports_run_downward() {
    let mut faults = Vec::new();
    for path in files("src", ".rs") {
        let own = room(&path);
        for (at, line) in code(&path) {
            for known in named(&line).into_iter().filter(|known| *known != own) {
                if floor(&known) >= floor(&own) {
                    faults.push(format!(
                        "{}:{at}: `{own}` must not know `{known}`",
                        shown(&path)
                    ));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_floors_are_the_rooms_that_there_are() {
    let rooms: Vec<String> = files("src", ".rs").iter().map(|path| room(path)).collect();
    for known in FLOORS.iter().flat_map(|rooms| rooms.iter()) {
        assert!(
            rooms.iter().any(|room| room == known),
            "there is no room `{known}` any more"
        );
    }
    for room in &rooms {
        assert!(floor(room) < FLOORS.len());
    }
    assert_eq!(
        named("use crate::{error::Result, money::Money};"),
        ["error", "money"]
    );
    assert_eq!(
        named("let a = crate::lake::hash(crate::money::ONE);"),
        ["lake", "money"]
    );
}

/// Lines of a room's code that have one of these words.
fn lines_with(room_name: &str, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for path in files("src", ".rs")
        .into_iter()
        .filter(|path| room(path) == room_name)
    {
        for (at, line) in code(&path)
            .into_iter()
            .filter(|(_, line)| words.iter().any(|word| line.contains(word)))
        {
            found.push(format!("{}:{at}: {}", shown(&path), line.trim()));
        }
    }
    found
}

#[test]
fn analysis_touches_no_file_no_socket_no_clock_no_config() {
    let found = lines_with(
        "analysis",
        &[
            "std::fs",
            "std::net",
            "std::env",
            "std::process",
            "Local::",
            "Utc::now",
            "SystemTime",
            "Instant",
            "crate::config",
        ],
    );
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_clock_is_read_once() {
    let rooms = [
        "analysis",
        "report",
        "source",
        "inventory",
        "lake",
        "engine",
        "policy",
        "command",
        "config",
    ];
    let found: Vec<String> = rooms
        .iter()
        .flat_map(|room| lines_with(room, &["Local::now", "Utc::now", "SystemTime::now"]))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_outside_library_has_one_home() {
    let homes: [(&str, &[&str]); 13] = [
        ("plotters", &["report/chart"]),
        ("clap", &["cli.rs", "main.rs", "command/mod.rs"]),
        ("polars_sql", &["engine/"]),
        ("SQLContext", &["engine/"]),
        ("aws_sdk", &["source/"]),
        ("aws_config", &["source/"]),
        // The companion is a program of its own, which waits for Ctrl-C.
        ("tokio", &["source/", "engine/spark/companion/main.rs"]),
        ("spark_connect", &["engine/spark/companion/"]),
        ("object_store", &["source/store/"]),
        ("md5", &["source/store/"]),
        ("simd_csv", &["source/csv.rs"]),
        ("rust_xlsxwriter", &["report/workbook.rs"]),
        ("tracing_subscriber", &["command/run.rs"]),
    ];
    for path in files("src", ".rs") {
        let place = shown(&path);
        for (at, line) in code(&path) {
            for (library, homes) in homes {
                let used = line.contains(&format!("{library}::"))
                    || line.contains(&format!("use {library}"));
                let at_home = homes
                    .iter()
                    .any(|home| place.starts_with(&format!("src/{home}")));
                assert!(
                    !used || at_home,
                    "{place}:{at}: `{library}` lives in {homes:?}"
                );
            }
        }
    }
}

#[test]
fn queries_keep_to_the_sql_that_all_engines_share() {
    let queries = files("queries", ".sql");
    assert!(queries.len() > 10);
    let faults: Vec<String> = queries
        .iter()
        .flat_map(|path| {
            let faults = cloudtally::engine::faults(&fs::read_to_string(path).unwrap());
            faults
                .into_iter()
                .map(|(line, fault)| format!("{}:{line}: {fault}", shown(path)))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_query_is_read_by_the_program() {
    let sources: String = files("src", ".rs")
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    for path in files("queries", "")
        .into_iter()
        .chain(files("reports", ".toml"))
    {
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(sources.contains(name), "nobody reads {}", shown(&path));
    }
}

#[test]
fn no_test_file_is_forgotten() {
    let main = fs::read_to_string(root().join("tests/main.rs")).unwrap();
    for entry in fs::read_dir(root().join("tests")).unwrap().flatten() {
        let path = entry.path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.extension().is_some_and(|ending| ending == "rs") && name != "main" {
            assert!(
                main.contains(&format!("mod {name};")),
                "tests/{name}.rs is not listed in tests/main.rs"
            );
        }
    }
}

#[test]
fn no_file_is_too_long() {
    for path in files("src", ".rs").into_iter().chain(files("tests", ".rs")) {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 450, "{} has {lines} lines", shown(&path));
    }
}

#[test]
fn every_source_says_what_it_is_for() {
    for path in files("src", ".rs") {
        let text = fs::read_to_string(&path).unwrap();
        let tests = path.ends_with("tests.rs");
        assert!(
            tests || text.starts_with("//!"),
            "{} opens without a module comment",
            shown(&path)
        );
    }
}

#[test]
fn there_is_no_room_for_odds_and_ends() {
    for path in files("src", ".rs").into_iter().chain(files("tests", ".rs")) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(
            !["util", "utils", "common", "helpers", "misc"].contains(&name),
            "{}",
            shown(&path)
        );
    }
}

/// A starter file with its commented settings switched on: what a user would do.
fn switched_on(text: &str) -> String {
    let setting = |line: &str| {
        line.starts_with('[')
            || line
                .split_once(" = ")
                .is_some_and(|(key, _)| !key.contains(' '))
    };
    let lines = text.lines().map(|line| match line.strip_prefix("# ") {
        Some(rest) if setting(rest) => rest,
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_example_config_and_policy_parses() {
    let here = tempfile::tempdir().unwrap();
    let mut seen = 0;
    for folder in ["sample-data", "src/command/init"] {
        for path in files(folder, ".toml") {
            let text = fs::read_to_string(&path).unwrap();
            for text in [text.clone(), switched_on(&text)] {
                let copy = here.path().join("example.toml");
                fs::write(&copy, &text).unwrap();
                match path.file_name().unwrap().to_str().unwrap() {
                    "cloudtally.toml" => drop(Config::load(Some(&copy)).unwrap()),
                    "tags.toml" => drop(TagPolicy::parse(&text, &copy).unwrap()),
                    "showback.toml" => {
                        let measure = |_: &Path| Ok(std::collections::BTreeMap::new());
                        drop(ShowbackRules::parse(&text, &copy, &measure).unwrap());
                    }
                    _ => continue,
                }
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 12);
}
