"""The decision which names are worth a capture or a probe."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crawler.discovery.triage import Triage, TriageOutcome, expected_harm, shannon_entropy
from detector.brands import BrandLibrary
from detector.errors import ConfigError
from detector.model import Brand, Candidate
from detector.names.matcher import SELECT

LIBRARY = BrandLibrary(
    [
        Brand(id="google", name="Google", names=("Google",), domains=("google.com",)),
        Brand(id="line", name="LINE", names=("LINE",), domains=("line.me",), ambiguous=True),
        Brand(id="paypal", name="PayPal", names=("PayPal",), domains=("paypal.com",)),
    ]
)
TRIAGE = Triage(LIBRARY)


@pytest.mark.parametrize("likely", [0.0, 0.05, 0.3, 0.9, 1.0])
def test_expected_harm_keeps_its_bounds_and_its_order(likely: float) -> None:
    harms = [expected_harm(likely, weight) for weight in (0.01, 0.5, 1.0, 3.0, 100.0)]
    assert harms == sorted(harms)
    assert all(0.0 <= harm <= 1.0 for harm in harms)
    assert harms[2] == pytest.approx(likely)
    assert expected_harm(0.01, 3.0) == pytest.approx(0.03, rel=0.02)


def test_a_brand_that_weighs_more_is_looked_at_sooner() -> None:
    heavy, light = (Triage(LIBRARY, {"paypal": weight}) for weight in (3.0, 0.5))
    found = Candidate("http://new.example/", source="feeds:x", brands=("paypal",), priority=0.3)
    usual, sooner, later = (judge.judge(found).candidate.priority for judge in (TRIAGE, heavy, light))
    assert later < usual < sooner
    assert heavy.judge(replace(found, brands=("other",))).candidate.priority == usual
    assert heavy.judge(found, ceiling=0.05).candidate.priority == 0.05, "a parked name stays where it is"


def test_a_weight_of_nobody_is_a_mistake() -> None:
    with pytest.raises(ConfigError, match="there is no brand 'paypall'"):
        Triage(LIBRARY, {"paypall": 2.0})


def candidate(url: str, **fields: object) -> Candidate:
    return Candidate(url=url, source="test", **fields)  # type: ignore[arg-type]


def test_a_lookalike_is_selected_with_brand_score_and_reasons() -> None:
    decision = TRIAGE.judge(candidate("hxxps://paypal-login[.]top/"))
    assert decision.selected
    assert decision.candidate.url == "https://paypal-login.top/"
    assert decision.candidate.brands == ("paypal",)
    assert decision.candidate.priority == decision.score >= SELECT
    assert any("paypal" in reason and "login" in reason for reason in decision.candidate.reasons)


@pytest.mark.parametrize(
    ("url", "outcome", "reason"),
    [
        ("https://www.paypal.com/signin", TriageOutcome.OWNED, "belongs to PayPal"),
        ("ftp://x.example/", TriageOutcome.BAD_URL, "scheme"),
        ("http://a\x00.example/", TriageOutcome.BAD_URL, "control character"),
    ],
)
def test_what_is_dropped_says_why(url: str, outcome: TriageOutcome, reason: str) -> None:
    decision = TRIAGE.judge(candidate(url))
    assert (decision.selected, decision.outcome) == (False, outcome)
    assert reason in decision.reason


def test_pages_of_anybody_on_an_owned_host_are_looked_at() -> None:
    decision = TRIAGE.judge(candidate("https://sites.google.com/view/paypal-login"))
    assert decision.selected
    assert decision.candidate.brands == ("paypal",)


def test_seen_is_asked_with_the_normalised_url() -> None:
    asked: list[str] = []

    def seen(url: str) -> bool:
        asked.append(url)
        return True

    assert TRIAGE.judge(candidate("EVIL.example:80"), seen=seen).outcome is TriageOutcome.SEEN
    assert asked == ["http://evil.example/"]


def test_a_nameless_url_is_kept_unless_the_source_reports_every_name() -> None:
    quiet = candidate("http://quiet.example/")
    assert TRIAGE.judge(quiet).selected
    assert TRIAGE.judge(quiet, minimum=SELECT).outcome is TriageOutcome.UNREMARKABLE
    assert TRIAGE.judge(candidate("http://quiet.example/", brands=("paypal",)), minimum=SELECT).selected


def test_priority_is_the_sources_or_the_names_whichever_is_higher_up_to_the_ceiling() -> None:
    assert TRIAGE.judge(candidate("http://quiet.example/", priority=0.7)).candidate.priority == 0.7
    assert TRIAGE.judge(candidate("http://paypal-login.top/", priority=0.1)).candidate.priority > 0.8
    assert TRIAGE.judge(candidate("http://paypal-login.top/", priority=0.05), ceiling=0.05).candidate.priority == 0.05


def test_brands_and_reasons_of_the_source_come_first() -> None:
    decision = TRIAGE.judge(candidate("http://paypal-login.top/", brands=("line",), reasons=("reported",)))
    assert decision.candidate.brands == ("line", "paypal")
    assert decision.candidate.reasons[0] == "reported"


@pytest.mark.parametrize(
    ("host", "word"),
    [
        ("secure-login-verify.example", "login"),
        ("kq3x9v7z2b1m.duckdns.org", "duckdns.org"),
        ("x.quiet.top", ".top"),
        ("192.0.2.4", "address"),
        ("a.b.c.d.quiet.example", "5 labels"),
        ("k3x9v7z2b1mq8w4.example", "random"),
    ],
)
def test_circumstances_explain_themselves(host: str, word: str) -> None:
    plain = TRIAGE.score_name("quiet.example")
    score = TRIAGE.score_name(host)
    assert score.score > plain.score == 0
    assert any(word in reason for reason in score.reasons)


def test_score_name_of_a_path() -> None:
    score = TRIAGE.score_name("http://evil.example/paypal/login.php")
    assert (score.brand, score.where) == ("paypal", "path")


def test_entropy() -> None:
    assert shannon_entropy("") == 0
    assert shannon_entropy("aaaa") == 0
    assert shannon_entropy("abcd") == pytest.approx(2.0)


def test_a_redirector_of_a_brand_is_seen_through() -> None:
    decision = TRIAGE.judge(candidate("https://www.google.com/url?q=https%3A%2F%2Fpaypal-login.top%2Fa&sa=D"))
    assert decision.selected
    assert decision.candidate.url == "https://paypal-login.top/a"
    assert "www.google.com redirects to this address." in decision.candidate.reasons
    assert (
        TRIAGE.judge(candidate("https://www.google.com/url?q=https://www.paypal.com/")).outcome is TriageOutcome.OWNED
    )
    nested = "https://www.google.com/url?q=" * 6 + "https://www.google.com/"
    assert TRIAGE.judge(candidate(nested)).outcome is TriageOutcome.OWNED


def test_sift_says_what_scoring_says() -> None:
    names = ["garden.example", "paypal-login.top", "www.paypal.com", "paypa1.com", "line.example"]
    assert list(TRIAGE.sift(names)) == [(1, TRIAGE.score_name(names[1])), (3, TRIAGE.score_name(names[3]))]


@pytest.mark.parametrize(
    "url",
    [
        "https://paypal.com@evil.example/",
        "hxxps://www[.]paypal[.]com[@]evil[.]example/",
        "https://paypal.com%2Fsignin@evil.example/",
        "https://jane:paypal.com@203.0.113.9/",
        "https://PAYPAL.COM:443@evil.example/x?y",
    ],
)
def test_a_brand_as_user_name_is_the_strongest_lure(url: str) -> None:
    decision = TRIAGE.judge(candidate(url), minimum=SELECT)
    assert decision.selected
    assert decision.candidate.brands == ("paypal",)
    assert decision.score >= 0.99
    assert "as a user name; it leads to" in decision.candidate.reasons[0]


@pytest.mark.parametrize(
    "url",
    ["ｐaypal.com", "ⓟⓐⓨⓟⓐⓛ.com", "pay\u00adpal.com", "https://ＰＡＹＰＡＬ．ＣＯＭ/login", "https://jane@paypal.com/"],
)
def test_the_brands_own_hosts_are_owned_however_they_are_spelled(url: str) -> None:
    assert TRIAGE.judge(candidate(url)).outcome is TriageOutcome.OWNED
    assert TRIAGE.score_name(url).brand is None
