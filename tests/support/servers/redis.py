"""A real Redis for one test run, on a free port of 127.0.0.1."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager


class NoRedisError(Exception):
    """There is no server to be had; the reason in words."""


@contextmanager
def redis() -> Iterator[str]:
    """Its URL, for as long as the block runs.

    Raises:
        NoRedisError: it is not installed, or does not start.
    """
    program = shutil.which("redis-server")
    if program is None:
        raise NoRedisError("no Redis is installed (Debian: apt-get install redis-server)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
    try:
        for _ in range(200):
            with socket.socket() as stream:
                if stream.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None:
                raise NoRedisError(f"redis-server ended with {process.returncode}")
            time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.kill()
        process.wait()
