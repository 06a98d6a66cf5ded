"""Look-alike names against a real name server, into a real backlog."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Event

import dns.message
import pytest

from crawler.discovery.runner import DiscoverySummary, run_discovery
from crawler.discovery.source_tally import SourceTally
from crawler.loopback.nameserver import NameServer, Zone
from detector.errors import SourceError
from detector.model import Candidate
from detector.workspace import Workspace
from tests.support.program import clonewatch
from tests.support.servers.discovery import write_brand

OSTRELIN = 'name = "Ostrelin"\ndomains = ["ostrelin.example"]\nkeywords = ["ledger"]\n'


@pytest.fixture
def brands(tmp_path: Path) -> Path:
    return write_brand(tmp_path / "brands", "ostrelin", OSTRELIN)


def open_workspace(tmp_path: Path, brands: Path, server: NameServer, **discover: object) -> Workspace:
    options = {"nameservers": (server.address,), "dns_seconds": 2.0, "dns_concurrency": 50, "max_names": 400} | discover
    return Workspace.open(tmp_path / "workspace", brands=[brands], discover=options)


def only(summary: DiscoverySummary) -> SourceTally:
    (tally,) = summary.sources
    return tally


def backlog(workspace: Workspace) -> dict[str, Candidate]:
    return {claim.candidate.url: claim.candidate for claim in workspace.store.backlog.claim(1000)}


def test_names_that_exist_are_found_once_with_reasons(tmp_path: Path, brands: Path) -> None:
    zone = Zone(
        addresses={
            "ostrelin-login.com": ["192.0.2.1"],
            "0strelin.example": ["192.0.2.2"],
            "ostrelin-ledger.com": ["103.224.182.1"],
        },
        mail={"ostrelin-login.com": ["10 mx.host.test."]},
        name_servers={"ostrelin-login.com": ["ns1.host.test", "ns2.host.test"]},
        servfail={"ostrelin-verify.com"},
        wildcards={"net": ["192.0.2.66"]},
    )
    with NameServer(zone.answer) as server, open_workspace(tmp_path, brands, server) as workspace:
        first = only(run_discovery(workspace, ["permutations"], ["ostrelin"]))
        zone.addresses["secure-ostrelin.com"] = ["192.0.2.3"]
        server.asked.clear()
        second = only(run_discovery(workspace, ["permutations"], ["ostrelin"]))
        asked_again = set(server.asked)
        found = backlog(workspace)
    net = [url for url in found if url.endswith(".net/")]
    assert set(found) == {
        "https://ostrelin-login.com/",
        "https://0strelin.example/",
        "https://ostrelin-ledger.com/",
        "https://secure-ostrelin.com/",
        *net,
    }
    assert len(net) == 1  # of the whole wildcard zone
    assert first.wildcard > 1
    assert (first.new, first.unresolved, first.parked) == (4, 1, 1)
    assert first.tried == 400
    assert (second.new, second.seen, second.wildcard) == (1, 4, first.wildcard)
    assert "ostrelin-login.com" not in asked_again  # known: not asked about again
    login, parked = found["https://ostrelin-login.com/"], found["https://ostrelin-ledger.com/"]
    assert login.brands == ("ostrelin",)
    assert login.source == "permutations"
    assert "puts 'login' beside ostrelin" in login.reasons[0]
    assert "It receives mail at mx.host.test." in login.reasons
    assert "Its name servers are ns1.host.test and ns2.host.test." in login.reasons
    assert login.priority > 0.8
    assert parked.priority <= 0.05
    assert any("parked" in reason for reason in parked.reasons)
    assert found["https://0strelin.example/"].reasons[0] == (
        "`0strelin.example` differs from ostrelin.example by one look-alike character (homoglyph)."
    )
    assert any("under net has the same DNS answer" in reason for reason in found[net[0]].reasons)


def test_schemes_and_ports_of_a_lab(tmp_path: Path, brands: Path) -> None:
    with (
        NameServer(Zone(addresses={"ostrelin-login.com": ["127.0.0.1"]}).answer) as server,
        open_workspace(
            tmp_path, brands, server, schemes=("http", "https"), url_ports=(80, 8443), max_names=50
        ) as workspace,
    ):
        run_discovery(workspace, ["permutations"])
        assert set(backlog(workspace)) == {"http://ostrelin-login.com/", "http://ostrelin-login.com:8443/"}


def test_without_a_name_server_the_source_fails_and_feeds_go_on(tmp_path: Path, brands: Path) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text("http://one.example/\n")
    (tmp_path / "workspace").mkdir()
    (tmp_path / "workspace" / "clonewatch.toml").write_text(
        f'[[discover.feeds]]\nname = "list"\nlocation = "{listed}"\n', encoding="utf-8"
    )
    with (
        NameServer(lambda _: None) as server,
        open_workspace(tmp_path, brands, server, dns_seconds=0.2) as workspace,
    ):
        summary = run_discovery(workspace)
        assert set(backlog(workspace)) == {"http://one.example/"}
        alone = run_discovery(workspace, ["permutations"])
    summary.raise_if_all_failed()
    assert [tally.source for tally in summary.failed] == ["permutations"]
    assert "no name server answers" in summary.failed[0].error
    with pytest.raises(SourceError, match="no name server answers"):
        alone.raise_if_all_failed()


def test_a_new_workspace_asks_for_no_shipped_brand_until_somebody_does(tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    with NameServer(Zone().answer) as server:
        config = f'[discover]\nnameservers = ["{server.address}"]\nmax_names = 40\n'
        (workspace / "clonewatch.toml").write_text(config)
        quiet = clonewatch("discover", "permutations", "-w", workspace)
        assert not server.asked
        (workspace / "clonewatch.toml").write_text(config + 'lookalike_brands = ["paypal"]\n')
        asked = clonewatch("discover", "permutations", "-w", workspace)
        assert len(server.asked) > 30
    assert (quiet.returncode, asked.returncode) == (0, 0), quiet.stderr + asked.stderr
    assert "No lookalike names are looked up" in quiet.stderr
    assert 'discover.lookalike_brands of clonewatch.toml ("*": all 149 brands)' in quiet.stderr
    assert "Looking up 40 lookalike names at most, of 1 brand: about 1 s" in asked.stderr


def test_counts_are_told_while_names_are_looked_up(tmp_path: Path, brands: Path) -> None:
    told = Event()
    heard: list[SourceTally] = []
    zone = Zone()

    def answer(question: dns.message.Message) -> dns.message.Message | None:
        told.wait(60)
        return zone.answer(question)

    def tell(tallies: Sequence[SourceTally]) -> None:
        heard.extend(tallies)
        told.set()

    with NameServer(answer) as server, open_workspace(tmp_path, brands, server, dns_seconds=90.0) as workspace:
        end = only(run_discovery(workspace, ["permutations"], tell=tell))
    assert heard[0].source == "permutations"
    assert heard[0].tried < end.tried == end.planned == 400
