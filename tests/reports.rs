//! The public face: names of columns, exact tables of the sample, own reports.

use crate::golden::golden;
use crate::sheet::Sheet;
use crate::world::{World, sample_run};
use std::fs;

/// What users script against: these columns, in this order; more may stand between and after them.
const COLUMNS: &[(&str, &str)] = &[
    (
        "cost_by_service",
        "Month, ProviderName, ServiceCategory, ServiceName, BilledCost, EffectiveCost, ListCost, BillingCurrency, Share",
    ),
    (
        "cost_by_account",
        "Month, SubAccountId, BilledCost, EffectiveCost, BillingCurrency, Share, ChangeFromPrevious",
    ),
    (
        "cost_by_environment",
        "Month, Environment, BilledCost, EffectiveCost, BillingCurrency, Share, ChangeFromPrevious",
    ),
    (
        "cost_by_team",
        "Month, Team, BilledCost, EffectiveCost, BillingCurrency, Share, ChangeFromPrevious",
    ),
    (
        "tag_compliance",
        "Month, Scope, ScopeValue, Tag, Resources, CompliantResources, TaggableCost, ValidCost, InvalidCost, MissingCost, UntaggableCost, CompliancePct, CostCompliancePct, TargetPct, BillingCurrency, InheritedCost, ExemptCost, ChangeFromPrevious",
    ),
    (
        "tag_violations",
        "ResourceId, SubAccountId, ServiceName, RegionId, Tag, Kind, Value, Suggestion, SuggestionBasis, MonthCost, BillingCurrency, Note",
    ),
    (
        "tag_lift",
        "Rank, Scope, ScopeValue, Tag, FailingCost, MissingCost, InvalidCost, Resources, LiftPoints, LiftPerResource, BillingCurrency, Month",
    ),
    (
        "tag_inheritance",
        "Month, Tag, From, FromValue, Value, Resources, Cost, BillingCurrency",
    ),
    (
        "tag_exemptions",
        "Tag, Owner, Reason, Expires, Status, Resources, Cost, BillingCurrency",
    ),
    (
        "tag_variants",
        "Kind, Key, Variant, Canonical, Basis, Resources, Cost, BillingCurrency, Applied, Month",
    ),
    (
        "tag_merges",
        "Month, Kind, Key, From, To, Rule, Resources, Cost, BillingCurrency",
    ),
    (
        "owner_suggestions",
        "ResourceId, SubAccountId, ServiceName, Tag, Suggestion, Evidence, Confidence, MonthCost, BillingCurrency, Accepted",
    ),
    (
        "suggestion_accuracy",
        "Tag, Evidence, Hidden, Suggested, Right, Precision, Recall, CostPrecision, CostRecall",
    ),
    (
        "tag_fixes",
        "ResourceId, SubAccountId, RegionId, Tag, Value, Basis, State, Confidence, Reason, File, MonthCost, BillingCurrency",
    ),
    (
        "showback",
        "Month, CostCenter, ServiceName, DirectCost, SharedCost, TotalCost, BillingCurrency, TrustState",
    ),
    (
        "showback_moves",
        "Month, Pool, Receiver, Amount, Weight, BillingCurrency",
    ),
    (
        "showback_journal",
        "EntryId, Month, DebitAccount, CreditAccount, CostCenter, Amount, BillingCurrency, Memo",
    ),
    (
        "dimensions",
        "Month, Dimension, Value, Rule, BilledCost, EffectiveCost, BillingCurrency, Share",
    ),
    (
        "unit_cost",
        "Month, Unit, Scope, ScopeValue, Quantity, DirectCost, SharedCost, TotalCost, UnitCost, ChangeFromPreviousPct, MarginalUnitCost, BillingCurrency, TrustState",
    ),
    (
        "anomaly_scores",
        "Day, SubAccountId, ServiceName, Actual, Expected, Lower, Upper, Score, Mature, BillingCurrency",
    ),
    (
        "anomalies",
        "FirstDay, LastDay, SubAccountId, ServiceName, Kind, Severity, Score, ActualCost, ExpectedCost, Impact, ImpactPct, Cause, DriverDimension, DriverValue, DriverShare, BillingCurrency",
    ),
    (
        "forecast",
        "Month, Scope, ScopeValue, Forecast, Lower80, Upper80, Lower95, Upper95, BacktestError, BillingCurrency, Span, FirstDay, LastDay, ActualToDate",
    ),
    (
        "forecast_daily",
        "Day, Scope, ScopeValue, Forecast, Lower80, Upper80, Lower95, Upper95, BacktestError, BillingCurrency",
    ),
    (
        "budget_status",
        "Period, Scope, ScopeValue, Budget, ActualToDate, Forecast, Lower80, Upper80, Status, CrossedOn, ElapsedPct, SpentPct, BillingCurrency, BurnRate, ProjectedOverrun",
    ),
    (
        "forecast_accuracy",
        "Origin, Scope, ScopeValue, Span, FirstDay, LastDay, Forecast, Actual, WMAPE, Covered80, Covered95, BillingCurrency",
    ),
    (
        "rightsizing",
        "Rank, ResourceId, SubAccountId, RegionId, Team, CurrentType, RecommendedType, Action, CpuP95, CpuP995, MemoryMax, ProjectedCpuP995, ProjectedMemoryMax, Risk, Effort, Confidence, MonthlySavingsLow, MonthlySavingsHigh, BillingCurrency, Reason",
    ),
    ("rightsizing_skipped", "ResourceId, CurrentType, Reason"),
    (
        "waste",
        "Check, ResourceId, SubAccountId, RegionId, MonthlySavingsLow, MonthlySavingsHigh, Confidence, BillingCurrency, Evidence, Title, Action, Effort, MonthlyCost, Counted",
    ),
    (
        "savings_ledger",
        "FirstSeen, ResourceId, Action, Expected, Status, Realized, VerifiedOn, BillingCurrency, SubAccountId, RegionId, Team, Check, ExpectedLow, StatusSince, ActedOn, Seen, Counterfactual, Actual, Month, RealizedInMonth, Quarter, RealizedInQuarter, RealizedToDate, CurrentType, RecommendedType, Reason, Note, ExternalId",
    ),
    (
        "savings_realized",
        "Month, Quarter, Team, Identified, Realized, BillingCurrency, Acted, Verified, Counterfactual, Actual, Findings, TrustState",
    ),
    (
        "savings_backlog",
        "Title, Body, Labels, ExternalId, ResourceId, SubAccountId, Team, Expected, BillingCurrency, Action, Tags, JiraLabels, FirstSeen",
    ),
    (
        "inventory_gaps",
        "ResourceId, ProviderName, SubAccountId, RegionId, ResourceType, Gap, ServiceName, MonthCost, BillingCurrency, Reason",
    ),
    (
        "commitments",
        "Month, CommitmentDiscountId, Type, Category, Utilization, Coverage, UnusedCost, SavingsVsOnDemand, ExpiresOn, BillingCurrency",
    ),
    (
        "commitment_plan",
        "Scope, Term, Payment, HourlyCommitment, Discount, NetMonthlySavings, BreakEvenUtilization, SavingsAtUsageMinus10, SavingsAtUsageMinus20, BillingCurrency, Level",
    ),
    (
        "commitment_expiry",
        "Month, CommitmentDiscountId, Type, Category, ExpiresOn, HourlyCommitment, OnDemandEquivalent, BillingCurrency",
    ),
    (
        "kpis",
        "Month, Kpi, Value, Unit, Target, Status, Definition",
    ),
    (
        "books",
        "Source, BillingPeriod, BillingCurrency, Column, Stage, Rows, Amount, Difference, InvoiceId, BillingAccountId",
    ),
    (
        "invoice_reconciliation",
        "InvoiceId, BillingPeriod, BillingCurrency, InvoiceAmount, BilledCost, Drift, Status, Usage, Purchase, Tax, Credit, Adjustment, Reason, SourceName",
    ),
    (
        "restatements",
        "Source, BillingPeriod, ServiceName, PreviousAmount, CurrentAmount, Difference, PreviousRun, BillingCurrency",
    ),
    (
        "periods",
        "Source, BillingPeriod, TrustState, Reason, Rows, FirstChargeDay, LastChargeDay",
    ),
    (
        "quarantine",
        "File, Line, Column, Reason, Text, Amount, BillingCurrency",
    ),
];

