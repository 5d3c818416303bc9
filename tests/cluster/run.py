"""Both engines on the same bills: every file that a run leaves must be the same, byte for byte.

    run.py cluster BINARY COMPANION --generated DIR     a Spark cluster of a master, two workers and a Connect server
    run.py sail BINARY COMPANION                        Sail, one process that speaks Spark Connect

Everything runs on loopback and is started, and stopped again, by its own process id. The cluster's test also kills a
worker in the middle of a run. PySpark and Sail come from PyPI into a folder of their own.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from nights import Night, differences
from servers import Cluster, Sail

HERE = Path(__file__).resolve().parent
SAMPLE = HERE.parents[1] / "sample-data" / "cloudtally.toml"


def main():
    arguments = parsed()
    with tempfile.TemporaryDirectory(prefix="cloudtally-cluster-") as folder:
        folder = Path(folder)
        started = time.time()
        server = Cluster(folder) if arguments.server == "cluster" else Sail(folder)
        with server:
            print(f"{server.name}: up after {time.time() - started:.1f} s", flush=True)
            bills = [("sample bills", ["--config", SAMPLE])]
            if arguments.generated:
                bills.append(("generated bills", [arguments.generated, "--today", "2026-11-21"]))
            failed = [name for name, what in bills if not equal(name, what, server, folder, arguments)]
            if arguments.generated and not failed and not survives(bills[-1], server, folder, arguments):
                failed.append("a lost worker")
    if failed:
        sys.exit(f"not the same: {', '.join(failed)}")
    print("every file of every run is the same")


def parsed():
    parser = argparse.ArgumentParser()
    parser.add_argument("server", choices=["cluster", "sail"])
    parser.add_argument("binary", type=Path)
    parser.add_argument("companion", type=Path)
    parser.add_argument("--generated", type=Path, help="a folder of bills besides the sample's")
    return parser.parse_args()


def equal(name, what, server, folder, arguments):
    """Both engines, then the cluster's run once more with nobody at its address: nothing changed, nobody is asked."""
    here, there = nights(name, folder, arguments)
    print(f"{name}: this machine {here.run(what):.1f} s", flush=True)
    print(f"{name}: {server.name} {there.run(what, server.url):.1f} s", flush=True)
    same = report(name, differences(here.reports, there.reports))
    print(f"{name}: again, no cluster there {there.run(what, 'spark://127.0.0.1:9'):.1f} s", flush=True)
    return report(f"{name}, again", differences(here.reports, there.reports)) and same


def survives(bill, server, folder, arguments):
    """The same run with a worker killed once the cluster is at work."""
    name, what = bill
    here, there = nights(name, folder, arguments)
    there.forget()
    seconds = there.run(what, server.url, during=server.lose_a_worker)
    print(f"{name}: {server.name}, one worker lost {seconds:.1f} s", flush=True)
    return report(f"{name}, one worker lost", differences(here.reports, there.reports))


def nights(name, folder, arguments):
    places = [folder / f"{name} {where}" for where in ("here", "there")]
    return [Night(arguments.binary, arguments.companion, place) for place in places]


def report(name, found):
    for difference in found[:20]:
        print(f"{name}: {difference}", flush=True)
    return not found


if __name__ == "__main__":
    main()
