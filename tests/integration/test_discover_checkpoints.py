"""Checkpoints of sources are stored with what the sources gave, whatever happens while it is stored."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from benchmarks.farm.pages import CLONE
from benchmarks.farm.pages import Page as FarmPage
from benchmarks.farm.server import served
from crawler.discovery.child_messages import DiscoveryJob, DiscoveryOutcome
from crawler.discovery.runner import _in_own_process
from crawler.loopback.nameserver import NameServer, Zone
from crawler.loopback.web import LOOPBACK
from detector.model import Form, PageFacts, utcnow
from detector.store.probes import LEASE
from detector.workspace import Workspace
from tests.support.program import clonewatch, complains
from tests.support.servers.ct_logs import CtLog, serving
from tests.support.servers.discovery import FeedServer, Page, make_lab
from tests.support.store.builders import capture, flagged
from tests.support.store.mails import forwarded

SLOW, QUICK = "/slow.txt", tuple(f"/quick{number}.txt" for number in range(5))
LOGIN = b"<title>Ostrelin sign in</title><h1>Ostrelin account</h1><form><input type=email><input type=password></form>"


PATIENT = '[store]\ndatabase = "sqlite:///clonewatch.sqlite?timeout=300"\n'
"""Waits for the other program for as long as the slowest machine takes to close a spider."""


class OtherProgram:
    """Holds the write lock of a workspace from the moment at which the discovery process begins to store."""

    def __init__(self, lab: Path, release_at_end: bool) -> None:
        self.storing = threading.Event()
        self._lab, self._release_at_end = lab, release_at_end
        self._turn = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def pages(self) -> dict[str, Page]:
        closing_page = Page(before=self._release_once_held if self._release_at_end else bool)
        return {"/storing": Page(before=self._take), "/closing": closing_page}

    def _take(self) -> None:
        with self._turn:
            if not self.storing.is_set():
                path = self._lab / "clonewatch.sqlite"
                self._connection = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
                self._connection.execute("BEGIN IMMEDIATE")
                self.storing.set()

    def _release_once_held(self) -> None:
        # a spider may close before its first batch is stored: then it is the last one that meets the lock
        self.storing.wait(120)
        self.release()

    def release(self) -> None:
        with self._turn:
            if self._connection is not None:
                self._connection.rollback()
                self._connection.close()
                self._connection = None


@contextmanager
def locked(lab: Path, monkeypatch: pytest.MonkeyPatch, *, until_closing: bool = True) -> Iterator[OtherProgram]:
    """Watch discovery processes: the first store of them meets a locked database, until the spider closes or the block ends."""
    other = OtherProgram(lab, until_closing)
    with FeedServer(other.pages()) as server, monkeypatch.context() as patch:
        patch.setenv("SCRAPY_SETTINGS_MODULE", "tests.support.watched_settings")
        patch.setenv("CLONEWATCH_TEST_WATCHER", server.url(""))
        try:
            yield other
        finally:
            other.release()


def configure(lab: Path, text: str) -> None:
    with (lab / "clonewatch.toml").open("a", encoding="utf-8") as file:
        file.write(text)


def discover(lab: Path, source: str) -> DiscoveryOutcome:
    """Run a source in its process: what it answers, counts included."""
    with Workspace.open(lab) as workspace:
        return _in_own_process(DiscoveryJob(str(lab), workspace.config, (source,)))


def stored(lab: Path) -> set[str]:
    """Addresses in the backlog, none of which is claimed by asking."""
    with closing(sqlite3.connect(lab / "clonewatch.sqlite")) as database:
        return {url for (url,) in database.execute("SELECT url FROM backlog WHERE state != 'done'")}


def remembered(lab: Path) -> set[str]:
    """Sources of which it is kept how far they have got."""
    with closing(sqlite3.connect(lab / "clonewatch.sqlite")) as database:
        query = "SELECT source FROM memory WHERE key NOT IN ('status', 'success', 'error', 'salt')"
        return {source for (source,) in database.execute(query)} - {"clock"}


def new(outcome: DiscoveryOutcome) -> int:
    return sum(tally.new for tally in outcome.sources)


# --- feeds ------------------------------------------------------------------------------------------------------------


@contextmanager
def six_feeds(lab: Path, slow: Callable[[], object] = bool) -> Iterator[set[str]]:
    """Five quick feeds and one that answers once ``slow`` has returned; gives the eleven addresses they list."""
    pages = {
        path: Page(
            b"".join(
                b"http://%d.%s/\n" % (entry, path[1:].replace(".txt", ".example").encode()) for entry in range(count)
            ),
            headers={"ETag": '"1"'},
            before=slow if path == SLOW else bool,
        )
        for path, count in zip((*QUICK, SLOW), (2, 2, 2, 2, 2, 1), strict=True)
    }
    with FeedServer(pages) as server:
        for path in pages:
            configure(lab, f'[[discover.feeds]]\nname = "{path[1:-4]}"\nlocation = "{server.url(path)}"\n')
        yield {line for page in pages.values() for line in page.body.decode().split()}


def test_a_batch_that_is_being_stored_when_its_spider_ends_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = make_lab(tmp_path, PATIENT)
    with locked(lab, monkeypatch) as other, six_feeds(lab, lambda: other.storing.wait(120)) as listed:
        first = discover(lab, "feeds")
        assert len(listed) == 11
        assert stored(lab) == listed
        assert (first.error, new(first)) == ("", 11)
        assert len(remembered(lab)) == 6
        second = discover(lab, "feeds")
    assert {tally.note for tally in second.sources} == {"unchanged since it was read last"}


def test_a_run_that_is_stopped_while_it_stores_remembers_what_is_stored_and_counts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = make_lab(tmp_path, PATIENT)
    with locked(lab, monkeypatch) as other, six_feeds(lab, lambda: other.storing.wait(120)) as listed:
        monkeypatch.setenv("CLONEWATCH_TEST_STOP", "yes")
        stopped = discover(lab, "feeds")
        assert "stopped before the end of feeds" in stopped.error
        assert stopped.exit_code == 4
        assert len(stored(lab)) == new(stopped) > 0
        for source in remembered(lab):
            of_it = {url for url in listed if f".{source.removeprefix('feeds:')}." in url}
            assert of_it
            assert of_it <= stored(lab)
        monkeypatch.delenv("CLONEWATCH_TEST_STOP")
        rest = discover(lab, "feeds")
    assert not rest.error
    assert stored(lab) == listed
    assert new(stopped) + new(rest) == len(listed)


# --- every kind of checkpoint ------------------------------------------------------------------------------------------

Prepare = Callable[[Path, ExitStack], set[str]]
"""Gives a source in a workspace something to read; returns the addresses it will give."""


def feeds(lab: Path, stack: ExitStack) -> set[str]:
    return stack.enter_context(six_feeds(lab))


def taxii(lab: Path, stack: ExitStack) -> set[str]:
    urls = [f"http://taxii{number}.example/" for number in range(3)]
    objects = [
        {"type": "url", "id": f"url--00000000-0000-4000-8000-{number:012}", "value": url}
        for number, url in enumerate(urls)
    ]
    body = json.dumps({"objects": objects}).encode()
    added = {"X-TAXII-Date-Added-Last": "2026-11-28T10:00:00.000001Z", "Content-Type": "application/taxii+json"}
    nothing = Page(b'{"objects": []}', headers={"Content-Type": "application/taxii+json"})
    later = "/objects/?added_after=2026-11-28T10%3A00%3A00.000001Z"
    server = stack.enter_context(FeedServer({"/objects/": Page(body, headers=added), later: nothing}))
    location = server.url("/objects/")
    configure(lab, f'[[discover.feeds]]\nname = "taxii"\nformat = "taxii"\nlocation = "{location}"\n')
    return set(urls)


def reports(lab: Path, stack: ExitStack) -> set[str]:
    configure(lab, '[[discover.mailboxes]]\nname = "abuse"\nlocation = "mail"\n')
    (lab / "mail").mkdir()
    for number in range(3):
        mail = forwarded()
        mail.set_content(f"Is this yours? https://mail{number}.example/\n")
        (lab / f"mail/{number}.eml").write_bytes(bytes(mail))
    return {f"https://mail{number}.example/" for number in range(3)}


def new_names(lab: Path, stack: ExitStack) -> set[str]:
    def write(*names: str) -> None:
        lines = "".join(f"{name}.test.\t1\tin\tns\tns.host.test.\n" for name in sorted(names))
        (lab / "test.zone").write_text("test.\t900\tin\tsoa\ta. b. 1 2 3 4 5\n" + lines, encoding="utf-8")

    configure(lab, '[[discover.name_lists]]\nname = "test"\nlocation = "test.zone"\n')
    write("ostrelin-old")
    assert not discover(lab, "new_names").error
    write("ostrelin-old", "ostrelin-login", "ostrelin-verify")
    return {"https://ostrelin-login.test/", "https://ostrelin-verify.test/"}


def permutations(lab: Path, stack: ExitStack) -> set[str]:
    names = stack.enter_context(NameServer(Zone(wildcards={"net": ["192.0.2.66"]}).answer))
    configure(lab, f'[discover]\nnameservers = ["{names.address}"]\nmax_names = 100\n')
    return {".net/"}


def ct_logs(lab: Path, stack: ExitStack) -> set[str]:
    log = CtLog(tiled=True, names_tiles=False)
    for number in range(3):
        log.add([f"ostrelin-login{number}.example"])
    configure(lab, f'[ct]\nlog_list = "{stack.enter_context(serving(log))}"\nstart = "oldest"\n')
    return {f"https://ostrelin-login{number}.example/" for number in range(3)}


def links(lab: Path, stack: ExitStack) -> set[str]:
    facts = PageFacts(forms=(Form("https://collect.example.org/a", "post"),))
    with Workspace.open(lab) as workspace:
        workspace.store.record(capture("https://one.example/", facts=facts), flagged("ostrelin"))
    return {"https://collect.example.org/a"}


def probe(lab: Path, stack: ExitStack) -> set[str]:
    port, names = stack.enter_context(served({"quiet.example": FarmPage(CLONE, "", LOGIN)}))
    configure(
        lab, f"[capture]\nallow_private = ['{LOOPBACK}/32']\nnameservers = ['{names}']\n[probe]\nseconds = 20.0\n"
    )
    url = f"http://quiet.example:{port}/"
    with Workspace.open(lab) as workspace:
        workspace.store.probes.add([url], "test", utcnow())
    return {url}


KINDS: dict[str, Prepare] = {
    "feeds": feeds, "taxii": taxii, "reports": reports, "new_names": new_names, "permutations": permutations,
    "ct_logs": ct_logs, "links": links, "probe": probe,
}  # fmt: skip
kinds = pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=() if kind in ("feeds", "ct_logs", "links") else pytest.mark.ordeal) for kind in KINDS],
)


def gives(lab: Path, wanted: set[str]) -> bool:
    """Return True if the backlog holds what a source was to give; of a wildcard zone, one name that nobody can foretell."""
    found = stored(lab)
    return len(found) == 1 and found.pop().endswith(".net/") if wanted == {".net/"} else found == wanted


@kinds
def test_a_lock_until_the_spider_closes_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    lab = make_lab(tmp_path, PATIENT)
    source = "feeds" if kind == "taxii" else kind
    with ExitStack() as stack:
        wanted = KINDS[kind](lab, stack)
        with locked(lab, monkeypatch):
            first = discover(lab, source)
        assert gives(lab, wanted)
        assert (first.error, new(first)) == ("", len(wanted))
        again = discover(lab, source)
    assert (again.error, new(again)) == ("", 0)
    assert gives(lab, wanted)


@kinds
def test_a_store_that_cannot_be_reached_ends_the_run_and_the_next_one_reads_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    lab = make_lab(tmp_path, '[store]\ndatabase = "sqlite:///clonewatch.sqlite?timeout=0.1"\n')
    source = "feeds" if kind == "taxii" else kind
    with ExitStack() as stack:
        wanted = KINDS[kind](lab, stack)
        before = remembered(lab) if (lab / "clonewatch.sqlite").exists() else set()
        with locked(lab, monkeypatch, until_closing=False):
            complains(clonewatch("discover", source, "-w", lab), 4, "is locked by another program")
            assert stored(lab) == set()
            assert remembered(lab) == before
        if kind == "probe":
            with Workspace.open(lab) as workspace:  # as if the time had gone by that a look may take
                taken, _ = workspace.store.probes.take(10, utcnow() + LEASE)
                workspace.store.probes.release(taken, utcnow())
        second = discover(lab, source)
        assert gives(lab, wanted)
        assert (second.error, new(second)) == ("", len(wanted))
        third = discover(lab, source)
    assert (third.error, new(third)) == ("", 0)
