"""Mails that are made to hold, bloat or end their reader: they cost themselves only, and what can be read of them is."""

from __future__ import annotations

import os
import signal

import pytest

from crawler.sources.mail import mail_reader
from crawler.sources.mail.mail_reader import MailReader
from crawler.sources.mail.reported_mail import MailError, Reading, ReportedMail, read_report
from tests.support.store.mails import finder_patterns, mail_of_parts, nested_parts

PLAIN = b"From: anna@customer.example\n\nhttp://plain.example/"
SECONDS = 10.0
"""For one way to read a mail: a thousand times what the ordinary ones take, and a thousandth of what the one that holds takes."""
MEMORY = 32 << 20
HELD = mail_of_parts([b"see http://beside.example/"], picture=finder_patterns(60))
"""A picture of 3,600 finder patterns: OpenCV would compare each with all others for hours."""
BLOATED = mail_of_parts([b"see http://beside.example/", *[b"a"] * 400_000])
"""Some 130 MiB as objects, four times what the test allows; as text, 3 MB."""
DEEP = nested_parts(900, b"http://deep.example/")
DEADLY = b"From: anna@customer.example\n\nhttp://deadly.example/"


def deadly_report(data: bytes, salt: str, way: Reading, why: str) -> ReportedMail:
    """Read a mail; one of them ends the process, in every way."""
    if data == DEADLY:
        os.kill(os.getpid(), signal.SIGSEGV)
    return read_report(data, salt, way, why)


@pytest.mark.ordeal
async def test_a_mail_that_holds_its_reader_hides_neither_its_text_nor_the_next_mail() -> None:
    async with MailReader("salt", seconds=SECONDS) as reader:
        held = await reader.read(HELD)
        assert held.urls == ("http://beside.example/",)
        assert held.remark == "its pictures were left out: to read it whole took more than 10 s"
        assert await reader.read(PLAIN) == read_report(PLAIN, "salt")


@pytest.mark.ordeal
async def test_a_mail_that_bloats_its_reader_hides_neither_its_text_nor_the_next_mail() -> None:
    async with MailReader("salt", seconds=600.0, memory=MEMORY) as reader:
        bloated = await reader.read(BLOATED)
        assert bloated.urls == ("http://beside.example/",)
        # a process without memory raises, or dies of it: both are told, and the text is searched either way
        beginning, reason = bloated.remark.split(": ")
        assert beginning == "only the beginning of its text was searched"
        assert reason in {"to read it whole takes too much memory", "its reader died when it read it whole"}
        deep = await reader.read(DEEP)
        assert deep.urls == ("http://deep.example/",)
        plain = await reader.read(PLAIN)
        assert (plain.urls, plain.remark) == (("http://plain.example/",), "")
        assert plain == read_report(PLAIN, "salt")
        with pytest.raises(MailError, match="no header"):
            await reader.read(b"\x00\x01")


async def test_a_mail_that_kills_every_reader_is_named_and_the_next_one_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mail_reader, "read_report", deadly_report)
    async with MailReader("salt", seconds=60.0) as reader:
        with pytest.raises(MailError, match="its reader died when it read it whole"):
            await reader.read(DEADLY)
        assert (await reader.read(PLAIN)).urls == ("http://plain.example/",)


@pytest.mark.parametrize("way", Reading)
def test_every_way_finds_plain_addresses_and_tells_the_reporter(way: Reading) -> None:
    data = (
        b"From: Anna <anna@customer.example>\nContent-Transfer-Encoding: quoted-printable\n\n"
        b"http://one.example/?to=3Danna@customer.exam=\nple and http://two.example/"
    )
    report = read_report(data, "salt", way, "why")
    assert report.urls == ("http://one.example/?to=someone@example.com", "http://two.example/")
    assert report.reporter == read_report(PLAIN, "salt").reporter
    assert "anna" not in repr(report)
    assert report.remark == ("" if way is Reading.WHOLE else f"{way}: why")
