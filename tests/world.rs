//! A fresh folder per test and the real program in it: nothing of one test reaches another, and nothing
//! of the machine reaches a test but the program itself.

use crate::company;
use crate::sheet::Sheet;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use tempfile::TempDir;

/// A folder in which the program runs; gone with the test.
pub(crate) struct World {
    folder: TempDir,
}

/// What came of one run: everything it said and everything it left in `out/latest`.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) reports: BTreeMap<String, Vec<u8>>,
}

impl World {
    pub(crate) fn new() -> World {
        World {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// The sample company: its bills, inventory, metrics, policy and config.
    pub(crate) fn sample() -> World {
        let world = World::new();
        for (name, bytes) in company_files() {
            world.write(name, bytes);
        }
        world
    }

    /// An export in `bills/`.
    pub(crate) fn bill(self, name: &str, bytes: impl AsRef<[u8]>) -> World {
        self.file(&format!("bills/{name}"), bytes)
    }

    /// `cloudtally.toml`.
    pub(crate) fn config(self, text: &str) -> World {
        self.file("cloudtally.toml", text)
    }

    /// Any other file.
    pub(crate) fn file(self, name: &str, bytes: impl AsRef<[u8]>) -> World {
        self.write(name, bytes);
        self
    }

    /// Writes or replaces a file between two runs.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the program here; reports are looked for in `out/latest`.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        self.run_into("out", args)
    }

    /// Runs the program here; reports are looked for in another folder's `latest`.
    pub(crate) fn run_into(&self, out: &str, args: &[&str]) -> Run {
        self.launch(out, args, &[])
    }

    /// Runs the program here with some variables set and none of the machine's cloud settings.
    pub(crate) fn run_with(&self, variables: &[(&str, &str)], args: &[&str]) -> Run {
        self.launch("out", args, variables)
    }

    fn launch(&self, out: &str, args: &[&str], variables: &[(&str, &str)]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cloudtally"));
        for name in [
            "CLOUDTALLY_CONFIG",
            "CLOUDTALLY_OUT",
            "CLOUDTALLY_LAKE",
            "COLUMNS",
            "LINES",
        ] {
            command.env_remove(name);
        }
        let clouds = ["AWS_", "AZURE_", "GOOGLE_"];
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            if clouds.iter().any(|cloud| name.starts_with(cloud)) {
                command.env_remove(&*name);
            }
        }
        let output = command
            .envs(variables.iter().copied())
            .args(args)
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: self.without_folder(&output.stdout),
            stderr: self.without_folder(&output.stderr),
            reports: folder_bytes(&self.path(out).join("latest")),
        }
    }

    /// What was said, with this folder's name taken out.
    fn without_folder(&self, said: &[u8]) -> String {
        let here = self.folder.path().canonicalize().unwrap();
        let text = String::from_utf8_lossy(said).replace(here.to_str().unwrap(), "<here>");
        text.replace(self.folder.path().to_str().unwrap(), "<here>")
    }
}

impl Run {
    /// Demands an exit code.
    #[track_caller]
    pub(crate) fn code(self, wanted: i32) -> Run {
        assert_eq!(
            self.code, wanted,
            "exit code; it said:\n{}{}",
            self.stdout, self.stderr
        );
        self
    }

    /// Demands words on stderr.
    #[track_caller]
    pub(crate) fn stderr_has(self, words: &str) -> Run {
        assert!(
            self.stderr.contains(words),
            "no `{words}` in:\n{}",
            self.stderr
        );
        self
    }

    /// Demands words on stdout.
    #[track_caller]
    pub(crate) fn stdout_has(self, words: &str) -> Run {
        assert!(
            self.stdout.contains(words),
            "no `{words}` in:\n{}",
            self.stdout
        );
        self
    }

    /// A published CSV.
    #[track_caller]
    pub(crate) fn csv(&self, name: &str) -> Sheet {
        Sheet::parse(self.bytes(name))
    }

    /// A published file.
    #[track_caller]
    pub(crate) fn bytes(&self, name: &str) -> &[u8] {
        match self.reports.get(name) {
            Some(bytes) => bytes,
            None => panic!(
                "no {name} among {:?}; it said:\n{}",
                self.reports.keys(),
                self.stderr
            ),
        }
    }

    /// A published text.
    #[track_caller]
    pub(crate) fn text(&self, name: &str) -> &str {
        std::str::from_utf8(self.bytes(name)).unwrap()
    }

    /// `run.json`.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(self.bytes("run.json")).unwrap()
    }

    /// Every published CSV but the quarantine, which names files.
    pub(crate) fn csvs(&self) -> BTreeMap<&str, &str> {
        let is_table = |name: &&String| name.ends_with(".csv") && *name != "quarantine.csv";
        self.reports
            .keys()
            .filter(is_table)
            .map(|name| (name.as_str(), self.text(name)))
            .collect()
    }
}

/// The files of the sample company, made once.
pub(crate) fn company_files() -> &'static BTreeMap<String, Vec<u8>> {
    static FILES: OnceLock<BTreeMap<String, Vec<u8>>> = OnceLock::new();
    FILES.get_or_init(|| company::files().unwrap())
}

/// One run over the whole sample company, shared by all tests that only read it.
pub(crate) fn sample_run() -> &'static Run {
    static RUN: OnceLock<Run> = OnceLock::new();
    RUN.get_or_init(|| World::sample().run(&["run"]).code(0))
}

fn folder_bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.path().is_file());
    let name = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    files
        .map(|entry| (name(&entry), fs::read(entry.path()).unwrap()))
        .collect()
}
