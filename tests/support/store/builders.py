"""Builders of candidates, captures and verdicts for tests of the store."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from detector.model import Candidate, Capture, Decision, Finding, Verdict
from detector.store import Store, text_key
from tests.support.preloaded import PreloadedProcess

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
LATER = timedelta(hours=1)


def candidate(url: str = "https://paypal-login.example/", **fields: Any) -> Candidate:
    """A candidate that was due an hour before NOW."""
    return Candidate(**{"url": url, "source": "feeds:test", "due": NOW - LATER, **fields})


def capture(url: str = "https://paypal-login.example/", **fields: Any) -> Capture:
    """A page that was seen at NOW."""
    return Capture(**{"url": url, "outcome": "ok", "started": NOW, "final_url": url, **fields})


def flagged(brand: str = "paypal", probability: float = 0.97) -> Verdict:
    """A verdict with one finding that measured and one that abstained."""
    findings = (
        Finding("logo", brand, 0.9, "The logo of PayPal is on the page."),
        Finding("phash", brand, None, "", abstained="the brand has no official page to compare with"),
    )
    return Verdict(Decision.FLAGGED, brand, probability, findings, "It shows the logo of PayPal.", "1")


def review(brand: str = "paypal", probability: float = 0.5) -> Verdict:
    """A verdict that a person must look at."""
    return Verdict(Decision.REVIEW, brand, probability, (), "It uses the name of PayPal.")


CLEAR = Verdict(Decision.CLEAR, None, 0.01)


def python(code: str, *arguments: str) -> PreloadedProcess:
    """A Python process of its own that runs ``code`` with the repository on its path; stdout is a pipe."""
    command = [sys.executable, "-W", "error", "-c", code, *arguments]
    return PreloadedProcess(command, stdout=subprocess.PIPE, env=dict(os.environ), text=True)


OPEN_AT_ONCE = """
import sys
from detector.store import Store, text_key
from tests.support.preloaded import PreloadedProcess
with Store.open(sys.argv[1]) as store:
    store.sources.put("process", text_key(sys.argv[2]), "was here")
"""


def open_at_once(url: str) -> list[str | None]:
    """Six programs open a database in the same moment and write into it; what each of them is found to have written."""
    processes = [python(OPEN_AT_ONCE, url, str(number)) for number in range(6)]
    for process in processes:
        process.communicate()
    assert [process.returncode for process in processes] == [0] * 6
    with Store.open(url) as store:
        return [store.sources.get("process", text_key(str(number))) for number in range(6)]
