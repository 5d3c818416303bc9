"""A second opinion on every SQL report: recomputed from the raw bills by a mapping of its own, with DuckDB.

Nothing of queries/ is used. Amounts are decimals throughout and must be equal to the last digit.
Usage: oracle.py BINARY
"""

import csv
import gzip
import io
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parent.parent.parent
SHARED = Path(os.environ.get("CLOUDTALLY_SHARED") or ROOT.parent / "shared/data")
UNIT = Decimal("1e-12")

# How a tag names an owner, best first.
OWNERS = {
    "team": ["team", "Team", "owner"],
    "environment": ["env", "environment", "Environment", "stage"],
    "cost_center": ["CostCenter", "cost-center", "costcenter", "cost_center"],
}
COSTS = ["BilledCost", "EffectiveCost", "ListCost", "ContractedCost"]
COLUMNS = ["month", "provider", "service", "account", *OWNERS, "currency", *COSTS, "commitment", "status", "category"]


def amount(text: str | None) -> Decimal | None:
    if text is None or text.strip() in ("", "NULL"):
        return None
    with localcontext() as context:
        context.prec = 60
        return Decimal(text.strip()).quantize(UNIT, ROUND_HALF_EVEN)


def product(a: Decimal | None, b: Decimal | None) -> Decimal | None:
    if a is None or b is None:
        return None
    with localcontext() as context:
        context.prec = 60
        return (a * b).quantize(UNIT, ROUND_HALF_EVEN)


def first(*values):
    return next((value for value in values if value not in (None, "", "NULL")), None)


def records(path: Path):
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8-sig")
    yield from csv.DictReader(io.StringIO(text, newline=""))


def owners(tags: dict[str, str]) -> dict[str, str | None]:
    def named(keys):
        return next((tags[key] for key in keys if tags.get(key, "").strip()), None)

    return {owner: named(keys) for owner, keys in OWNERS.items()}


# AWS: one line item becomes no charge, one, or two.


def newest_files(folder: Path) -> list[Path]:
    """The files that the manifest beside each month names; older assemblies are superseded."""
    files = []
    for manifest in sorted(folder.glob("*/*/*-Manifest.json")):
        for key in json.loads(manifest.read_text())["reportKeys"]:
            files.append(manifest.parent / Path(key).parent.name / Path(key).name)
    return files


def aws(files: list[Path]):
    leftover: dict[tuple, Decimal] = defaultdict(Decimal)
    for path in files:
        for row in records(path):
            item = LineItem(row)
            if item.kind in ("SavingsPlanCoveredUsage", "SavingsPlanNegation"):
                key = (item.month, item("bill", "PayerAccountId"), item.currency, item.account, item.plan)
                leftover[key] += item.invoiced
            yield from item.charges()
    for (month, _, currency, account, plan), rest in sorted(leftover.items(), key=str):
        if rest:
            yield {
                "month": month, "provider": "AWS", "service": "Savings plan negation", "account": account,
                "currency": currency, **dict.fromkeys(COSTS, rest), "commitment": plan, "category": "Adjustment",
            }  # fmt: skip


