#!/usr/bin/env python3
"""`make conformance`: what others say of Cloudtally's output.

Makes a virtual environment outside the repository, then runs each check with it. Needs Python 3.11 or newer
and pip; nothing else is installed. Usage: run.py BINARY [shared|validator|oracle|stores|office ...]
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKS = ["shared", "validator", "oracle", "stores", "office"]
HOME = Path(os.environ.get("CLOUDTALLY_VENV") or Path.home() / ".cache/cloudtally/venv-conformance")


def environment() -> Path:
    """The virtual environment's Python; made again where requirements or this file changed."""
    stamp = HOME / "made-from"
    text = (HERE / "requirements.txt").read_bytes() + Path(__file__).read_bytes() + sys.version.encode()
    digest = hashlib.sha256(text).hexdigest()
    python = HOME / "bin/python"
    if stamp.is_file() and stamp.read_text() == digest:
        return python
    print(f"installing into {HOME}", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(HOME)], check=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--ignore-requires-python", "-r", str(HERE / "requirements.txt")], check=True)
    readable_by_3_11(python)
    stamp.write_text(digest)
    return python


def readable_by_3_11(python: Path) -> None:
    """One line of the validator has quotes inside an f-string that Python reads from 3.12 on; the same in words that
    3.11 reads. Nothing else is touched, and a release without that line stops here."""
    where = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
    found = subprocess.run([str(python), "-c", where], check=True, capture_output=True, text=True)
    path = Path(found.stdout.strip()) / "focus_validator/config_objects/focus_to_duckdb_converter.py"
    text = path.read_text()
    old = """f"'{k.replace('\\"', '\\"\\"')}'" for k in ignore_keys"""
    new = """"'" + k.replace('"', '""') + "'" for k in ignore_keys"""
    if text.count(old) != 1:
        sys.exit(f"{path}: the line that needs Python 3.12 is not where it was")
    path.write_text(text.replace(old, new))


def main() -> int:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    binary = str(Path(sys.argv[1]).resolve())
    python = environment()
    failed = []
    for check in sys.argv[2:] or CHECKS:
        print(f"\n== {check}", flush=True)
        if subprocess.run([str(python), str(HERE / f"{check}.py"), binary]).returncode:
            failed.append(check)
    if failed:
        print(f"\nfailed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