#[test]
fn every_table_has_the_promised_columns_in_their_order() {
    let faults: Vec<String> = COLUMNS
        .iter()
        .filter_map(|(report, columns)| {
            let mut header = sample_run()
                .csv(&format!("{report}.csv"))
                .columns
                .into_iter();
            let lost = columns
                .split(", ")
                .find(|wanted| !header.any(|column| column == *wanted))?;
            Some(format!(
                "{report}.csv: `{lost}` is not there, or not in its place"
            ))
        })
        .collect();
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn every_column_has_a_stated_meaning() {
    for (report, _) in COLUMNS {
        let path = format!("{}/reports/{report}.toml", env!("CARGO_MANIFEST_DIR"));
        let definition: toml::Table = fs::read_to_string(&path).unwrap().parse().unwrap();
        let meanings = definition["column"].as_array().unwrap();
        let named: Vec<&str> = meanings
            .iter()
            .map(|column| column["name"].as_str().unwrap())
            .collect();
        assert_eq!(
            named,
            sample_run().csv(&format!("{report}.csv")).columns,
            "{report}"
        );
    }
}

#[test]
fn the_tables_of_the_sample_are_what_they_were() {
    for report in [
        "cost_by_service",
        "cost_by_team",
        "showback",
        "anomalies",
        "rightsizing",
        "waste",
        "savings_ledger",
        "savings_backlog",
        "tag_violations",
        "commitments",
        "commitment_plan",
        "commitment_expiry",
        "kpis",
        "books",
    ] {
        let name = format!("{report}.csv");
        golden(&format!("reports/{name}"), sample_run().text(&name));
    }
    golden("reports/summary.md", sample_run().text("summary.md"));
}

pub(crate) const BILL: &str = "\
BilledCost,BillingCurrency,ChargePeriodStart,ServiceName,SubAccountId,Tags
10.50,USD,2026-09-01T00:00:00Z,Compute,7,\"{\"\"team\"\":\"\"web\"\"}\"
12.25,USD,2026-10-02T00:00:00Z,Storage,8,
";

const OWN_REPORT: &str = "title = \"Dearest\"\naudience = \"me\"\nabout = \"Services.\"\n\
    column = [{ name = \"ServiceName\", unit = \"text\", about = \"Service\" }, { name = \"BilledCost\", unit = \"money\", about = \"Cost\" }]\n";

pub(crate) const CONFIG: &str =
    "today = \"2026-11-21\"\n[[bills]]\npath = \"bills/\"\n[reports]\ndir = \"mine\"\n";

/// A world with a report of its own, made by this query.
fn with_report(sql: &str) -> World {
    World::new()
        .bill("b.csv", BILL)
        .config(CONFIG)
        .file("mine/dearest.toml", OWN_REPORT)
        .file("mine/dearest.sql", sql)
}

#[test]
fn a_report_of_ones_own_is_two_files() {
    let sql = "SELECT ServiceName, SUM(BilledCost) AS BilledCost FROM charges_daily GROUP BY ServiceName ORDER BY BilledCost DESC";
    let run = with_report(sql).run(&["run"]).code(0);
    assert_eq!(
        run.text("dearest.csv"),
        "ServiceName,BilledCost\nStorage,12.25\nCompute,10.50\n"
    );
    assert!(run.text("index.html").contains("Dearest"));
}

#[test]
fn a_broken_report_of_ones_own_is_told_and_the_others_are_written() {
    let run = with_report("SELECT ServiceNam,\n  BilledCots FROM charges_daily ORDER BY 1")
        .run(&["run"])
        .code(5);
    assert!(
        run.reports.contains_key("cost_by_service.csv") && !run.reports.contains_key("dearest.csv")
    );
    golden("errors/own_report.txt", &run.stderr);
    let states = run.json()["reports"].as_array().unwrap().clone();
    let failed: Vec<_> = states
        .iter()
        .filter(|report| report["state"] == "failed")
        .collect();
    assert_eq!((failed.len(), &failed[0]["name"]), (1, &"dearest".into()));
    run.stderr_has("did you mean `ServiceName`?")
        .stderr_has("mine/dearest.sql:1:8");
}

#[test]
fn a_report_of_ones_own_with_an_unknown_key_stops_the_run_before_it_reads() {
    let world =
        with_report("SELECT 1").file("mine/dearest.toml", format!("{OWN_REPORT}tilte = \"x\"\n"));
    let run = world
        .run(&["run"])
        .code(2)
        .stderr_has("mine/dearest.toml:5:1")
        .stderr_has("did you mean `title`?");
    assert!(run.reports.is_empty());
}

#[test]
fn an_ejected_report_replaces_the_house_s() {
    let world = World::new().bill("b.csv", BILL).config(CONFIG);
    world
        .run(&["init", "mine", "--eject", "cost_by_service"])
        .code(0);
    let path = world.path("mine/cost_by_service.sql");
    let sql = fs::read_to_string(&path).unwrap();
    let sql = sql.replace("\nGROUP BY", "\nWHERE ServiceName = 'Compute'\nGROUP BY");
    let same = world.run(&["run"]).code(0);
    fs::write(&path, sql).unwrap();
    let definition = fs::read_to_string(world.path("mine/cost_by_service.toml")).unwrap();
    world.write(
        "mine/cost_by_service.toml",
        definition.replace("covers = ", "# covers = "),
    );
    let own = world.run(&["run"]).code(0);
    assert_eq!(
        same.csv("cost_by_service.csv").column("ServiceName"),
        ["Compute", "Storage"]
    );
    assert_eq!(
        own.csv("cost_by_service.csv").column("ServiceName"),
        ["Compute"]
    );
}

/// A report that says it covers the bill and leaves out what this condition leaves out.
fn losing(condition: &str) -> World {
    let columns = "x_BillingMonth AS Month, ServiceName, BilledCost, BillingCurrency";
    let sql = format!(
        "SELECT {columns} FROM charges_daily WHERE {condition} ORDER BY Month, ServiceName"
    );
    let world = with_report(&sql).bill("more.csv", BILL.replace("Compute", "Network"));
    world.file(
        "mine/dearest.toml",
        format!("covers = [\"BilledCost\"]\n{OWN_REPORT}"),
    )
}

#[test]
fn a_report_that_loses_charges_of_a_month_it_claims_to_cover_publishes_nothing() {
    losing("ServiceName <> ''").run(&["run"]).code(0);
    let run = losing("ServiceName <> 'Network'").run(&["run"]).code(3);
    golden("errors/books.txt", &run.stderr);
    assert!(run.reports.is_empty());
}

#[test]
fn a_report_that_loses_a_whole_month_it_claims_to_cover_publishes_nothing() {
    let run = losing("x_BillingMonth <> '2026-10'")
        .run(&["run"])
        .code(3)
        .stderr_has("the books do not close");
    assert!(run.reports.is_empty());
}

#[test]
fn run_json_names_its_inputs_and_their_totals() {
    let run = World::new()
        .bill("b.csv", BILL)
        .run(&["run", "bills/b.csv", "--today", "2026-11-21"])
        .code(0);
    let json = run.json();
    let input = &json["inputs"][0];
    assert_eq!(
        (&json["today"], &input["format"], &input["rows"]),
        (&"2026-11-21".into(), &"focus".into(), &2.into())
    );
    assert_eq!(input["size"], BILL.len());
    assert_eq!(input["control_totals"][1]["sums"][0], "12.25");
    assert_eq!(input["sha256"].as_str().unwrap().len(), 64);
    let tables = json["reports"]
        .as_array()
        .unwrap()
        .iter()
        .map(|report| report["csv"].as_str().unwrap().to_owned());
    assert!(
        tables
            .map(|csv| Sheet::parse(run.bytes(&csv)))
            .all(|sheet| !sheet.columns.is_empty())
    );
}
