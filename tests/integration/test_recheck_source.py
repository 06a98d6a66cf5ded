"""Source ``recheck``: finished addresses return to the backlog when their recheck is due."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from detector.model import utcnow
from detector.workspace import Workspace
from tests.support.servers.discovery import make_lab, run_source
from tests.support.store.builders import CLEAR, capture


def test_addresses_whose_time_has_come_are_ready_again(tmp_path: Path) -> None:
    lab = make_lab(tmp_path)
    with Workspace.open(lab) as workspace:
        for name, days in (("old", 2), ("fresh", 0)):
            seen = capture(
                f"https://{name}.example/", outcome="parked", started=utcnow() - timedelta(days=days, hours=1)
            )
            workspace.store.record(seen, CLEAR)
    done = run_source(lab, "recheck")
    assert done.returncode == 0, done.stderr
    assert "of 0 cases and 1 address" in done.stdout
    with Workspace.open(lab) as workspace:
        (claim,) = workspace.store.backlog.claim(10)
    assert claim.candidate.url == "https://old.example/"
    assert (
        claim.candidate.reasons[0] == "Its last capture, 1 day ago, ended as parked: check whether there is a page now."
    )
    assert "of 0 cases and 1 address" in run_source(lab, "recheck").stdout, "until somebody has looked"
