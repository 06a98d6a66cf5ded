"""Processes of the program that start in milliseconds: forked from a server that has imported its modules already.

A Python process that imports Scrapy or the command line needs one to two seconds of CPU time for that, more than what most tests
do with it.  Each worker of the test run has one such server, which has no threads (forking it is safe) and ends with the worker.
A process forked from it has its own environment, folder, standard streams and signals, as one begun by :mod:`subprocess` has.
"""

from __future__ import annotations

import atexit
import gc
import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import cache
from importlib import import_module
from multiprocessing import forkserver
from pathlib import Path
from select import select
from typing import IO, Any, Self

ROOT = Path(__file__).resolve().parents[2]
PRELOADED = (
    *("crawler.discovery.child_job", "crawler.spiders.feeds", "crawler.spiders.ct_logs", "crawler.spiders.probe"),
    *("crawler.cli.app", "crawler.cli.commands.run", "crawler.cli.commands.schedule", "crawler.cli.commands.worker"),
    *("crawler.discovery.pipelines", "crawler.discovery.summary", "crawler.probe.download_handler"),
    *("crawler.net.outward.download", "crawler.net.outward.judged_session", "crawler.jobs.schedule.scheduler"),
    *("crawler.jobs.metrics", "detector.takedown", "tests.support.store.evidence"),
    *("aiohttp.web", "tldextract", "fsspec.implementations.local", "alembic.command"),
)
LENGTH_BYTES = 8


class PreloadedProcess:
    """``python -m MODULE ARGUMENT...`` or ``python -c CODE ARGUMENT...``, with the part of ``subprocess.Popen`` that is used."""

    def __init__(
        self,
        args: Sequence[str],
        *,
        stdin: int | None = None,
        stdout: int | None = None,
        stderr: int | IO[bytes] | None = None,
        env: dict[str, str] | None = None,
        text: bool = False,
        start_new_session: bool = False,
    ) -> None:
        """``args`` begin with an interpreter; a stream is ``subprocess.PIPE``, ``DEVNULL``, a file, or None: the starter's own.

        Raises:
            RuntimeError: the server ended.
        """
        self.args = list(args)
        self.returncode: int | None = None
        request = {
            "args": self.args[1:],
            "env": dict(os.environ) if env is None else env,
            "cwd": str(Path.cwd()),
            "new_session": start_new_session,
        }
        with ExitStack() as stack:
            mode = "" if text else "b"
            streams = [_stream(number, each, mode, stack) for number, each in enumerate((stdin, stdout, stderr))]
            self._line = _server().start(request, [theirs for theirs, _ in streams])
        self.stdin, self.stdout, self.stderr = (mine for _, mine in streams)
        self._told = self._line.makefile("r")
        first = self._told.readline()
        if not first:
            raise RuntimeError("the server of preloaded processes ended before it had started one")
        self.pid = int(first)

    def wait(self, timeout: float | None = None) -> int:
        """The exit status, negative for a signal.

        Raises:
            subprocess.TimeoutExpired: it still runs.
        """
        if self.returncode is None:
            if not select([self._line], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            self.returncode = os.waitstatus_to_exitcode(int(self._told.readline()))
            self._told.close()
            self._line.close()
        return self.returncode

    def poll(self) -> int | None:
        """The exit status, None while it runs."""
        with suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def communicate(self, timeout: float | None = None) -> tuple[Any, Any]:
        """Read what it writes until it ends, of output and errors; None for a stream that is no pipe, or was read before.

        Raises:
            subprocess.TimeoutExpired: it ran for longer, and has been killed.
        """
        streams = [stream for stream in (self.stdout, self.stderr) if stream is not None and not stream.closed]
        with ThreadPoolExecutor(2) as pool:
            reading = {id(stream): pool.submit(stream.read) for stream in streams}
            try:
                self.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
        written = [reading[id(stream)].result() if stream in streams else None for stream in (self.stdout, self.stderr)]
        for stream in streams:
            stream.close()
        return written[0], written[1]

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for stream in (self.stdin, self.stdout, self.stderr):
            if stream is not None:
                stream.close()
        self.wait()


def _stream(number: int, wanted: int | IO[bytes] | None, mode: str, stack: ExitStack) -> tuple[int, IO[Any] | None]:
    """The descriptor to hand to a process as its stream ``number``, and the other end of a pipe."""
    if wanted is None:
        return number, None
    if not isinstance(wanted, int):
        return wanted.fileno(), None
    if wanted == subprocess.DEVNULL:
        nowhere = os.open(os.devnull, os.O_RDWR)
        stack.callback(os.close, nowhere)
        return nowhere, None
    assert wanted == subprocess.PIPE
    reading, writing = os.pipe()
    given, mine = (reading, writing) if number == 0 else (writing, reading)
    stack.callback(os.close, given)
    return given, os.fdopen(mine, ("w" if number == 0 else "r") + mode)


Process = PreloadedProcess | subprocess.Popen[bytes]


class _Server:
    """The process that is forked from, as seen by the worker that started it."""

    def __init__(self) -> None:
        self._requests, theirs = socket.socketpair()
        # threads that a numeric library starts when it is imported would not be there in a fork, see crawler.cli.launch
        single = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        environment = {**os.environ, **single, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
        self._lock = threading.Lock()
        with theirs:
            command = [sys.executable, "-m", __name__, str(theirs.fileno())]
            self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()], cwd=ROOT, env=environment)

    def start(self, request: dict[str, Any], streams: Sequence[int]) -> socket.socket:
        """Have a process started; its id and its wait status come over the socket that is returned, each in a line."""
        mine, theirs = socket.socketpair()
        data = json.dumps(request).encode()
        with theirs, self._lock:
            socket.send_fds(self._requests, [len(data).to_bytes(LENGTH_BYTES, "big")], [*streams, theirs.fileno()])
            self._requests.sendall(data)
        return mine

    def stop(self) -> None:
        """End it."""
        self._requests.close()
        self._process.wait()


