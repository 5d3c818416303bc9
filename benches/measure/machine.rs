//! Facts of the machine that a figure depends on.

use std::process::Command;

/// One line: cores, memory, processor, kernel, compiler.
pub(crate) fn facts() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = field("/proc/meminfo", "MemTotal")
        .and_then(|text| text.trim_end_matches(" kB").trim().parse::<u64>().ok());
    let memory = memory.map_or_else(
        || "unknown memory".to_owned(),
        |kib| format!("{:.0} GiB", mib(kib) / 1024.0),
    );
    let model =
        field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let rustc = said("rustc", &["--version"]).unwrap_or_else(|| "rustc unknown".to_owned());
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    // What follows the number names who built it.
    let number = kernel.trim().split('-').next().unwrap_or_default();
    let system = format!("{} {number}", std::env::consts::OS);
    format!(
        "{cores} cores, {memory}, {model}, {}, {rustc}",
        system.trim_end()
    )
}

#[allow(clippy::cast_precision_loss, reason = "a figure for people")]
fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

/// The first value of a name in a `/proc` file.
fn field(path: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
