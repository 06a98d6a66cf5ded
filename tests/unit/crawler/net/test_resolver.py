"""DNS against a real name server on loopback."""

from __future__ import annotations

import socket
from collections import Counter

import dns.message
import pytest

from crawler.loopback.nameserver import NameServer, Zone, asked_name
from crawler.net.resolver import SILENT_AFTER, NameAnswer, NameChecker, NameState, resolver_for
from detector.errors import ConfigError, SourceError


async def ask(server: NameServer, *names: str, seconds: float = 30.0) -> dict[str, NameAnswer]:
    checker = NameChecker([server.address], seconds=seconds, concurrency=20)
    return {answer.name: answer async for answer in checker.check(names)}


async def test_states_are_told_apart() -> None:
    zone = Zone(
        addresses={"live.test": ["192.0.2.1"]},
        servfail={"broken.test"},
        silent={"silent.test"},
        empty={"empty.test"},
    )
    with NameServer(zone.answer) as server:
        answers = await ask(server, "live.test", "absent.test", "broken.test", "empty.test")
        answers["silent.test"] = await NameChecker([server.address], seconds=0.4, concurrency=1).look("silent.test")
    assert {name: answer.state for name, answer in answers.items()} == {
        "live.test": NameState.LIVE,
        "absent.test": NameState.ABSENT,
        "broken.test": NameState.BROKEN,
        "silent.test": NameState.BROKEN,
        "empty.test": NameState.EMPTY,
    }
    assert answers["live.test"].addresses == ("192.0.2.1",)
    assert answers["silent.test"].note == "no reply in time"
    assert "SERVFAIL" in answers["broken.test"].note


async def test_a_name_that_a_busy_server_drops_is_asked_for_again() -> None:
    zone = Zone(addresses={f"n{number}.test": ["192.0.2.1"] for number in range(8)})
    dropped: Counter[str] = Counter()

    def busy(query: dns.message.Message) -> dns.message.Message | None:
        """Drop the first queries for every other name: those of a whole first look."""
        name = asked_name(query)
        dropped[name] += 1
        return None if name[1] in "1357" and name.endswith(".test") and dropped[name] <= 2 else zone.answer(query)

    with NameServer(busy) as server:
        checker = NameChecker([server.address], seconds=3.0, concurrency=20)
        answers = [answer async for answer in checker.check(zone.addresses)]
    assert {answer.name: answer.state for answer in answers} == dict.fromkeys(zone.addresses, NameState.LIVE)
    assert len(answers) == 8


async def test_a_wildcard_zone_is_recognised_and_probed_once() -> None:
    zone = Zone(addresses={"own.farm.test": ["192.0.2.9"]}, wildcards={"farm.test": ["192.0.2.1"]})
    names = [f"name{number}.farm.test" for number in range(20)]
    with NameServer(zone.answer) as server:
        answers = await ask(server, "own.farm.test", *names)
        probes = [
            name for name in server.asked if name not in {*names, "own.farm.test"} and name.endswith(".farm.test")
        ]
    assert {answers[name].wildcard for name in names} == {"farm.test"}
    assert answers["own.farm.test"].wildcard == ""
    assert len(probes) == 3


async def test_a_wildcard_behind_an_alias_is_recognised() -> None:
    zone = Zone(addresses={"hoster.test": ["192.0.2.1", "192.0.2.2"]})

    def aliased(query: dns.message.Message) -> dns.message.Message | None:
        zone.aliases.setdefault(asked_name(query), "hoster.test")
        return zone.answer(query)

    with NameServer(aliased) as server:
        answers = await ask(server, "a.farm.test")
    assert answers["a.farm.test"].wildcard == "farm.test"


async def test_parked_by_address_name_server_and_alias() -> None:
    zone = Zone(
        addresses={
            "byaddress.test": ["103.224.182.1"],
            "byserver.test": ["192.0.2.1"],
            "own.test": ["192.0.2.2"],
            "x.bodis.com": ["192.0.2.3"],
        },
        aliases={"byalias.test": "x.bodis.com"},
        name_servers={"byserver.test": ["ns1.above.com"], "own.test": ["ns1.own.test"]},
    )
    with NameServer(zone.answer) as server:
        answers = await ask(server, "byaddress.test", "byserver.test", "byalias.test", "own.test")
    assert {name: answer.parked for name, answer in answers.items()} == {
        "byaddress.test": "103.224.182.1",
        "byserver.test": "ns1.above.com",
        "byalias.test": "x.bodis.com",
        "own.test": "",
    }


async def test_a_mute_server_is_given_up() -> None:
    names = [f"name{number}.test" for number in range(20 * SILENT_AFTER)]
    with NameServer(lambda _: None) as server:
        checker = NameChecker([server.address], seconds=0.2, concurrency=SILENT_AFTER)
        with pytest.raises(SourceError, match="no name server answers"):
            [answer async for answer in checker.check(names)]
    assert SILENT_AFTER <= len(server.asked) < len(names)


async def test_an_unreachable_server_is_given_up_at_the_end_of_few_names() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{closed.getsockname()[1]}"
    checker = NameChecker([address], seconds=0.5, concurrency=5)
    with pytest.raises(SourceError, match="no name server answers"):
        [answer async for answer in checker.check(["a.test", "b.test"])]


async def test_a_server_that_only_fails_is_no_silence() -> None:
    with NameServer(Zone(servfail={"a.test"}).answer) as server:
        answers = await ask(server, "a.test")
    assert answers["a.test"].state is NameState.BROKEN


async def test_stopping_early_leaves_no_tasks() -> None:
    with NameServer(Zone(addresses={"a.test": ["192.0.2.1"]}, silent={"b.test"}).answer) as server:
        checker = NameChecker([server.address], seconds=30, concurrency=5)
        answers = checker.check(["a.test", "b.test"])
        first = await anext(answers)
        await answers.aclose()  # type: ignore[attr-defined]
    assert first.name == "a.test"


@pytest.mark.parametrize("text", ["nonsense", "1.2.3.4:0", "1.2.3.4:x", "1.2.3.4:70000"])
def test_a_bad_name_server_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"discover\.nameservers"):
        resolver_for([text], 1.0)


@pytest.mark.parametrize(
    ("text", "shown"),
    [("192.0.2.1", "192.0.2.1@53"), ("192.0.2.1:5353", "@5353"), ("::1", "::1@53"), ("[::1]:54", "@54")],
)
def test_name_servers_with_and_without_port(text: str, shown: str) -> None:
    (server,) = resolver_for([text], 1.0).nameservers
    assert shown in str(server)


async def test_who_takes_mail_and_who_answers_for_a_name() -> None:
    zone = Zone(
        addresses={name: ["192.0.2.1"] for name in ("shop.test", "quiet.test", "null.test", "target.test")},
        aliases={"alias.test": "target.test"},
        mail={"shop.test": ["20 b.mx.test.", "10 A.mx.test."], "null.test": ["0 ."]},
        name_servers={"shop.test": ["ns2.host.test", "ns1.host.test"]},
    )
    with NameServer(zone.answer) as server:
        answers = await ask(server, "shop.test", "quiet.test", "null.test", "alias.test")
    assert answers["shop.test"].mail == ("a.mx.test", "b.mx.test")
    assert answers["shop.test"].name_servers == ("ns1.host.test", "ns2.host.test")
    assert answers["quiet.test"].mail == answers["null.test"].mail == ()
    assert answers["alias.test"].canonical == "target.test"
