"""What people and their limits cost: authentication, a flood of sign-ins, how exactly requests are counted, and how soon an
event reaches a thousand pages on two servers."""

import asyncio
import http.client
import json
import random
import re
import statistics
import subprocess
import threading
import time
from contextlib import ExitStack

import house
import report

SECONDS = 5
ROUNDS = 5
FLOODERS = 64
FLOOD_S = 10
COUNTED_S = 10
COUNTED_PER_MINUTE = 600
LISTENERS = 1000
EVENTS = 30
# Who names another host is no browser on the machine itself, so that requests are counted.
COUNTED_HOST = "media.example"
UNCOUNTED = {f"REVENGE_SERVER__REQUESTS__{it}": "0" for it in ("STRANGERS", "CHANGES", "READS", "MEDIA")}
PLENTY = {f"REVENGE_SERVER__REQUESTS__{it}": "4000000000" for it in ("STRANGERS", "CHANGES", "READS", "MEDIA")}


def main():
    binary = house.program()
    with house.work_folder() as work, ExitStack() as running:
        redis = running.enter_context(Redis(work / "redis.sock"))
        figures = {"authentication_us": {}, "counting": {}}
        for name, variables in (("in process", {}), ("Redis protocol", redis.variables())):
            server = house.House(binary, work / f"data {name}")
            server.variables |= variables | PLENTY
            with server:
                server.set_up()
                figures["authentication_us"][name] = authentication(server)
            server.variables |= {"REVENGE_SERVER__REQUESTS__READS": str(COUNTED_PER_MINUTE)}
            with server:
                figures["counting"][name] = counting(server)
        server = house.House(binary, work / "data flood")
        with server:
            server.set_up()
        server.variables |= UNCOUNTED | {"REVENGE_SERVER__TRUSTED_PROXIES": "127.0.0.1"}
        with server:
            figures["flood"] = flood(server)
        one = house.House(binary, work / "data one")
        one.variables |= redis.variables() | UNCOUNTED
        running.enter_context(one)
        one.set_up()
        other = house.House(binary, work / "data other")
        socket = one.database()[0].parent
        shared = {"REVENGE_DATABASE__HOST": str(socket), "REVENGE_DATABASE__USER": "revenge", "REVENGE_DATABASE__NAME": "revenge"}
        other.variables |= redis.variables() | UNCOUNTED | shared
        other.token = one.token
        running.enter_context(other)
        figures["events_ms"] = asyncio.run(events(one, other))
    show(figures)
    report.keep("people", figures)


class Redis:
    """A server of the Redis protocol for one measurement."""

    def __init__(self, path):
        self.path = path

    def variables(self):
        return {"REVENGE_CACHE__HOST": str(self.path), "REVENGE_CACHE__PORT": "0"}

    def __enter__(self):
        words = ["redis-server", "--port", "0", "--save", "", "--appendonly", "no", "--unixsocket", str(self.path)]
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        while not self.path.exists():
            time.sleep(0.01)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def authentication(server):
    """Microseconds a request takes at one connection: by nobody from the machine itself; by somebody who is signed in; and by
    one whose requests are counted."""
    bearer = ["-H", f"Authorization: Bearer {server.token}"]
    ways = {"nobody": [], "signed in": bearer, "signed in, counted": [*bearer, "-H", f"Host: {COUNTED_HOST}"]}
    found = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, words in ways.items():
            found[name].append(1e6 / rate(server, words))
    return {name: statistics.median(it) for name, it in found.items()}


def rate(server, words):
    """Requests a second."""
    url = f"http://127.0.0.1:{server.port}/api/v1/server"
    said = subprocess.run(["wrk", "-t", "1", "-c", "1", "-d", f"{SECONDS}s", *words, url], capture_output=True, check=True, text=True).stdout
    if "Non-2xx" in said:
        raise RuntimeError(said)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])


def counting(server):
    """How many requests were let through of as many as could be asked, and how many should have been."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=house.PATIENCE_S)
    headers = server.headers() | {"Host": COUNTED_HOST}
    asked = allowed = 0
    began = time.monotonic()
    while (passed := time.monotonic() - began) < COUNTED_S:
        connection.request("GET", "/api/v1/me", headers=headers)
        answer = connection.getresponse()
        answer.read()
        asked += 1
        allowed += answer.status == 200
    return {"asked": asked, "allowed": allowed, "due": COUNTED_PER_MINUTE * (1 + passed / 60)}


def flood(server):
    """Sign-ins with made-up names and addresses, as many at once as can be: what became of them, and memory."""
    answers, lock = {}, threading.Lock()
    before = server.memory_mb()[0]
    server.forget_peak()
    until = time.monotonic() + FLOOD_S

    def guess(seed):
        dice = random.Random(seed)
        while time.monotonic() < until:
            headers = {"Content-Type": "application/json", "X-Forwarded-For": ".".join(str(dice.randint(1, 223)) for _ in range(4))}
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=house.PATIENCE_S)
            body = json.dumps({"name": f"guess {dice.random()}", "password": "not this one at all"})
            connection.request("POST", "/api/v1/sessions", body, headers)
            status = connection.getresponse().status
            connection.close()
            with lock:
                answers[status] = answers.get(status, 0) + 1

    threads = [threading.Thread(target=guess, args=(it,)) for it in range(FLOODERS)]
    for it in threads:
        it.start()
    for it in threads:
        it.join()
    began = time.monotonic()
    status, _ = server.request("GET", "/api/v1/me")
    meanwhile_ms = (time.monotonic() - began) * 1000
    per_second = {str(status): n / FLOOD_S for status, n in answers.items()}
    return {"answers_per_second": per_second, "memory_before_mb": before, "memory_peak_mb": server.peak_mb(), "page_ms": meanwhile_ms, "page": status}


async def events(one, other):
    """Milliseconds from a change on the first server to each page that hears of it, half of them open on the other."""
    heard = asyncio.Queue()
    folder = one.data.parent / "films"
    folder.mkdir()
    library = one.add_library(folder)
    listeners = [asyncio.create_task(listen(one if n % 2 else other, heard)) for n in range(LISTENERS)]
    for _ in listeners:
        await heard.get()
    late = []
    for n in range(EVENTS):
        began = time.monotonic()
        await asyncio.to_thread(one.api, "PATCH", f"/libraries/{library}", {"name": f"Films {n}"})
        late += [await heard.get() - began for _ in listeners]
    for it in listeners:
        it.cancel()
    late = sorted(it * 1000 for it in late)
    return {"first": late[0], "p50": late[len(late) // 2], "p99": late[len(late) * 99 // 100], "last": late[-1]}


async def listen(server, heard):
    """Tells when the stream is open, and then when an event came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(f"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {server.token}\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    heard.put_nowait(time.monotonic())
    while line := await reader.readline():
        if line.startswith(b"event: library.changed"):
            heard.put_nowait(time.monotonic())


def show(figures):
    report.table(["us of a request", *figures["authentication_us"]], [
        [way, *(it[way] for it in figures["authentication_us"].values())] for way in ("nobody", "signed in", "signed in, counted")
    ])
    report.table(["counted", "asked", "allowed", "due"], [[name, *it.values()] for name, it in figures["counting"].items()])
    print(figures["flood"])
    print(figures["events_ms"])


if __name__ == "__main__":
    main()
