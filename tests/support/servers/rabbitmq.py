"""A real RabbitMQ for one test run: a node in a temporary folder, on a free port of 127.0.0.1."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

PROGRAM = "/usr/lib/rabbitmq/bin/rabbitmq-server"
START_SECONDS = 90


class NoRabbitError(Exception):
    """There is no broker to be had; the reason in words."""


@dataclass(slots=True)
class Broker:
    """A node."""

    folder: Path
    port: int
    _environment: dict[str, str]
    _process: subprocess.Popen[bytes] | None = field(default=None)
    _was_killed: bool = False

    @property
    def url(self) -> str:
        """Address of the broker for Celery."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def renew(self) -> None:
        """Bring it up without what it had written down, where it was killed: a queue may have been half written then."""
        if self._was_killed:
            self.kill()
            shutil.rmtree(self.folder / "data", ignore_errors=True)
            self.start()
            self._was_killed = False

    def start(self) -> None:
        """Bring it up, with what it had written down."""
        log = (self.folder / "said").open("ab")
        self._process = subprocess.Popen(
            [PROGRAM], env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
        log.close()
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                said = (self.folder / "said").read_text(errors="replace")
                self.kill()
                raise NoRabbitError(f"RabbitMQ does not start: {said[-800:]}")
            time.sleep(0.1)

    def kill(self) -> None:
        """As if its machine had lost its power."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
        self._was_killed = True

    def _answers(self) -> bool:
        """Tell whether it speaks AMQP: the port alone opens too early."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as stream:
                stream.sendall(b"AMQP\x00\x00\x09\x01")
                return stream.recv(1) == b"\x01"
        except OSError:
            return False


@contextmanager
def rabbit() -> Iterator[Broker]:
    """A node for as long as the block runs.

    Raises:
        NoRabbitError: it is not installed, or does not start.
    """
    if not Path(PROGRAM).exists() or shutil.which("erl") is None:
        raise NoRabbitError("no RabbitMQ is installed (Debian: apt-get install rabbitmq-server)")
    folder = Path(tempfile.mkdtemp(prefix="cw-mq-", dir="/tmp"))
    port, distribution, mapper = _free_ports(3)
    (folder / "rabbitmq.conf").write_text(
        f"listeners.tcp.1 = 127.0.0.1:{port}\nlog.console.level = warning\nlog.file = false\n"
        "disk_free_limit.absolute = 1MB\nvm_memory_high_watermark.relative = 0.9\n"
    )
    (folder / "plugins").write_text("[].\n")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "RABBITMQ_NODENAME": f"cw{uuid4().hex[:8]}@localhost",
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "RABBITMQ_DIST_PORT": str(distribution),
        "ERL_EPMD_PORT": str(mapper),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        # one scheduler: the tests' machine has other things to do
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none",
    }
    broker = Broker(folder, port, environment)
    try:
        broker.start()
        yield broker
    finally:
        broker.kill()
        subprocess.run(["epmd", "-port", str(mapper), "-kill"], check=False, capture_output=True, env=environment)
        shutil.rmtree(folder, ignore_errors=True)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
