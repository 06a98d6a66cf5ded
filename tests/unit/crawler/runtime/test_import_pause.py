"""Garbage collection is off while a command's modules are loaded, and on when it runs."""

from __future__ import annotations

import subprocess
import sys

from tests.support.program import ROOT

PROGRAM = """
import gc, sys
from crawler.cli import launch
from crawler.cli import deferred_commands as deferred
seen = []
before = deferred.import_module
deferred.import_module = lambda name: (seen.append(gc.isenabled()), before(name))[1]
sys.argv = ["clonewatch", "profiles", "--help"]
try:
    launch.main()
except SystemExit:
    pass
print("loading:", seen, "after:", gc.isenabled(), "kept out:", gc.get_freeze_count() > 10_000)
"""


def test_the_collector_is_back_when_the_command_is_there() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loading: [False] after: True kept out: True", done.stdout + done.stderr
