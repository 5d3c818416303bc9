//! The tag policy's schema, and policies from elsewhere, to stdout.

use super::print;
use crate::cli::PolicyCommand;
use crate::error::{Error, Result};
use crate::policy::{import, schema};

/// Prints what was asked for.
pub(super) fn policy(command: &PolicyCommand) -> Result<()> {
    match command {
        PolicyCommand::Schema => print(schema::SCHEMA.as_bytes()),
        PolicyCommand::Import { file } => {
            let text = std::fs::read_to_string(file).map_err(|e| Error::read(file, &e))?;
            print(import::from_aws(&text, file)?.as_bytes())
        }
    }
}
