"""The FOCUS validator (rules 1.2) over what `cloudtally export focus` writes of every source.

Every failing rule must stand in allowed.toml with its reason, and where that entry says what the specification
demands instead, no row may break it. A rule made of others fails with them, so it is excused where all of its
failing parts are. The validator's exit code says nothing: its JUnit file is read.
Usage: validator.py BINARY
"""

import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
import xml.etree.ElementTree as xml
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SHARED = Path(os.environ.get("CLOUDTALLY_SHARED") or ROOT.parent / "shared/data")
SITE = Path(sysconfig.get_paths()["purelib"])
ROWS = 4000

# Bills of others, where they are at hand.
STRANGERS = {
    "focus-sample": ["focus/focus_1.0_sample.csv"],
    "cur-legacy": ["aws/cur_legacy_2023-11.csv"],
    "azure-ea": ["azure/EA_ActualCost_Small.csv", "azure/EA_AmortizedCost_Small.csv"],
    "gcp-flat": ["gcp/detailed_export_flattened.csv"],
}


def exported(binary: str, work: Path) -> dict[str, Path]:
    """The largest month of every source, as Parquet."""
    found = {}
    config = ["--config", str(ROOT / "sample-data/cloudtally.toml")]
    found.update(export(binary, work / "sample", "sample", config))
    for name, files in STRANGERS.items():
        paths = [SHARED / file for file in files]
        if all(path.is_file() for path in paths):
            found.update(export(binary, work / name, name, [str(path) for path in paths]))
        else:
            print(f"skipped: {name} is not here")
    return found


def export(binary: str, work: Path, name: str, bills: list[str]) -> dict[str, Path]:
    places = ["--out", str(work / "out"), "--lake", str(work / "lake"), "--today", "2026-11-21", "--quiet"]
    done = subprocess.run([binary, "export", "focus", *places, *bills], capture_output=True, text=True)
    if done.returncode:
        first = (done.stderr or "nothing was said").splitlines()[0]
        if name == "sample":
            sys.exit(done.stderr)
        print(f"skipped: {name} cannot be exported: {first}")
        return {}
    largest = {}
    for path in sorted((work / "out/focus").glob("*/*.parquet")):
        source = f"{name}/{path.parent.name}"
        if source not in largest or path.stat().st_size > largest[source].stat().st_size:
            largest[source] = path
    return largest


def at_most(path: Path, rows: int) -> Path:
    """The file, or every n-th row of it."""
    total = duckdb.sql(f"SELECT count(*) FROM '{path}'").fetchone()[0]
    if total <= rows:
        return path
    step = total // rows + 1
    part = path.with_name("part-" + path.name)
    connection = duckdb.connect()
    connection.execute("SET timezone = 'UTC'")
    connection.execute(
        f"COPY (SELECT * EXCLUDE n FROM (SELECT *, row_number() OVER () AS n FROM '{path}') WHERE n % {step} = 0)"
        f" TO '{part}' (FORMAT parquet)"
    )
    return part


def validate(path: Path, result: Path) -> tuple[int, set[str]]:
    """Rules that were checked, and the names of those that failed."""
    command = [
        sys.executable, "-c", "from focus_validator.main import main; main()",
        "--block-download", "--validate-version", "1.2", "--data-file", str(path),
        "--applicability-criteria", "ALL", "--output-type", "unittest", "--output-destination", str(result),
    ]  # fmt: skip
    # It opens its list of currencies relative to where it is run.
    done = subprocess.run(command, cwd=SITE, capture_output=True, text=True, env={**os.environ, "TZ": "UTC"})
    if not result.is_file():
        sys.exit(f"the validator did not finish on {path}:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    cases = list(xml.parse(result).iter("testcase"))
    checked = [case for case in cases if case.find("skipped") is None]
    failed = {name(case) for case in checked if case.find("failure") is not None or case.find("error") is not None}
    return len(checked), failed


def name(case: xml.Element) -> str:
    return case.get("name", "").split(" ::")[0]


def parts() -> dict[str, list[str]]:
    """The rules that a rule is made of."""
    model = json.loads(next((SITE / "focus_validator/rules").glob("model-1.2*.json")).read_text())
    rules: dict[str, list[str]] = {}

    def walk(node: object) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                if isinstance(value, dict) and "ValidationCriteria" in value:
                    rules[key] = named(value["ValidationCriteria"].get("Requirement", {}))
                else:
                    walk(value)

    walk(model)
    return rules


def named(requirement: object) -> list[str]:
    if isinstance(requirement, dict):
        own = [requirement["ModelRuleId"]] if "ModelRuleId" in requirement else []
        return own + [rule for value in requirement.values() for rule in named(value)]
    if isinstance(requirement, list):
        return [rule for value in requirement for rule in named(value)]
    return []


def inexcusable(failed: set[str], allowed: dict[str, str], rules: dict[str, list[str]]) -> list[str]:
    def excused(rule: str) -> bool:
        if rule in allowed:
            return True
        failing = [part for part in rules.get(rule, []) if part in failed]
        return bool(failing) and all(excused(part) for part in failing)

    return sorted(rule for rule in failed if not excused(rule))


def broken_instead(path: Path, instead: dict[str, str]) -> list[str]:
    def rows(condition: str) -> int:
        return duckdb.sql(f"SELECT count(*) FROM '{path}' WHERE {condition}").fetchone()[0]

    return [f"{rule} (in the specification's words)" for rule, condition in instead.items() if rows(condition)]


def main() -> int:
    with open(HERE / "allowed.toml", "rb") as file:
        entries = tomllib.load(file)["rule"]
    allowed = {entry["id"]: entry["why"] for entry in entries}
    instead = {entry["id"]: entry["instead"] for entry in entries if "instead" in entry}
    rules = parts()
    passed, failures, seen = 0, 0, set()
    with tempfile.TemporaryDirectory() as work:
        for source, path in exported(sys.argv[1], Path(work)).items():
            path = at_most(path, ROWS)
            rows = duckdb.sql(f"SELECT count(*) FROM '{path}'").fetchone()[0]
            checked, failed = validate(path, path.with_suffix(".xml"))
            wrong = inexcusable(failed, allowed, rules) + broken_instead(path, instead)
            checked += len(instead)
            seen |= failed
            verdict = ", ".join(wrong) if wrong else "conformant"
            print(f"{source:24} {rows:6} rows  {checked:4} checks  {len(failed - set(wrong)):3} excused  {verdict}")
            passed, failures = passed + checked - len(wrong), failures + len(wrong)
    for rule in sorted(set(allowed) - seen):
        print(f"warning: {rule} is in allowed.toml and does not fail any more")
    print(f"{passed} passed, {failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
