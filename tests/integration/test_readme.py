"""Every command of the README, typed word by word, one after the other, on a machine with nothing but a clone and its set-up."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.support.pages.sites import needs_browser
from tests.support.program import ROOT
from tests.support.readme_typist import PROMISED, commands

pytestmark = pytest.mark.heavy
NAMESPACES = ("unshare", "--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--mount-proc")


def namespaces_are_refused() -> bool:
    """Return True where this machine lets nobody make namespaces, or has no `ip` to join two of them."""
    if shutil.which("unshare") is None:
        return True
    tried = "mount --bind /etc/hosts /etc/hosts && PATH=$PATH:/usr/sbin:/sbin ip link add ours type veth peer name site"
    return subprocess.run([*NAMESPACES, "sh", "-c", tried], capture_output=True, check=False).returncode != 0


def clone_into(folder: Path) -> Path:
    """Copy the files of this checkout, committed or not, and what `make setup` would have made of them on this machine."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / ".venv"], check=True)
    packages = next((folder / ".venv").glob("lib/python3*/site-packages"))
    (packages / "set_up.pth").write_text(f"{folder}\n{sysconfig.get_path('purelib')}\n")
    (packages / "pip").symlink_to(Path(sysconfig.get_path("purelib")) / "pip")
    program = folder / ".venv" / "bin" / "clonewatch"
    program.write_text(f"#!{folder}/.venv/bin/python\nfrom crawler.cli.launch import main\nmain()\n")
    program.chmod(0o755)
    wanted = hashlib.sha256(b"".join((folder / name).read_bytes() for name in ("requirements.lock", "pyproject.toml")))
    (folder / ".venv" / ".clonewatch-setup").write_text(wanted.hexdigest() + "\n")
    for mark in ("fonts", "servers", "tesseract"):
        (folder / ".venv" / f".clonewatch-{mark}").touch()
    return folder


def test_the_readme_has_commands_and_all_of_them_are_typed() -> None:
    found = commands(ROOT / "README.md")
    assert len(found) >= 11
    strange = [line for line in found if not line.startswith(("make ", ".venv/bin/clonewatch "))]
    assert not strange, "the typist knows no such command"
    assert len(PROMISED) >= 4


@pytest.mark.ordeal
@pytest.mark.timeout(900)  # the demo is among them
@needs_browser[0]
@needs_browser[1]
@pytest.mark.skipif(namespaces_are_refused(), reason="this machine lets nobody make namespaces, or has no iproute2")
def test_every_command_of_the_readme_typed_on_a_bare_machine(tmp_path: Path) -> None:
    clone = clone_into(tmp_path / "clonewatch")
    # make test would run this test again; it is what runs it
    words = [*NAMESPACES, sys.executable, "-m", "tests.support.readme_typist", str(clone), "--without", "make test"]
    kept = {name: os.environ[name] for name in ("PATH", "CLONEWATCH_BROWSER", "FONTCONFIG_FILE") if name in os.environ}
    done = subprocess.run(
        words, cwd=ROOT, env={**kept, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
    for line in commands(ROOT / "README.md"):
        assert f"$ {line}" in done.stdout or line.startswith("make test")
    queue = (clone / "workspace" / "takedown" / "takedown.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(queue) == 1
    assert "account-check" in queue[0]
