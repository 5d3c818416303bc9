"""Six reports from the generated bill by Polars for Python, as its own guides would have it: lazy, the columns
that are needed alone, the streaming engine on all threads, and one pass over the files into a small frame that
all six are asked of.

    polars_six.py OUT FILE...

Money is Decimal all the way. The formulas are those of queries/focus/aws_cur.sql, but for columns and line types
that the generated bill does not have (net costs, upfront fees and their refunds). Compliance is that of the default
policy, by money; it does not count resources.
"""

import sys
from pathlib import Path

import polars as pl

# Ten decimals, as the bill has them.
MONEY = pl.Decimal(38, 10)

# The columns that the reports need, under names of our own: of the legacy report ...
LEGACY = {
    "currency": "lineItem/CurrencyCode",
    "account": "lineItem/UsageAccountId",
    "kind": "lineItem/LineItemType",
    "resource": "lineItem/ResourceId",
    "product_name": "product/ProductName",
    "product_servicename": "product/servicename",
    "product_code": "lineItem/ProductCode",
    "start": "bill/BillingPeriodStartDate",
    "unblended": "lineItem/UnblendedCost",
    "plan_cost": "savingsPlan/SavingsPlanEffectiveCost",
    "plan_total": "savingsPlan/TotalCommitmentToDate",
    "plan_used": "savingsPlan/UsedCommitment",
    "reserved_cost": "reservation/EffectiveCost",
    "unused_upfront": "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod",
    "unused_recurring": "reservation/UnusedRecurringFee",
    "team": "resourceTags/user:Team",
    "environment": "resourceTags/user:Environment",
    "cost_centre": "resourceTags/user:CostCenter",
}

# ... and of CUR 2.0.
CUR2 = {
    "currency": "line_item_currency_code",
    "account": "line_item_usage_account_id",
    "kind": "line_item_line_item_type",
    "resource": "line_item_resource_id",
    "product": "product",
    "product_code": "line_item_product_code",
    "start": "bill_billing_period_start_date",
    "unblended": "line_item_unblended_cost",
    "plan_cost": "savings_plan_savings_plan_effective_cost",
    "plan_total": "savings_plan_total_commitment_to_date",
    "plan_used": "savings_plan_used_commitment",
    "reserved_cost": "reservation_effective_cost",
    "unused_upfront": "reservation_unused_amortized_upfront_fee_for_billing_period",
    "unused_recurring": "reservation_unused_recurring_fee",
    "tags": "resource_tags",
}

AMOUNTS = [
    "unblended", "plan_cost", "plan_total", "plan_used", "reserved_cost", "unused_upfront", "unused_recurring",
]  # fmt: skip

KEYS = ["month", "currency", "account", "service", "team", "environment", "cost_centre", "taggable"]

# Report, its columns before the money: name and column.
COSTS = {
    "cost_by_service": {"ServiceName": "service"},
    "cost_by_account": {"SubAccountId": "account"},
    "cost_by_team": {"Team": "team"},
    "cost_by_environment": {"Environment": "environment"},
    "showback": {"CostCenter": "cost_centre", "ServiceName": "service"},
}

TAGS = {"team": "team", "env": "environment", "CostCenter": "cost_centre"}
SCOPES = {
    "overall": pl.lit("(all)"),
    "provider": pl.lit("AWS"),
    "account": pl.col("account"),
    "service": pl.col("service"),
    "team": pl.col("team").fill_null("(untagged)"),
    "environment": pl.col("environment").fill_null("(untagged)"),
}


def value(column, key):
    """The value of a key in a map column."""
    element = pl.element().struct
    return pl.col(column).list.eval(
        element.field("value").filter(element.field("key") == key)
    ).list.first()


