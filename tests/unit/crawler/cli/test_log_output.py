"""The log on standard error, for people and for collectors of logs."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.support.program import ROOT, clonewatch, environment

SAYS = """
import structlog
from crawler.cli.log_output import LogFormat, log_to_stderr
log_to_stderr(LogFormat("{kind}"), verbose={verbose})
log = structlog.get_logger("x")
log.info("quiet", url="http://a.test/")
log.warning("a page said", said="\\x1b[2Jgone \\u202eabc\\u009b1m", path=__import__("pathlib").Path("/x"), count=3)
try:
    1 / 0
except ZeroDivisionError:
    log.exception("it broke")
"""


def said(kind: str, *, verbose: bool) -> str:
    code = SAYS.format(kind=kind, verbose=verbose)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, env=environment(), check=True)
    assert done.stdout == b""
    return done.stderr.decode()


@pytest.mark.parametrize("verbose", [False, True])
def test_json_is_an_object_a_line(verbose: bool) -> None:
    text = said("json", verbose=verbose)
    assert text.isascii()
    assert "\x1b" not in text
    rows = [json.loads(line) for line in text.splitlines()]
    assert [row["event"] for row in rows] == ["quiet"] * verbose + ["a page said", "it broke"]
    told = rows[-2]
    assert (told["level"], told["count"], told["path"]) == ("warning", 3, "/x")
    assert told["said"] == "\x1b[2Jgone \u202eabc\x9b1m"
    assert told["timestamp"].endswith("Z")
    assert rows[-1]["exception"][0]["exc_type"] == "ZeroDivisionError"


def test_text_is_for_people() -> None:
    text = said("text", verbose=False)
    assert "a page said" in text
    assert "quiet" not in text
    with pytest.raises(json.JSONDecodeError):
        json.loads(text.splitlines()[0])


def test_a_format_that_is_none_is_refused() -> None:
    for words, env in ((("--log-format", "xml", "profiles"), None), (("profiles",), {"CLONEWATCH_LOG_FORMAT": "xml"})):
        done = clonewatch(*words, env=env)
        assert done.returncode == 2
        assert "xml" in done.stderr
