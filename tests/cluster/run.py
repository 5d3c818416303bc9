"""Both engines on the same bills: every file that a run leaves must be the same, byte for byte.

    run.py cluster BINARY COMPANION --generated DIR     a Spark cluster of a master, two workers and a Connect server
    run.py sail BINARY COMPANION                        Sail, one process that speaks Spark Connect

Everything runs on loopback and is started, and stopped again, by its own process id. The cluster's test also cuts
connections, stops a run by Ctrl-C and kills a worker in the middle of one. PySpark and Sail come from PyPI into a folder of their own.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from nights import Night, differences
from servers import Cable, Cluster, Sail
from trouble import complaint, interrupted

HERE = Path(__file__).resolve().parent
SAMPLE = HERE.parents[1] / "sample-data" / "cloudtally.toml"
SMALL = HERE.parents[1] / "sample-data" / "bills" / "cur2"


def main():
    arguments = parsed()
    with tempfile.TemporaryDirectory(prefix="cloudtally-cluster-") as folder:
        folder = Path(folder)
        started = time.time()
        server = Cluster(folder) if arguments.server == "cluster" else Sail(folder)
        with server:
            print(f"{server.name}: up after {time.time() - started:.1f} s", flush=True)
            failed = [name for name, passed in checks(server, folder, arguments) if not passed]
    if failed:
        sys.exit(f"not as it should be: {', '.join(failed)}")
    print("every file of every run is the same")


def checks(server, folder, arguments):
    """Everything that is looked at, as its name and whether it is as it should be."""
    today = ["--today", "2026-11-21"]
    sample, small = ("sample bills", ["--config", SAMPLE]), ("a small bill", [SMALL, *today])
    yield sample[0], equal(*sample, server, folder, arguments)
    if server.name != Sail.name:
        yield "errors", report("errors", complaint(arguments.companion, server.url))
        yield "lost connections", reconnects(*small, server, folder, arguments)
    if not arguments.generated:
        return
    files = sorted(arguments.generated.rglob("*.csv.gz"))
    generated = ("generated bills", [*files, *today])
    yield generated[0], equal(*generated, server, folder, arguments)
    here, there = nights(generated[0], folder, arguments)
    there.forget()
    found, seconds = interrupted(there, generated[1], server)
    print(f"Ctrl-C: the cluster is idle after {seconds:.1f} s", flush=True)
    yield "Ctrl-C", report("Ctrl-C", found)
    yield "a lost worker", survives(*generated, server, folder, arguments)


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


def reconnects(name, what, server, folder, arguments):
    """A run whose connections are cut twice."""
    here, there = nights(name, folder, arguments)
    here.run(what)
    cable = Cable(server.port)
    seconds = there.run(what, cable.url, during=cable.cut)
    print(f"{name}: {server.name}, {cable.lost} connections cut {seconds:.1f} s", flush=True)
    return report(f"{name}, lost connections", differences(here.reports, there.reports)) and cable.lost > 0


def survives(name, what, server, folder, arguments):
    """The same run with a worker killed while the cluster is at work."""
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
