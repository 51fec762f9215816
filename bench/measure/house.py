"""A Revenge server of its own for one measurement: private data folder, loopback only, stopped at the end come what may."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Longer than any start or stop should take: whoever waits this long measures a fault.
PATIENCE_S = 60
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


def program():
    """The release binary: the one REVENGE_BENCH_PROGRAM names, else built from this checkout."""
    if named := os.environ.get("REVENGE_BENCH_PROGRAM"):
        return named
    subprocess.run(["cargo", "build", "--release", "--quiet", "-p", "revenge"], cwd=ROOT, check=True)
    return str(Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release/revenge")


def make_corpus(folder, n_files):
    """Fills `folder` with small films; the same number gives the same files."""
    subprocess.run(
        ["cargo", "run", "--quiet", "-p", "xtask", "--", "corpus", str(folder), "--files", str(n_files)],
        cwd=ROOT, check=True,
    )


@contextmanager
def work_folder():
    """A folder for everything a measurement writes, deleted behind it."""
    folder = Path(tempfile.mkdtemp(prefix="revenge-bench-"))
    # Whoever is told to stop stops its servers first.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # The private PostgreSQL may run as a user of its own, who has to reach its folder.
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port():
    """A port nobody listens on at this moment."""
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return it.getsockname()[1]


class House:
    """The server on one data folder. `with house:` starts it and stops it."""

    def __init__(self, binary, data):
        self.binary, self.data = binary, Path(data)
        # Variables that configure the next start, beside those of the machine. Looking at films at leisure takes hours, and
        # would be measured with whatever goes on beside it.
        self.variables = {"REVENGE_ANALYSIS__ENABLED": "false"}
        self.port = free_port()
        self.token = None
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """Starts the server and says how many seconds passed until it answered that it is ready."""
        environment = dict(os.environ, REVENGE_DATA_DIR=str(self.data), REVENGE_LOG__LEVEL="warn") | self.variables
        own = ROOT / ".tools/postgresql/bin"
        if own.is_dir():
            environment.setdefault("REVENGE_DATABASE__BINARIES", str(own))
        self.data.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        with open(self.data.parent / f"{self.data.name}.log", "ab") as log:
            self.process = subprocess.Popen(
                [self.binary, "serve", "--host", "127.0.0.1", "--port", str(self.port)],
                env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() - began > PATIENCE_S:
                self.stop()
                raise RuntimeError("the server did not start:\n" + Path(log.name).read_text()[-2000:])
            time.sleep(0.002)
        return time.monotonic() - began

    def is_ready(self):
        """Whether every part says that it is there."""
        try:
            return self.request("GET", "/readyz")[0] == 200
        except OSError:
            return False

    def stop(self):
        """Stops the server as Ctrl-C does, PostgreSQL with it, and says how many seconds that took."""
        if self.process is None or self.process.poll() is not None:
            return 0.0
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        return time.monotonic() - began

    def request(self, method, path, body=None):
        """One request on its own connection: status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            connection.request(method, path, body and json.dumps(body), self.headers())
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def headers(self):
        """The headers of a client that is signed in, once it is."""
        signed_in = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {"Content-Type": "application/json"} | signed_in

    def api(self, method, path, body=None):
        """An answer of the API, which must be a good one."""
        status, answer = self.request(method, f"/api/v1{path}", body)
        if status >= 300:
            raise RuntimeError(f"{method} {path}: {status} {answer[:300]}")
        return json.loads(answer) if answer else None

    def set_up(self):
        """Makes the first account and signs it in."""
        person = {"name": "bench", "password": "a-long-enough-password", "language": "en"}
        self.token = self.api("POST", "/setup", person)["token"]

    def add_library(self, folder):
        """Makes a library of films over `folder` and gives its id."""
        library = {"name": Path(folder).name, "kind": "movies", "folders": [str(folder)]}
        # Who begins to watch a folder scans it once more by itself, which would be measured in place of what was asked for.
        library["is_watched"] = False
        return self.api("POST", "/libraries", library)["id"]

    def scan(self, library):
        """Scans a library to the end: the last view of the scan, and the seconds from asking for it to its end.

        Listens instead of asking again and again, which would take a good part of a small machine."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20 * PATIENCE_S)
        try:
            connection.request("GET", "/api/v1/events", headers=self.headers())
            events = connection.getresponse()
            began = time.monotonic()
            job = self.api("POST", f"/libraries/{library}/scan")["job_id"]
            while line := events.readline():
                if not line.startswith(b"data:"):
                    continue
                scan = json.loads(line[5:])
                if scan.get("job_id") == job and scan.get("stage") in ("done", "failed", "cancelled"):
                    if scan["stage"] != "done":
                        raise RuntimeError(f"the scan ended as {scan}")
                    return scan, time.monotonic() - began
            raise RuntimeError("the server ended its events before the scan was done")
        finally:
            connection.close()

    def wait_for_rest(self):
        """Waits until no job is running or due: the seconds that took."""
        began = time.monotonic()
        while self.api("GET", "/jobs?state=running&limit=1")["items"]:
            if time.monotonic() - began > 20 * PATIENCE_S:
                raise RuntimeError("the jobs do not end")
            time.sleep(0.2)
        return time.monotonic() - began

    def database(self):
        """Where PostgreSQL listens, and its first process."""
        lines = (self.data / "postgresql/data/postmaster.pid").read_text().splitlines()
        return Path(lines[4]) / f".s.PGSQL.{lines[3]}", int(lines[0])

    def memory_mb(self):
        """Resident memory of the server alone, and the proportional share of all processes of PostgreSQL."""
        return memory_kb(self.process.pid, "status", "VmRSS") / 1024, self.database_mb()

    def database_mb(self):
        """The proportional share of all processes of PostgreSQL, of which the memory they share is the most."""
        postmaster = self.database()[1]
        return sum(memory_kb(it, "smaps_rollup", "Pss") for it in [postmaster, *children(postmaster)]) / 1024

    def forget_peak(self):
        """From now on the server's peak of memory is counted anew."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def peak_mb(self):
        """Memory of the server at the most since `forget_peak`."""
        return memory_kb(self.process.pid, "status", "VmHWM") / 1024


def children(pid):
    """The processes that `pid` started."""
    return [int(it) for it in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def memory_kb(pid, file, field):
    """A field of a process's memory report; 0 for a process that has just ended."""
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(it.split()[1]) for it in lines if it.startswith(f"{field}:")), 0)


def cpu_seconds(pid, with_children=False):
    """Processor time a process used so far, its own and the kernel's for it; with that of its children that ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11 : 15 if with_children else 13])) / CLOCK_TICKS
