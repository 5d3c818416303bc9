//! Azure bills of known totals: the actual and the amortised export of one month.

const HEADER: &str = "\u{feff}BillingAccountId,BillingAccountName,BillingPeriodStartDate,BillingPeriodEndDate,\
    BillingProfileId,SubscriptionId,SubscriptionName,Date,Product,MeterCategory,MeterSubCategory,MeterName,Quantity,\
    EffectivePrice,Cost,UnitPrice,BillingCurrency,ResourceLocation,ConsumedService,ResourceId,AdditionalInfo,Tags,\
    UnitOfMeasure,ChargeType,Frequency,PayGPrice,PricingModel,benefitId,benefitName";

pub(super) const RESERVATION: &str =
    "/providers/Microsoft.Capacity/reservationOrders/0A11/reservations/77";
const PLAN: &str = "/providers/Microsoft.BillingBenefits/savingsPlanOrders/0b22/savingsPlans/88";

/// One row: what tells it from the others.
#[derive(Clone, Copy)]
pub(super) struct Line {
    pub(super) charge: &'static str,
    pub(super) model: &'static str,
    pub(super) benefit: &'static str,
    pub(super) quantity: &'static str,
    pub(super) cost: &'static str,
    pub(super) unit_price: &'static str,
    pub(super) list_price: &'static str,
    pub(super) meter: &'static str,
    pub(super) resource: &'static str,
    pub(super) tags: &'static str,
}

pub(super) const MACHINE: Line = Line {
    charge: "Usage",
    model: "OnDemand",
    benefit: "",
    quantity: "24",
    cost: "2.40",
    unit_price: "0.10",
    list_price: "0.12",
    meter: "Virtual Machines",
    resource: "/subscriptions/S1/resourceGroups/Web/providers/Microsoft.Compute/virtualMachines/vm-1",
    tags: r#""team": "web","note": "a, {b}: c","user_key": "1""#,
};

pub(super) const STORAGE: Line = Line {
    quantity: "0.5",
    cost: "0.05",
    unit_price: "0.1",
    list_price: "0.1",
    meter: "Storage",
    resource: "/subscriptions/s1/RESOURCEGROUPS/web/providers/Microsoft.Storage/storageAccounts/data",
    tags: r#"{"team": "web"}"#,
    ..MACHINE
};

const TAX: Line = Line {
    charge: "Tax",
    model: "",
    quantity: "1",
    cost: "0.75",
    resource: "",
    tags: "",
    ..MACHINE
};

const ROUNDING: Line = Line {
    charge: "RoundingAdjustment",
    cost: "-0.01",
    ..TAX
};

pub(super) const RESERVED: Line = Line {
    model: "Reservation",
    benefit: RESERVATION,
    cost: "1.20",
    resource: "/subscriptions/s1/resourcegroups/web/providers/microsoft.compute/virtualmachines/VM-2",
    tags: r#" "team": "web", "#,
    ..MACHINE
};

const PLANNED: Line = Line {
    model: "SavingsPlan",
    benefit: PLAN,
    cost: "0.72",
    tags: r#""team": "web","empty":"#,
    ..RESERVED
};

/// What both datasets have: 3.19.
pub(super) const COMMON: [Line; 4] = [MACHINE, STORAGE, TAX, ROUNDING];

/// Bought 100 and 7.20, given back 10; usage that a commitment covers costs nothing. In all 100.39.
pub(super) fn actual() -> Vec<Line> {
    let bought = |charge, of: Line, cost| Line {
        charge,
        cost,
        quantity: "1",
        unit_price: "0",
        list_price: "0",
        resource: "",
        tags: "",
        ..of
    };
    let mut lines = COMMON.to_vec();
    lines.extend([
        Line {
            cost: "0",
            ..RESERVED
        },
        bought("Purchase", RESERVED, "100"),
        bought("Purchase", PLANNED, "7.20"),
        bought("Refund", RESERVED, "-10"),
        Line {
            cost: "0",
            ..PLANNED
        },
    ]);
    lines
}

/// Used for 1.92, left unused for 0.38. In all 5.49.
pub(super) fn amortized() -> Vec<Line> {
    let mut lines = vec![RESERVED];
    lines.extend(COMMON);
    let unused = |charge, of: Line, cost| Line {
        charge,
        cost,
        tags: "",
        ..of
    };
    lines.extend([
        PLANNED,
        unused("UnusedReservation", RESERVED, "0.30"),
        unused("UnusedSavingsPlan", PLANNED, "0.08"),
    ]);
    lines
}

/// The CSV of these lines, a day each, its dates written by `date` from month and day.
pub(super) fn bill(lines: &[Line], date: impl Fn(usize, usize) -> String) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let row = |(index, line): (usize, &Line)| {
        let name = if line.benefit.is_empty() {
            ""
        } else {
            "Three years"
        };
        let info = r#"{"ServiceType":"Standard_D2s_v5","ImageType":"Canonical"}"#;
        let cells = [
            "8600001".to_owned(),
            "Contoso".to_owned(),
            date(9, 1),
            date(9, 30),
            "8600001".to_owned(),
            "AB12".to_owned(),
            "Shop".to_owned(),
            date(9, index % 9 + 2),
            quoted("Machines, small"),
            line.meter.to_owned(),
            String::new(),
            "D2s v5".to_owned(),
            line.quantity.to_owned(),
            line.unit_price.to_owned(),
            line.cost.to_owned(),
            line.unit_price.to_owned(),
            "EUR".to_owned(),
            "EU West".to_owned(),
            "Microsoft.Compute".to_owned(),
            line.resource.to_owned(),
            quoted(info),
            quoted(line.tags),
            "1 Hour".to_owned(),
            line.charge.to_owned(),
            "UsageBased".to_owned(),
            line.list_price.to_owned(),
            line.model.to_owned(),
            line.benefit.to_owned(),
            name.to_owned(),
        ];
        cells.join(",") + "\r\n"
    };
    let rows: String = lines.iter().enumerate().map(row).collect();
    format!("{HEADER}\r\n{rows}")
}

pub(super) fn american(month: usize, day: usize) -> String {
    format!("{month:02}/{day:02}/2026")
}

pub(super) fn european(month: usize, day: usize) -> String {
    format!("{day}/{month}/2026")
}
