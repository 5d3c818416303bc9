//! One whole process: wall time, CPU time and peak memory, read from `/proc` while it runs and once more
//! when it is done but not yet reaped. Where there is no `/proc`, only the wall time is known.

use crate::bill::Fault;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How often a running process is looked at: the error of the wall time, and of memory that grew last.
const LOOK: Duration = Duration::from_millis(5);

/// Clock ticks of a second in `/proc/<pid>/stat`: part of the kernel's interface on every usual machine.
const TICKS: f64 = 100.0;

/// What a process took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    /// Seconds from start to end.
    pub(crate) wall: f64,
    /// Seconds of all cores, user and system.
    pub(crate) cpu: Option<f64>,
    /// MiB.
    pub(crate) peak: Option<f64>,
}

impl Cost {
    /// Where only the wall time is known.
    pub(crate) fn of_wall(wall: f64) -> Cost {
        Cost {
            wall,
            ..Cost::default()
        }
    }
}

/// Runs a command in a folder to its end. A failure carries what it said.
pub(crate) fn run(command: &mut Command, folder: &Path) -> Result<Cost, Fault> {
    let words = folder.join(format!("stderr-{:?}.txt", std::thread::current().id()));
    let said = std::fs::File::create(&words)?;
    command
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(said);
    let start = Instant::now();
    let mut child = command.spawn().map_err(|e| {
        let _ = std::fs::remove_file(&words);
        format!("{}: {e}", command.get_program().display())
    })?;
    let mut cost = watch(&mut child);
    let status = child.wait()?;
    cost.wall = start.elapsed().as_secs_f64();
    if status.success() {
        std::fs::remove_file(&words)?;
        return Ok(cost);
    }
    let said = std::fs::read_to_string(&words).unwrap_or_default();
    Err(format!("{command:?} ended with {status}\n{said}").into())
}

/// Looks at a child until it is done; it is left for its parent to reap.
fn watch(child: &mut Child) -> Cost {
    let home = format!("/proc/{}", child.id());
    let mut cost = Cost::default();
    while let Some((state, cpu)) = stat(&home) {
        cost.cpu = Some(cpu);
        if matches!(state, 'Z' | 'X') {
            break;
        }
        cost.peak = peak(&home).or(cost.peak);
        std::thread::sleep(LOOK);
    }
    cost
}

/// State, and seconds of CPU of all threads, of a process.
fn stat(home: &str) -> Option<(char, f64)> {
    let text = std::fs::read_to_string(format!("{home}/stat")).ok()?;
    // The name in parentheses may hold anything, so fields count from the last parenthesis.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    Some((
        fields.first()?.chars().next()?,
        (ticks(11)? + ticks(12)?) / TICKS,
    ))
}

/// The most memory that a process has had so far, in MiB.
fn peak(home: &str) -> Option<f64> {
    let text = std::fs::read_to_string(format!("{home}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1024.0)
}

/// Seconds of CPU that this process has taken so far.
pub(crate) fn own_cpu() -> Option<f64> {
    stat("/proc/self").map(|(_, cpu)| cpu)
}

/// The most memory that this process has had so far, in MiB.
pub(crate) fn own_peak() -> Option<f64> {
    peak("/proc/self")
}
