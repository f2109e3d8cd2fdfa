"""A server that does to its clients what none should.

Argument: what it does. Prints its port, and serves until it is ended.
"""
import gzip
import socket
import struct
import sys
import threading

GREETING = b"\x83\xabcompression\xc0\xa6python\x93\x03\x0b\x07\xafpickle-protocol\x05"


def framed(*frames):
    head = struct.pack("<Q", len(frames)) + b"".join(struct.pack("<Q", len(frame)) for frame in frames)
    return struct.pack("<Q", len(head) + sum(map(len, frames))) + head + b"".join(frames)


def dask(answer):
    """A scheduler up to its answer."""
    return framed(GREETING) + answer


def http(body, length=None, status="200 OK"):
    head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length or len(body)}\r\n\r\n"
    return head.encode() + body


ANSWERS = {
    "closes": b"",
    "noise": bytes(range(256)) * 64,
    "dask-huge": dask(struct.pack("<QQQ", 1 << 62, 1, 1 << 62)),
    "dask-too-large": dask(struct.pack("<QQQ", 40 << 20, 1, (40 << 20) - 16)),
    "dask-large-greeting": struct.pack("<QQQ", 1 << 20, 1, (1 << 20) - 16),
    "dask-long-lengths": dask(framed(b"\x81\xa7workers\xdf\xff\xff\xff\xff")),
    "dask-many-frames": dask(struct.pack("<QQ", 1 << 40, 1 << 39)),
    "dask-lying-frames": dask(struct.pack("<QQQQ", 24, 2, 1 << 63, 1 << 63)),
    "dask-truncated": dask(framed(b"\x81\xa7workers\x80")[:-4]),
    "dask-deep": dask(framed(b"\x91" * 100_000)),
    "dask-many-values": dask(framed(b"\xdd\x00\x48\x00\x00" + b"\xc0" * 0x480000)),
    "dask-no-workers": dask(framed(b"\x81\xa2id\xa1x")),
    "http-truncated": http(b'["cpu_percent"', length=5000),
    "http-huge": http(b"[" + b"1," * (2 << 20), length=1 << 40),
    "http-many-values": http(b"[" + b"[]," * (5 << 20) + b"1]"),
    "http-deep": http(b"[" * 100_000),
    "http-old": b"HTTP/1.0 200 OK\r\n\r\nuntil the end",
    "http-html": http(b"<html>Not what you think.</html>"),
    "http-error": http(b"{}", status="500 Internal Server Error"),
}

# What comes first, and what comes again and again behind it until the client has enough.
ENDLESS = {
    "http-endless": (
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"10000\r\n" + b" " * 65536 + b"\r\n"),
    "http-endless-header": (b"HTTP/1.1 200 OK\r\n", b"x-more: " + b"a" * 1000 + b"\r\n"),
    "http-endless-1xx": (b"", b"HTTP/1.1 100 Continue\r\nx-more: a\r\n\r\n"),
    "http-endless-trailers": (
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n", b"x-more: " + b"a" * 1000 + b"\r\n"),
    "http-gzip-bomb": (
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n" + gzip.compress(bytes(64 << 20)), b""),
}


def serve(connection, job):
    try:
        if job == "silent":
            while connection.recv(65536):
                pass
        elif job == "drip":
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            event = threading.Event()
            while not event.wait(0.05):
                connection.sendall(b"[")
        elif job == "dask-drip":
            connection.sendall(dask(struct.pack("<QQQ", 1 << 20, 1, (1 << 20) - 16)))
            event = threading.Event()
            while not event.wait(0.01):
                connection.sendall(b"\xc0")
        elif job in ENDLESS:
            first, again = ENDLESS[job]
            connection.sendall(first)
            while again:
                connection.sendall(again)
        else:
            connection.sendall(ANSWERS[job])
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
    except OSError:
        pass
    finally:
        connection.close()


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0], sys.argv[1]), daemon=True).start()
