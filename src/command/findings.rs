//! The methods, beside each other, and what they found.

use super::commitments::{self, Commitments};
use super::detect::{self, Watched};
use super::forecast::{self, Forecast};
use super::ledger::Ledger;
use super::night::Night;
use super::plan::Plan;
use super::restated::{self, Restated};
use super::share::{self, Shared};
use super::suggested::{self, Suggested};
use super::waste::{self, Waste};
use super::{freed, gaps, invoices, ledger, machines, units};
use crate::analysis::compliance::Compliance;
use crate::analysis::finding::{Finding, Skipped};
use crate::analysis::gaps::{Gap, note};
use crate::analysis::invoices::Reconciled;
use crate::error::{Error, Result};
use crate::lake::Lake;

/// What the methods found.
pub(super) struct Findings {
    pub(super) compliance: Result<Compliance>,
    pub(super) suggested: Result<Suggested>,
    pub(super) watched: Result<Vec<Watched>>,
    pub(super) machines: Result<(Vec<Finding>, Vec<Skipped>)>,
    pub(super) waste: Result<Waste>,
    pub(super) ledger: Result<Ledger>,
    pub(super) shared: Result<Shared>,
    pub(super) forecast: Result<Forecast>,
    pub(super) restated: Result<Vec<Restated>>,
    pub(super) commitments: Result<Commitments>,
    pub(super) invoices: Result<Vec<Reconciled>>,
    pub(super) gaps: Result<Vec<Gap>>,
    /// What a reader of the reports should know, as sentences.
    pub(super) notes: Vec<String>,
    /// Where the books do not close, as sentences; known once all reports are made.
    pub(super) breaks: Vec<String>,
}

impl Findings {
    /// What a reader is warned of, on stderr too.
    pub(super) fn warnings(&self) -> impl Iterator<Item = String> {
        let broken = self.breaks.iter().map(|one| format!("books open: {one}"));
        self.notes.iter().cloned().chain(broken)
    }

    /// True where no method failed.
    pub(super) fn are_complete(&self) -> bool {
        self.compliance.is_ok()
            && self.suggested.is_ok()
            && self.watched.is_ok()
            && self.machines.is_ok()
            && self.waste.is_ok()
            && self.ledger.is_ok()
            && self.shared.is_ok()
            && self.forecast.is_ok()
            && self.restated.is_ok()
            && self.commitments.is_ok()
            && self.invoices.is_ok()
            && self.gaps.is_ok()
    }
}

/// Runs the methods beside each other.
pub(super) fn findings(lake: &Lake, night: &Night, plan: &Plan) -> Findings {
    let (mut looked, mut watched, mut commitments) = (idle(), idle(), idle());
    let (mut machines, mut wasted, mut kept) = (idle(), idle(), idle());
    let (mut shared, mut told, mut restated, mut gaps) = (idle(), idle(), idle(), idle());
    rayon::scope(|scope| {
        scope.spawn(|_| looked = suggested::look(night, plan));
        scope.spawn(|_| watched = detect::detect(lake, night, plan));
        scope.spawn(|_| told = forecast::forecast(lake, night, plan));
        scope.spawn(|_| shared = share::share(night, plan));
        scope.spawn(|_| {
            (machines, wasted, commitments) = savings(night, plan);
            kept = found(&machines).and_then(|(judged, skipped)| {
                let judged = (judged.as_slice(), skipped.as_slice());
                ledger::ledger(lake, night, plan, judged, found(&wasted)?)
            });
        });
        scope.spawn(|_| restated = restated::restated(lake, night, plan));
        scope.spawn(|_| gaps = gaps::judge(night, plan));
    });
    let (compliance, suggested) = match looked {
        Ok((compliance, suggested)) => (Ok(compliance), Ok(suggested)),
        Err(error) => (Err(Error::new(error.kind(), error.to_string())), Err(error)),
    };
    let mut notes = missing_rates(night, plan);
    notes.extend(suggested.iter().filter_map(Suggested::notes));
    notes.extend(told.iter().flat_map(forecast::notes));
    notes.extend(shared.iter().flat_map(|shared| units::notes(plan, shared)));
    notes.extend(commitments.iter().flat_map(|known| known.notes.clone()));
    notes.extend(gaps.iter().filter_map(|gaps| note(gaps)));
    notes.extend(kept.iter().flat_map(|kept| ledger::notes(kept, plan)));
    Findings {
        compliance,
        suggested,
        watched,
        machines,
        waste: wasted,
        ledger: kept,
        commitments,
        shared,
        forecast: told,
        restated,
        invoices: invoices::reconciled(night, plan),
        gaps,
        notes,
        breaks: Vec::new(),
    }
}

type Machines = Result<(Vec<Finding>, Vec<Skipped>)>;

/// Rightsizing, then waste beside it, then commitments for the usage that both leave.
fn savings(night: &Night, plan: &Plan) -> (Machines, Result<Waste>, Result<Commitments>) {
    let (mut machines, history) = rayon::join(
        || machines::judge_all(night, plan),
        || commitments::history(night, plan),
    );
    let mut wasted = found(&machines).and_then(|(found, _)| waste::waste(night, plan, found));
    let commitments = history.and_then(|history| {
        let (left, notes) = match (&mut machines, &mut wasted) {
            (Ok((found, _)), Ok(waste)) => freed::settle(&history, found, waste),
            _ => (history.pools(), Vec::new()),
        };
        let mut known = commitments::judge(night, plan, &history, &left)?;
        known.notes.extend(notes);
        Ok(known)
    });
    (machines, wasted, commitments)
}

/// What a method has found before it ran.
fn idle<T>() -> Result<T> {
    Err(Error::data("a method did not run"))
}

/// The months and currencies for which a reporting currency has no rate.
fn missing_rates(night: &Night, plan: &Plan) -> Vec<String> {
    let Some(reporting) = &plan.reporting else {
        return Vec::new();
    };
    let mut missing = Vec::new();
    for (_, facts) in &night.facts {
        let totals = facts.period.inputs.iter().filter_map(|key| {
            let known = night
                .sources
                .iter()
                .find_map(|source| source.inputs.get(key));
            known.map(|input| &input.accepted)
        });
        let of_month = totals
            .flatten()
            .filter(|total| total.month == facts.period.month);
        missing.extend(
            of_month.filter_map(|total| reporting.missing(&total.currency, facts.period.month())),
        );
    }
    missing.sort();
    missing.dedup();
    missing
}

/// A method's result, or its error as one that several reports can show.
pub(super) fn found<T>(result: &Result<T>) -> Result<&T> {
    result
        .as_ref()
        .map_err(|error| Error::new(error.kind(), error.to_string()))
}
