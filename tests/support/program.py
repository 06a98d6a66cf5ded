"""The whole program as its users run it, local web servers, and a small made-up brand of the tests' own."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any
from unittest import mock

import pytest
import structlog

from crawler.cli import app, deferred_commands
from crawler.loopback.web import NOT_FOUND, Request, Response, WebServer
from tests.support.preloaded import PreloadedProcess, Process

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = (sys.executable, "-m", "crawler.cli.launch")
BRAND, NAME, DOMAIN = "quorvane", "Quorvane", "quorvane.example"
LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 160" width="160" height="160">'
    '<circle cx="70" cy="70" r="52" fill="none" stroke="#0b6e4f" stroke-width="20"/>'
    '<path d="M86 86 L146 146" stroke="#f26419" stroke-width="22"/><path d="M48 84 L70 44 L92 84 Z" fill="#33658a"/></svg>'
)
LURE = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sign in to {NAME}</title><style>
body {{ font: 16px sans-serif; margin: 0; background: #eef3f6 }} main {{ width: 420px; margin: 60px auto; padding: 30px;
background: #fff; border: 1px solid #c6d3da }} input, button {{ display: block; width: 380px; padding: 12px; margin: 12px 0 }}
button {{ background: #0b6e4f; color: #fff; border: 0 }} footer {{ background: #33658a; color: #fff; padding: 40px }}
</style></head><body><main>{LOGO}<h1>{NAME}</h1><p>Log in to your {NAME} account</p>
<form action="/session" method="post"><input type="email" name="email" placeholder="Email"><input type="password" name="pass"
placeholder="Password"><button>Log in</button></form></main><footer>© {NAME} Incorporated</footer></body></html>"""
HARMLESS = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Allotment diary</title></head>
<body><h1>Allotment diary</h1><p>The beans came up on Tuesday, and it rained on the lettuces.</p></body></html>"""


def clonewatch(
    *words: str | Path, env: dict[str, str] | None = None, stdin: bytes = b"", cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end, in this process; both streams decoded as UTF-8.

    What a process has to itself is put back afterwards: environment, folder, standard streams (by their descriptors, so that
    child processes write into them too), handlers of signals and the configuration of logging.
    """
    arguments = [str(word) for word in words]
    with ExitStack() as stack:
        output = stack.enter_context(standard_streams(stdin))  # in files beside the disk that the command is given
        stack.enter_context(mock.patch.dict(os.environ, environment(env), clear=True))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.chdir(cwd)
        patch.setattr(sys, "argv", ["clonewatch", *arguments])
        patch.setattr(tempfile, "tempdir", None)  # the environment may name another
        patch.setattr(app, "share_one_arena", lambda: None)
        patch.setattr(deferred_commands, "resume_garbage_collector", lambda: None)
        for number in (signal.SIGINT, signal.SIGTERM):
            stack.callback(signal.signal, number, signal.getsignal(number))
        stack.callback(partial(structlog.configure, **structlog.get_config()))
        code = _exit_code(app.main)
    return subprocess.CompletedProcess(arguments, code, output[0].decode(), output[1].decode())


def clonewatch_process(
    *words: str | Path, env: dict[str, str] | None = None, stdin: bytes = b"", cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """The same in a process of its own, for what is about imports, threads or memory."""
    done = subprocess.run(
        [*PROGRAM, *map(str, words)],
        cwd=cwd, input=stdin, capture_output=True, timeout=380, check=False, env=environment(env),
    )  # fmt: skip
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def background(
    *words: str | Path,
    env: dict[str, str] | None = None,
    stdout: int | None = None,
    stderr: int | IO[bytes] | None = None,
    text: bool = False,
    start_new_session: bool = False,
) -> PreloadedProcess:
    """Begin the command line in a process of its own, which can be signalled, killed and waited for."""
    return PreloadedProcess(
        [*PROGRAM, *map(str, words)], env=environment(env), stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, text=text,
        start_new_session=start_new_session,
    )  # fmt: skip


def output_of(*words: str | Path, env: dict[str, str] | None = None) -> str:
    """Run the command line to its end in a process of its own, as a thread can; its standard output."""
    said, _ = background(*words, env=env, stdout=subprocess.PIPE, text=True).communicate(380)
    return str(said)


def _exit_code(program: Callable[[], None]) -> int:
    """Run it; the status that its process would end with."""
    try:
        program()
    except SystemExit as leave:
        if leave.code is None or isinstance(leave.code, int):
            return leave.code or 0
        print(leave.code, file=sys.stderr)
        return 1
    except Exception:
        traceback.print_exc()  # complains() looks for it
        return 1
    return 0


@contextmanager
def standard_streams(stdin: bytes) -> Iterator[list[bytes]]:
    """Put files in the place of this process's standard streams; the list holds output and errors when the block is left."""
    found: list[bytes] = []
    with ExitStack() as stack:
        files = [stack.enter_context(TemporaryFile()) for _ in range(3)]
        files[0].write(stdin)
        files[0].seek(0)
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for number, (name, file) in enumerate(zip(("stdin", "stdout", "stderr"), files, strict=True)):
            if number:
                getattr(sys, name).flush()
            kept = os.dup(number)
            stack.callback(os.close, kept)
            stack.callback(os.dup2, kept, number)
            os.dup2(file.fileno(), number)
            stream = open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False)  # noqa: SIM115
            patch.setattr(sys, name, stream)
            stack.callback(stream.close)
        yield found
        sys.stdout.flush()
        sys.stderr.flush()
        for file in files[1:]:
            file.seek(0)
            found.append(file.read())


