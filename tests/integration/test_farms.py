"""One look a wildcard farm: names that show the same page stand by, those of a hosting service do not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.examine.wildcard_farms import ENOUGH
from crawler.loopback.nameserver import NameServer, Zone
from detector.model import Candidate
from detector.store import Store
from tests.support.pages.sites import needs_browser
from tests.support.program import HARMLESS, LURE, WebSite, clonewatch, make_brand, query

pytestmark = needs_browser
NAMES = 7
HERE = ["127.0.0.1"]


@pytest.fixture
def names() -> Iterator[NameServer]:
    zone = Zone(
        addresses={f"own{number}.plain.test": HERE for number in range(NAMES)},
        wildcards={"farm.test": HERE, "hosting.test": HERE},
    )
    with NameServer(zone.answer) as served:
        yield served


def candidates(zone: str, port: int, path: str = "/", brands: tuple[str, ...] = ()) -> list[Candidate]:
    first = "own" if zone == "plain.test" else "n"
    return [Candidate(f"http://{first}{n}.{zone}:{port}{path}", source="test", brands=brands) for n in range(NAMES)]


@pytest.mark.ordeal
def test_a_farm_is_looked_at_a_few_times_and_a_hosting_service_name_by_name(tmp_path: Path, names: NameServer) -> None:
    pages = {f"n{number}.hosting.test": HARMLESS.replace("beans", f"beans {number}") for number in range(NAMES)}
    pages |= {f"own{number}.plain.test": LURE for number in range(NAMES)} | {"*": LURE}
    make_brand(tmp_path / "brands")
    with WebSite(pages).serving() as site:
        (tmp_path / "clonewatch.toml").write_text(f"""
brands = ["brands"]
[capture]
slots = 1
second_looks = 0
settle_seconds = 0.2
nameservers = ["{names.address}"]
allow_private = ["127.0.0.0/8"]
""")
        with Store.open(tmp_path / "clonewatch.sqlite") as store:
            for zone in ("farm.test", "hosting.test", "plain.test"):
                store.backlog.add(candidates(zone, site.port))
            store.backlog.add(candidates("farm.test", site.port, "/other", ("quorvane",))[:1])
        done = clonewatch("run", "--no-discover", "-w", tmp_path)
        assert done.returncode == 10, done.stderr
        looked = sum(hits for host, hits in site.hits.items() if host.endswith("farm.test"))
        assert looked == ENOUGH + 1, "another path, or another brand, is another page"
        assert sum(f"n{n}.hosting.test" in site.hits for n in range(NAMES)) == NAMES
        assert sum(f"own{n}.plain.test" in site.hits for n in range(NAMES)) == NAMES, "names of their own are no farm"
    waiting = query(tmp_path, "select reason, attempts from backlog where state = 'waiting'")
    assert len(waiting) == NAMES - ENOUGH
    reason = f"every name under farm.test shows the same page; http://n0.farm.test:{site.port}/ represents it"
    assert set(waiting) == {(reason, 0)}
