"""What a cluster's user may meet: errors, and the end of a run by Ctrl-C."""

import json
import os
import signal
import subprocess
import time


def complaint(companion, url):
    """What is wrong with how the cluster's own words about a query come back: they have a SQLSTATE and a place."""
    asks = [
        {"id": 1, "ask": "connect", "url": url.replace("spark://", "sc://")},
        {"id": 2, "ask": "query", "sql": "SELECT 1 AS one,\n  no_such_column\nFROM VALUES (1) AS t(x)"},
        {"id": 3, "ask": "query", "sql": "SELECT CAST('x' AS INT)"},
    ]
    process = subprocess.Popen([companion], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    found = []
    for ask, (state, place) in zip(asks, [(None, ""), ("42703", "line 2"), ("22018", "line 1")]):
        process.stdin.write(json.dumps(ask).encode() + b"\n")
        process.stdin.flush()
        fault = json.loads(process.stdout.readline()).get("fault")
        if state and (not fault or fault["state"] != state or place not in fault["what"]):
            found.append(f"{ask['sql']!r} is answered by {fault}")
    process.stdin.close()
    process.wait()
    return found


def interrupted(night, what, cluster):
    """Ctrl-C while the cluster is at work: the run ends at once, nothing is published and the cluster rests."""
    process = night.begin(what, cluster.url)
    for line in process.stderr:
        if line.startswith("engine: "):
            break
    wait(lambda: cluster.jobs() > 0, 60)
    os.killpg(process.pid, signal.SIGINT)
    started = time.time()
    found = []
    if process.wait(30) == 0:
        found.append("the run came to its end as if nothing had happened")
    if not wait(lambda: cluster.jobs() == 0, 60):
        found.append("the cluster is still at work")
    seconds = time.time() - started
    if not wait(lambda: gone(process.pid), 60):
        found.append("the companion is still there")
    if night.reports.exists():
        found.append("there are reports")
    return found, seconds


def gone(group):
    """True where no process of a group is left."""
    try:
        os.killpg(group, 0)
        return False
    except ProcessLookupError:
        return True


def wait(until, seconds):
    """True where it became so in time."""
    end = time.time() + seconds
    while time.time() < end:
        if until():
            return True
        time.sleep(0.25)
    return False