def lines(files):
    """The lines of the bill under names of our own."""
    if files[0].endswith(".parquet"):
        columns = {name: pl.col(column) for name, column in CUR2.items()}
        return pl.scan_parquet(files).select(**columns).with_columns(
            service=pl.coalesce(value("product", "product_name"), "product_code"),
            month=pl.col("start").dt.strftime("%Y-%m"),
            # Keys of tags are in lower case, so that `user_owner` is an `owner`.
            team=pl.coalesce(value("tags", "user_team"), value("tags", "user_owner")),
            environment=value("tags", "user_environment"),
            cost_centre=value("tags", "user_cost_center"),
        )
    columns = {name: pl.col(column) for name, column in LEGACY.items()}
    return pl.scan_csv(files, infer_schema=False).select(**columns).with_columns(
        service=pl.coalesce("product_name", "product_servicename", "product_code"),
        month=pl.col("start").str.slice(0, 7),
    )


def charges(lines):
    """What the lines cost."""
    kind, zero = pl.col("kind"), pl.lit(0, dtype=MONEY)
    lines = lines.filter(kind != "SavingsPlanNegation").with_columns(pl.col(AMOUNTS).cast(MONEY))
    covered, fee = kind == "SavingsPlanCoveredUsage", kind == "SavingsPlanRecurringFee"
    usage = ["Usage", "DiscountedUsage", "SavingsPlanCoveredUsage", "SavingsPlanRecurringFee", "RIFee"]
    amount = {name: pl.col(name).fill_null(zero) for name in AMOUNTS}
    effective = (
        pl.when(covered).then(pl.col("plan_cost"))
        .when(kind == "DiscountedUsage").then(pl.col("reserved_cost"))
        .when(fee).then(amount["plan_total"] - amount["plan_used"])
        .when(kind == "RIFee").then(amount["unused_upfront"] + amount["unused_recurring"])
        .otherwise(pl.col("unblended"))
    )  # fmt: skip
    return lines.select(
        *KEYS[:-1],
        taggable=pl.col("resource").is_not_null() & kind.is_in(usage),
        billed=pl.when(covered).then(zero).otherwise(pl.col("unblended")),
        effective=effective,
    )


def cost(charges, keys):
    """Cost by some columns; the largest first."""
    by = [pl.col(column).fill_null("(untagged)").alias(name) for name, column in keys.items()]
    return (
        charges.group_by(pl.col("month").alias("Month"), *by, pl.col("currency").alias("BillingCurrency"))
        .agg(BilledCost=pl.col("billed").sum(), EffectiveCost=pl.col("effective").sum())
        .sort("Month", "BillingCurrency", "EffectiveCost", *keys, descending=[False, False, True] + [False] * len(keys))
    )


def compliance(charges):
    """Valid, taggable and untaggable cost of every tag, overall and by provider, account, service,
    team and environment."""
    present = {tag: pl.col(column).is_not_null() for tag, column in TAGS.items()}
    present["(all)"] = pl.all_horizontal(*present.values())
    taggable, effective = pl.col("taggable"), pl.col("effective")
    sums = {tag: effective.filter(taggable & there).sum() for tag, there in present.items()}
    parts = [
        charges.group_by(
            pl.col("month").alias("Month"),
            pl.lit(scope).alias("Scope"),
            by.alias("ScopeValue"),
            pl.col("currency").alias("BillingCurrency"),
        ).agg(
            TaggableCost=effective.filter(taggable).sum(), UntaggableCost=effective.filter(~taggable).sum(), **sums
        )
        for scope, by in SCOPES.items()
    ]
    places = ["Month", "Scope", "ScopeValue", "BillingCurrency", "TaggableCost", "UntaggableCost"]
    rows = pl.concat(parts).unpivot(index=places, variable_name="Tag", value_name="ValidCost")
    whole = pl.col("TaggableCost").cast(pl.Float64)
    share = pl.when(whole != 0).then((100 * pl.col("ValidCost").cast(pl.Float64) / whole).round(2))
    return rows.with_columns(CostCompliancePct=share).sort("Month", "Scope", "ScopeValue", "Tag", "BillingCurrency")


def main(out, files):
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    sums = charges(lines(files)).group_by(KEYS).agg(pl.col("billed").sum(), pl.col("effective").sum())
    kept = sums.collect(engine="streaming").lazy()
    reports = {name: cost(kept, keys) for name, keys in COSTS.items()}
    reports["tag_compliance"] = compliance(kept)
    for name, table in zip(reports, pl.collect_all(list(reports.values()), engine="streaming")):
        table.write_csv(out / f"{name}.csv")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
