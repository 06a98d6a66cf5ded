"""Cost of the guard: requests and megabytes a second through a capture proxy and directly, measured alternately.

Run ``python benchmarks/guard.py``.  Server, guard and client are processes of their own on loopback, so that the CPU time of the
guard's process (``CPU``) is the guard's alone.  The client reuses connections where it is allowed to, as a browser does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.process_tree import cpu_seconds
from crawler.loopback.connections import HEAD_END, ConnectionServer
from crawler.net.guard import Guard
from detector.config import CaptureConfig

SMALL = 10_000
"""Bytes of a small answer: about the median of what pages load."""
LARGE = 100_000_000
CHUNK = 262_144


async def serve() -> None:
    """The origin: ``/small`` and ``/large``, over connections that stay open unless asked otherwise."""

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(HEAD_END)  # searched, not parsed: that would halve what "direct" can do
            size = LARGE if b"/large" in head.split(b"\r\n", 1)[0] else SMALL
            close = b"connection: close" in head.lower()
            kept = b"close" if close else b"keep-alive"
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: %s\r\n\r\n" % (size, kept))
            for start in range(0, size, CHUNK):
                writer.write(bytes(min(CHUNK, size - start)))
                await writer.drain()
            if close:
                break

    async with ConnectionServer(accept) as server:
        print(server.port, flush=True)
        await asyncio.Event().wait()


class Client:
    """A blocking client of one connection at a time, reopened where the other side closes."""

    def __init__(self, door: tuple[str, int], prefix: str, host: str, tunnel: bool) -> None:
        self._door, self._prefix, self._host, self._tunnel = door, prefix, host, tunnel
        self._socket: socket.socket | None = None
        self._buffer = bytearray(CHUNK)

    def get(self, path: str) -> int:
        """Bytes of the body of ``path``."""
        if self._socket is None:
            self._socket = self._open()
        connection = self._socket
        connection.sendall(f"GET {self._prefix}{path} HTTP/1.1\r\nHost: {self._host}\r\n\r\n".encode())
        head, rest = self._head(connection)
        left = int(head.split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0]) - rest
        while left > 0:
            count = connection.recv_into(self._buffer)
            if not count:
                raise ConnectionError("the body broke off")
            left -= count
        if b"connection: close" in head:
            connection.close()
            self._socket = None
        return left

    def _open(self) -> socket.socket:
        connection = socket.create_connection(self._door)
        if self._tunnel:
            connection.sendall(f"CONNECT {self._host} HTTP/1.1\r\nHost: {self._host}\r\n\r\n".encode())
            self._head(connection)
        return connection

    def _head(self, connection: socket.socket) -> tuple[bytes, int]:
        """The head in lower case, and how many bytes of the body came with it."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                raise ConnectionError("no head")
            data += more
        head, _, rest = data.partition(b"\r\n\r\n")
        return head.lower() + b"\r\n", len(rest)

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def drive(port: int, gate: str, gate_pid: int, rounds: int) -> None:
    """Take each measure in turns, directly and through the gate."""
    host, door = f"127.0.0.1:{port}", urlsplit(gate)
    proxy = (str(door.hostname), int(door.port or 0))
    ways = {
        "direct": Client(("127.0.0.1", port), "", host, False),
        "plain http": Client(proxy, f"http://{host}", host, False),
        "tunnel": Client(proxy, "", host, True),
    }
    found: dict[str, dict[str, list[float]]] = {name: {"requests": [], "megabytes": [], "cpu": []} for name in ways}
    for _ in range(rounds):
        for name, client in ways.items():
            burnt, started, count = cpu_seconds(gate_pid), time.perf_counter(), 0
            while time.perf_counter() - started < 0.5:
                client.get("/small")
                count += 1
            taken = time.perf_counter() - started
            found[name]["requests"].append(count / taken)
            found[name]["cpu"].append((cpu_seconds(gate_pid) - burnt) / count * 1e6)
            started = time.perf_counter()
            client.get("/large")
            found[name]["megabytes"].append(LARGE / 1e6 / (time.perf_counter() - started))
            client.close()
    print(json.dumps({name: {key: median(values) for key, values in row.items()} for name, row in found.items()}))


async def measure(rounds: int) -> None:
    """Start all three and print what came of it."""
    origin = await asyncio.create_subprocess_exec(sys.executable, __file__, "--serve", stdout=subprocess.PIPE)
    try:
        assert origin.stdout is not None
        port = int(await origin.stdout.readline())
        guard = Guard(
            CaptureConfig(
                allow_private=("127.0.0.0/8",), max_requests=10**9, max_response_bytes=10**12, max_total_bytes=10**15
            )
        )
        async with guard.capture_proxy() as gate:
            command = (__file__, "--drive", str(port), gate.address, str(os.getpid()), str(rounds))
            client = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=subprocess.PIPE)
            output, _ = await client.communicate()
    finally:
        origin.terminate()
        await origin.wait()
    rows = json.loads(output)
    print(f"{'':12}{'requests/s':>12}{'of direct':>12}{'MB/s':>10}{'guard CPU us a request':>26}")
    for name, row in rows.items():
        share = row["requests"] / rows["direct"]["requests"]
        cpu = f"{row['cpu']:26.0f}" if name != "direct" else ""
        print(f"{name:12}{row['requests']:12.0f}{share:12.0%}{row['megabytes']:10.0f}{cpu}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--drive", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        with suppress(KeyboardInterrupt):
            asyncio.run(serve())
    elif given.drive:
        port, gate, pid, rounds = given.drive
        drive(int(port), gate, int(pid), int(rounds))
    else:
        asyncio.run(measure(given.rounds))


if __name__ == "__main__":
    main()
