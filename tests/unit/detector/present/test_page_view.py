"""The suspect's page in words."""

from __future__ import annotations

from detector.model import Brand, Capture, Form, NetworkEntry, PageFacts, RedirectHop, StoredFile
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
