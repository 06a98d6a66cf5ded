"""``clonewatch evidence`` as users run it: messages, exit codes, and bundles that are complete."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from detector.bundle import load_key
from tests.support.pages.sites import browser_is_missing
from tests.support.program import HARMLESS, LURE, WebSite, clonewatch, complains, json_rows, lab_options, make_brand
from tests.support.store.evidence import desk, make_authority


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A key, configured, and two sealed cases."""
    folder = tmp_path / "ws"
    made = clonewatch("evidence", "keygen", "-w", folder)
    assert made.returncode == 0
    assert 'key = "evidence-key.pem"' in made.stdout
    (folder / "clonewatch.toml").write_text('[evidence]\nkey = "evidence-key.pem"\n')
    with desk(folder, load_key(folder / "evidence-key.pem")) as opened:
        opened.add("one.example")
        opened.add("two.example")
    return folder


def test_export_verify_tamper_check_log(workspace: Path, tmp_path: Path) -> None:
    out, public = tmp_path / "out", workspace / "evidence-key.pem.pub"
    done = clonewatch("evidence", "export", "1", "--to", out, "--actor", "ann", "-w", workspace)
    assert done.returncode == 0, done.stderr
    bundle = out / "case-1-one.example-000001"
    sha256 = done.stdout.split()[-1]
    assert f"{bundle}: manifest 1, SHA-256 {sha256}" in done.stdout
    packed = clonewatch("evidence", "export", "2", "--to", out, "--zip", "-w", workspace)
    assert packed.returncode == 0
    archive = out / "case-2-two.example-000002.zip"
    assert zipfile.ZipFile(archive).testzip() is None
    verified = clonewatch("evidence", "verify", bundle, archive, "--key", public)
    assert verified.returncode == 0, verified.stdout
    assert verified.stdout.count("intact (manifest") == 2
    assert clonewatch("evidence", "verify", bundle, "--sha256", sha256).returncode == 0

    picture = bundle / "files" / "screenshot.png"
    data = bytearray(picture.read_bytes())
    data[70_000] ^= 1
    picture.write_bytes(data)
    altered = clonewatch("evidence", "verify", bundle, "--key", public)
    assert altered.returncode == 11
    assert "NOT INTACT" in altered.stdout
    assert "files/screenshot.png was altered within bytes 65536 to 131071 of 200000" in altered.stdout

    log = json_rows(clonewatch("evidence", "log", "1", "--json", "-", "-w", workspace).stdout)
    assert [(line["action"], line["manifest"]) for line in log] == [("state", None), ("export", 1)]
    assert (log[1]["actor"], log[1]["detail"], log[1]["manifest_sha256"]) == ("ann", str(bundle), sha256)
    shown = clonewatch("evidence", "log", "-w", workspace)
    assert "4 steps." in shown.stdout

    intact = clonewatch("evidence", "check", "--key", public, "-w", workspace)
    assert intact.returncode == 0, intact.stdout
    assert "2 manifests (2 signed, 0 stamped)" in intact.stdout
    next(workspace.joinpath("evidence").rglob("*.png")).unlink()
    broken = clonewatch("evidence", "check", "-w", workspace)
    assert broken.returncode == 11
    assert "is missing" in broken.stdout


def test_stamps_from_the_command_line(workspace: Path, tmp_path: Path) -> None:
    complains(
        clonewatch("evidence", "stamp", "-w", workspace), 3, "no time-stamp authority is configured", "timestamp_url"
    )
    authority = make_authority(tmp_path / "tsa")
    with authority.serving():
        settings = f'[evidence]\ntimestamp_url = "{authority.url}"\ntimestamp_roots = "{authority.roots}"\n'
        (workspace / "clonewatch.toml").write_text(settings)
        authority.answer = b"no stamp"
        complains(clonewatch("evidence", "stamp", "-w", workspace), 4, "is not an RFC 3161 response")
        authority.answer = None
        stamped = clonewatch("evidence", "stamp", "-w", workspace).stdout
        assert stamped.startswith("2 manifests stamped, and the journal up to entry ")
    done = clonewatch("evidence", "export", "1", "--to", tmp_path, "-w", workspace)
    bundle = done.stdout.split(": manifest")[0]
    verified = clonewatch("evidence", "verify", bundle, "--roots", authority.roots)
    assert verified.returncode == 0, verified.stdout
    assert "stamped 2" in verified.stdout
    checked = clonewatch("evidence", "check", "-w", workspace).stdout
    assert "(2 signed, 2 stamped)" in checked
    assert "Anchored outside: entries 1 to" in checked
    assert "Anchored by nobody outside yet: " in checked


