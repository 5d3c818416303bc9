//! From the night's data to the table of every report.

use super::findings::{Findings, found};
use super::night::{self, Night};
use super::plan::Plan;
use super::{alerts, commitments, fixes, forecast, gaps, invoices, key_figures, ledger, machines};
use super::{quality, restated, share, tagging, trust, units, waste};
use crate::engine;
use crate::error::{Error, Result};
use crate::report::definition::{Definition, Method};
use crate::report::derive::derive;
use crate::report::table::Table;
use rayon::prelude::*;

/// Every report's table but the books, which need all others first.
pub(super) fn tables(
    night: &Night,
    plan: &Plan,
    findings: &Findings,
) -> Vec<(Definition, Result<Table>)> {
    let reports = plan
        .reports
        .par_iter()
        .filter(|definition| definition.method != Method::Books);
    reports
        .map(|definition| (definition.clone(), table(definition, night, plan, findings)))
        .collect()
}

fn table(
    definition: &Definition,
    night: &Night,
    plan: &Plan,
    findings: &Findings,
) -> Result<Table> {
    let mut table = match definition.method {
        Method::Sql => sql(definition, night)?,
        Method::Commitments => {
            commitments::commitments(&sql(definition, night)?, found(&findings.commitments)?)
        }
        Method::CommitmentPlan => commitments::plan(found(&findings.commitments)?),
        Method::CommitmentExpiry => commitments::expiry(found(&findings.commitments)?, plan.today),
        Method::TagCompliance => tagging::compliance_table(found(&findings.compliance)?),
        Method::TagViolations => tagging::violations_table(found(&findings.compliance)?),
        Method::TagInheritance => tagging::inheritance_table(found(&findings.compliance)?),
        Method::TagExemptions => tagging::exemptions_table(found(&findings.compliance)?),
        Method::TagLift => tagging::lift_table(found(&findings.compliance)?),
        Method::TagVariants => found(&findings.suggested)?.variants_table(),
        Method::TagMerges => found(&findings.suggested)?.merges_table(),
        Method::OwnerSuggestions => found(&findings.suggested)?.suggestions_table(),
        Method::SuggestionAccuracy => found(&findings.suggested)?.accuracy_table(),
        Method::TagFixes => fixes::table(&found(&findings.suggested)?.fixes),
        Method::Showback => found(&findings.shared)?.table(night),
        Method::ShowbackMoves => found(&findings.shared)?.moves_table(),
        Method::ShowbackJournal => share::journal_table(night, found(&findings.shared)?, plan),
        Method::UnitCost => units::table(night, plan, found(&findings.shared)?),
        Method::Dimensions => found(&findings.shared)?.dimensions_table(),
        Method::AnomalyScores => alerts::scores_table(found(&findings.watched)?),
        Method::Anomalies => alerts::anomalies_table(found(&findings.watched)?),
        Method::Forecast => forecast::months(found(&findings.forecast)?),
        Method::ForecastDaily => forecast::daily(found(&findings.forecast)?),
        Method::BudgetStatus => forecast::budget_status(found(&findings.forecast)?),
        Method::ForecastAccuracy => forecast::accuracy(found(&findings.forecast)?),
        Method::Rightsizing => {
            let counted = &found(&findings.waste)?.machines;
            machines::findings_table(&found(&findings.machines)?.0, counted)
        }
        Method::RightsizingSkipped => machines::skipped_table(&found(&findings.machines)?.1),
        Method::Waste => waste::table(found(&findings.waste)?),
        Method::SavingsLedger => ledger::entries(found(&findings.ledger)?),
        Method::SavingsRealized => ledger::realised(found(&findings.ledger)?, night),
        Method::SavingsBacklog => ledger::backlog(found(&findings.ledger)?),
        Method::InventoryGaps => gaps::table(found(&findings.gaps)?),
        Method::Kpis => key_figures::table(night, plan, findings)?,
        Method::Restatements => restated::table(found(&findings.restated)?),
        Method::Periods => trust::table(night)?,
        Method::DataQuality => quality::table(night)?,
        Method::Quarantine => night::quarantine(&night.sources),
        Method::Invoices => invoices::table(found(&findings.invoices)?),
        Method::Books => Table::default(),
    };
    derive(&mut table, &definition.derive)?;
    if let Some(reporting) = plan
        .reporting
        .as_ref()
        .filter(|_| !definition.reporting.is_empty())
    {
        reporting.convert(&mut table, &definition.reporting)?;
    }
    Ok(table)
}

fn sql(definition: &Definition, night: &Night) -> Result<Table> {
    let Some(query) = &definition.sql else {
        return Err(Error::usage(format!(
            "the report `{}` has no query",
            definition.name
        )));
    };
    let tables = engine::facts::FACTS
        .iter()
        .map(|(name, _)| Ok((*name, night.table(name)?)))
        .collect::<Result<Vec<_>>>()?;
    Table::of_frame(&engine::query(&query.path, &query.text, &tables)?)
}
