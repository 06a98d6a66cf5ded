"""The suspect's page in words."""

from __future__ import annotations

from typing import Any

import pytest

from detector.model import Brand, Capture, Form, Hosting, NetworkEntry, PageFacts, RedirectHop, StoredFile, utcnow
from detector.present.page_view import MAX_HOSTS, page_view

BRAND = Brand("glimmer", "Glimmer", domains=("glimmer.example",))
URL = "https://clone.example/in"


def test_hosts_are_counted_and_told_apart() -> None:
    network = (
        NetworkEntry(URL, "GET", "document", 200, 1000),
        NetworkEntry("https://clone.example/a.js", "GET", "script", 200, 500),
        NetworkEntry("https://cdn.glimmer.example/logo.svg", "GET", "image", 200, 300),
        NetworkEntry("https://notglimmer.example/x", "GET", "image", None, None, "net::ERR_FAILED"),
        NetworkEntry("http://169.254.169.254/", "GET", "fetch", None, None, "guard: link-local"),
        NetworkEntry("data:image/png;base64,xx", "GET", "image", 200, 2),
    )
    hosts = page_view(Capture(URL, "ok", network=network), BRAND).hosts
    assert [(host.host, host.requests, host.size, host.role, host.refused, host.failed) for host in hosts] == [
        ("clone[.]example", 2, "1.5 kB", "this site", 0, 0),
        ("(no host)", 1, "2 B", "", 0, 0),
        ("169[.]254[.]169[.]254", 1, "0 B", "", 1, 0),
        ("cdn[.]glimmer[.]example", 1, "300 B", "official", 0, 0),
        ("notglimmer[.]example", 1, "0 B", "", 0, 1),
    ]


def test_many_hosts_are_bounded() -> None:
    network = tuple(NetworkEntry(f"https://h{n}.example/", "GET", "image") for n in range(MAX_HOSTS + 7))
    view = page_view(Capture(URL, "ok", network=network), None)
    assert (len(view.hosts), view.hosts_more) == (MAX_HOSTS, 7)


def test_forms_say_when_they_post_elsewhere() -> None:
    forms = (Form("https://clone.example/x", "post"), Form("https://drop.example/x", "post"), Form("", "get"))
    view = page_view(Capture(URL, "ok", facts=PageFacts(forms=forms)), None)
    assert [(form.action, form.method, form.elsewhere) for form in view.forms] == [
        ("hxxps://clone[.]example/x", "POST", False),
        ("hxxps://drop[.]example/x", "POST", True),
        ("this page", "GET", False),
    ]


def test_a_file_in_two_roles_is_named_once() -> None:
    same, icon = StoredFile("a" * 64, "image/png", 10), StoredFile("b" * 64, "image/png", 20)
    files = page_view(Capture(URL, "ok", screenshot=same, full_page=same, favicon=icon), None).files
    assert [(file.role, file.sha256[0], file.size) for file in files] == [
        ("Screenshot, full page", "a", "10 B"),
        ("Favicon", "b", "20 B"),
    ]


def test_a_redirect_by_script_has_no_status() -> None:
    hops = (RedirectHop("http://a.example/", 302, "203.0.113.1"), RedirectHop("http://b.example/", None))
    shown = [(hop.url, hop.status, hop.address) for hop in page_view(Capture(URL, "ok", redirects=hops), None).hops]
    assert shown == [("hxxp://a[.]example/", "302", "203.0.113.1"), ("hxxp://b[.]example/", "script", "")]


def test_an_unparsable_url_is_no_error() -> None:
    view = page_view(Capture("http://[bad", "bad_url", network=(NetworkEntry("http://[x", "GET", "image"),)), None)
    assert view.hosts[0].host == "(no host)"
    assert ("Outcome", "Bad url") in view.facts


def hosted(**parts: Any) -> dict[str, str]:
    """Rows of facts about a page whose hosting has these parts; the others are unknown."""
    unknown: dict[str, Any] = dict.fromkeys(("network", "network_name", "holder", "country", "as_name", "server"), "")
    values = unknown | {"address": "192.0.2.7", "abuse_contacts": (), "as_number": None, "asked": utcnow()} | parts
    known = Hosting(**values)
    return dict(page_view(Capture(URL, "ok", hosting=known), None).facts)


def test_who_hosts_the_page_is_one_row_and_where_to_complain_another() -> None:
    rows = hosted(
        holder="Example Hosting",
        country="DE",
        as_number=64500,
        as_name="EXAMPLE-AS",
        network="192.0.2.0/24",
        network_name="EXAMPLE-NET",
        abuse_contacts=("abuse@hoster.example", "noc@hoster.example"),
    )
    assert rows["Hosted by"] == "Example Hosting, DE (AS64500 EXAMPLE-AS, 192.0.2.0/24 EXAMPLE-NET)"
    assert rows["Hoster's abuse contact"] == "abuse@hoster.example, noc@hoster.example"


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"as_number": 64500}, "AS64500"),
        ({"network": "192.0.2.0/24"}, "192.0.2.0/24"),
        ({"holder": "Example Hosting"}, "Example Hosting"),
        ({"country": "DE", "as_number": 64500, "as_name": "A"}, "DE (AS64500 A)"),
    ],
)
def test_what_is_known_of_the_hosting_is_shown(parts: dict[str, Any], said: str) -> None:
    rows = hosted(**parts)
    assert rows["Hosted by"] == said
    assert "Hoster's abuse contact" not in rows


def test_hostile_names_of_a_hoster_stay_text() -> None:
    said = hosted(holder="\x1b[2J\u202eevil\n<script>", as_number=1, as_name="x" * 9000)["Hosted by"]
    assert said.isprintable()
    assert "\u202e" not in said
    assert len(said) <= 600
