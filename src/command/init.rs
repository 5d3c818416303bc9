//! A commented starter config, tag policy with its schema and showback rules, or a report's files for editing. Never overwrites.

use crate::cli::InitArgs;
use crate::error::{Error, Result};
use crate::report::definition::embedded;
use std::path::Path;

/// Writes the files and says where.
pub(super) fn init(args: &InitArgs) -> Result<()> {
    super::run::speak(false, crate::cli::LogFormat::Text);
    std::fs::create_dir_all(&args.folder).map_err(|e| Error::write(&args.folder, &e))?;
    let Some(name) = &args.eject else {
        write(
            &args.folder,
            "cloudtally.toml",
            include_str!("init/cloudtally.toml"),
        )?;
        write(&args.folder, "tags.toml", include_str!("init/tags.toml"))?;
        let schema = crate::policy::schema::SCHEMA;
        write(&args.folder, "tags.schema.json", schema)?;
        let rules = include_str!("init/showback.toml");
        return write(&args.folder, "showback.toml", rules);
    };
    let Some((toml, sql)) = embedded(name) else {
        return Err(Error::usage(format!("no report is called `{name}`"))
            .hint("`cloudtally list reports` shows all"));
    };
    write(&args.folder, &format!("{name}.toml"), toml)?;
    match sql {
        Some(sql) => write(&args.folder, &format!("{name}.sql"), sql),
        None => Ok(()),
    }
}

fn write(folder: &Path, name: &str, text: &str) -> Result<()> {
    let path = folder.join(name);
    if path.exists() {
        return Err(Error::usage("this file exists already")
            .at(&path)
            .hint("move it away first; nothing was overwritten"));
    }
    std::fs::write(&path, text).map_err(|e| Error::write(&path, &e))?;
    tracing::info!("wrote {}", path.display());
    Ok(())
}