def environment(changes: dict[str, str] | None = None) -> dict[str, str]:
    """This process's, without a proxy (it would be asked for hosts that exist here only), at a fixed width."""
    kept = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    return {**kept, "PYTHONPATH": str(ROOT), "COLUMNS": "200", "PYTHONUTF8": "1", **(changes or {})}


def complains(done: subprocess.CompletedProcess[str], code: int, *said: str) -> None:
    """Assert that a command left with ``code`` and a sentence that holds all of ``said``, without a traceback."""
    words = " ".join(done.stderr.split())
    assert done.returncode == code, f"exit code {done.returncode}: {done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    for phrase in said:
        assert phrase in words


def make_brand(folder: Path, *, signin: str = "") -> Path:
    """A folder of brands with the made-up brand in it; returns ``folder``."""
    home = folder / BRAND
    (home / "logos").mkdir(parents=True)
    (home / "logos" / "mark.svg").write_text(LOGO, encoding="utf-8")
    signins = f'signin_urls = ["{signin}"]\n' if signin else ""
    text = f'name = "{NAME}"\ndomains = ["{DOMAIN}"]\n{signins}\n[[logos]]\nfile = "mark.svg"\nkind = "mark"\n'
    (home / "brand.toml").write_text(text, encoding="utf-8")
    return folder


def lab_options(port: int) -> list[str]:
    """Every host on ``port`` is this machine."""
    return ["--resolve", f"*:{port}:127.0.0.1", "--allow-private", "127.0.0.0/8"]


def json_rows(text: str) -> list[dict[str, Any]]:
    """JSON lines, each of which must be one."""
    return [json.loads(line) for line in text.splitlines()]


def query(workspace: Path, statement: str) -> list[tuple[Any, ...]]:
    """Ask a workspace's database, beside the program and without its code; no rows where there is none yet."""
    database = workspace / "clonewatch.sqlite"
    if not database.exists():
        return []
    with closing(sqlite3.connect(database, timeout=30)) as connection:
        if not connection.execute("select 1 from sqlite_master where name = 'captures'").fetchall():
            return []  # the program has only just made the file
        return connection.execute(statement).fetchall()


def wait_until(
    condition: Callable[[], bool],
    process: Process | None = None,
    seconds: float = 240,
) -> None:
    """Poll until ``condition`` holds; fail when ``process`` ends before, or after ``seconds``."""
    pause = threading.Event()
    for _ in range(round(seconds / 0.05)):
        if condition():
            return
        if process is not None and process.poll() is not None:
            pytest.fail(f"the program ended with {process.returncode} before what the test waits for had happened")
        pause.wait(0.05)
    pytest.fail(f"what the test waits for has not happened within {seconds} s")


class WebSite:
    """A real web server for many hosts; ``pages`` maps ``host/path`` or ``host`` or ``*`` to HTML, or to ``-> URL``."""

    def __init__(self, pages: dict[str, str]) -> None:
        self.pages = pages
        self.hits: Counter[str] = Counter()
        self.open_for: int | None = None
        """Requests for pages that are answered at once; the others wait for :attr:`gate`.  None: all."""
        self.gate = threading.Event()
        self.port = 0
        self.nameserver = ""
        """``ADDRESS:PORT`` of the name server that belongs to it, where a test has one."""
        self.icon = b""
        """Body of ``/icon.png`` on every host."""
        self._lock = threading.Lock()

    def respond(self, request: Request) -> Response:
        """Pages that are served."""
        if request.target == "/icon.png" and self.icon:
            return Response(self.icon, media_type="image/png")
        keys = (f"{request.host}{request.target}", request.host, "*")
        page = next((self.pages[key] for key in keys if key in self.pages), None)
        if page is None or request.target == "/favicon.ico":
            return NOT_FOUND
        self._admit(request.host)
        if page.startswith("-> "):
            return Response(
                status=302, headers={"Location": page.removeprefix("-> ").replace("{port}", str(self.port))}
            )
        return Response(page.encode())

    def _admit(self, host: str) -> None:
        """Count a request for a page, and hold it back while the gate is shut."""
        with self._lock:
            self.hits[host] += 1
            waits = self.open_for is not None and self.hits.total() > self.open_for
        if waits:
            self.gate.wait(120)

    @contextmanager
    def serving(self, tls: ssl.SSLContext | None = None) -> Iterator[WebSite]:
        """Serve on a free port of 127.0.0.1 until left."""
        with WebServer(self.respond, tls=tls) as server:
            self.port = server.port
            try:
                yield self
            finally:
                self.gate.set()
