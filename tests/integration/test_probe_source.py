"""Source ``probe``: real servers on names that say nothing, and what a browser is sent to."""

from __future__ import annotations

import asyncio
import gzip
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from zlib import crc32

import pytest

from benchmarks.farm.pages import CLONE, ERROR, INNOCENT, ORDINARY, PARKED, Page, demo_pages, made_pages, nothing
from benchmarks.farm.server import LOOPBACK, served
from benchmarks.probe import measure
from crawler.capture.capturer import Capturer
from crawler.demo.handler import respond
from crawler.demo.server import DemoServers
from crawler.demo.sites import load_sites
from crawler.probe.answer import FrontPageAnswer, FrontPageKind
from crawler.probe.html_facts import read_html
from crawler.probe.judge_pool import JudgePool
from crawler.probe.kit_index import KitIndex
from detector.brands import load_library
from detector.config import default_brands_dir
from detector.evidence import Evidence
from detector.index import cache_folder
from detector.model import Candidate, CaseState, utcnow
from detector.signals.wording import sketch_of
from detector.workspace import Workspace
from tests.support.disk import fill, mounted_disk
from tests.support.pages.judges import CLONE_PAGE, NESTED_LABELS
from tests.support.pages.sites import Bait, Route, Site, answer, needs_browser, quick
from tests.support.processes import command_line, is_running
from tests.support.program import ROOT, background, clonewatch, clonewatch_process, complains, make_brand, wait_until
from tests.support.servers.ct_logs import CtLog, serving
from tests.support.servers.discovery import make_lab, run_source
from tests.support.store.builders import capture, flagged

pytestmark = pytest.mark.heavy

WIDE = {"COLUMNS": "300"}
"""A terminal wide enough for remarks."""
BRANDS = (default_brands_dir(), ROOT / "crawler" / "demo" / "brands")
GARDEN = b"<title>Roses</title><h1>Our garden</h1><p>Opening hours and the way to us, with pictures of last summer.</p>"


@contextmanager
def farm(lab: Path, pages: dict[str, Page], probe: str = "") -> Iterator[int]:
    """Serve pages by host for this lab; yields the port."""
    with served(pages) as (port, names):
        base = (lab / "clonewatch.toml").read_text(encoding="utf-8").split("[capture]")[0]
        more = f"[capture]\nallow_private = ['{LOOPBACK}/32']\nnameservers = ['{names}']\n[probe]\nseconds = 2.0\n{probe}\n"
        (lab / "clonewatch.toml").write_text(base + more, encoding="utf-8")
        yield port


def queue(lab: Path, *urls: str) -> None:
    with Workspace.open(lab) as workspace:
        workspace.store.probes.add(urls, "test", utcnow())


def found(lab: Path) -> dict[str, Candidate]:
    """What is in the backlog, by URL; it is claimed by that."""
    with Workspace.open(lab) as workspace:
        return {claim.candidate.url: claim.candidate for claim in workspace.store.backlog.claim(10_000)}


def waiting(lab: Path, later: timedelta = timedelta()) -> tuple[int, int]:
    """How many names are due, and how many wait for another day."""
    with Workspace.open(lab) as workspace:
        return workspace.store.probes.counts(utcnow() + later)


def guarded(lab: Path, *rules: str) -> None:
    """Let looks reach 127.0.0.1, and resolve names by these rules."""
    base = (lab / "clonewatch.toml").read_text(encoding="utf-8")
    guard = f"[capture]\nallow_private = ['127.0.0.1/32']\nresolve = {list(rules)}\n[probe]\nseconds = 2.0\n"
    (lab / "clonewatch.toml").write_text(base + guard, encoding="utf-8")


def probe(lab: Path, *arguments: str) -> str:
    """What ``clonewatch probe`` tells its user."""
    done = clonewatch("probe", *arguments, "-w", lab, env=WIDE)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stderr


@pytest.mark.ordeal
def test_the_demos_clones_are_sent_on_and_nothing_is_posted(tmp_path: Path) -> None:
    with DemoServers() as servers:
        sites = [site for site in load_sites() if site.kind != "official"]
        lab = tmp_path / "workspace"
        lab.mkdir()
        (lab / "clonewatch.toml").write_text(f"brands = {[str(brand) for brand in BRANDS]}\n", encoding="utf-8")
        guarded(lab, *servers.resolve)
        listed = tmp_path / "names.txt"
        listed.write_text("# what came today\n" + "\n".join(servers.url(site) for site in sites), encoding="utf-8")
        said = probe(lab, "--from", str(listed))
        assert f"{len(sites)} names queued of {len(sites)} given" in said
        sent = found(lab)
        for site in sites:
            if site.kind == "clone":
                assert site.brand in sent[servers.url(site)].brands, site.id
        innocent = {servers.url(site) for site in sites if site.kind == "innocent"}
        assert len(innocent & set(sent)) <= 2, "who sells or repairs a brand's things may be looked at more closely"
        assert servers.posts == 0
        assert waiting(lab) == (0, 4), "the parked, the walled, the missing and the silent one are seen again"
        assert "no name is due" in probe(lab)