class LineItem:
    def __init__(self, row: dict[str, str]):
        self.row = {key.lower().replace("_", "").replace("/", "."): value for key, value in row.items()}
        self.raw = row
        self.kind = self("lineItem", "LineItemType")
        self.month = self("bill", "BillingPeriodStartDate")[:7]
        self.currency = self("lineItem", "CurrencyCode")
        self.account = self("lineItem", "UsageAccountId")
        self.plan = self("savingsPlan", "SavingsPlanARN")
        self.reservation = self("reservation", "ReservationARN")
        net = self.money("lineItem", "NetUnblendedCost")
        self.invoiced = self.money("lineItem", "UnblendedCost") if net is None else net

    def __call__(self, group: str, name: str) -> str | None:
        """A cell, by its slash name; snake names of CUR 2.0 have the same letters."""
        for key in (f"{group}.{name}", f"{group}{name}"):
            value = self.row.get(key.lower())
            if first(value):
                return value
        return None

    def money(self, group: str, name: str) -> Decimal | None:
        return amount(self(group, name))

    def either(self, group: str, net: str, plain: str) -> Decimal:
        value = first(self.money(group, net), self.money(group, plain))
        return value if value is not None else Decimal(0)

    def in_map(self, column: str) -> dict[str, str]:
        text = self.raw.get(column) or "{}"
        return json.loads(text) if text.startswith("{") else {}

    def tags(self) -> dict[str, str]:
        tags = {}
        for key, value in self.in_map("resource_tags").items():
            tags[key.removeprefix("user_")] = value
        for key, value in self.raw.items():
            if key.startswith("resourceTags/user:") and value:
                tags[key.removeprefix("resourceTags/user:")] = value
        return tags

    def listed(self) -> Decimal | None:
        for cost in (
            self.money("pricing", "publicOnDemandCost"),
            product(self.money("pricing", "publicOnDemandRate"), self.money("lineItem", "UsageAmount")),
        ):
            if cost is not None and cost > 0:
                return cost
        return None

    def charges(self):
        if self.kind == "SavingsPlanNegation":
            return
        product_map = self.in_map("product")
        common = {
            "month": self.month, "provider": "AWS", "account": self.account, "currency": self.currency,
            "service": first(
                self("product", "ProductName"), product_map.get("product_name"),
                self("product", "servicename"), product_map.get("servicename"), self("lineItem", "ProductCode"),
            ),
            "commitment": first(self.plan, self.reservation), **owners(self.tags()),
        }  # fmt: skip
        billed, listed = self.invoiced, self.listed()
        if self.kind in ("SavingsPlanCoveredUsage", "DiscountedUsage"):
            if self.kind == "SavingsPlanCoveredUsage":
                effective = self.either("savingsPlan", "NetSavingsPlanEffectiveCost", "SavingsPlanEffectiveCost")
                billed = Decimal(0)
            else:
                effective = self.either("reservation", "NetEffectiveCost", "EffectiveCost")
            price = effective if listed is None else listed
            yield common | costs(billed, effective, price, price) | {"category": "Usage", "status": "Used"}
        elif self.kind in ("RIFee", "SavingsPlanRecurringFee"):
            yield common | costs(billed, Decimal(0), billed, billed) | {"category": "Purchase"}
            idle = self.unused()
            if idle:
                nothing = Decimal(0)
                yield common | costs(nothing, idle, nothing, nothing) | {"category": "Usage", "status": "Unused"}
        elif self.kind == "SavingsPlanUpfrontFee" or (self.kind == "Fee" and self.reservation):
            yield common | costs(billed, Decimal(0), billed, billed) | {"category": "Purchase"}
        elif self.kind in ("Tax", "Credit", "Refund", "Fee"):
            paid_back = (self("lineItem", "LineItemDescription") or "").startswith(
                "Refund for one-time fee for Savings Plan ID"
            )
            effective = Decimal(0) if self.kind == "Refund" and paid_back else billed
            yield common | costs(billed, effective, billed, billed) | {"category": self.kind}
        else:
            yield common | costs(billed, billed, billed if listed is None else listed, billed) | {"category": "Usage"}

    def unused(self) -> Decimal:
        if self.kind == "SavingsPlanRecurringFee":
            zero = Decimal(0)
            committed = self.money("savingsPlan", "TotalCommitmentToDate") or zero
            return committed - (self.money("savingsPlan", "UsedCommitment") or zero)
        upfront = self.either(
            "reservation", "NetUnusedAmortizedUpfrontFeeForBillingPeriod", "UnusedAmortizedUpfrontFeeForBillingPeriod"
        )
        return upfront + self.either("reservation", "NetUnusedRecurringFee", "UnusedRecurringFee")


def costs(billed, effective, listed, contracted) -> dict[str, Decimal]:
    return dict(zip(COSTS, (billed, effective, listed, contracted), strict=True))


# FOCUS: a row is a charge.


