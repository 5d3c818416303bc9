"""Runs of the program, and what they leave."""

import json
import os
import subprocess
import threading
import time


class Night:
    """One folder with its lake and its reports."""

    def __init__(self, binary, companion, folder):
        self.binary, self.companion, self.folder = binary, companion, folder
        folder.mkdir(exist_ok=True)

    @property
    def reports(self):
        return self.folder / "out" / "latest"

    def run(self, what, engine=None, during=None):
        """Seconds of a run; `during` is called once the program says that it has a cluster, and must come to its end
        before the run does: otherwise it proved nothing."""
        started = time.time()
        process, said = self.begin(what, engine), []
        meanwhile = threading.Thread(target=during, daemon=True) if during else None
        for line in process.stderr:
            said.append(line)
            if meanwhile and line.startswith("engine: "):
                meanwhile.start()
        if process.wait() not in (0, 1):
            raise SystemExit(f"the run ended with {process.returncode}:\n{''.join(said)}")
        if meanwhile and (meanwhile.ident is None or meanwhile.is_alive()):
            raise SystemExit("the run was over too soon")
        return time.time() - started

    def begin(self, what, engine=None):
        """A run in a process group of its own, as a shell starts it."""
        command = [self.binary, "run", *what, "--out", self.folder / "out", "--lake", self.folder / "lake"]
        command += ["--engine", engine] if engine else []
        environment = {**os.environ, "CLOUDTALLY_SPARK": str(self.companion)}
        return subprocess.Popen(
            list(map(str, command)), env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True)

    def forget(self):
        """The next run starts from nothing."""
        subprocess.run(["rm", "-rf", self.folder / "out", self.folder / "lake"], check=True)


def differences(one, other):
    """What two folders do not have in common, in words."""
    files = [{path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()} for folder in (one, other)]
    if not files[0]:
        return ["there are no reports"]
    found = [f"{name} is in one of them only" for name in sorted(files[0].keys() ^ files[1].keys())]
    for name in sorted(files[0].keys() & files[1].keys()):
        if content(files[0][name]) != content(files[1][name]):
            found.append(f"{name} differs")
    return found


def content(path):
    """The bytes; of what says how long a run took and what it had to read, everything else."""
    if path.name == "run.json":
        told = json.loads(path.read_text())
        for period in told["periods"]:
            del period["read_line_items"]
        return {key: value for key, value in told.items() if key not in ("seconds", "files_read")}
    if path.name == "metrics.prom":
        return [line for line in path.read_text().splitlines() if "seconds" not in line]
    return path.read_bytes()
