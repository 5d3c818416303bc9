//! Daily cost from AWS Cost Explorer, into a CSV file that `run` reads as a bill.
//!
//! Every request is paid, so requests are counted, capped and told before and after. The file appears
//! whole or not at all. Knows no FOCUS: the mapping is `queries/focus/cost_explorer.sql`.

mod fetch;
mod rows;

use crate::error::{Error, Result};
use crate::period::Period;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What one request costs, in cents of USD; each page and each retry is a request
/// (<https://aws.amazon.com/aws-cost-management/aws-cost-explorer/pricing/>).
const CENTS: u32 = 1;

/// What to fetch, where to, and for how much.
pub struct Pull {
    /// Days, the end not included; none of them in the future.
    pub period: Period,
    /// By service and this tag key; nothing: by service and account.
    pub tag: Option<String>,
    /// The CSV file to write.
    pub out: PathBuf,
    /// Requests that may be made, retries included.
    pub max_requests: u32,
    /// Another address of the API, `http://` or `https://`; nothing: what the AWS settings say.
    pub endpoint: Option<String>,
    /// Who asks.
    pub credentials: Credentials,
    /// Pause before the first retry of a request; doubles with each.
    pub pause: Duration,
}

/// Who asks AWS.
pub enum Credentials {
    /// Whoever the environment, the profile files or the machine's role say.
    Chain,
    /// Keys at hand.
    Static {
        /// Access key ID.
        access_key_id: String,
        /// Secret access key.
        secret_access_key: String,
        /// Session token of temporary keys.
        session_token: Option<String>,
    },
}

/// What a pull did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pulled {
    /// Requests made, retries included.
    pub requests: u32,
    /// Rows in the file.
    pub rows: usize,
    /// Groups that cost exactly nothing and are not in the file.
    pub left_out: usize,
}

/// Fetches and writes; `say` hears what it costs before and after.
pub fn pull(request: &Pull, say: &mut dyn FnMut(&str)) -> Result<Pulled> {
    check_endpoint(request.endpoint.as_deref())?;
    let draft = Draft::create(&request.out)?;
    let mut meter = Meter {
        made: 0,
        most: request.max_requests,
    };
    say(&announcement(request));
    let answer = fetch::days(request, &mut meter, say);
    say(&format!(
        "Cost Explorer: made {} = {}",
        requests(meter.made),
        price(meter.made)
    ));
    let (charges, left_out) = rows::charges(&answer?, request.period, request.tag.as_deref())?;
    if charges.is_empty() {
        return Err(
            Error::data("Cost Explorer knows no cost in this period").hint(
                "is this the right account? newly enabled, Cost Explorer is empty for up to a day",
            ),
        );
    }
    draft.publish(&rows::csv(&charges)?)?;
    say(&format!(
        "Cost Explorer: {} rows in {}, {left_out} of no cost left out",
        charges.len(),
        request.out.display()
    ));
    Ok(Pulled {
        requests: meter.made,
        rows: charges.len(),
        left_out,
    })
}

/// A wrong address is told before anything is sent.
fn check_endpoint(endpoint: Option<&str>) -> Result<()> {
    let Some(url) = endpoint else { return Ok(()) };
    let host = url
        .strip_prefix("http://")
        .or_else(|| url.strip_prefix("https://"));
    match host {
        Some(host)
            if !host.starts_with('/')
                && !host.is_empty()
                && host.chars().all(|c| c.is_ascii_graphic()) =>
        {
            Ok(())
        }
        _ => Err(Error::usage(format!("`{url}` is no address of an API"))
            .hint("write --endpoint http://host:port or https://host")),
    }
}

/// How many pages an answer has is known only when it is here: the least is one, the most is the cap.
fn announcement(request: &Pull) -> String {
    let Period { start, end } = request.period;
    let by = request
        .tag
        .as_ref()
        .map_or("account".to_owned(), |key| format!("tag `{key}`"));
    let least = request.max_requests.min(1);
    format!(
        "Cost Explorer: {} days from {start} up to, not including, {end}, by service and {by}: at least {} = {}, \
         at most {} = {}",
        request.period.days(),
        requests(least),
        price(least),
        requests(request.max_requests),
        price(request.max_requests)
    )
}