@pytest.mark.ordeal
def test_a_farm_on_random_names(tmp_path: Path) -> None:
    """A small one of ``benchmarks/probe.py``: what must be sent on and what must not, and nothing of either lost."""
    library = load_library(BRANDS)
    pages = [*demo_pages(), *made_pages(library, 6, "dev")]
    ordinary = [Page(ORDINARY, "garden", GARDEN.replace(b"Roses", b"Roses %d" % number)) for number in range(150)]
    rest = [nothing(PARKED)] * 20 + [nothing(ERROR)] * 20
    names = {
        f"{crc32(str(number).encode()):x}q.example": page for number, page in enumerate((*pages, *ordinary, *rest))
    }
    dead = [f"dead{number}.example" for number in range(30)]
    run = measure(tmp_path, names, dead, brands=BRANDS, at_once=60)
    assert run.tried == len(names) + len(dead)
    missed = {page.name for host, page in names.items() if page.kind == CLONE and host not in run.sent}
    assert run.share(names, CLONE) >= 0.95, missed
    assert run.share(names, ORDINARY) == 0.0
    assert run.share(names, INNOCENT) <= 0.06
    assert run.share(names, PARKED) == run.share(names, ERROR) == 0.0
    with Workspace.open(tmp_path) as workspace:
        assert workspace.store.probes.counts(utcnow()) == (0, len(rest) + len(dead))


def test_names_that_say_nothing_are_left_by_lists_and_looked_at(tmp_path: Path) -> None:
    lab = make_lab(tmp_path, '[[discover.name_lists]]\nname = "today"\nlocation = "today.txt"\nformat = "names"\n')
    names = [
        "vm3k.example",
        "roses.example",
        "www.roses.example",
        "autodiscover.roses.example",
        "ostrelin-login.example",
        "gone.example",
    ]
    (lab / "today.txt").write_text("\n".join([*names, "ostrelin.example"]), encoding="utf-8")
    pages = {"vm3k.example": Page(CLONE, "", CLONE_PAGE), "roses.example": Page(ORDINARY, "", GARDEN)}
    with farm(lab, pages, 'sources = ["new_names"]') as port:
        config = (lab / "clonewatch.toml").read_text(encoding="utf-8")
        extra = f'[discover]\nschemes = ["http"]\nurl_ports = [{port}]\n'
        (lab / "clonewatch.toml").write_text(config.replace("[[discover", extra + "[[discover"), encoding="utf-8")
        done = run_source(lab, "new_names")
        assert "3 names to probe" in done.stdout, done.stdout
        assert set(found(lab)) == {"https://ostrelin-login.example/"}
        done = run_source(lab, "probe")
        assert "2 pages, 1 to be probed again" in done.stdout, done.stdout
    sent = found(lab)
    assert set(sent) == {f"http://vm3k.example:{port}/"}
    candidate = sent[f"http://vm3k.example:{port}/"]
    assert candidate.brands == ("ostrelin",)
    assert candidate.priority > 0.5
    assert candidate.reasons[-1] == "Its name was reported by new_names:today."
    assert waiting(lab) == (0, 1)
    assert waiting(lab, timedelta(days=1)) == (1, 0)


def test_certificates_names_are_queued_before_the_position_is_kept(tmp_path: Path) -> None:
    lab = make_lab(tmp_path)
    log = CtLog(tiled=True, names_tiles=True)
    for index in range(700):
        log.add([f"garden{index}.example", f"www.garden{index}.example", f"*.garden{index}.example"], precert=False)
    with serving(log) as address:
        config = (lab / "clonewatch.toml").read_text(encoding="utf-8")
        (lab / "clonewatch.toml").write_text(
            f'{config}[ct]\nlog_list = "{address}"\nstart = "oldest"\n[probe]\nsources = ["ct_logs"]\n',
            encoding="utf-8",
        )
        done = run_source(lab, "ct_logs")
        assert "700 names to probe" in done.stdout, done.stdout
        assert waiting(lab) == (700, 0)
        assert "0 entries read" in run_source(lab, "ct_logs").stdout


