//! Gates: conditions under which a run that worked still ends with exit code 1.

use crate::error::{Error, Result, nearest};

/// The gates by name, with what they measure.
pub(super) const GATES: [(&str, &str); 5] = [
    (
        "tag-compliance",
        "percent of taggable cost that carries every required tag, latest month",
    ),
    (
        "anomaly-impact",
        "sum of the impact of open incidents, in the bill's currency",
    ),
    (
        "budget-overrun",
        "budgets of periods that go on which will be or are likely exceeded",
    ),
    ("quarantined-rows", "rows that could not be understood"),
    (
        "invoice-drift",
        "largest difference between an invoice and the bill, in its currency",
    ),
];

/// A condition such as `tag-compliance<95`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Gate {
    pub(super) name: &'static str,
    below: bool,
    limit: f64,
}

impl Gate {
    /// Reads a gate as it is typed.
    pub(super) fn parse(text: &str) -> Result<Gate> {
        let wrong = || {
            Error::usage(format!("`{text}` is no gate"))
                .hint("a gate is a name, < or >, and a number: --fail-on 'tag-compliance<95'")
        };
        let at = text.find(['<', '>']).ok_or_else(wrong)?;
        let name = text[..at].trim();
        let limit: f64 = text[at + 1..]
            .trim()
            .trim_end_matches('%')
            .parse()
            .map_err(|_| wrong())?;
        match GATES.iter().find(|(known, _)| *known == name) {
            Some((name, _)) => Ok(Gate {
                name,
                below: text[at..].starts_with('<'),
                limit,
            }),
            None => Err(match nearest(name, GATES.iter().map(|(name, _)| *name)) {
                Some(near) => wrong().hint(format!("did you mean `{near}`?")),
                None => wrong().hint("`cloudtally list gates` shows all"),
            }),
        }
    }

    /// True where the figure lies on the wrong side.
    pub(super) fn is_crossed(&self, figure: f64) -> bool {
        if self.below {
            figure < self.limit
        } else {
            figure > self.limit
        }
    }

    /// As it was typed.
    pub(super) fn text(&self) -> String {
        format!(
            "{}{}{}",
            self.name,
            if self.below { '<' } else { '>' },
            self.limit
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_are_read_and_judged() {
        let gate = Gate::parse("tag-compliance<95").unwrap();
        assert!(gate.is_crossed(94.9) && !gate.is_crossed(95.0));
        assert!(
            Gate::parse("anomaly-impact > 500")
                .unwrap()
                .is_crossed(501.0)
        );
    }

    #[test]
    fn what_is_no_gate_says_how_one_looks() {
        assert!(
            Gate::parse("tag-complience<95")
                .unwrap_err()
                .to_string()
                .contains("`tag-compliance`")
        );
        assert!(
            Gate::parse("tags")
                .unwrap_err()
                .to_string()
                .contains("--fail-on")
        );
    }
}
