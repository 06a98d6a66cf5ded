"""Source ``ct_logs`` on real logs of this machine, tiled and RFC 6962: honest, busy and lying ones, and killed runs."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from detector.workspace import Workspace
from tests.support.program import background, wait_until
from tests.support.servers.ct_logs import CtLog, serving
from tests.support.servers.discovery import make_lab, run_source

pytestmark = pytest.mark.heavy


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A workspace with a brand of its own."""
    return make_lab(tmp_path)


def configure(lab: Path, log_list: str, **more: object) -> None:
    base = (lab / "clonewatch.toml").read_text(encoding="utf-8").split("[ct]")[0]
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in more.items())
    (lab / "clonewatch.toml").write_text(f'{base}[ct]\nlog_list = "{log_list}"\n{lines}', encoding="utf-8")


def discover(lab: Path) -> subprocess.CompletedProcess[str]:
    return run_source(lab, "ct_logs")


def found(lab: Path) -> dict[str, tuple[str, ...]]:
    """Candidates that came into the backlog since the last call: URLs and reasons."""
    with Workspace.open(lab) as workspace:
        return {claim.candidate.url: claim.candidate.reasons for claim in workspace.store.backlog.claim(10_000)}


def filled(log: CtLog, count: int, planted: dict[int, str]) -> CtLog:
    for index in range(count):
        names = [f"www.garden{index}.example", f"*.holz{index}.example"]
        log.add([planted[index], *names] if index in planted else names, precert=index % 2 == 0)
    return log


def planted(count: int, every: int, salt: str = "") -> dict[int, str]:
    return {index: f"ostrelin-login{salt}{index}.example" for index in range(3, count, every)}


def urls(names: dict[int, str]) -> set[str]:
    return {f"https://{name}/" for name in names.values()}


@pytest.fixture(params=["data tiles", "names tiles", "RFC 6962"])
def log(request: pytest.FixtureRequest) -> CtLog:
    return CtLog(tiled=request.param != "RFC 6962", names_tiles=request.param == "names tiles")


@pytest.fixture
def busy_list(log: CtLog) -> Iterator[str]:
    with serving(log) as address:
        yield address


def test_every_planted_name_is_found_and_the_next_run_goes_on(lab: Path, log: CtLog, busy_list: str) -> None:
    first = planted(600, 97)
    filled(log, 600, first)
    configure(lab, busy_list, start="oldest")
    done = discover(lab)
    assert done.returncode == 0, done.stdout
    assert "600 entries read" in done.stdout
    candidates = found(lab)
    assert set(candidates) == urls(first)
    reason = candidates["https://ostrelin-login3.example/"][0]
    assert reason.startswith("A log of the tests logged a certificate for it on ")
    assert reason.endswith("(entry 3).")
    log.asked.clear()
    later = planted(300, 89, "-later-")
    filled(log, 300, later)
    done = discover(lab)
    assert "300 entries read" in done.stdout
    assert set(found(lab)) == urls(later)
    assert not any(path.endswith(("data/000", "names/000")) for path in log.asked)
    assert "0 entries read" in discover(lab).stdout


def test_a_log_is_begun_at_its_end(lab: Path, log: CtLog, busy_list: str) -> None:
    filled(log, 700, planted(700, 97))
    configure(lab, busy_list)
    discover(lab)
    begun = found(lab)
    assert set(begun) <= urls(planted(700, 97))
    assert len(begun) <= 2, "only what stands in the last tile"
    later = planted(40, 13, "-later-")
    filled(log, 40, later)
    assert discover(lab).returncode == 0
    assert set(found(lab)) == urls(later)


def test_entries_that_were_not_signed_are_noticed_and_read_again(lab: Path, log: CtLog, busy_list: str) -> None:
    if log.names_tiles:
        pytest.skip("names tiles are not what is signed; their hashes are read beside them")
    filled(log, 300, {7: "ostrelin-login7.example"})
    other = CtLog(tiled=log.tiled)
    other.add(["ostrelin-login-forged.example"])
    log.forged[50] = other.entries[0][0]
    configure(lab, busy_list, start="oldest")
    done = discover(lab)
    assert "are not those that the log signed" in done.stdout
    assert "the next run reads again from 0" in done.stdout
    assert "https://ostrelin-login7.example/" in found(lab)
    log.forged.clear()
    done = discover(lab)
    assert "INCOMPLETE" not in done.stdout
    assert "FAILED" not in done.stdout
    assert "300 entries read" in done.stdout