def test_of_a_zone_only_what_is_new_gets_a_look(tmp_path: Path) -> None:
    lab = make_lab(
        tmp_path,
        '[[discover.name_lists]]\nname = "zone"\nlocation = "test.zone"\n[probe]\nsources = ["new_names"]\n',
    )
    for names, left in ((("a1", "b2"), 0), (("a1", "b2", "c3", "ostrelin-login"), 1), (("a1", "c3"), 1)):
        lines = "".join(f"{name}.test. 1 in ns ns1.host.test.\n" for name in names)
        (lab / "test.zone").write_text("test. 1 in soa a. b. 1 2 3 4 5\n" + lines, encoding="utf-8")
        run_source(lab, "new_names")
        assert waiting(lab)[0] == left, names


def test_who_is_shown_nothing_as_a_phone_looks_as_a_desktop(tmp_path: Path) -> None:
    lab = make_lab(tmp_path)

    async def cloaks(target: str, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(b"", status="403 Forbidden") if "Mobile" in site.heads[-1] else answer(CLONE_PAGE))
        await writer.drain()

    async def turns_away(target: str, writer: asyncio.StreamWriter) -> None:
        away = answer(b"", status="302 Found", Location="https://ostrelin.example/")
        writer.write(away if "Mobile" in site.heads[-1] else answer(GARDEN))
        await writer.drain()

    site = Site({"/": cloaks, "/turns": turns_away})

    async def run() -> str:
        async with site.serving():
            guarded(lab, f"*:{site.port}:127.0.0.1", "ostrelin.example:443:127.0.0.1")
            queue(lab, site.url("/", host="two.example"), site.url("/turns", host="faced.example"))
            return (await asyncio.to_thread(clonewatch_process, "discover", "probe", "-w", lab, env=WIDE)).stdout

    said = asyncio.run(run())
    (candidate,) = found(lab).values()
    assert candidate.url == site.url("/", host="two.example")
    assert "One visitor was shown nothing (status 403), another a page." in candidate.reasons
    assert "2 that show visitors different pages" in said
    assert waiting(lab) == (0, 1), "what cloaks and shows nothing of a brand is seen again"


def test_redirects_and_pages_that_lead_on_are_followed_within_bounds(tmp_path: Path) -> None:
    lab = make_lab(tmp_path)
    bait = Bait()

    def leads(how: str) -> Route:
        async def route(target: str, writer: asyncio.StreamWriter) -> None:
            here, trap = site.url("", host="onward.example"), f"http://127.0.0.2:{bait.port}"
            text = how.replace("HERE", here).replace("BAIT", trap)
            moved = text.startswith("http")
            writer.write(answer(b"", status="302 Found", Location=text) if moved else answer(text.encode()))
            await writer.drain()

        return route

    site = Site(
        {
            "/start": leads("HERE/refresh"),
            "/refresh": leads('<meta http-equiv="refresh" content="0;url=HERE/script">'),
            "/script": leads("<script>location.replace('HERE/clone')</script>"),
            "/clone": answer(gzip.compress(CLONE_PAGE), Content_Encoding="gzip"),
            "/ring": leads("HERE/ring"),
            "/loop": leads('<meta http-equiv="refresh" content="0;url=HERE/pool">'),
            "/pool": leads('<meta http-equiv="refresh" content="0;url=HERE/loop">'),
            "/inner": leads("BAIT/secret"),
            "/framed": leads('<iframe src="BAIT/secret"></iframe>'),
            "/broken": leads('<meta http-equiv="refresh" content="0;url=http://[::1/">'),
            "/odd": leads('<meta http-equiv="refresh" content="0;url=http://[zz]:99999/">'),
        }
    )

    of_others = {"/refresh", "/script", "/clone", "/pool"}

    async def run() -> tuple[str, list[str]]:
        async with site.serving(), bait.listening():
            guarded(lab, f"*:{site.port}:127.0.0.1")
            urls = [site.url(path, host="start.example") for path in site.routes if path not in of_others]
            queue(lab, *urls, "http://[::1/", "http://n]x.example/")
            return (await asyncio.to_thread(clonewatch_process, "discover", "probe", "-w", lab, env=WIDE)).stdout, urls

    said, urls = asyncio.run(run())
    assert "1 page, 8 to be probed again" in said, said
    assert "FAILED" not in said
    (candidate,) = found(lab).values()
    assert candidate.url == urls[0], "a browser begins where the visitor would"
    assert candidate.brands == ("ostrelin",)
    assert bait.visits == 0
    assert site.hits["/ring"] <= 14
    assert site.hits["/loop"] <= 14


