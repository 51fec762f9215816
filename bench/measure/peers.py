"""Other servers that index a folder of films, from Debian, on ports and folders of their own, ended when they are done."""

import sqlite3
import subprocess
import time
from pathlib import Path

import house

PATIENCE_S = 900


def minidlna(work, media, n_files, is_repeated=True):
    """minidlna: file name and, by libavformat, duration, size, codec and tags into SQLite; no pictures of films, no metadata."""
    home = work / "minidlna"
    home.mkdir(parents=True)
    conf = home / "minidlna.conf"
    conf.write_text(
        f"media_dir=V,{media}\ndb_dir={home}\nlog_dir={home}\nport={house.free_port()}\ninotify=no\n"
        "network_interface=lo\n"
    )

    videos = "SELECT count(*) FROM DETAILS WHERE MIME LIKE 'video/%'"

    def run(*options):
        # It scans in a child of its own, whose end is the end of the scan.
        was_scanning = False

        def is_done(server):
            nonlocal was_scanning
            is_scanning = bool(house.children(server.pid))
            was_scanning |= is_scanning
            return was_scanning and not is_scanning and count(home / "files.db", videos) >= n_files

        command = ["/usr/sbin/minidlnad", "-S", "-f", str(conf), "-P", str(home / "pid"), *options]
        return scan(command, home / "output", is_done)

    figures = {"first": run()}
    if is_repeated:
        figures["second"] = run("-r")
    expect(home / "files.db", videos, n_files)
    return figures


def gerbera(work, media, n_files):
    """Gerbera: file name, size and MIME type into SQLite, with its virtual folders by script; no look into the films."""
    home = work / "gerbera"
    home.mkdir()
    # It writes itself a configuration with SQLite when there is none.
    database = home / "gerbera.db"
    items = "SELECT count(*) FROM mt_cds_object WHERE ref_id IS NULL AND upnp_class LIKE 'object.item%'"
    # Its library takes no lower port.
    port = str(49152 + house.free_port() % 16000)
    # It refuses the loopback, and would else announce itself to the whole network: it gets one of its own that leads nowhere.
    alone = (
        "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6; ip link set lo up && ip link add peer0 type veth peer name peer1 && "
        'ip addr add 10.99.0.1/24 dev peer0 && ip link set peer1 up && ip link set peer0 up && exec gerbera "$@"'
    )
    options = ["-m", str(home), "-e", "peer0", "-p", port, "-a", str(media)]
    command = ["unshare", "--map-root-user", "--net", "sh", "-c", alone, "gerbera", *options]
    # It writes its last rows only when it ends; that it is through shows in that it rests.
    figures = {"first": scan(command, home / "output", Rest())}
    expect(database, items, n_files)
    return figures


class Rest:
    """Whether a process has done nothing for some seconds; those are not its scan's."""

    patience_s = 3

    def __init__(self):
        self.used, self.since = -1, 0

    def __call__(self, server):
        if (used := house.cpu_seconds(server.pid)) > self.used:
            self.used, self.since = used, time.monotonic()
        return time.monotonic() - self.since > self.patience_s


def scan(command, output, is_done):
    """Runs a server until it has indexed everything: seconds, processor time, and its memory at the most."""
    with open(output, "wb") as out:
        began = time.monotonic()
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        try:
            while not is_done(server):
                if server.poll() is not None or time.monotonic() - began > PATIENCE_S:
                    raise RuntimeError(f"{command[0]} did not scan:\n{output.read_text()[-2000:]}")
                time.sleep(0.005)
            seconds = (is_done.since if isinstance(is_done, Rest) else time.monotonic()) - began
            cpu = house.cpu_seconds(server.pid, with_children=True)
            peak = house.memory_kb(server.pid, "status", "VmHWM") / 1024
            return {"seconds": seconds, "cpu_s": cpu, "peak_mb": peak}
        finally:
            server.terminate()
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def count(database, sql):
    """The number in a database that another process writes; 0 while it is not there or locked."""
    if not Path(database).exists():
        return 0
    try:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=0.1) as it:
            return it.execute(sql).fetchone()[0]
    except sqlite3.Error:
        return 0


def expect(database, sql, n_files):
    if (found := count(database, sql)) != n_files:
        raise RuntimeError(f"{database} has {found} films of {n_files}")
