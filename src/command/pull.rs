//! stand-in until the fetch arrives
use crate::cli::PullCommand;
use crate::error::{Error, Result};
use chrono::NaiveDate;
pub(super) fn pull(_command: &PullCommand, _clock: NaiveDate) -> Result<()> { Err(Error::usage("soon")) }
