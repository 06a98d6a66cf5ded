"""The README's commands, word by word, one after the other, with the sites of this machine in place of the internet's."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from crawler.loopback.nameserver import NameServer, Zone
from crawler.loopback.web import serving_files
from tests.support.pages.sites import needs_browser, page
from tests.support.program import ROOT, clonewatch

pytestmark = [*needs_browser, pytest.mark.heavy]
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="60"><path d="M5 55 L60 5 L115 55 Z" fill="#0a5"/></svg>'
SIGN_IN = (
    "<h1>{name}</h1><p>Sign in to your {name} account</p>"
    "<form method=post action=/next><input type=email><input type=password></form>"
)
CLONE = page(SIGN_IN.format(name="PayPal"), title="PayPal: sign in")
BANK = page(SIGN_IN.format(name="Example Bank"), title="Example Bank: sign in")
MAY_FLAG = {"scan", "run"}


def commands() -> list[list[str]]:
    """The words of every ``clonewatch`` line in the README's blocks."""
    blocks = re.findall(
        r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    lines = [line for block in blocks for line in block.splitlines() if line.startswith(".venv/bin/clonewatch ")]
    return [shlex.split(line, comments=True)[1:] for line in lines]


@pytest.mark.ordeal
def test_the_readmes_commands_work_in_their_order(tmp_path: Path) -> None:
    words_of = commands()
    assert len(words_of) >= 9
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (tmp_path / "logo.svg").write_text(LOGO)
    with serving_files({"/clone": CLONE, "/login": BANK}) as site, NameServer(Zone().answer) as names:
        (tmp_path / "urls.txt").write_text(site.url("/clone", "account-check.example") + "\n")
        (workspace / "clonewatch.toml").write_text(
            "[capture]\nallow_private = ['127.0.0.1/32']\n"
            f"resolve = ['*:{site.port}:127.0.0.1', '*:443:127.0.0.1']\n"
            f"[discover]\nnameservers = ['127.0.0.1:{names.port}']\nmax_names = 50\n"
        )
        for words in words_of:
            given = [site.url("/login", "www.examplebank.com") if word.endswith("/login") else word for word in words]
            done = clonewatch(*given, cwd=tmp_path)
            wanted = {0, 10} if words[0] in MAY_FLAG else {0}
            assert done.returncode in wanted, f"clonewatch {shlex.join(given)}: {done.stderr}"
    assert (tmp_path / "results.jsonl").is_file()
    assert (workspace / "brands" / "example-bank" / "pages").is_dir()
    queue = (workspace / "takedown" / "takedown.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(queue) == 1
    assert "account-check" in queue[0]
