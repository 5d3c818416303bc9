"""Servers of Spark Connect on loopback, each process started and stopped by its own id."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import venv
from pathlib import Path

CACHE = Path(os.environ.get("CLOUDTALLY_CACHE", Path.home() / ".cache" / "cloudtally"))
CONNECT = "org.apache.spark.sql.connect.service.SparkConnectServer"


def python_with(name, packages):
    """A Python of its own with these packages."""
    folder = CACHE / name
    python = folder / "bin" / "python"
    done = folder / "packages"
    if not done.exists() or done.read_text() != " ".join(packages):
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
        done.write_text(" ".join(packages))
    return python


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Servers:
    """Processes that end with the test, in the reverse of the order in which they began."""

    def __init__(self, folder):
        self.folder, self.processes, self.port = folder, [], free_port()

    @property
    def url(self):
        return f"spark://127.0.0.1:{self.port}"

    def start(self, name, command, environment=None):
        log = open(self.folder / f"{name}.log", "wb")
        process = subprocess.Popen(
            list(map(str, command)), stdout=log, stderr=log, start_new_session=True, cwd=self.folder,
            env={**os.environ, **(environment or {})})
        self.processes.append(process)
        return process

    def wait(self, port, name, seconds=180):
        for _ in range(seconds * 4):
            if any(process.poll() is not None for process in self.processes):
                break
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.25)
        print((self.folder / f"{name}.log").read_text(errors="replace")[-4000:], file=sys.stderr)
        raise SystemExit(f"{name} does not come up")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            stop(process, signal.SIGTERM)
        for process in reversed(self.processes):
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                stop(process, signal.SIGKILL)


def stop(process, how):
    """A process and what it has started itself: each is the head of a session of its own."""
    if process.poll() is None:
        os.killpg(process.pid, how)


class Sail(Servers):
    name = "Sail"

    def __init__(self, folder):
        super().__init__(folder)
        python = python_with("sail", ["pysail==0.7.2", "pyspark[connect]==4.0.0"])
        program = python.with_name("sail")
        self.start("sail", [program, "spark", "server", "--ip", "127.0.0.1", "--port", self.port])
        self.wait(self.port, "sail", 60)


class Cluster(Servers):
    """A standalone master, two workers of one core and a Connect server."""

    name = "Spark, two workers"

    def __init__(self, folder):
        super().__init__(folder)
        python = python_with("cluster", ["pyspark==4.3.0"])
        where = "import pyspark; print(pyspark.__path__[0])"
        self.home = Path(subprocess.check_output([python, "-c", where], text=True).strip())
        master, page = free_port(), free_port()
        self.master = f"spark://127.0.0.1:{master}"
        run = "org.apache.spark.deploy.master.Master"
        self.spark("master", "spark-class", run, "--host", "127.0.0.1", "--port", master, "--webui-port", page)
        self.wait(master, "master")
        self.workers = [self.worker(index) for index in (1, 2)]
        self.page = free_port()
        settings = {
            "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1",
            "spark.connect.grpc.binding.address": "127.0.0.1", "spark.connect.grpc.binding.port": self.port,
            "spark.ui.port": self.page, "spark.sql.ui.retainedExecutions": "20", "spark.sql.shuffle.partitions": "4",
            "spark.local.dir": folder / "scratch", "spark.sql.warehouse.dir": folder / "warehouse",
        }
        settings = [word for key, value in settings.items() for word in ("--conf", f"{key}={value}")]
        self.spark(
            "connect", "spark-submit", "--class", CONNECT, "--master", self.master, "--driver-memory", "1g",
            "--executor-memory", "768m", "--executor-cores", "1", *settings, "spark-internal")
        self.wait(self.port, "connect")

    def worker(self, index):
        run = "org.apache.spark.deploy.worker.Worker"
        port = free_port()
        worker = self.spark(
            f"worker{index}", "spark-class", run, "--host", "127.0.0.1", "--port", port, "--webui-port", free_port(),
            "--cores", "1", "--memory", "1g", "--work-dir", self.folder / f"worker{index}", self.master)
        self.wait(port, f"worker{index}")
        return worker

    def spark(self, name, program, *words):
        scratch = {"SPARK_HOME": str(self.home), "SPARK_LOCAL_DIRS": str(self.folder / "scratch")}
        return self.start(name, [self.home / "bin" / program, *words], scratch)

    def jobs(self):
        """How many jobs the cluster is at."""
        applications = f"http://127.0.0.1:{self.page}/api/v1/applications"
        with urllib.request.urlopen(applications, timeout=30) as answer:
            name = json.load(answer)[0]["id"]
        with urllib.request.urlopen(f"{applications}/{name}/jobs?status=running", timeout=30) as answer:
            return len(json.load(answer))

    def lose_a_worker(self):
        """Kills one worker with its executor while it is at work, as a machine is lost: no goodbye."""
        time.sleep(12)
        lost = self.workers.pop()
        self.processes.remove(lost)
        stop(lost, signal.SIGKILL)
        lost.wait()
        print(f"worker {lost.pid} is gone", flush=True)


class Cable:
    """A way to a server that can be cut: what was connected is lost, who comes back gets through again."""

    def __init__(self, port):
        self.port, self.ends, self.lost = port, [], 0
        self.door = socket.create_server(("127.0.0.1", 0))
        self.url = f"spark://127.0.0.1:{self.door.getsockname()[1]}"
        threading.Thread(target=self.open, daemon=True).start()

    def open(self):
        while True:
            near, _ = self.door.accept()
            far = socket.create_connection(("127.0.0.1", self.port))
            self.ends.append((near, far))
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=(one, other), daemon=True).start()

    def carry(self, one, other):
        try:
            while some := one.recv(1 << 16):
                other.sendall(some)
        except OSError:
            pass
        for end in (one, other):
            end.close()

    def cut(self):
        """Twice, while the program is at work."""
        for _ in range(2):
            time.sleep(4)
            pairs, self.ends = self.ends, []
            for pair in pairs:
                self.lost += any([lost(end) for end in pair])


def lost(end):
    """True where a connection was there to be cut."""
    try:
        end.shutdown(socket.SHUT_RDWR)
        return True
    except OSError:
        return False
