//! What a cluster complains of, in a reader's words: where in which query, with its SQLSTATE.

use super::url::Url;
use crate::error::{Error, Kind};
use serde::Deserialize;
use std::path::Path;

/// As the companion tells it.
#[derive(Debug, Deserialize)]
pub(super) struct Fault {
    what: String,
    state: Option<String>,
    /// True where trying again may help.
    passing: bool,
    /// True where the login does not hold.
    login: bool,
}

impl Fault {
    /// As an error of the query of this name. Its first line is ours: the tables that it sees.
    pub(super) fn error(&self, name: &str, url: &Url) -> Error {
        let what = self.what.lines().next().unwrap_or_default().trim();
        if self.login {
            return Error::usage(format!("the cluster at {url} refuses the login: {what}"))
                .hint("the token stands in the URL: sc://host:port/;token=...;use_ssl=true");
        }
        if self.passing {
            return Error::new(
                Kind::Retry,
                format!("the cluster at {url} has gone: {what}"),
            )
            .hint("nothing was published; run again when it is back");
        }
        let state = self.state.as_deref().filter(|state| !what.contains(state));
        let state = state.map_or(String::new(), |state| format!(" SQLSTATE: {state}"));
        let (line, column) = place(&self.what);
        Error::data(format!("{what}{state}"))
            .at_line(Path::new(name), line.saturating_sub(1), column)
            .hint(format!(
                "this is what the cluster at {url} says of the query"
            ))
    }
}

/// Line and column (from 1) of a message that ends in `line 3 pos 14` or `(line 3, pos 14)`; 0 where it has none.
fn place(message: &str) -> (u64, u64) {
    let number = |text: &str| -> Option<u64> {
        let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    };
    let found = message.split("line ").skip(1).find_map(|rest| {
        let (_, column) = rest.split_once("pos ")?;
        Some((number(rest)?, number(column)? + 1))
    });
    found.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(what: &str) -> Fault {
        Fault {
            what: what.to_owned(),
            state: Some("42703".to_owned()),
            passing: false,
            login: false,
        }
    }

    fn said(fault: &Fault) -> Error {
        fault.error(
            "queries/facts/totals.sql",
            &Url::parse("sc://head:1/;token=secret").unwrap(),
        )
    }

    #[test]
    fn a_complaint_names_query_line_and_state() {
        let text = "[UNRESOLVED_COLUMN] A column `Cost` cannot be resolved.  SQLSTATE: 42703; line 4 pos 7;\n'Project";
        let error = said(&fault(text)).to_string();
        assert!(error.contains("queries/facts/totals.sql:3:8"), "{error}");
        assert!(
            error.contains("SQLSTATE: 42703") && !error.contains("Project"),
            "{error}"
        );
        let error = said(&fault("[DIVIDE_BY_ZERO] Division by zero.")).to_string();
        assert!(error.contains("SQLSTATE: 42703"), "{error}");
    }

    #[test]
    fn who_acts_follows_from_what_happened() {
        let gone = Fault {
            passing: true,
            ..fault("x")
        };
        let login = Fault {
            login: true,
            ..fault("x")
        };
        let kinds = [gone, login, fault("x")].map(|fault| said(&fault).kind());
        assert_eq!(kinds, [Kind::Retry, Kind::Usage, Kind::Data]);
    }

    #[test]
    fn places_are_found_in_both_spellings() {
        assert_eq!(place("at 'x'. SQLSTATE: 42601 (line 2, pos 7)"), (2, 8));
        assert_eq!(place("one line more"), (0, 0));
    }
}
