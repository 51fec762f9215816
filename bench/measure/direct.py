"""Direct play beside nginx with sendfile: the same file, the same client, in turn; speed, and processor time per gigabyte."""

import os
import random
import selectors
import shutil
import socket
import subprocess
import time

import house
import report

FILE_BYTES = 1 << 30
RANGE_BYTES = 8 << 20
CONNECTIONS = (1, 500)
SECONDS = 6
ROUNDS = 3

NGINX = """
{user}
daemon off;
worker_processes 1;
pid {work}/nginx.pid;
error_log {work}/nginx.log;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000;
    client_body_temp_path {work}/body;
    proxy_temp_path {work}/proxy;
    fastcgi_temp_path {work}/fastcgi;
    uwsgi_temp_path {work}/uwsgi;
    scgi_temp_path {work}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location / {{ root "{root}"; }}
    }}
}}
"""


def main():
    binary = house.program()
    with house.work_folder() as work:
        media = work / "films"
        house.make_corpus(media, 2)
        film = make_long(next(media.glob("*/*.mp4")))
        with house.House(binary, work / "data") as server:
            url = playable(server, media)
            with Nginx(work, film) as nginx:
                figures = [compare(n, (server.process.pid, server.port, url, server.token), nginx) for n in CONNECTIONS]
            own = server.memory_mb()[0]
    report.table(
        ["connections", "server", "GB/s", "CPU s per GB", "beside nginx"],
        [[it["connections"], name, it[name]["gb_per_s"], it[name]["cpu_s_per_gb"], ratio]
         for it in figures for name, ratio in (("nginx", 1.0), ("revenge", it["cpu_ratio"]))],
    )
    report.keep("direct", {"runs": figures, "revenge_rss_mb_afterwards": own})


def make_long(film):
    """Lets a film grow to a gigabyte by a box that players skip, full of bytes that no file system saves itself."""
    with film.open("ab") as file:
        file.write((1).to_bytes(4, "big") + b"free" + FILE_BYTES.to_bytes(8, "big"))
        block = random.Random(1).randbytes(1 << 20)
        for _ in range(FILE_BYTES >> 20):
            file.write(block)
        file.truncate(file.tell() - 16)
    return film


def playable(server, media):
    """Brings the film into a library and asks to play it: the path of its bytes."""
    server.set_up()
    library = server.add_library(media)
    server.scan(library)
    server.wait_for_rest()
    for item in server.api("GET", f"/items?library_id={library}")["items"]:
        play = server.api("POST", "/playback", {"item_id": item["id"]})
        if play["mime"].startswith("video/mp4"):
            return play["url"]
    raise RuntimeError("the film did not come into the library")


class Nginx:
    """Debian's nginx with one worker, on the folder of the film."""

    def __init__(self, work, film):
        self.port = house.free_port()
        self.path = f"/{film.name}".replace(" ", "%20")
        self.configuration = work / "nginx.conf"
        # As root, nginx would hand its worker to a user who may not read the folder.
        user = "user root;" if os.geteuid() == 0 else ""
        root = str(film.parent)
        self.configuration.write_text(NGINX.format(user=user, work=work, port=self.port, root=root))
        self.log = work / "nginx.log"

    def __enter__(self):
        binary = shutil.which("nginx") or "/usr/sbin/nginx"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [binary, "-c", str(self.configuration)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )
        try:
            for _ in range(500):
                if workers := house.children(self.process.pid):
                    self.worker = workers[0]
                    return self.worker, self.port, self.path
                time.sleep(0.01)
            raise RuntimeError("nginx did not start:\n" + self.log.read_text())
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)


def compare(n_connections, revenge, nginx):
    """Both servers in turn, several rounds, so that what else the machine does falls on both."""
    rounds = {"revenge": [], "nginx": []}
    for _ in range(ROUNDS):
        for name, peer in (("nginx", nginx), ("revenge", revenge)):
            rounds[name].append(fetch(n_connections, *peer))
    result = {"connections": n_connections}
    for name, runs in rounds.items():
        gigabytes = sum(it["bytes"] for it in runs) / 1e9
        result[name] = {
            "gb_per_s": gigabytes / sum(it["seconds"] for it in runs),
            "cpu_s_per_gb": sum(it["cpu_s"] for it in runs) / gigabytes,
            "rounds": runs,
        }
    result["cpu_ratio"] = result["revenge"]["cpu_s_per_gb"] / result["nginx"]["cpu_s_per_gb"]
    return result


def fetch(n_connections, pid, port, path, token=""):
    """Asks for ranges over kept-alive connections for some seconds: bytes, and processor time of the server."""
    dice = random.Random(2)
    with selectors.DefaultSelector() as ready:
        before, began = house.cpu_seconds(pid), time.monotonic()
        clients = [Client(port, path, token, dice) for _ in range(n_connections)]
        try:
            for it in clients:
                ready.register(it.socket, selectors.EVENT_READ, it)
            while time.monotonic() - began < SECONDS:
                for key, _ in ready.select(1):
                    key.data.take()
        finally:
            for it in clients:
                it.socket.close()
        seconds = time.monotonic() - began
        return {
            "bytes": sum(it.taken for it in clients),
            "seconds": seconds,
            "cpu_s": house.cpu_seconds(pid) - before,
        }


class Client:
    """A connection that asks for one range after the other and lets the kernel throw the bytes away."""

    SINK = bytearray(4 << 20)

    def __init__(self, port, path, token, dice):
        self.socket = socket.create_connection(("127.0.0.1", port), 30)
        self.lines = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}"
        self.dice = dice
        self.taken, self.left, self.head = 0, 0, b""
        self.ask()

    def ask(self):
        """Asks for a range somewhere in the file."""
        first = self.dice.randrange(FILE_BYTES - RANGE_BYTES)
        wish = f"Range: bytes={first}-{first + RANGE_BYTES - 1}"
        self.socket.sendall(f"{self.lines}\r\n{wish}\r\n\r\n".encode())

    def take(self):
        """Takes what is there."""
        if self.left:
            # Copying bytes that nobody looks at would only take the processor from the server.
            n = self.socket.recv_into(self.SINK, min(self.left, len(self.SINK)), socket.MSG_TRUNC)
            if not n:
                raise RuntimeError("the server ended the connection in the middle of a range")
            self.count(n)
        else:
            self.take_head()

    def take_head(self):
        """Reads up to the end of the answer's head; what follows it is content."""
        received = self.socket.recv(2048)
        if not received:
            raise RuntimeError("the server ended the connection")
        self.head += received
        head, found, content = self.head.partition(b"\r\n\r\n")
        if found:
            if not head.startswith(b"HTTP/1.1 206"):
                raise RuntimeError(f"the server answered {head!r}")
            self.head, self.left = b"", RANGE_BYTES
            self.count(len(content))

    def count(self, n):
        """Counts bytes that came; asks for more when the range is whole."""
        self.taken += n
        self.left -= n
        if not self.left:
            self.ask()


if __name__ == "__main__":
    main()
