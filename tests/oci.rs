//! Oracle Cloud cost reports: increments of a month, numbers in E notation, one column per tag.

use crate::exact::{pico, plain};
use crate::formats::charges;
use crate::world::World;

const HEADER: &str = "lineItem/referenceNo,lineItem/tenantId,lineItem/intervalUsageStart,lineItem/intervalUsageEnd,product/service,\
    product/region,product/availabilityDomain,product/resourceId,usage/billedQuantity,cost/subscriptionId,cost/productSku,\
    product/Description,cost/unitPrice,cost/myCost,cost/myCostOverage,cost/currencyCode,cost/billingUnitReadable,\
    lineItem/isCorrection,lineItem/backreferenceNo,tags/Operations.CostCenter,tags/Oracle-Tags.CreatedBy\n";

fn row(hour: &str, service: &str, cost: &str, overage: &str, correction: &str) -> String {
    format!(
        "V2.1,ocid1.tenancy.oc1..t,2026-09-13T{hour}:00Z,2026-09-13T{hour}:59Z,{service},eu-frankfurt-1,AD-1,ocid1.x.{service},\
         2.0E0,99,B1,Small,1.0,{cost},{overage},EUR,OCPU HOURS,{correction},,CC-1,\n"
    )
}

fn bill() -> String {
    [
        HEADER.to_owned(),
        row("10", "COMPUTE", "2.323760000E-9", "0E0", "false"),
        row("11", "BLOCK_STORAGE", "1.25E1", "2.5E0", "false"),
        row("12", "COMPUTE", "-1.5", "-1.5", "true"),
    ]
    .concat()
}

#[test]
fn what_is_paid_from_credits_is_not_billed() {
    let run = World::new()
        .bill("report.csv", bill())
        .run(&["run", "bills/", "--today", "2026-10-20"])
        .code(0);
    let services = run.csv("cost_by_service.csv");
    let sum = |cost: &str| plain(services.sums(cost, ["ProviderName"])[&["Oracle".to_owned()]]);
    assert_eq!(sum("BilledCost"), plain(pico("1")));
    assert_eq!(sum("EffectiveCost"), plain(pico("11.00000000232376")));
    let books = run.csv("books.csv");
    let export = |column| {
        let wanted = [("Source", "oci"), ("Stage", "export"), ("Column", column)];
        let amount = books.find(&wanted).map(|row| row.get("Amount").to_owned());
        amount.collect::<Vec<_>>()
    };
    assert_eq!(export("BilledCost"), ["1.00"]);
    assert_eq!(export("EffectiveCost"), ["11.000000002324"]);
    assert!(
        books
            .column("Difference")
            .iter()
            .all(|cell| ["", "0.00"].contains(cell))
    );
}

#[test]
fn rows_become_focus_charges() {
    let query = "SELECT ChargePeriodStart, x_BillingMonth, ChargeClass, Tags, ServiceCategory, SkuId, SubAccountId, \
                 BillingAccountId FROM focus ORDER BY ChargePeriodStart";
    let sheet = charges("report.csv", bill(), query);
    let last = &sheet.rows[2];
    assert_eq!(last.get("ChargePeriodStart"), "2026-09-13T12:00:00Z");
    assert_eq!(
        last.key(["x_BillingMonth", "ChargeClass"]),
        ["2026-09", "Correction"].map(str::to_owned)
    );
    assert_eq!(last.get("Tags"), r#"{"Operations.CostCenter":"CC-1"}"#);
    assert_eq!(
        sheet.column("ServiceCategory"),
        ["Compute", "Storage", "Compute"]
    );
    assert_eq!(
        last.key(["SkuId", "SubAccountId", "BillingAccountId"]),
        ["B1", "ocid1.tenancy.oc1..t", "99"].map(str::to_owned)
    );
}