def test_a_log_that_shrinks_or_forks_is_named_and_the_others_go_on(lab: Path, log: CtLog) -> None:
    honest = filled(CtLog(tiled=True), 20, {})
    filled(log, 300, {})
    with serving(log, honest) as address:
        configure(lab, address, start="oldest")
        discover(lab)
        log.signed_size = 200
        done = discover(lab)
        assert "the log shrank: its tree head has 200 entries, and 300 were read before" in done.stdout
        log.signed_size = None
        log.entries[250:] = []
        filled(log, 50, {})
        honest.add(["ostrelin-login.example"])
        done = discover(lab)
        assert "are not those that the log signed" in done.stdout
        assert set(found(lab)) == {"https://ostrelin-login.example/"}
        assert done.returncode == 0


def test_a_busy_log_is_waited_for(lab: Path, log: CtLog, busy_list: str) -> None:
    filled(log, 30, {3: "ostrelin-login.example"})
    log.busy = {"checkpoint": 1, "ct/v1/get-sth": 2, "ct/v1/get-entries": 1, "tile/data/000.p/30": 1}
    configure(lab, busy_list, start="oldest")
    done = discover(lab)
    assert set(found(lab)) == {"https://ostrelin-login.example/"}
    assert "asked to wait" in done.stdout


def test_broken_names_tiles_are_made_up_for_by_data_tiles(lab: Path) -> None:
    log = filled(CtLog(tiled=True, names_tiles=True), 40, {3: "ostrelin-login.example"})
    log.names_tile = b"{"
    with serving(log) as address:
        configure(lab, address, start="oldest")
        assert "40 entries read" in discover(lab).stdout
    assert set(found(lab)) == {"https://ostrelin-login.example/"}


def test_a_head_that_is_not_signed_by_the_log_is_refused(lab: Path, log: CtLog, busy_list: str) -> None:
    filled(log, 30, {3: "ostrelin-login.example"})
    log.listed_key = CtLog(tiled=True).public
    configure(lab, busy_list, start="oldest")
    done = discover(lab)
    assert done.returncode == 4
    assert "signature" in done.stdout or "did not sign" in done.stdout
    assert found(lab) == {}


def test_a_list_that_cannot_be_read_is_said(lab: Path, log: CtLog, busy_list: str) -> None:
    configure(lab, busy_list.replace("list.json", "9/list"), patience_seconds=1)
    done = discover(lab)
    assert done.returncode == 4
    assert "9/list" in done.stdout


def test_without_a_list_nothing_is_asked(lab: Path) -> None:
    done = discover(lab)
    assert done.returncode == 0
    assert "no list of logs is configured" in done.stdout


@pytest.mark.ordeal
def test_small_steps_and_kills_lose_and_double_nothing(lab: Path, log: CtLog, busy_list: str) -> None:
    names = planted(900, 11)
    filled(log, 900, names)
    configure(lab, busy_list, start="oldest", max_entries=300, at_once=1)
    chance = random.Random(5)
    got: list[str] = []
    for _ in range(4):
        quiet, enough = subprocess.DEVNULL, log.asked.total() + chance.randrange(1, 7)
        process = background("discover", "ct_logs", "-w", lab, stdout=quiet, stderr=quiet, start_new_session=True)
        wait_until(lambda process=process, enough=enough: log.asked.total() >= enough or process.poll() is not None)  # type: ignore[misc]
        with suppress(ProcessLookupError):  # it was quicker
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        got += found(lab)
    for _ in range(5):
        done = discover(lab)
        got += found(lab)
        if " to go" not in done.stdout:
            break
    assert " to go" not in done.stdout
    assert "FAILED" not in done.stdout
    assert sorted(got) == sorted(urls(names))
