"""The few words of PostgreSQL's protocol that a measurement needs: run statements on the private server's own socket."""

import socket
import struct

PROTOCOL_3_0 = 196608


class Refused(Exception):
    """What the server said instead of doing it."""


def run(path, text, timeout_s=600):
    """Runs statements as the server's own user and gives the rows of all of them, values as text."""
    with socket.socket(socket.AF_UNIX) as it:
        it.settimeout(timeout_s)
        it.connect(str(path))
        stream = it.makefile("rwb")
        parameters = b"user\0revenge\0database\0revenge\0\0"
        send(stream, b"", struct.pack("!i", PROTOCOL_3_0) + parameters)
        read_until_ready(stream)
        send(stream, b"Q", text.encode() + b"\0")
        return read_until_ready(stream)


def send(stream, kind, content):
    """One message: its kind, its length with itself, its content."""
    stream.write(kind + struct.pack("!i", len(content) + 4) + content)
    stream.flush()


def read_until_ready(stream):
    """Reads messages up to ReadyForQuery; the rows among them."""
    rows, refusal = [], None
    while True:
        head = stream.read(5)
        if len(head) < 5:
            raise Refused(refusal or "the server closed the connection")
        content = stream.read(struct.unpack("!i", head[1:])[0] - 4)
        match head[:1]:
            case b"D":
                rows.append(values(content))
            case b"E":
                refusal = content.replace(b"\0", b" ").decode()
            case b"Z":
                if refusal:
                    raise Refused(refusal)
                return rows


def values(content):
    """The fields of a DataRow."""
    found, at = [], 2
    for _ in range(struct.unpack_from("!h", content)[0]):
        length = struct.unpack_from("!i", content, at)[0]
        at += 4
        found.append(None if length < 0 else content[at : at + length].decode())
        at += max(length, 0)
    return found
