"""Every real bill of ../shared/data: recognised as what, and billed to the last digit at every stage.

The plain sum is made here, from the file's own cells and by the rule of its format (FOCUS: BilledCost; CUR: unblended
cost; Azure: cost, of which covered usage and unused commitments bill nothing; Google Cloud: cost and its credits), each
amount rounded once to twelve decimals. Skipped, and said so, where the folder is absent. Usage: shared.py BINARY
"""

import csv
import json
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

SHARED = Path(__file__).resolve().parents[3] / "shared/data"
UNIT = Decimal("1e-12")
# Fixtures of other projects without a cost in any row: recognised, and every row is set aside.
WITHOUT_COST = {"aws/cur_snake_resource_tags_sparse.csv", "azure/header-variants/headersets/BOM.csv"}
# Fixtures without a currency column: the user has to name one.
WITHOUT_CURRENCY = "header-variants/values/"
TODAY = {"focus": "2024-11-01", "aws": "2023-12-20", "azure": "2023-10-20", "gcp": "2026-06-20"}


def amount(text) -> Decimal:
    text = str(text if text is not None else "").strip()
    return Decimal("0" if text in ("", "NULL") else text).quantize(UNIT, ROUND_HALF_EVEN)


def rows(path: Path) -> list[dict[str, str]]:
    """The rows under names of letters and digits; localised headers end in the name in parentheses."""
    table = list(csv.reader(path.open(encoding="utf-8-sig", newline="")))
    inner = [re.findall(r"\(([^()]*)\)", name) for name in table[0]]
    names = [re.sub("[^a-z0-9]", "", (found[-1] if found else name).lower()) for name, found in zip(table[0], inner)]
    return [dict(zip(names, row)) for row in table[1:] if any(row)]


def plain(family: str, path: Path) -> tuple[int, Decimal]:
    """Rows and what they bill."""
    if path.suffix == ".json":
        text, at, charges = path.read_text(), 0, []
        decoder = json.JSONDecoder(parse_float=Decimal)
        while text[at:].strip():
            at += len(text[at:]) - len(text[at:].lstrip())
            charge, at = decoder.raw_decode(text, at)
            charges.append((charge["cost"], charge.get("credits") or []))
    elif family == "gcp":
        charges = [(row["cost"], json.loads(row["credits"] or "[]", parse_float=Decimal)) for row in rows(path)]
    elif family == "azure":
        charges = [(azure(row), []) for row in rows(path)]
    else:
        name = {"focus": "billedcost", "aws": "lineitemunblendedcost"}[family]
        charges = [(row[name], []) for row in rows(path)]
    parts = (amount(cost) + sum(amount(credit["amount"]) for credit in credits) for cost, credits in charges)
    return len(charges), sum(parts, Decimal(0))


def azure(row: dict[str, str]) -> str:
    kind, model = row.get("chargetype", "Usage"), row.get("pricingmodel", "")
    if kind.startswith("Unused") or (kind == "Usage" and model in ("Reservation", "SavingsPlan")):
        return "0"
    return next((row[name] for name in ("costinbillingcurrency", "cost", "pretaxcost") if name in row), "0")


def stages(out: Path) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for line in csv.DictReader((out / "books.csv").open()):
        if line["Column"] == "BilledCost" and not line["InvoiceId"]:
            if line["Source"] != "(all)" or line["Stage"] == "cost_by_service":
                sums[line["Stage"]] += Decimal(line["Amount"] or "0")
    return sums


def check(binary: str, path: Path, place: Path) -> tuple[bool, str]:
    name = str(path.relative_to(SHARED))
    family = name.split("/")[0]
    command = [binary, "run", str(path), "--out", str(place / "out"), "--lake", str(place / "lake"), "--today", TODAY[family]]
    if WITHOUT_CURRENCY in name:
        command += ["--currency", "USD"]
    run = subprocess.run(command, capture_output=True, text=True)
    if name in WITHOUT_COST:
        return run.returncode == 3 and "the cost is empty" in run.stderr, f"{name:52} every row set aside: no cost in it"
    if run.returncode:
        return False, f"{name:52} exit {run.returncode}: {run.stderr.strip()}"
    out = place / "out/latest"
    count, total = plain(family, path)
    held = stages(out)
    aside = sum(1 for _ in csv.DictReader((out / "quarantine.csv").open()))
    read = json.loads((out / "run.json").read_text())["inputs"][0]
    equal = total == held["export"] == held["accepted"] == held["lake"] == held["facts"] == held["cost_by_service"]
    line = f"{name:52} {read['format']:16} {count:5} {read['rows']:5} {total:>24f} {held['cost_by_service']:>24f} {aside:3}"
    return equal and count == read["rows"] and aside == 0, line + ("" if equal else f"  DIFFERS: {dict(held)}")


def main() -> int:
    if not SHARED.is_dir():
        print("skipped: ../shared/data is not here\n0 passed, 0 failed, 1 skipped")
        return 0
    files = [*SHARED.glob("focus/*.csv"), *SHARED.glob("aws/*.csv"), *SHARED.glob("azure/*.csv")]
    files += [*SHARED.glob("azure/header-variants/*/*.csv"), *SHARED.glob("gcp/test_*.json"), *SHARED.glob("gcp/*.csv")]
    print(f"{'file':52} {'recognised as':16} {'rows':>5} {'read':>5} {'plain sum':>24} {'by report':>24} set aside")
    passed = failed = 0
    for path in sorted(files):
        with tempfile.TemporaryDirectory() as place:
            fine, line = check(sys.argv[1], path, Path(place))
        print(line if fine else f"FAILED {line}", flush=True)
        passed, failed = passed + fine, failed + (not fine)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
