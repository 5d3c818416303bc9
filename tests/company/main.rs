//! Writes the sample company's files into the folder named by the first argument (`sample-data`).
//! It only writes the files it owns: anything else in the folder stays.

#[path = "mod.rs"]
mod company;

use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(
        std::env::args_os()
            .nth(1)
            .unwrap_or_else(|| "sample-data".into()),
    );
    for (name, bytes) in company::files()? {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, bytes)?;
    }
    Ok(())
}
