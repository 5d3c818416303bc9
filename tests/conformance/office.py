"""Showback as a spreadsheet: what finance re-sums is the bill.

Runs Cloudtally on sample-data, opens showback.xlsx with openpyxl and, where `soffice` is on PATH, has LibreOffice
import showback.csv and showback.xlsx, compute every formula again and write both as CSV. Each is added up here by
month and currency with Decimal and must equal showback.csv and, through it, the bill's total in books.csv.
Usage: office.py BINARY
"""

import csv
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import openpyxl

ROOT = Path(__file__).resolve().parent.parent.parent
# Field separator, quote, UTF-8, first line, no column formats, English (US), no quoting of all text, detect nothing,
# cells as they are and not as they are shown, no formulas, no blanks taken out, every sheet.
FILTER = "csv:Text - txt - csv (StarCalc):44,34,76,1,,1033,false,false,false,false,false,-1"
# Formulas are computed on loading, whatever result the file stores (0: always).
RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode"><value>0</value></prop></item>
</oor:items>
"""
COSTS = ["DirectCost", "SharedCost", "TotalCost"]
faults: list[str] = []


def amount(cell) -> Decimal:
    """A cell's exact amount: a number is the shortest text that gives its double back."""
    return Decimal(0) if cell in (None, "") else Decimal(repr(cell) if isinstance(cell, float) else str(cell))


def sums(rows, columns=COSTS) -> dict:
    """By month and currency; lines without a month (the totals) are left out."""
    found = defaultdict(lambda: [Decimal(0)] * len(columns))
    for row in rows:
        if row["Month"] and row["Month"] != "Total":
            key = (row["Month"], row["BillingCurrency"])
            found[key] = [sum + amount(row[column]) for sum, column in zip(found[key], columns)]
    return dict(found)


def lines(path: Path) -> list[dict]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def sheet(path: Path, name: str) -> list[dict]:
    cells = openpyxl.load_workbook(path, data_only=True)[name].iter_rows(values_only=True)
    header = next(cells)
    return [dict(zip(header, row)) for row in cells]


def same(what: str, found, wanted) -> None:
    if found != wanted:
        faults.append(f"{what}: {found} and not {wanted}")


def totals(rows, exactly: bool, what: str) -> None:
    """The totals below a sheet against its own lines: computed in doubles, so to the millionth."""
    for row in (row for row in rows if row["Month"] == "Total"):
        currency = row["BillingCurrency"]
        own = [line for line in rows if line["Month"] not in (None, "", "Total") and line["BillingCurrency"] == currency]
        for column in COSTS:
            wanted = sum(amount(line[column]) for line in own)
            off = abs(amount(row[column]) - wanted)
            if off > (0 if exactly else Decimal("1e-6")):
                faults.append(f"{what}: total {column} {currency} is {row[column]} and not {wanted}")


def office(folder: Path, out: Path, known: dict) -> None:
    profile = folder / "profile/user"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(RECALCULATE)
    for name in ["showback.csv", "showback.xlsx"]:
        into = folder / f"from-{name}"
        command = ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", FILTER]
        told = ["--infilter=CSV:44,34,76,1,,1033,false,false"] if name.endswith("csv") else []
        command += [*told, "--outdir", str(into), str(out / name)]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        rows = lines(into / f"showback-{'Showback' if name.endswith('xlsx') else 'showback'}.csv")
        same(f"LibreOffice, {name}", sums(rows), known)
        if name.endswith("xlsx"):
            totals(rows, False, "LibreOffice, recalculated")
            journal(lines(into / "showback-Journal.csv"), "LibreOffice")
        for (month, currency), (_, _, total) in sorted(sums(rows).items()):
            print(f"  LibreOffice, {name}: {month} {currency} {total}")


def journal(rows, what: str) -> None:
    """Entries in whole cents; those of a month and currency are the showback of the month, rounded once."""
    booked = defaultdict(Decimal)
    for row in rows:
        if row["Month"] and row["DebitAccount"]:
            cost = amount(row["Amount"])
            same(f"{what}, entry {row['EntryId']} in cents", cost, cost.quantize(Decimal("0.01")))
            booked[row["Month"], row["BillingCurrency"]] += cost if str(row["CreditAccount"]) == "2900" else -cost
    for key, total in booked.items():
        same(f"{what}, journal {key}", total, BILL[key].quantize(Decimal("0.01")))
    if not booked:
        faults.append(f"{what}: the journal is empty")


BILL: dict = {}


def main() -> int:
    binary = sys.argv[1]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        command = [binary, "run", "--config", str(ROOT / "sample-data/cloudtally.toml"), "--quiet"]
        command += ["--out", str(folder / "out"), "--lake", str(folder / "lake")]
        subprocess.run(command, check=True)
        out = folder / "out/latest"
        known = sums(lines(out / "showback.csv"))
        for line in lines(out / "books.csv"):
            if (line["Source"], line["Column"], line["Stage"]) == ("(all)", "EffectiveCost", "facts"):
                BILL[line["BillingPeriod"], line["BillingCurrency"]] = Decimal(line["Amount"])
        same("showback.csv against the bill", {key: total for key, (_, _, total) in known.items()}, BILL)
        same("shared cost", {shared for _, shared, _ in known.values()}, {Decimal(0)})
        rows = sheet(out / "showback.xlsx", "Showback")
        same("openpyxl", sums(rows), known)
        totals(rows, True, "openpyxl, as stored")
        journal(sheet(out / "showback.xlsx", "Journal"), "openpyxl")
        for (month, currency), total in sorted(BILL.items()):
            print(f"  the bill in books.csv: {month} {currency} {total}")
        if shutil.which("soffice"):
            office(folder, out, known)
        else:
            print("  LibreOffice: skipped, `soffice` is not on PATH (apt-get install libreoffice-calc)")
    for fault in faults:
        print(f"  {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