fn requests(count: u32) -> String {
    format!("{count} request{}", if count == 1 { "" } else { "s" })
}

/// What requests cost, exactly.
fn price(requests: u32) -> String {
    let cents = u64::from(requests) * u64::from(CENTS);
    format!("{}.{:02} USD", cents / 100, cents % 100)
}

/// Counts paid requests. One that was sent counts even where no answer came back: it may have arrived.
struct Meter {
    made: u32,
    most: u32,
}

impl Meter {
    /// Counts the next request, or refuses it.
    fn count_one(&mut self) -> Result<()> {
        if self.is_spent() {
            return Err(Error::usage(format!(
                "the answer is not complete after {}, all that --max-requests allows",
                requests(self.made)
            ))
            .hint("nothing was written; raise --max-requests or shorten --period"));
        }
        self.made += 1;
        Ok(())
    }

    fn is_spent(&self) -> bool {
        self.made >= self.most
    }
}

/// The file before it has its name. Made first, so that an unwritable place costs no request; gone again
/// unless published.
struct Draft<'a> {
    target: &'a Path,
    scratch: PathBuf,
    file: File,
}

impl Draft<'_> {
    fn create(target: &Path) -> Result<Draft<'_>> {
        let Some(name) = target.file_name().filter(|_| !target.is_dir()) else {
            return Err(Error::usage("--out names a folder")
                .at(target)
                .hint("name a file in it"));
        };
        if let Some(folder) = target
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            fs::create_dir_all(folder).map_err(|e| Error::write(folder, &e))?;
        }
        let mut scratch = name.to_owned();
        scratch.push(".new");
        let scratch = target.with_file_name(scratch);
        let file = File::create(&scratch).map_err(|e| Error::write(target, &e))?;
        Ok(Draft {
            target,
            scratch,
            file,
        })
    }

    fn publish(mut self, bytes: &[u8]) -> Result<()> {
        let written = self
            .file
            .write_all(bytes)
            .and_then(|()| self.file.sync_all());
        written
            .and_then(|()| fs::rename(&self.scratch, self.target))
            .map_err(|e| Error::write(self.target, &e))
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        // After the rename there is nothing under this name.
        let _ = fs::remove_file(&self.scratch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_costs_a_cent() {
        assert_eq!(price(1), "0.01 USD");
        assert_eq!(price(250), "2.50 USD");
        assert_eq!(requests(1), "1 request");
        assert_eq!(requests(0), "0 requests");
    }

    #[test]
    fn the_meter_refuses_the_request_after_the_last_one_allowed() {
        let mut meter = Meter { made: 0, most: 1 };
        meter.count_one().unwrap();
        let error = meter.count_one().unwrap_err();
        assert_eq!(meter.made, 1);
        assert_eq!(error.kind().exit_code(), 2);
        assert!(error.to_string().contains("after 1 request,"), "{error}");
    }

    #[test]
    fn a_draft_that_is_not_published_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("pull.csv");
        fs::write(&target, "old").unwrap();
        drop(Draft::create(&target).unwrap());
        assert_eq!(fs::read_to_string(&target).unwrap(), "old");
        Draft::create(&target).unwrap().publish(b"new").unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_is_no_file_to_write() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(
            Draft::create(folder.path())
                .err()
                .unwrap()
                .kind()
                .exit_code(),
            2
        );
    }

    #[test]
    fn an_address_has_a_scheme() {
        for wrong in [
            "127.0.0.1:8080",
            "http://",
            "https:///ce",
            "http://two words",
            "",
        ] {
            assert!(check_endpoint(Some(wrong)).is_err(), "{wrong}");
        }
        assert!(check_endpoint(Some("http://127.0.0.1:8080")).is_ok());
        assert!(check_endpoint(None).is_ok());
    }
}