def focus(files: list[Path]):
    for path in files:
        for row in records(path):
            cell = {key: first(value) for key, value in row.items()}
            tags = json.loads(cell.get("Tags") or "{}")
            money = {name: amount(cell.get(name)) for name in COSTS}
            if money["EffectiveCost"] is None:
                money["EffectiveCost"] = money["BilledCost"]
            yield {
                "month": first(cell.get("BillingPeriodStart"), cell["ChargePeriodStart"])[:7],
                "provider": cell.get("ProviderName"), "service": cell.get("ServiceName"),
                "account": cell.get("SubAccountId"), "currency": cell["BillingCurrency"],
                **owners({key: str(value) for key, value in tags.items()}), **money,
                "commitment": cell.get("CommitmentDiscountId"), "status": cell.get("CommitmentDiscountStatus"),
                "category": cell.get("ChargeCategory"),
            }  # fmt: skip


# Charges into DuckDB, and the reports out of it.

BY = "month, currency"
QUESTIONS = {
    "cost_by_service": (
        ["Month", "BillingCurrency", "ProviderName", "ServiceName"],
        ["BilledCost", "EffectiveCost", "ListCost"],
        f"""SELECT {BY}, coalesce(provider, '(unknown)'), coalesce(service, '(unknown)'),
            sum(BilledCost), sum(EffectiveCost), sum(ListCost) FROM charges GROUP BY ALL""",
    ),
    "cost_by_account": (
        ["Month", "BillingCurrency", "SubAccountId"],
        ["BilledCost", "EffectiveCost"],
        f"""SELECT {BY}, coalesce(account, '(no account)'), sum(BilledCost), sum(EffectiveCost)
            FROM charges GROUP BY ALL""",
    ),
    "cost_by_environment": (
        ["Month", "BillingCurrency", "Environment"],
        ["BilledCost", "EffectiveCost"],
        f"""SELECT {BY}, coalesce(environment, '(untagged)'), sum(BilledCost), sum(EffectiveCost)
            FROM charges GROUP BY ALL""",
    ),
    "cost_by_team": (
        ["Month", "BillingCurrency", "Team"],
        ["BilledCost", "EffectiveCost"],
        f"""SELECT {BY}, coalesce(team, '(untagged)'), sum(BilledCost), sum(EffectiveCost)
            FROM charges GROUP BY ALL""",
    ),
    "commitments": (
        ["Month", "BillingCurrency", "CommitmentDiscountId"],
        ["UsedCost", "UnusedCost", "OnDemandCost"],
        f"""SELECT {BY}, commitment, sum(EffectiveCost) FILTER (status = 'Used'),
            sum(EffectiveCost) FILTER (status = 'Unused'), sum(ListCost) FILTER (status = 'Used')
            FROM charges WHERE commitment IS NOT NULL AND category = 'Usage' GROUP BY ALL""",
    ),
}
TOTALS = f"SELECT {BY}, sum(BilledCost), sum(EffectiveCost), sum(ListCost), sum(ContractedCost) FROM charges GROUP BY ALL"


def loaded(charges, work: Path) -> duckdb.DuckDBPyConnection:
    path = work / "charges.csv"
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows({key: value for key, value in charge.items() if value is not None} for charge in charges)
    connection = duckdb.connect()
    types = {name: "DECIMAL(38, 12)" if name in COSTS else "VARCHAR" for name in COLUMNS}
    connection.execute("CREATE TABLE charges AS SELECT * FROM read_csv(?, header = true, columns = ?)", [str(path), types])
    return connection


