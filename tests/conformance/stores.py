"""An export in an object store, over a moto server on the loopback address.

First run: every file of the manifests is read. Unchanged run: no byte of a bill is asked for. One month exported
again: that month's files alone are read. What was asked for stands in the server's own request log.
Usage: stores.py BINARY
"""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import boto3

ROOT = Path(__file__).resolve().parent.parent.parent
EXPORT = ROOT / "sample-data/bills/aws/quillfen-daily"
BUCKET = "quillfen-billing"
AGAIN = "20261101-20261201"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Server:
    """moto, and what was asked of it since the last look."""

    def __init__(self, work: Path):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.log = work / "requests.log"
        self.seen = 0
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        for _ in range(150):
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.2)
        sys.exit(f"the server did not start:\n{self.log.read_text()}")

    def bodies(self) -> list[str]:
        """Keys of bill files whose body was asked for since the last look."""
        time.sleep(0.3)
        text = self.log.read_text()
        fresh, self.seen = text[self.seen :], len(text)
        fresh = re.sub(r"\x1b\[\d+m", "", fresh)  # the server paints its lines
        return [key for key in re.findall(r'"GET /([^ ?"]+)\S* HTTP', fresh) if key.endswith(".csv.gz")]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)


def put(s3, file: Path) -> None:
    s3.upload_file(str(file), BUCKET, "cur/quillfen-daily/" + str(file.relative_to(EXPORT)))


def named_by_manifests() -> list[str]:
    keys = []
    for manifest in EXPORT.glob("*/*-Manifest.json"):
        keys += json.loads(manifest.read_text())["reportKeys"]
    return keys


def run(binary: str, url: str, work: Path) -> subprocess.CompletedProcess:
    own = {
        "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1", "AWS_ALLOW_HTTP": "true", "HOME": str(work),
    }  # fmt: skip
    clean = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    places = ["--out", str(work / "out"), "--lake", str(work / "lake"), "--today", "2026-11-21"]
    command = [binary, "run", *places, f"s3://{BUCKET}/cur/"]
    return subprocess.run(command, env={**clean, **own}, capture_output=True, text=True, timeout=120)


def restated(s3) -> list[str]:
    """The running month under a new assembly: the same files by other keys, and a manifest that names them."""
    manifest = next((EXPORT / AGAIN).glob("*-Manifest.json"))
    told = json.loads(manifest.read_text())
    old, new = told["assemblyId"], "00000000-aaaa-bbbb-cccc-000000000002"
    keys = [key.replace(old, new) for key in told["reportKeys"]]
    for before, after in zip(told["reportKeys"], keys, strict=True):
        source = {"Bucket": BUCKET, "Key": before.lstrip("/")}
        s3.copy_object(Bucket=BUCKET, Key=after.lstrip("/"), CopySource=source)
    told |= {"assemblyId": new, "reportKeys": keys}
    key = "cur/quillfen-daily/" + str(manifest.relative_to(EXPORT))
    s3.put_object(Bucket=BUCKET, Key=key, Body=json.dumps(told).encode())
    return keys


class Score:
    def __init__(self) -> None:
        self.passed = self.failed = 0

    def check(self, what: str, holds: bool, otherwise: str = "") -> None:
        print(f"{'ok' if holds else 'FAILED':7} {what}" + ("" if holds else f": {otherwise}"))
        self.passed += holds
        self.failed += not holds


def judge(score: Score, binary: str, server: Server, work: Path) -> None:
    s3 = boto3.client(
        "s3", endpoint_url=server.url, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    s3.create_bucket(Bucket=BUCKET)
    for file in sorted(path for path in EXPORT.rglob("*") if path.is_file()):
        put(s3, file)
    wanted = sorted({f"{BUCKET}/{key.lstrip('/')}" for key in named_by_manifests()})
    first = run(binary, server.url, work)
    score.check("first run ends well", first.returncode == 0, first.stderr)
    bodies = server.bodies()
    score.check(f"first run reads the {len(wanted)} files of the manifests", sorted(set(bodies)) == wanted, str(bodies))
    report = (work / "out/latest/cost_by_service.csv").read_bytes() if first.returncode == 0 else b""
    again = run(binary, server.url, work)
    bodies = server.bodies()
    score.check("unchanged run ends well", again.returncode == 0, again.stderr)
    score.check("unchanged run reads no body of a bill", bodies == [], str(bodies))
    keys = sorted(f"{BUCKET}/{key.lstrip('/')}" for key in restated(s3))
    server.bodies()
    third = run(binary, server.url, work)
    bodies = sorted(set(server.bodies()))
    score.check("run after a new export of one month ends well", third.returncode == 0, third.stderr)
    score.check("it reads that month's files and no other", bodies == keys, str(bodies))
    now = (work / "out/latest/cost_by_service.csv").read_bytes() if third.returncode == 0 else b"?"
    score.check("the same charges under new keys are the same report", now == report, "cost_by_service.csv differs")


def main() -> int:
    score = Score()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        try:
            judge(score, sys.argv[1], server, Path(folder))
        finally:
            server.stop()
    print(f"{score.passed} passed, {score.failed} failed")
    return 1 if score.failed else 0


if __name__ == "__main__":
    sys.exit(main())
