"""``clonewatch demo``: our own sites on loopback, every command of the product, and a verdict on each site."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from crawler.demo.sites import load_sites
from tests.support.pages.sites import needs_browser
from tests.support.program import PROGRAM, ROOT, environment

pytestmark = [*needs_browser, pytest.mark.ordeal]


def test_every_clone_is_flagged_and_no_innocent_page(tmp_path: Path) -> None:
    workspace = tmp_path / "demo"
    done = subprocess.run(
        [*PROGRAM, "demo", "--workspace", str(workspace)],
        cwd=ROOT, capture_output=True, timeout=300, check=False, env=environment(), stdin=subprocess.DEVNULL,
    )  # fmt: skip
    shown, complaint = done.stdout.decode(), done.stderr.decode()
    assert done.returncode == 0, f"{shown}\n{complaint}"
    assert "Traceback" not in complaint
    clones = [site for site in load_sites() if site.kind == "clone" and site.behaviour != "redirect"]
    innocent = [site for site in load_sites() if site.kind == "innocent"]
    assert f"Clones flagged for the right brand: {len(clones)} of {len(clones)}" in shown
    assert f"Innocent pages left alone: {len(innocent)} of {len(innocent)}" in " ".join(shown.split())
    rows = {words[1]: words for line in shown.splitlines() if len(words := line.split()) > 3}
    for clone in clones:
        assert rows[clone.host][0] == "✓"
        assert f"flagged: {clone.brand}" in " ".join(rows[clone.host])
    queue = [json.loads(line) for line in (workspace / "takedown" / "takedown.jsonl").read_text().splitlines()]
    assert {line["host"].partition(":")[0] for line in queue} >= {clone.host for clone in clones}
    calls = {line["host"].partition(":")[0]: line for line in queue if line["lure_type"] == "tech_support"}
    numbers = {host: {phone["number"] for phone in line["phones"]} for host, line in calls.items()}
    assert numbers == {"ostrelin-support.test": {"+18885550164"}, "kumoriva-support.test": {"+18445550121"}}
    assert (workspace / "reports" / "index.html").stat().st_size > 0
