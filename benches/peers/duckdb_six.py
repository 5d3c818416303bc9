"""Six reports from the generated bill by DuckDB, as its own guides would have it: only the columns that are
needed, all threads, no guessing of types or quotes, no order kept, and one pass over the files into a small table
that all six are asked of.

    duckdb_six.py OUT FILE...

Money is DECIMAL all the way. The formulas are those of queries/focus/aws_cur.sql, but for columns and line types
that the generated bill does not have (net costs, upfront fees and their refunds). Compliance is that of the default
policy, by money; it does not count resources.
"""

import csv
import gzip
import sys
from pathlib import Path

import duckdb

# Ten decimals, as the bill has them; 18 digits are what DuckDB computes fastest with, and sums have 38.
MONEY = "DECIMAL(18, 10)"

# The columns that the reports need, under names of our own: of the legacy report ...
LEGACY = {
    "currency": '"lineItem/CurrencyCode"',
    "account": '"lineItem/UsageAccountId"',
    "kind": '"lineItem/LineItemType"',
    "resource": '"lineItem/ResourceId"',
    "service": 'COALESCE("product/ProductName", "product/servicename", "lineItem/ProductCode")',
    "month": 'left("bill/BillingPeriodStartDate", 7)',
    "unblended": '"lineItem/UnblendedCost"',
    "plan_cost": '"savingsPlan/SavingsPlanEffectiveCost"',
    "plan_total": '"savingsPlan/TotalCommitmentToDate"',
    "plan_used": '"savingsPlan/UsedCommitment"',
    "reserved_cost": '"reservation/EffectiveCost"',
    "unused_upfront": '"reservation/UnusedAmortizedUpfrontFeeForBillingPeriod"',
    "unused_recurring": '"reservation/UnusedRecurringFee"',
    "team": '"resourceTags/user:Team"',
    "environment": '"resourceTags/user:Environment"',
    "cost_centre": '"resourceTags/user:CostCenter"',
}


def value(column, key):
    """The value of a key in a map column; three times as fast as `map_from_entries`."""
    return f"list_filter({column}, lambda pair: pair.key = '{key}')[1].value"


# ... and of CUR 2.0, whose tag keys are in lower case, so that its `user_owner` is an `owner`.
CUR2 = {
    "currency": "line_item_currency_code",
    "account": "line_item_usage_account_id",
    "kind": "line_item_line_item_type",
    "resource": "line_item_resource_id",
    "service": f"COALESCE({value('product', 'product_name')}, line_item_product_code)",
    "month": "strftime(bill_billing_period_start_date, '%Y-%m')",
    "unblended": "line_item_unblended_cost",
    "plan_cost": "savings_plan_savings_plan_effective_cost",
    "plan_total": "savings_plan_total_commitment_to_date",
    "plan_used": "savings_plan_used_commitment",
    "reserved_cost": "reservation_effective_cost",
    "unused_upfront": "reservation_unused_amortized_upfront_fee_for_billing_period",
    "unused_recurring": "reservation_unused_recurring_fee",
    "team": f"COALESCE({value('resource_tags', 'user_team')}, {value('resource_tags', 'user_owner')})",
    "environment": value("resource_tags", "user_environment"),
    "cost_centre": value("resource_tags", "user_cost_center"),
}

CHARGES = """
SELECT
  month, currency, account, service, team, environment, cost_centre,
  CASE WHEN kind = 'SavingsPlanCoveredUsage' THEN 0 ELSE CAST(unblended AS {money}) END AS billed,
  CAST(CASE
    WHEN kind = 'SavingsPlanCoveredUsage' THEN CAST(plan_cost AS {money})
    WHEN kind = 'DiscountedUsage' THEN CAST(reserved_cost AS {money})
    WHEN kind = 'SavingsPlanRecurringFee'
      THEN COALESCE(CAST(plan_total AS {money}), 0) - COALESCE(CAST(plan_used AS {money}), 0)
    WHEN kind = 'RIFee'
      THEN COALESCE(CAST(unused_upfront AS {money}), 0) + COALESCE(CAST(unused_recurring AS {money}), 0)
    ELSE CAST(unblended AS {money})
  END AS {money}) AS effective,
  resource IS NOT NULL AND kind IN
    ('Usage', 'DiscountedUsage', 'SavingsPlanCoveredUsage', 'SavingsPlanRecurringFee', 'RIFee') AS taggable
FROM (SELECT {columns} FROM {files})
WHERE kind <> 'SavingsPlanNegation'
"""

