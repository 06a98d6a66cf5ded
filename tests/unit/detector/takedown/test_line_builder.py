"""Lines of many kinds of captures: the site's addresses, its ways to hide, and findings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from detector.model import Capture, Case, DnsAnswer, Finding, RedirectHop
from detector.takedown.line_builder import build_line
from detector.takedown.queue_line import TakedownLine
from detector.testing import example_case
from tests.support.store.builders import NOW, capture

URL = "https://clone.example/in"
SHORT = "https://short.example/x"
FIRST, SECOND, SIX = "198.51.100.9", "198.51.100.10", "2001:db8::9"
HOP = (RedirectHop(SHORT, 302, "203.0.113.7"), RedirectHop(URL, 200, FIRST))


def line_of(seen: Capture, findings: tuple[Finding, ...] | None = None) -> TakedownLine:
    case: Case = example_case().case
    verdict = case.verdict if findings is None else replace(case.verdict, findings=findings)
    return build_line(replace(case, capture=seen, verdict=verdict), None, (), NOW)


ADDRESSES: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "no redirect": ({"address": FIRST}, (FIRST,)),
    "a name with two addresses": ({"address": SECOND, "dns": (DnsAnswer("clone.example", (FIRST, SECOND)),)}, (SECOND, FIRST)),
    "both families": ({"address": SIX, "dns": (DnsAnswer("clone.example", (FIRST, SIX)),)}, (SIX, FIRST)),
    "a page that timed out after its name was resolved": (
        {"outcome": "timeout", "final_url": "", "dns": (DnsAnswer("clone.example", (FIRST,)),)},
        (FIRST,),
    ),
    "a name that did not resolve": ({"outcome": "dns_error", "dns": (DnsAnswer("clone.example", problem="no such name"),)}, ()),
    "the clone behind a redirector": ({"url": SHORT, "address": FIRST, "redirects": HOP}, (FIRST, "203.0.113.7")),
    "a redirector and the clone at one address": (
        {"url": SHORT, "address": FIRST, "redirects": (RedirectHop(SHORT, 302, FIRST),)},
        (FIRST,),
    ),
    "a redirector whose address is not known": (
        {"url": SHORT, "address": FIRST, "redirects": (RedirectHop(SHORT, 302, None),)},
        (FIRST,),
    ),
    "servers of pictures are not the page's": (
        {"address": FIRST, "dns": (DnsAnswer("cdn.example", ("192.0.2.50",)), DnsAnswer("clone.example", (FIRST,)))},
        (FIRST,),
    ),
    "a bare address": ({"url": f"https://{FIRST}/", "address": FIRST}, (FIRST,)),
    "a bare address of IPv6 and a port": ({"url": f"https://[{SIX}]:8443/", "address": SIX}, (SIX,)),
    "a name in capital letters": (
        {"url": "https://CLONE.example/", "dns": (DnsAnswer("Clone.Example", (FIRST,)),)},
        (FIRST,),
    ),
    "a name in another script": (
        {"url": "https://xn--bcher-kva.example/", "dns": (DnsAnswer("xn--bcher-kva.example", (FIRST,)),)},
        (FIRST,),
    ),
    "a name with a dot at its end": (
        {"url": "https://clone.example./in", "dns": (DnsAnswer("clone.example.", (FIRST,)),)},
        (FIRST,),
    ),
}  # fmt: skip
"""Fields of a capture, and the addresses of its line."""


@pytest.mark.parametrize("kind", ADDRESSES)
def test_the_final_hosts_addresses_come_first(kind: str) -> None:
    held, wanted = ADDRESSES[kind]
    seen = capture(**{"url": URL, **({"final_url": URL} if "redirects" in held else {}), **held})
    assert line_of(seen).addresses == wanted


VIEWS: dict[str, dict[str, Any]] = {
    "another page": {"final_url": "https://garden.example/", "status": 200},
    "not found": {"status": 404},
    "silence": {"outcome": "timeout", "final_url": "", "status": None},
    "a name that does not resolve for it": {"outcome": "dns_error", "final_url": ""},
    "the brand's own page": {"final_url": "https://paypal.com/signin", "status": 200},
    "a challenge": {"outcome": "captcha", "status": 403},
}
"""Pages that a site shows to the visitors it does not want."""


@pytest.mark.parametrize("kind", VIEWS)
def test_a_cloaked_case_says_what_each_visitor_was_shown(kind: str) -> None:
    refused = capture(URL, profile="desktop", **VIEWS[kind])
    seen = capture(URL, profile="phone", address=FIRST, cloaked="It hides from desktops.", others=(refused, refused))
    line = line_of(seen)
    assert line.cloaking is not None
    assert (line.cloaking.sentence, line.cloaking.shown_to.profile) == ("It hides from desktops.", "phone")
    shown = line.cloaking.others[0]
    assert len(line.cloaking.others) == 2
    assert (shown.profile, shown.outcome, shown.status) == ("desktop", str(refused.outcome), refused.status)
    assert shown.final_url == (refused.final_url or URL)
    assert "http" not in shown.defanged_final_url


def test_a_second_look_that_saw_the_same_is_no_cloaking() -> None:
    assert line_of(capture(URL, others=(capture(URL, profile="desktop"),))).cloaking is None


@pytest.mark.parametrize(
    ("measure", "told"),
    [(1.0, True), (0.9, True), (0.001, True), (0.0, False), (-0.0, False), (None, False)],
)
def test_a_finding_that_says_nothing_is_left_out(measure: float | None, told: bool) -> None:
    always = Finding("logo", "paypal", 0.9, "The logo is on the page.")
    line = line_of(
        capture(URL),
        (always, Finding("links", "paypal", measure, "Links.", None if measure is not None else "no link")),
    )
    assert [found.signal for found in line.findings] == (["logo", "links"] if told else ["logo"])


def test_a_case_of_which_no_finding_speaks_has_none() -> None:
    nothing = tuple(Finding(signal, "paypal", 0.0, "Nothing.") for signal in ("logo", "links", "words"))
    assert line_of(capture(URL), nothing).findings == ()


@pytest.mark.parametrize("where", ["sentence", "finding", "cloaked", "url", "redirect"])
@pytest.mark.parametrize("exact", [False, True])
def test_a_victims_mail_address_is_masked_wherever_an_address_stands(where: str, exact: bool) -> None:
    victim = f"{URL}?email=jane.doe@corp.example"
    held: dict[str, dict[str, Any]] = {
        "cloaked": {"cloaked": f"A phone is sent to {victim}."},
        "url": {"url": victim},
        "redirect": {"redirects": (RedirectHop(victim, 302, None),)},
    }
    case: Case = example_case().case
    finding = Finding("links", "paypal", 0.8, f"It sends to {victim}." if where == "finding" else "It sends.")
    said = f"It copies {victim}." if where == "sentence" else "It copies."
    verdict = replace(case.verdict, findings=(finding,), sentence=said)
    seen = capture(**{"url": URL, **held.get(where, {})})
    line = build_line(replace(case, capture=seen, verdict=verdict), None, (), NOW, exact_addresses=exact)
    assert ("jane.doe" in str(line)) is exact
    assert line.masked is not exact