@cache
def _server() -> _Server:
    server = _Server()
    atexit.register(server.stop)
    return server


def _reap(*_: object) -> None:
    """Wait for the processes that watch over others: what they all used counts for the test run then."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def scrapy_components() -> list[str]:
    """Modules of the components that Scrapy's default settings name, which it imports when a crawl begins."""
    from scrapy.settings import default_settings

    values = (value for name, value in vars(default_settings).items() if name.isupper())
    named = (part for value in values for part in ((*value, *value.values()) if isinstance(value, dict) else (value,)))
    return [path.rpartition(".")[0] for path in named if isinstance(path, str) and path.startswith("scrapy.")]


def start_judge_server() -> None:
    """Start the server that judges of front pages are forked from, for all processes that are forked from this one."""
    multiprocessing.get_context("forkserver").set_forkserver_preload(["crawler.probe.judge_process"])
    forkserver.ensure_running()


def use_judge_server() -> None:
    """Take the server that was started before this process was forked, of which it is not the parent, as it is."""
    forkserver._forkserver.ensure_running = bool  # type: ignore[assignment,method-assign]


def serve(requests: socket.socket) -> dict[str, Any] | None:
    """Fork for each request; returns the request in the process that has to do it, None in the server at the end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the test run, which ends this server
    signal.signal(signal.SIGCHLD, _reap)
    while True:
        length, descriptors, _, _ = socket.recv_fds(requests, LENGTH_BYTES, 4)
        if not length:
            return None
        data = requests.recv(int.from_bytes(length, "big"), socket.MSG_WAITALL)
        if os.fork():
            for descriptor in descriptors:
                os.close(descriptor)
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        requests.close()
        *streams, line = descriptors
        if child := os.fork():
            for stream in (0, 1, 2, *streams):
                os.close(stream)  # the starter waits for the end of what was written
            os.write(line, b"%d\n" % child)
            os.write(line, b"%d\n" % os.waitpid(child, 0)[1])
            os._exit(0)
        os.close(line)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        request: dict[str, Any] = json.loads(data)
        if request["new_session"]:
            os.setsid()
        return request


def main() -> None:
    """Import, serve, and in a forked process run what was asked for."""
    for module in (*PRELOADED, *scrapy_components()):
        import_module(module)
    # importing it chooses a reactor, which is the settings' business
    assert "twisted.internet.reactor" not in sys.modules
    start_judge_server()
    gc.freeze()
    request = serve(socket.socket(fileno=int(sys.argv[1])))
    if request is None:
        return
    if request["new_session"]:
        # whoever asks for one counts all of its processes
        forkserver._forkserver.__init__()  # type: ignore[misc]
    else:
        use_judge_server()
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    sys.path[:0] = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path not in sys.path]
    run(request["args"])


def run(args: list[str]) -> None:
    """Do what Python would do for these arguments."""
    while args[0] not in ("-m", "-c"):
        if args[0] == "-W":
            warnings.simplefilter(args[1])  # type: ignore[arg-type]
            args = args[1:]
        args = args[1:]
    kind, what = args[:2]
    sys.argv = [what, *args[2:]]
    if kind == "-m":
        import_module(what).main()
    else:
        exec(what, {"__name__": "__main__"})


if __name__ == "__main__":
    main()