def test_wrong_arguments_of_evidence_commands(workspace: Path, tmp_path: Path) -> None:
    complains(clonewatch("evidence", "export", "9", "-w", workspace), 2, "there is no case 9")
    complains(clonewatch("evidence", "log", "9", "-w", workspace), 2, "there is no case 9")
    complains(clonewatch("evidence", "verify", tmp_path / "absent"), 2, "no such file or folder")
    complains(clonewatch("evidence", "verify", workspace, "--sha256", "x"), 2, "64 hexadecimal digits")
    complains(clonewatch("evidence", "verify", workspace, "--key", tmp_path / "absent"), 2, "cannot be read")
    complains(clonewatch("evidence", "keygen", "-w", workspace), 2, "never overwritten")
    (workspace / "clonewatch.toml").write_text('[evidence]\ntimestamp_url = "ftp://tsa.example/"\n')
    complains(clonewatch("evidence", "check", "-w", workspace), 3, "evidence.timestamp_url must begin with http")


def test_a_key_that_cannot_be_used_stops_the_program_before_it_captures(workspace: Path, tmp_path: Path) -> None:
    (workspace / "evidence-key.pem").chmod(0o644)
    words = ("scan", "http://a.test/", "--brands", make_brand(tmp_path / "brands"), "-w", workspace)
    done = clonewatch(*words, env={"CLONEWATCH_BROWSER": "/nonexistent/browser"})
    complains(done, 3, "other users may read", "chmod 600")


def test_an_export_of_evidence_that_was_lost_names_it(workspace: Path, tmp_path: Path) -> None:
    for path in workspace.joinpath("evidence").rglob("*.png"):
        path.unlink()
    done = clonewatch("evidence", "export", "1", "--to", tmp_path / "out", "-w", workspace)
    complains(done, 4, "3 files are missing from the bundle", "files/screenshot.png")
    bundle = tmp_path / "out" / "case-1-one.example-000001"
    assert (bundle / "files" / "record.json").exists()
    verified = clonewatch("evidence", "verify", bundle)
    assert verified.returncode == 11
    assert "files/screenshot.png is missing" in verified.stdout


@pytest.mark.browser
@pytest.mark.skipif(browser_is_missing(), reason="no Chromium here: make setup installs one")
def test_a_scan_seals_what_it_flags(tmp_path: Path) -> None:
    workspace, brands = tmp_path / "ws", make_brand(tmp_path / "brands")
    assert clonewatch("evidence", "keygen", "-w", workspace).returncode == 0
    with (
        make_authority(tmp_path / "tsa").serving() as authority,
        WebSite({"quorvane-login.test": LURE, "*": HARMLESS}).serving() as site,
    ):
        settings = f'[evidence]\nkey = "evidence-key.pem"\ntimestamp_url = "{authority.url}"\n'
        (workspace / "clonewatch.toml").write_text(settings)
        pages = [f"http://{host}.test:{site.port}/" for host in ("quorvane-login", "allotment")]
        done = clonewatch("scan", *pages, *lab_options(site.port), "--brands", brands, "-w", workspace)
        assert done.returncode == 10, done.stderr
    [case] = json_rows(clonewatch("cases", "list", "--json", "-", "-w", workspace).stdout)
    exported = clonewatch("evidence", "export", str(case["id"]), "--to", tmp_path, "-w", workspace)
    assert exported.returncode == 0, exported.stderr
    bundle = Path(exported.stdout.split(": manifest")[0])
    verified = clonewatch("evidence", "verify", bundle, "--roots", authority.roots)
    assert verified.returncode == 0, verified.stdout
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    names = {path.name for path in (bundle / "files").iterdir()}
    assert names >= {"screenshot.png", "full-page.png", "record.json"}
    kept = json.loads((bundle / "files" / "record.json").read_bytes())["bundle"] or {}
    listed = {entry["role"]: entry["sha256"] for entry in manifest["files"]}
    assert all(listed[role] == file["sha256"] for role, file in kept.items() if file is not None)
    assert manifest["verdict"]["decision"] == "flagged"
    assert manifest["views"][0]["final_url"] == pages[0]
    assert "1 manifests (1 signed, 1 stamped)" in clonewatch("evidence", "check", "-w", workspace).stdout