def test_a_kit_of_a_confirmed_case_is_recognised_on_another_name(tmp_path: Path) -> None:
    lab = make_lab(tmp_path)
    kit = (
        b'<title>Bonjour</title><link rel=stylesheet href="k/q1.css"><script src="k/q2.js"></script><img src="k/q3.png">'
        b'<form action="k/q4.php"><input name=a></form><p>Merci de patienter, votre dossier est en cours de traitement.'
    )
    with Workspace.open(lab) as workspace:
        url = "https://first.example/"
        workspace.store.record(capture(url, facts=read_html(kit, url).facts), flagged("ostrelin"))
        (case,) = workspace.store.cases.find()
        workspace.store.cases.move(case.id, CaseState.CONFIRMED, actor="me")
    with farm(lab, {"second.example": Page(CLONE, "", kit), "third.example": Page(ORDINARY, "", GARDEN)}) as port:
        queue(lab, f"http://second.example:{port}/", f"http://third.example:{port}/")
        run_source(lab, "probe")
    (candidate,) = found(lab).values()
    assert candidate.url == f"http://second.example:{port}/"
    assert candidate.reasons[0].endswith(f"that of case {case.id} (first.example), which was confirmed.")


def test_a_poison_page_and_a_bomb_cost_the_clones_beside_them_no_try(tmp_path: Path) -> None:
    """Both are gzip of a few kilobytes; of neither can the cheap look say that it shows nothing."""
    lab = make_lab(tmp_path)
    bomb = CLONE_PAGE + b" " * 20_000_000
    routes: dict[str, Route | bytes] = {f"/clone{number}": answer(CLONE_PAGE) for number in range(9)}
    for path, body in (("/poison", NESTED_LABELS), ("/bomb", bomb), ("/long", GARDEN + b"x " * 400_000)):
        routes[path] = answer(gzip.compress(body), Content_Encoding="gzip") if path != "/long" else answer(body)
    site = Site(routes)

    async def run() -> str:
        async with site.serving():
            guarded(lab, f"*:{site.port}:127.0.0.1")
            queue(lab, *(site.url(path, host=f"{path[1:]}.example") for path in routes))
            return (await asyncio.to_thread(clonewatch_process, "discover", "probe", "-w", lab, env=WIDE)).stdout

    said = asyncio.run(run())
    sent = {candidate.url.partition("//")[2].partition(".")[0]: candidate for candidate in found(lab).values()}
    assert set(sent) == {path[1:] for path in routes}
    assert [sent[f"clone{number}"].brands for number in range(9)] == [("ostrelin",)] * 9
    told, end = "Without a browser: The page reached the limits of ", ": not everything on it was read."
    assert sent["poison"].reasons[0] == f"{told}bytes and elements{end}"
    assert (
        sent["bomb"].reasons[0]
        == "Without a browser: The page reached the limit of bytes: not everything on it was read."
    )
    assert sent["long"].reasons[0] == f"{told}bytes and text{end}"
    assert waiting(lab) == (0, 0)
    assert "survive" not in said


def test_names_that_several_killed_runs_had_taken_are_left_to_the_browser(tmp_path: Path) -> None:
    lab = make_lab(tmp_path)
    with Workspace.open(lab) as workspace:
        probes = workspace.store.probes
        probes.add(["http://gone.example/"], "test", utcnow() - timedelta(hours=2))
        for minutes in (100, 80, 60):  # the lease of a quarter of an hour has run out before the next run
            assert len(probes.take(10, utcnow() - timedelta(minutes=minutes))[0]) == 1
    said = run_source(lab, "probe").stdout
    (candidate,) = found(lab).values()
    assert candidate.url == "http://gone.example/"
    assert "the looks at it did not come to an end" in candidate.reasons[0]
    assert "1 left to the browser without a look" in said
    assert waiting(lab) == (0, 0)


@pytest.mark.ordeal
def test_a_run_that_is_killed_loses_no_name_and_leaves_no_process(tmp_path: Path) -> None:
    lab = make_lab(tmp_path)
    pages = {f"n{number}.example": Page(CLONE, "", CLONE_PAGE) for number in range(1500)}
    with farm(lab, pages, "at_once = 10") as port:
        queue(lab, *(f"http://{host}:{port}/" for host in pages))
        quiet = subprocess.DEVNULL
        process = background("discover", "probe", "-w", lab, stdout=quiet, stderr=quiet, start_new_session=True)
        with Workspace.open(lab) as workspace:
            wait_until(lambda: workspace.store.counts()["due"] >= 50)
        children = _session(process.pid)
        assert len(children) >= 3, "the command, the spiders and a judge"
        for pid in children[:2]:
            os.kill(pid, signal.SIGKILL)
        process.wait()
        wait_until(lambda: not any(map(is_running, children)))
        with Workspace.open(lab) as workspace:
            before = workspace.store.counts()["due"]
            assert before < len(pages)
            # the lease of what the killed run had taken runs out
            taken, _ = workspace.store.probes.take(10_000, utcnow() + timedelta(hours=1))
            workspace.store.probes.release(taken, utcnow())
        run_source(lab, "probe")
        assert len(found(lab)) == len(pages)
        assert waiting(lab) == (0, 0)