GROUPED = """
CREATE TABLE charges AS
SELECT month, currency, account, service, team, environment, cost_centre, taggable,
  SUM(billed) AS billed, SUM(effective) AS effective
FROM ({charges}) GROUP BY ALL
"""

# Report, its columns before the money: name and value.
COSTS = {
    "cost_by_service": {"ServiceName": "service"},
    "cost_by_account": {"SubAccountId": "account"},
    "cost_by_team": {"Team": "COALESCE(team, '(untagged)')"},
    "cost_by_environment": {"Environment": "COALESCE(environment, '(untagged)')"},
    "showback": {"CostCenter": "COALESCE(cost_centre, '(untagged)')", "ServiceName": "service"},
}

COST = """
SELECT month AS "Month", {keys}, currency AS "BillingCurrency",
  SUM(billed) AS "BilledCost", SUM(effective) AS "EffectiveCost"
FROM charges GROUP BY ALL ORDER BY "Month", "BillingCurrency", "EffectiveCost" DESC, {names}
"""

# Overall and by provider, account, service, team and environment at once; then a row for each tag.
COMPLIANCE = """
WITH sums AS (
  SELECT month, currency,
    CASE GROUPING(provider, account, service, owner, stage)
      WHEN 31 THEN 'overall' WHEN 15 THEN 'provider' WHEN 23 THEN 'account' WHEN 27 THEN 'service' WHEN 29 THEN 'team'
      ELSE 'environment'
    END AS scope,
    COALESCE(provider, account, service, owner, stage, '(all)') AS value,
    SUM(effective) FILTER (taggable) AS taggable,
    SUM(effective) FILTER (NOT taggable) AS untaggable,
    SUM(effective) FILTER (taggable AND team IS NOT NULL) AS "team",
    SUM(effective) FILTER (taggable AND environment IS NOT NULL) AS "env",
    SUM(effective) FILTER (taggable AND cost_centre IS NOT NULL) AS "CostCenter",
    SUM(effective) FILTER (taggable AND team IS NOT NULL AND environment IS NOT NULL
      AND cost_centre IS NOT NULL) AS "(all)"
  FROM (SELECT *, 'AWS' AS provider, COALESCE(team, '(untagged)') AS owner,
    COALESCE(environment, '(untagged)') AS stage FROM charges)
  GROUP BY GROUPING SETS ((month, currency), (month, currency, provider), (month, currency, account),
    (month, currency, service), (month, currency, owner), (month, currency, stage))
)
SELECT month AS "Month", scope AS "Scope", value AS "ScopeValue", tag AS "Tag",
  COALESCE(taggable, 0) AS "TaggableCost", COALESCE(valid, 0) AS "ValidCost",
  COALESCE(untaggable, 0) AS "UntaggableCost", round(100 * valid / nullif(taggable, 0), 2) AS "CostCompliancePct",
  currency AS "BillingCurrency"
FROM sums UNPIVOT INCLUDE NULLS (valid FOR tag IN ("team", "env", "CostCenter", "(all)"))
ORDER BY "Month", "Scope", "ScopeValue", "Tag", "BillingCurrency"
"""


def source(files):
    """The columns and the files as SQL."""
    listed = "[" + ", ".join(f"'{file}'" for file in files) + "]"
    if files[0].endswith(".parquet"):
        return CUR2, f"read_parquet({listed})"
    with gzip.open(files[0], "rt", newline="") as file:
        header = next(csv.reader(file))
    types = "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in header) + "}"
    said = "header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"'"
    return LEGACY, f"read_csv({listed}, {said}, columns = {types})"


def main(out, files):
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    columns, files = source(files)
    listed = ", ".join(f"{value} AS {name}" for name, value in columns.items())
    charges = CHARGES.format(money=MONEY, columns=listed, files=files)
    base = duckdb.connect()
    base.execute("SET preserve_insertion_order = false")
    base.execute(GROUPED.format(charges=charges))
    reports = {}
    for name, keys in COSTS.items():
        values = ", ".join(f'{value} AS "{key}"' for key, value in keys.items())
        reports[name] = COST.format(keys=values, names=", ".join(keys))
    reports["tag_compliance"] = COMPLIANCE
    for name, query in reports.items():
        base.execute(f"COPY ({query}) TO '{out / name}.csv' (HEADER)")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
