//! The floor under every reader of csv.gz: taking the files apart, and nothing else, two at a time.

use super::process::{self, Cost, own_cpu};
use crate::bill::Fault;
use flate2::read::MultiGzDecoder;
use rayon::prelude::*;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// Files taken apart at the same time.
const AT_ONCE: usize = 2;

/// Reads all files once, so that no figure counts the disk.
pub(crate) fn fetch(files: &[PathBuf]) -> Result<(), Fault> {
    for path in files {
        std::io::copy(&mut File::open(path)?, &mut std::io::sink())?;
    }
    Ok(())
}

/// Inflates all files in this process, and says how many bytes came out.
pub(crate) fn inflate(files: &[PathBuf]) -> Result<(Cost, u64), Fault> {
    let (start, before) = (Instant::now(), own_cpu());
    let sizes: Vec<u64> = two_at_a_time(files, inflate_file)?;
    let cpu = own_cpu().zip(before).map(|(after, before)| after - before);
    Ok((
        Cost {
            wall: start.elapsed().as_secs_f64(),
            cpu,
            peak: None,
        },
        sizes.iter().sum(),
    ))
}

fn inflate_file(path: &PathBuf) -> Result<u64, Fault> {
    let mut reader = MultiGzDecoder::new(std::io::BufReader::with_capacity(
        1 << 17,
        File::open(path)?,
    ));
    let mut block = vec![0; 1 << 18];
    let mut bytes = 0;
    loop {
        match reader.read(&mut block)? {
            0 => return Ok(bytes),
            read => bytes += read as u64,
        }
    }
}

/// `gzip -dc` of all files, or a program that is called the same way; nothing where there is no such program.
pub(crate) fn unpack(
    program: &str,
    files: &[PathBuf],
    folder: &Path,
) -> Result<Option<Cost>, Fault> {
    if Command::new(program).arg("--version").output().is_err() {
        return Ok(None);
    }
    let start = Instant::now();
    let one = |path: &PathBuf| process::run(Command::new(program).arg("-dc").arg(path), folder);
    let costs: Vec<Cost> = two_at_a_time(files, one)?;
    Ok(Some(Cost {
        wall: start.elapsed().as_secs_f64(),
        cpu: costs.iter().map(|cost| cost.cpu).sum(),
        peak: None,
    }))
}

fn two_at_a_time<T: Send>(
    files: &[PathBuf],
    work: impl Fn(&PathBuf) -> Result<T, Fault> + Sync,
) -> Result<Vec<T>, Fault> {
    let threads = rayon::ThreadPoolBuilder::new()
        .num_threads(AT_ONCE)
        .build()?;
    // One file after the other, as hands are free: splitting in halves would leave one hand idle.
    threads.install(|| files.par_iter().with_max_len(1).map(&work).collect())
}
