"""Files for operators: units, a dashboard of metrics that there are, a profile under which the browser runs."""

from __future__ import annotations

import ctypes.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from crawler.browser.browser_program import find_browser
from crawler.jobs.metrics import text_of
from detector.model import utcnow
from detector.store import RunState
from detector.workspace import Workspace
from tests.support.pages.sites import browser_is_missing

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"

UNDER_THE_PROFILE = """
import ctypes, json, os, sys, tempfile
profile, browser = sys.argv[1:]
library = ctypes.CDLL("libseccomp.so.2")
library.seccomp_init.restype = ctypes.c_void_p
library.seccomp_rule_add.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint]
library.seccomp_load.argtypes = [ctypes.c_void_p]
filters = library.seccomp_init(0x7FFF0000)
for group in json.loads(profile)["syscalls"]:
    for name in group["names"]:
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0 and library.seccomp_rule_add(filters, 0x00050000 | group["errnoRet"], number, 0):
            sys.exit(f"no rule for {name}")
if os.getuid() == 0:
    os.setgid(65534), os.setuid(65534)
ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)
if library.seccomp_load(filters):
    sys.exit("the profile was not taken")
libc = ctypes.CDLL(None)
if libc.mount(b"x", b"/mnt", b"tmpfs", 0, 0) != -1 or libc.ptrace(0, 0, 0, 0) != -1:
    sys.exit("the profile refuses nothing")
os.environ["HOME"] = os.environ["TMPDIR"] = tempfile.mkdtemp(dir="/tmp")
os.execv(browser, [browser, "--dump-dom", "data:text/html,<h1>seen</h1>"])
"""


def test_the_compose_file_has_database_schedule_and_workers_without_privileges() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    assert set(services) == {"init", "database", "schedule", "worker", "broker", "dispatch"}
    for name in ("init", "schedule", "worker", "dispatch"):
        assert services[name]["cap_drop"] == ["ALL"]
        assert "seccomp=./seccomp.json" in services[name]["security_opt"]
        assert "privileged" not in services[name]
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    assert dockerfile.index("USER clonewatch") < dockerfile.index("ENTRYPOINT")
    assert "no-sandbox" not in dockerfile
    let_in = (DEPLOY.parent / ".dockerignore").read_text().splitlines()
    for copied in re.findall(r"^COPY (.+) \S+$", dockerfile, re.MULTILINE):
        for name in copied.split():
            assert (DEPLOY.parent / name).exists(), name
            assert f"!{name}" in let_in, name


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    for unit in sorted((DEPLOY / "systemd").iterdir()):
        text = unit.read_text().replace("/opt/clonewatch/.venv/bin/clonewatch", str(shutil.which("true")))
        name = unit.name.replace("@", "@1")
        (tmp_path / name).write_text(text)
        done = subprocess.run(
            ["systemd-analyze", "verify", tmp_path / name], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert not done.stderr.strip()


def test_the_dashboard_asks_for_metrics_that_there_are(tmp_path: Path) -> None:
    dashboard = json.loads((DEPLOY / "grafana" / "clonewatch.json").read_text())
    asked = {
        name
        for panel in dashboard["panels"]
        for target in panel["targets"]
        for name in re.findall(r"clonewatch_\w+", target["expr"])
    }
    with Workspace.open(tmp_path) as opened:
        run = opened.store.runs.begin("a", utcnow(), host="h", pid=1)
        assert run is not None
        opened.store.runs.end(run.id, utcnow(), RunState.DONE, counts={})
        known = set(re.findall(r"^# TYPE (\w+) ", text_of(opened), re.MULTILINE))
    assert asked
    assert asked <= known
    documented = (DEPLOY.parent / "docs" / "operations.md").read_text()
    assert all(f"`{name}" in documented for name in known)


@pytest.mark.browser
@pytest.mark.skipif(browser_is_missing(), reason="no Chromium here: make setup installs one")
@pytest.mark.skipif(
    sys.platform != "linux" or ctypes.util.find_library("seccomp") is None, reason="libseccomp is not here"
)
def test_the_browser_runs_with_its_own_sandbox_under_the_profile() -> None:
    """Chromium without a usable sandbox ends at once; no switch turns it off here."""
    profile = (DEPLOY / "seccomp.json").read_text()
    done = subprocess.run(
        [sys.executable, "-c", UNDER_THE_PROFILE, profile, str(find_browser())],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if "No usable sandbox" in done.stderr:
        pytest.skip("this machine's kernel lets nobody make user namespaces")
    assert "<h1>seen</h1>" in done.stdout, done.stderr[-2000:]
