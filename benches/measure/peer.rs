//! DuckDB and Polars for Python beside the program: scripts that compute six of its reports from the same files,
//! in an environment of their own with pinned versions. Refuses to touch any other Python on the machine.

use super::process::{self, Cost};
use crate::bill::Fault;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the scripts and the pinned versions are.
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers");

/// Another program for the same questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    DuckDb,
    Polars,
}

impl Peer {
    /// Both.
    pub(crate) const ALL: [Peer; 2] = [Peer::DuckDb, Peer::Polars];

    fn title(self) -> &'static str {
        match self {
            Peer::DuckDb => "DuckDB",
            Peer::Polars => "Polars for Python",
        }
    }

    /// Name of the module, and of the folder that the script writes to.
    pub(crate) fn module(self) -> &'static str {
        match self {
            Peer::DuckDb => "duckdb",
            Peer::Polars => "polars",
        }
    }

    /// For people, with the version that is pinned.
    pub(crate) fn name(self) -> Result<String, Fault> {
        let pinned = fs::read_to_string(Path::new(SCRIPTS).join("requirements.txt"))?;
        let start = format!("{}==", self.module());
        let version = pinned.lines().find_map(|line| line.strip_prefix(&start));
        Ok(format!("{} {}", self.title(), version.unwrap_or_default()))
    }
}

/// A Python that has both.
#[derive(Debug)]
pub(crate) struct Python(PathBuf);

/// Makes the environment below a folder, or finds it; fails where there is no Python, no pip or no network.
pub(crate) fn python(folder: &Path) -> Result<Python, Fault> {
    let home = folder.join("python");
    let python = home.join("bin").join("python");
    if !python.exists() {
        let mut make = Command::new("python3");
        process::run(make.args(["-m", "venv"]).arg(&home), folder)?;
    }
    let pinned = Path::new(SCRIPTS).join("requirements.txt");
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--requirement"]);
    process::run(install.arg(pinned), folder)?;
    // Both compile themselves when they are first loaded; no figure counts that.
    for peer in Peer::ALL {
        let load = format!("import {}", peer.module());
        process::run(Command::new(&python).args(["-c", &load]), folder)?;
    }
    Ok(Python(python))
}

impl Python {
    /// Runs the script of a peer over the files of a bill; its reports are left in `out`.
    pub(crate) fn run(&self, peer: Peer, files: &[PathBuf], out: &Path) -> Result<Cost, Fault> {
        let script = Path::new(SCRIPTS).join(format!("{}_six.py", peer.module()));
        fs::create_dir_all(out)?;
        let mut command = Command::new(&self.0);
        process::run(command.arg(script).arg(out).args(files), out)
    }
}