def _session(leader: int) -> list[int]:
    """Processes of the session, in the order in which they began."""
    command = ["ps", "-o", "pid=", "--sort=start_time,pid", "--sid", str(leader)]
    listed = subprocess.run(command, capture_output=True, text=True, check=True)
    return [pid for pid in map(int, listed.stdout.split()) if b"resource_tracker" not in command_line(pid)]


async def test_a_judge_has_opened_what_pictures_need_before_its_first_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To fingerprint logos that nobody has seen takes longer than a look may: it must not count as one."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    page = FrontPageAnswer("http://a.example/", "http://a.example/", 200, "text/html", GARDEN)
    async with JudgePool((make_brand(tmp_path / "brands"),), KitIndex.build([]), 1) as judges:
        assert (await judges.look(page)).shown is FrontPageKind.PAGE
    assert [path.name for path in cache_folder().glob("logos-*")] != []


async def test_many_looks_wait_their_turn_without_being_taken_for_lost() -> None:
    page = FrontPageAnswer("http://a.example/", "http://a.example/", 200, "text/html", GARDEN * 400)
    async with JudgePool(BRANDS, KitIndex.build([]), 1, seconds=2.0) as judges:
        looks = await asyncio.gather(*(judges.look(page) for _ in range(40)))
    assert {look.shown for look in looks} == {FrontPageKind.PAGE}


@pytest.mark.browser
@pytest.mark.skipif(bool(needs_browser[1].args[0]), reason="no Chromium here: make setup installs one")
def test_a_document_is_built_as_the_browser_says(tmp_path: Path) -> None:
    """Kits are known from captures: what plain HTML says of its structure must be what the browser says."""
    with DemoServers() as servers:
        sites = [
            site for site in load_sites() if site.id in ("ostrelin-home", "kumoriva-quota", "fake-dhl", "logo-wall")
        ]
        config = quick(resolve=servers.resolve, allow_private=("127.0.0.0/8",))

        async def run() -> dict[str, object]:
            async with Capturer(config, Evidence(str(tmp_path / "evidence"))) as capturer:
                return {seen.url: seen async for seen in capturer.capture_many([servers.url(site) for site in sites])}

        captures = asyncio.run(run())
        for site in sites:
            seen = captures[servers.url(site)]
            facts = getattr(seen, "facts", None)
            assert facts is not None
            document = respond(site.host, site.path, servers.http_port, servers.https_port).body
            mine = read_html(document, servers.url(site)).facts
            browser, plain = set(sketch_of(facts).tolist()), set(sketch_of(mine).tolist())
            assert len(browser & plain) >= 0.9 * len(browser), site.id
            assert mine.title == facts.title
            assert [field.type for field in mine.inputs] == [field.type for field in facts.inputs]


@pytest.mark.parametrize("room", [0, 120_000])
def test_a_disk_that_fills_costs_no_name(room: int) -> None:
    clone, ordinary = Page(CLONE, "", CLONE_PAGE), Page(ORDINARY, "", GARDEN)
    pages = {f"n{number}.test": clone if number % 2 else ordinary for number in range(60)}
    with mounted_disk("24m") as disk:
        lab = disk / "workspace"
        lab.mkdir()
        (lab / "clonewatch.toml").write_text(f"brands = {[str(brand) for brand in BRANDS]}\n", encoding="utf-8")
        with farm(lab, pages) as port:
            urls = [f"http://{host}:{port}/" for host in pages]
            queue(lab, *urls)
            ballast = fill(disk, leave=room)
            complains(clonewatch("probe", "-w", lab), 4, "disk")
            ballast.unlink()
            with Workspace.open(lab) as workspace:  # as if the time had gone by that a look may take
                taken, _ = workspace.store.probes.take(100, utcnow() + timedelta(hours=1))
                workspace.store.probes.release(taken, utcnow())
            probe(lab)
            assert set(found(lab)) == set(urls[1::2])
