"""Names out of zone files and lists."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.sources.feeds.zone_file import MAX_LINE, ZoneFile, lines_in, lines_of, listed_names

CZDS = """\
example.\t900\tin\tsoa\tns0.nic.example. host.nic.example. 1 1800 900 604800 86400
example.\t86400\tin\tns\tns0.nic.example.
Garden.Example.\t86400\tin\tns\tns1.host.test.
garden.example.\t86400\tin\tns\tns2.host.test.
garden.example.\t86400\tin\tds\t1 13 2 AABB
0a1b2c.example.\t86400\tin\tnsec3\t1 1 0 - 0a1b2d ns
ns1.garden.example.\t86400\tin\ta\t192.0.2.1
xn--hrtig-ira.example.\t86400\tin\tns\tns1.host.test.
"""
BY_HAND = """\
$ORIGIN example.
$TTL 86400 ; a day
@  IN SOA ns0.nic hostmaster (
      2026112801 ; serial
      1800 900 604800 86400 )
   IN NS ns0.nic
; a comment
garden 3600 IN NS ns1.host.test.
   IN NS ns2.host.test.
in 1h NS ns1.host.test.
shop IN 3600 NS ns1
what is this
bad!name IN NS ns1
"""


def test_a_zone_as_czds_hands_it_out() -> None:
    zone = ZoneFile(CZDS.splitlines())
    assert list(zone.names()) == ["garden.example", "xn--hrtig-ira.example"]
    assert zone.junk == 0


def test_a_zone_written_by_hand() -> None:
    zone = ZoneFile(BY_HAND.splitlines())
    assert list(zone.names()) == ["garden.example", "in.example", "shop.example"]
    assert zone.junk == 2


def test_lists() -> None:
    lines = [
        "# of today",
        "",
        "Garden.example",
        '"shop.example",2026-11-28',
        "holz.example;x",
        "no-host",
        "a" * 300 + ".example",
        "bad!.example",
    ]
    assert list(listed_names(lines)) == ["garden.example", "shop.example", "holz.example"]


@given(st.lists(st.text(max_size=40), max_size=30))
def test_lines_are_put_together_as_they_were_cut(chunks: list[str]) -> None:
    whole = "".join(chunks)
    found = list(lines_of(chunks))
    assert found == (whole.split("\n")[:-1] if whole.endswith("\n") or not whole else whole.split("\n"))


def test_a_line_without_end_takes_no_memory() -> None:
    chunks = ["a.example\n", *["x" * 50_000] * 40, "\nb.example\n", "y" * (MAX_LINE + 1) + "\nc.example"]
    assert list(lines_of(chunks)) == ["a.example", "", "b.example", "", "c.example"]


@pytest.mark.parametrize("form", ["zone", "names"])
@given(st.lists(st.text(max_size=60), max_size=20))
def test_any_text_is_taken(form: str, lines: list[str]) -> None:
    names = list(ZoneFile(lines).names()) if form == "zone" else list(listed_names(lines))
    assert all(name == name.lower() and "." in name and " " not in name for name in names)


def test_names_in_lists_of_other_kinds_and_in_archives() -> None:
    lines = [
        "0.0.0.0 a.example b.example",
        "||c.example^",
        "address=/d.example/#",
        "https://e.example/x",
        "192.0.2.1",
        "! no",
    ]
    assert list(listed_names(lines)) == ["a.example", "b.example", "c.example", "d.example", "e.example"]
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("domain-names.txt", "a.example\r\nb.example\r\n")
    assert list(listed_names(lines_in([kept.getvalue()], 1000))) == ["a.example", "b.example"]
