"""Source ``probe``: real servers on names that say nothing, and what a browser is sent to."""

from __future__ import annotations

import asyncio
import gzip
from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks.farm.pages import CLONE, ORDINARY, Page
from crawler.probe.html.html_facts import read_html
from detector.model import CaseState, utcnow
from detector.workspace import Workspace
from tests.support.pages.judges import CLONE_PAGE, NESTED_LABELS
from tests.support.pages.sites import Bait, Route, Site, answer
from tests.support.probe_workspace import GARDEN, WIDE, farm, found, guarded, queue, waiting
from tests.support.program import output_of
from tests.support.servers.ct_logs import CtLog, serving
from tests.support.servers.discovery import make_lab, run_source
from tests.support.store.builders import capture, flagged

pytestmark = pytest.mark.heavy


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


def test_a_page_that_refuses_phones_is_probed_as_a_desktop(tmp_path: Path) -> None:
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
            return await asyncio.to_thread(output_of, "discover", "probe", "-w", lab, env=WIDE)

    said = asyncio.run(run())
    (candidate,) = found(lab).values()
    assert candidate.url == site.url("/", host="two.example")
    assert "One visitor was shown nothing (HTTP status 403), another a page." in candidate.reasons
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
            return await asyncio.to_thread(output_of, "discover", "probe", "-w", lab, env=WIDE), urls

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
    assert candidate.reasons[0].endswith(f"the page of case {case.id} (first.example), which was confirmed.")


@pytest.mark.ordeal
def test_a_poison_page_and_a_bomb_cost_the_clones_beside_them_no_try(tmp_path: Path) -> None:
    """Both are a few kilobytes of gzip; a probe cannot conclude that either shows nothing."""
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
            return await asyncio.to_thread(output_of, "discover", "probe", "-w", lab, env=WIDE)

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
    assert "could not be judged" not in said


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
    assert "none of its probes ended" in candidate.reasons[0]
    assert "1 left to the browser, as no probe ended" in said
    assert waiting(lab) == (0, 0)
