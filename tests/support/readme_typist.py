"""Type the README's commands, word by word, on a machine that has nothing but a clone and what its set-up made.

    unshare --user --map-root-user --net --mount --pid --fork PYTHON -m tests.support.readme_typist CLONE [--without WORD]...

Runs in network and mount namespaces of its own: the names of the README lead to web servers of this module at public addresses that
exist in there only, so that no configuration, option or environment variable has to say that this is a test.  Prints each command
with its exit status; ends with 1 where one fails, or leaves something out that the README promises.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from crawler.loopback.nameserver import NameServer, Zone
from crawler.loopback.web import NOT_FOUND, Request, Response, WebServer
from tests.support.pages.sites import page, self_signed

ADDRESS, OURS = "93.184.215.14", "10.77.0.1"
"""Of every site in there, a public one, which the guard lets pages reach; and our own."""
CLONE, BANK, LOOKALIKE = "account-check.com", "www.examplebank.com", "examplebank-login.com"
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="60"><path d="M5 55 L60 5 L115 55 Z" fill="#0a5"/></svg>'
SIGN_IN = (
    "<h1>{name}</h1><p>Sign in to your {name} account</p>"
    "<form method=post action=/next><input type=email><input type=password></form>"
)
GREEN = "background:#264;color:#fff;padding:200px"
PAGES = {
    CLONE: page(SIGN_IN.format(name="PayPal"), title="PayPal: sign in"),
    BANK: page(SIGN_IN.format(name="Example Bank"), title="Example Bank: sign in"),
    LOOKALIKE: page(SIGN_IN.format(name="Example Bank"), title="Example Bank: sign in"),
    "example.com": page(f"<div style='{GREEN}'><h1>Allotment diary</h1><p>The beans came up.</div>", title="Beans"),
}
FLAGGED, MAY_FLAG = 10, (" scan ", " run ", " rejudge ")
CLONE_NEWNET = 0x40000000


def commands(readme: Path) -> list[str]:
    """Lines of the README's blocks of commands, in their order; comments and empty lines are left out."""
    blocks = re.findall(r"^```sh\n(.*?)^```", readme.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def main() -> int:
    """Type the commands; return the exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("clone", type=Path)
    parser.add_argument("--without", action="append", default=[], help="leave out lines that begin with this")
    given = parser.parse_args()
    clone = given.clone.resolve()
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(_internet(scratch))
        _resolve_here(scratch)
        zone = Zone(addresses={name: [ADDRESS] for name in PAGES})
        stack.enter_context(NameServer(zone.answer, port=53))
        (clone / "urls.txt").write_text(f"http://{CLONE}/\n")
        (clone / "logo.svg").write_text(LOGO)
        failed = [
            line
            for line in commands(clone / "README.md")
            if not line.startswith(tuple(given.without)) and not _typed(line, clone, scratch)
        ]
    lacking = [name for name in PROMISED if not (clone / name).exists()]
    print(f"failed: {failed}; lacking: {lacking}", flush=True)
    return 1 if failed or lacking else 0


PROMISED = (
    "results.jsonl", "workspace/reports", "workspace/brands/example-bank/pages/www-examplebank-com-login.png",
    "workspace/takedown/takedown.jsonl",
)  # fmt: skip
"""Files that the README's commands are said to make."""


def _typed(line: str, clone: Path, scratch: Path) -> bool:
    """Run a line as a newcomer's shell would: its own home, the system's programs, and nothing else in the environment."""
    bare = {"HOME": str(scratch / "home"), "PATH": "/usr/bin:/bin", "TERM": "dumb", "LANG": "C.UTF-8"}
    (scratch / "home").mkdir(exist_ok=True)
    print(f"$ {line}", flush=True)
    done = subprocess.run(["/bin/sh", "-c", line], cwd=clone, env=bare, stdin=subprocess.DEVNULL, check=False)
    print(f"-> {done.returncode}", flush=True)
    return done.returncode == 0 or (done.returncode == FLAGGED and any(word in line for word in MAY_FLAG))


def _answer(request: Request) -> Response:
    found = PAGES.get(request.host.partition(":")[0])
    if found is None or request.target == "/favicon.ico":
        return NOT_FOUND
    return Response(found if isinstance(found, bytes) else found.encode())


@contextmanager
def _internet(scratch: Path) -> Iterator[None]:
    """Serve the sites in a network namespace of their own, behind a cable: the guard forbids this machine's addresses."""
    to_us, from_site = os.pipe()
    from_us, to_site = os.pipe()
    site = os.fork()  # before this process has threads
    if not site:
        os.close(to_us)
        os.close(to_site)
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
            os._exit(1)
        os.write(from_site, b"here")
        os.read(from_us, 1)
        for words in (f"addr add {ADDRESS} peer {OURS} dev site", "link set site up", "link set lo up"):
            _ip(words)
        with (
            WebServer(_answer, address=ADDRESS, port=80),
            WebServer(_answer, tls=self_signed(scratch, BANK), address=ADDRESS, port=443),
        ):
            os.write(from_site, b"up")
            while os.read(from_us, 1):
                pass
        os._exit(0)
    os.close(from_site)
    os.close(from_us)
    try:
        os.read(to_us, 4)
        _ip("link set lo up")
        _ip(f"link add ours type veth peer name site netns {site}")
        _ip(f"addr add {OURS} peer {ADDRESS} dev ours")
        _ip("link set ours up")
        os.write(to_site, b"!")
        if not os.read(to_us, 2):
            raise RuntimeError("the sites could not be served; see above")
        yield
    finally:
        os.close(to_site)
        os.waitpid(site, 0)


def _ip(words: str) -> None:
    program = shutil.which("ip", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    subprocess.run([program or "ip", *words.split()], check=True)


def _resolve_here(scratch: Path) -> None:
    """Put our name server in the place of the system's, in this mount namespace."""
    resolver, hosts = scratch / "resolv.conf", scratch / "hosts"
    resolver.write_text("nameserver 127.0.0.1\n")
    hosts.write_text("127.0.0.1 localhost\n")
    for file, place in ((resolver, "/etc/resolv.conf"), (hosts, "/etc/hosts")):
        subprocess.run(["mount", "--bind", file, os.path.realpath(place)], check=True)


if __name__ == "__main__":
    sys.exit(main())