def table(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def undefused(text: str) -> str:
    return text[1:] if text[:2] in ("'=", "'+", "'-", "'@") else text


def published(path: Path, keys: list[str], columns: list[str]) -> dict[tuple, list[Decimal]]:
    sums: dict[tuple, list[Decimal]] = {}
    for row in table(path):
        key = tuple(undefused(row[name]) for name in keys)
        known = sums.setdefault(key, [Decimal(0)] * len(columns))
        sums[key] = [sum_ + (amount(row[name]) or 0) for sum_, name in zip(known, columns, strict=True)]
    return sums


def recomputed(connection, sql: str, keys: int) -> dict[tuple, list[Decimal]]:
    rows = connection.execute(sql).fetchall()
    return {row[:keys]: [value or Decimal(0) for value in row[keys:]] for row in rows}


class Score:
    def __init__(self) -> None:
        self.passed = self.failed = 0

    def compare(self, dataset: str, what: str, ours: dict[tuple, list[Decimal]], theirs: dict[tuple, list[Decimal]]):
        wrong = [key for key in sorted(ours.keys() | theirs.keys(), key=str) if ours.get(key) != theirs.get(key)]
        amounts = sum(len(values) for values in ours.values())
        print(f"{dataset:14} {what:22} {amounts:6} amounts  {'equal' if not wrong else f'{len(wrong)} keys differ'}")
        for key in wrong[:5]:
            print(f"    {key}: oracle {show(ours.get(key))}, Cloudtally {show(theirs.get(key))}")
        self.passed += amounts if not wrong else max(0, len(ours) - len(wrong))
        self.failed += len(wrong)


def show(values: list[Decimal] | None) -> str:
    return "nothing" if values is None else ", ".join(f"{value:f}" for value in values)


def judge(score: Score, binary: str, name: str, charges, paths: list[Path]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        places = ["--out", str(work / "out"), "--lake", str(work / "lake"), "--today", "2026-11-21", "--quiet"]
        done = subprocess.run([binary, "run", *places, *map(str, paths)], capture_output=True, text=True)
        if done.returncode:
            score.failed += 1
            print(f"{name}: cloudtally ended with {done.returncode}: {done.stderr}")
            return
        out = work / "out/latest"
        connection = loaded(charges, work)
        for report, (keys, columns, sql) in QUESTIONS.items():
            ours = recomputed(connection, sql, len(keys))
            score.compare(name, report, ours, published(out / f"{report}.csv", keys, columns))
        totals = recomputed(connection, TOTALS, 2)
        score.compare(name, "books (facts)", totals, books(out / "books.csv"))
        tagged = connection.execute("SELECT count(cost_center) FROM charges").fetchone()[0] > 0
        scope = "coalesce(cost_center, '(untagged)')" if tagged else "coalesce(account, '(no account)')"
        sql = f"SELECT {BY}, {scope}, sum(BilledCost), sum(EffectiveCost) FROM charges GROUP BY ALL"
        shown = published(out / "showback.csv", ["Month", "BillingCurrency", "CostCenter"], ["BilledCost", "EffectiveCost"])
        score.compare(name, "showback", recomputed(connection, sql, 3), shown)


def books(path: Path) -> dict[tuple, list[Decimal]]:
    sums: dict[tuple, list[Decimal]] = {}
    for row in table(path):
        if row["Source"] == "(all)" and row["Stage"] == "facts":
            known = sums.setdefault((row["BillingPeriod"], row["BillingCurrency"]), [Decimal(0)] * len(COSTS))
            known[COSTS.index(row["Column"])] += amount(row["Amount"]) or 0
    return sums


def main() -> int:
    binary, score, sample = sys.argv[1], Score(), ROOT / "sample-data/bills"
    cur2 = sorted((sample / "cur2").glob("*/data/*/*.csv.gz"))
    own_focus = sorted((sample / "focus").glob("*.csv"))
    judge(score, binary, "sample-cur", aws(newest_files(sample / "aws")), [sample / "aws"])
    judge(score, binary, "sample-cur2", aws(cur2), [sample / "cur2"])
    judge(score, binary, "sample-focus", focus(own_focus), own_focus)
    strangers = {"cur-legacy": (aws, "aws/cur_legacy_2023-11.csv"), "focus-1.0": (focus, "focus/focus_1.0_sample.csv")}
    for name, (mapping, file) in strangers.items():
        path = SHARED / file
        if path.is_file():
            judge(score, binary, name, mapping([path]), [path])
        else:
            print(f"skipped: {name} is not here")
    print(f"{score.passed} passed, {score.failed} failed")
    return 1 if score.failed else 0


if __name__ == "__main__":
    sys.exit(main())
