"""Checks a run of sample-data against its known totals, with nothing but the standard library."""
import csv
import sys
import tomllib
from decimal import Decimal
from pathlib import Path

out, totals = Path(sys.argv[1]), tomllib.loads(Path(sys.argv[2]).read_text())


def rows(name):
    with open(out / name, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


want = {}
for bill in totals["bill"]:
    for service, cost in bill["by_service"].items():
        key = (bill["month"], bill["currency"], service)
        want[key] = want.get(key, Decimal(0)) + Decimal(cost["billed"])
got = {}
for row in rows("cost_by_service.csv"):
    key = (row["Month"], row["BillingCurrency"], row["ServiceName"])
    got[key] = got.get(key, Decimal(0)) + Decimal(row["BilledCost"])
wrong = [(key, want.get(key), got.get(key)) for key in sorted(want.keys() | got.keys()) if want.get(key) != got.get(key)]
assert not wrong, f"BilledCost differs from the known totals: {wrong[:5]}"

open_books = [row for row in rows("books.csv") if row["Difference"] and Decimal(row["Difference"]) != 0]
assert not open_books, f"the books do not close: {open_books[:3]}"

found = {(row["SubAccountId"], row["ServiceName"]) for row in rows("anomalies.csv")}
missed = [one for one in totals["anomaly"] if (one["account"], one["service"]) not in found]
assert not missed, f"planted anomalies were missed: {missed}"

charts = list(out.glob("*.png"))
assert len(charts) >= 8 and all(chart.read_bytes().startswith(b"\x89PNG") for chart in charts), charts
print(f"{len(want)} totals, {len(found)} anomalies and {len(charts)} charts are as they must be")
