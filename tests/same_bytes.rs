//! Same input, same bytes: whatever the number of threads, the cut into files, their order or that of rows.

use crate::world::{Run, World, company_files, sample_run};
use flate2::read::MultiGzDecoder;
use std::io::Read;

/// The header and the lines of an export of the sample company; none of its cells holds a line break.
struct Export {
    header: String,
    lines: Vec<String>,
}

impl Export {
    fn of(texts: &[String]) -> Export {
        let header = texts[0].lines().next().unwrap().to_owned();
        let lines = texts
            .iter()
            .flat_map(|text| text.lines().skip(1))
            .map(str::to_owned)
            .collect();
        Export { header, lines }
    }

    fn text(&self, lines: &[String]) -> String {
        format!("{}\n{}\n", self.header, lines.join("\n"))
    }

    /// The run over the export cut into these many files, called so that they sort as `names` says.
    fn run(&self, lines: &[String], names: &[&str]) -> Run {
        let mut world = World::sample().config(
            "[[bills]]\npath = \"cut/\"\nname = \"bill\"\n[tags]\npolicy = \"tags.toml\"\n",
        );
        let size = lines.len().div_ceil(names.len());
        for (name, part) in names.iter().zip(lines.chunks(size)) {
            world = world.file(&format!("cut/{name}.csv"), self.text(part));
        }
        world.run(&["run", "--today", "2026-11-21"]).code(0)
    }

    /// The lines in an order that has nothing to do with the one they had.
    fn shuffled(&self) -> Vec<String> {
        let mut lines = self.lines.clone();
        let mut state: u64 = 42;
        for at in (1..lines.len()).rev() {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            lines.swap(at, usize::try_from(state >> 33).unwrap() % (at + 1));
        }
        lines
    }
}

fn focus() -> Export {
    let files = company_files();
    Export::of(&[String::from_utf8(files["bills/focus/azure-focus-2026-10.csv"].clone()).unwrap()])
}

fn cur() -> Export {
    let august = company_files()
        .iter()
        .filter(|(name, _)| name.contains("20260801") && name.ends_with(".csv.gz"));
    let unpacked = august.map(|(_, bytes)| {
        let mut text = String::new();
        MultiGzDecoder::new(bytes.as_slice())
            .read_to_string(&mut text)
            .unwrap();
        text
    });
    Export::of(&unpacked.collect::<Vec<_>>())
}

#[track_caller]
fn assert_same(a: &Run, b: &Run) {
    let (a, b) = (a.csvs(), b.csvs());
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
    for (name, text) in &a {
        let line = text.lines().zip(b[name].lines()).position(|(a, b)| a != b);
        assert!(
            *text == b[name],
            "{name} differs from line {line:?}\n{:?}",
            line.map(|at| (text.lines().nth(at), b[name].lines().nth(at)))
        );
    }
    assert!(a.len() > 10, "{:?}", a.keys());
}

fn order_and_cut_do_not_matter(export: &Export) {
    let whole = export.run(&export.lines, &["a"]);
    assert_same(&whole, &export.run(&export.lines, &["a", "b", "c"]));
    assert_same(&whole, &export.run(&export.lines, &["c", "a", "b"]));
    assert_same(&whole, &export.run(&export.shuffled(), &["a"]));
    assert_same(&whole, &export.run(&export.shuffled(), &["b", "a", "c"]));
}

#[test]
fn a_focus_bill_may_be_cut_and_shuffled() {
    order_and_cut_do_not_matter(&focus());
}

#[test]
fn a_cur_bill_may_be_cut_and_shuffled() {
    order_and_cut_do_not_matter(&cur());
}

#[test]
fn two_runs_write_the_same_bytes_whatever_the_threads() {
    for jobs in ["1", "2"] {
        let run = World::sample().run(&["run", "--jobs", jobs]).code(0);
        assert_same(sample_run(), &run);
        let pictures = run
            .reports
            .iter()
            .filter(|(name, _)| name.ends_with(".png") || name.ends_with(".xlsx"));
        for (name, bytes) in pictures {
            assert!(
                sample_run().bytes(name) == bytes,
                "{name} differs with --jobs {jobs}"
            );
        }
    }
}

#[test]
fn a_night_without_change_reads_no_line_item_and_writes_the_same() {
    let world = World::sample();
    let first = world.run(&["run"]).code(0);
    let second = world
        .run(&["run"])
        .code(0)
        .stderr_has("no line item was read");
    assert_same(&first, &second);
    assert_eq!(second.json()["files_read"], 0);
    let periods = second.json()["periods"].as_array().unwrap().clone();
    assert!(
        periods
            .iter()
            .all(|period| period["read_line_items"] == false),
        "{periods:?}"
    );
    assert!(!first.stderr.contains("no line item was read"));
}

#[test]
fn only_a_changed_file_is_read_again() {
    let export = focus();
    let world = World::new()
        .bill("1.csv", export.text(&export.lines[..100]))
        .bill("2.csv", export.text(&export.lines[100..]));
    world
        .run(&["run", "bills/", "--today", "2026-11-21"])
        .code(0)
        .stderr_has("2 of 2 files read");
    world.write("bills/2.csv", export.text(&export.lines[101..]));
    let again = world
        .run(&["run", "bills/", "--today", "2026-11-21"])
        .code(0)
        .stderr_has("1 of 2 files read");
    let fresh = World::new()
        .bill("1.csv", export.text(&export.lines[..100]))
        .bill("2.csv", export.text(&export.lines[101..]));
    assert_same(
        &fresh
            .run(&["run", "bills/", "--today", "2026-11-21"])
            .code(0),
        &again,
    );
}

/// A price that no row has is unknown in one file and in three: never zero.
#[test]
fn an_unknown_price_stays_unknown_however_the_bill_is_cut() {
    let line = |at: usize| {
        format!(
            "{at}.5,USD,2026-10-0{at},Storage,{}",
            if at == 1 { "2" } else { "" }
        )
    };
    for first in [1, 2] {
        let export = Export {
            header: "BilledCost,BillingCurrency,ChargePeriodStart,ServiceName,ListCost".to_owned(),
            lines: (first..=6).map(line).collect(),
        };
        let whole = export.run(&export.lines, &["a"]);
        assert_same(&whole, &export.run(&export.lines, &["a", "b", "c"]));
    }
}
