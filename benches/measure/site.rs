//! Where the runs over one bill happen: its files laid out as a delivery, a lake and a folder for reports beside
//! them. Every run's answer is checked before its figure counts.

use super::check::check;
use super::process::{self, Cost};
use crate::bill::{Fault, Totals};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Stages of a run as `run.json` times them, and what they are.
const STAGES: [(&str, &str); 4] = [
    ("ingest", "of it, ingest: from the files to the lake"),
    ("facts", "of it, facts"),
    ("reports", "of it, analyses"),
    ("write", "of it, CSVs and charts"),
];
/// What no stage times.
const REST: &str = "of it, the rest: start, books, publishing, history";

/// The place of the runs over one bill.
pub(crate) struct Site {
    program: PathBuf,
    home: PathBuf,
    /// The bill as the runs find it.
    pub(crate) bills: Vec<PathBuf>,
}

impl Site {
    /// An empty place with a bill in it.
    pub(crate) fn new(home: PathBuf, files: &[(PathBuf, PathBuf)]) -> Result<Self, Fault> {
        if home.exists() {
            fs::remove_dir_all(&home)?;
        }
        Ok(Self {
            program: program()?,
            bills: lay(&home, files)?,
            home,
        })
    }

    /// Puts newer files in the place of those of the same name.
    pub(crate) fn deliver(&self, files: &[(PathBuf, PathBuf)]) -> Result<(), Fault> {
        lay(&self.home, files).map(|_| ())
    }

    /// Runs the program on the lake of that name as on that day, and checks its answer.
    pub(crate) fn run(
        &self,
        lake: &str,
        today: &str,
        jobs: Option<usize>,
        totals: &Totals,
    ) -> Result<Cost, Fault> {
        let mut command = Command::new(&self.program);
        command.arg("run").args(&self.bills);
        command.arg("--lake").arg(self.home.join(lake));
        command.arg("--out").arg(self.out(lake));
        command.args(["--today", today, "--quiet"]);
        if let Some(jobs) = jobs {
            command.arg("--jobs").arg(jobs.to_string());
        }
        let cost = process::run(&mut command, &self.home)?;
        check(&self.reports(lake).join("cost_by_service.csv"), totals)?;
        Ok(cost)
    }

    /// The stages of the last run on a lake by the program's own clock, and what is left of the whole.
    pub(crate) fn stages(
        &self,
        lake: &str,
        whole: Cost,
    ) -> Result<Vec<(&'static str, Cost)>, Fault> {
        let text = fs::read_to_string(self.reports(lake).join("run.json"))?;
        let run: serde_json::Value = serde_json::from_str(&text)?;
        let mut rest = whole.wall;
        let mut stages = Vec::new();
        for (stage, what) in STAGES {
            let seconds = run["seconds"][stage].as_f64();
            let wall = seconds.ok_or_else(|| format!("run.json does not time `{stage}`"))?;
            rest -= wall;
            stages.push((what, Cost::of_wall(wall)));
        }
        stages.push((REST, Cost::of_wall(rest)));
        Ok(stages)
    }

    /// The reports that were published last from a lake.
    pub(crate) fn reports(&self, lake: &str) -> PathBuf {
        self.out(lake).join("latest")
    }

    /// A folder for another program's reports.
    pub(crate) fn aside(&self, name: &str) -> PathBuf {
        self.home.join(name)
    }

    /// Removes everything.
    pub(crate) fn clear(self) -> Result<(), Fault> {
        Ok(fs::remove_dir_all(self.home)?)
    }

    fn out(&self, lake: &str) -> PathBuf {
        self.home.join(format!("{lake}-out"))
    }
}

/// Puts the files of a bill where the runs look for them; files of the same place are replaced.
fn lay(home: &Path, files: &[(PathBuf, PathBuf)]) -> Result<Vec<PathBuf>, Fault> {
    let mut laid = Vec::new();
    for (path, inside) in files {
        let place = home.join("bills").join(inside);
        fs::create_dir_all(place.parent().unwrap_or(home))?;
        if place.exists() {
            fs::remove_file(&place)?;
        }
        if fs::hard_link(path, &place).is_err() {
            fs::copy(path, &place)?;
        }
        laid.push(place);
    }
    Ok(laid)
}

/// The program to measure: `CLOUDTALLY_BIN`, else the one that cargo built beside this bench.
pub(crate) fn program() -> Result<PathBuf, Fault> {
    let named = std::env::var_os("CLOUDTALLY_BIN").map(PathBuf::from);
    let built = option_env!("CARGO_BIN_EXE_cloudtally").map(PathBuf::from);
    let program = named
        .or(built)
        .ok_or("no program to measure: set CLOUDTALLY_BIN")?;
    program
        .canonicalize()
        .map_err(|e| format!("{}: {e}", program.display()).into())
}
