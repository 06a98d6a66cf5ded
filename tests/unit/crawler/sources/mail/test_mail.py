"""Addresses found in reported mails."""

from __future__ import annotations

import base64
import gzip
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.sources.mail.html_links import in_html
from crawler.sources.mail.mail_urls import in_pdf, in_picture, without
from crawler.sources.mail.reported_mail import MAX_MESSAGE, MailError, read_report
from tests.support.store.mails import REPORTER, forwarded, pdf, qr_code


def test_addresses_in_html() -> None:
    html = (
        '<base href="https://base.example/"><a href="https://a.example/?x=1&amp;y=2">https://shown.example/</a>'
        '<form action="http://b.example/post"></form><iframe src="https://c.example/"></iframe><img src="https://pixel.example/">'
        '<meta http-equiv="refresh" content="0; url=https://d.example/"><a href="mailto:x@y.example">m</a><a href="/relative">r</a>'
        "<script>var u = 'https://script.example/';</script><a href='https://e.example/"
    )
    assert list(in_html(html)) == [
        "https://base.example/", "https://a.example/?x=1&y=2", "http://b.example/post", "https://c.example/", "https://d.example/",
        "https://base.example/relative", "https://shown.example/",
    ]  # fmt: skip


@pytest.mark.parametrize("packed", [False, True])
def test_links_of_pdf_files(packed: bool) -> None:
    data = pdf("https://a.example/x", "mailto:y@z.example", r"https://b.example/\(c\)", packed=packed)
    assert list(in_pdf(data)) == ["https://a.example/x", "https://b.example/(c)"]


def test_qr_codes() -> None:
    assert list(in_picture(qr_code("https://qr.example/a"))) == ["https://qr.example/a"]
    assert list(in_picture(qr_code("WIFI:T:WPA;S:home;;"))) == []
    assert list(in_picture(b"\x89PNG\r\n\x1a\nbroken")) == []


def test_a_reporters_address_is_taken_out_of_links() -> None:
    assert (
        without(f"https://a.example/?u={REPORTER.upper()}&v=1", REPORTER)
        == "https://a.example/?u=someone@example.com&v=1"
    )
    assert (
        without("https://a.example/?u=anna.muster%40customer.example", REPORTER)
        == "https://a.example/?u=someone@example.com"
    )
    assert without("https://a.example/", "") == "https://a.example/"


def whole() -> EmailMessage:
    inner = EmailMessage()
    inner["From"] = "Bank <service@evil.example>"
    inner["Subject"] = "Account locked"
    inner.set_content("Call +1 800 555 0199 or open http://inner.example/\n")
    message = forwarded()
    message.set_content(f"I got this: https://text.example/?m={REPORTER}\n", charset="iso-8859-1")
    message.add_alternative('<p>I got <a href="https://html.example/">this</a></p>', subtype="html")
    message.add_attachment(inner)
    message.add_attachment(
        bytes(inner).replace(b"inner", b"asfile"), maintype="application", subtype="octet-stream", filename="m.eml"
    )
    message.add_attachment(
        b"<a href='https://page.example/'>x</a>",
        maintype="application",
        subtype="octet-stream",
        filename="Invoice.HTML",
    )
    message.add_attachment(
        pdf("https://pdf.example/"), maintype="application", subtype="octet-stream", filename="Invoice.pdf"
    )
    message.add_attachment(qr_code("https://qr.example/"), maintype="image", subtype="png", filename="code.png")
    return message


def test_all_parts_of_a_mail_are_read() -> None:
    report = read_report(bytes(whole()), "salt")
    assert report.urls == (
        "https://text.example/?m=someone@example.com", "https://html.example/", "http://inner.example/", "http://asfile.example/",
        "https://page.example/", "https://pdf.example/", "https://qr.example/",
    )  # fmt: skip
    assert report.phones == ("+18005550199",)


def test_the_reporter_is_a_fingerprint() -> None:
    report = read_report(bytes(whole()), "salt")
    assert "anna" not in repr(report).lower()
    assert report.reporter == read_report(bytes(forwarded("Other")), "salt").reporter
    assert report.reporter != read_report(bytes(whole()), "other salt").reporter
    assert len(report.reporter) == 12


def test_what_is_no_mail_is_said() -> None:
    with pytest.raises(MailError, match="no header"):
        read_report(b"\x00\x01\x02", "salt")
    with pytest.raises(MailError, match="bytes"):
        read_report(b"From: a@b.example\n\n" + bytes(MAX_MESSAGE), "salt")


def test_mails_within_mails_end() -> None:
    data = b"From: a@b.example\n\nhttp://core.example/"
    for _ in range(30):
        outer = forwarded()
        outer.add_attachment(data, maintype="application", subtype="octet-stream", filename="m.eml")
        data = bytes(outer)
        if len(data) > MAX_MESSAGE:
            break
    assert len(read_report(data, "salt").urls) <= 1


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_change_of_a_mail_is_taken(data: st.DataObject) -> None:
    raw = bytearray(bytes(whole())[:6000])
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        report = read_report(bytes(raw), "salt")
    except MailError:
        return
    assert all(isinstance(url, str) for url in report.urls)


@pytest.mark.parametrize(
    "raw",
    [
        b"From: =?utf-8?q?=ff?= <a@b>\nContent-Type: text/plain; charset=nowhere\n\nhttp://a.example/",
        b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Transfer-Encoding: base64\n\n%%%\n--x--",
        b"From: a@b.example\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\n"
        + base64.b64encode(b"GIF89a"),
        b"Subject: only\nContent-Disposition: attachment; filename*=utf-8''%ff%fe.eml\n\nx",
    ],
)
def test_odd_mails(raw: bytes) -> None:
    assert set(read_report(raw, "salt").urls) <= {"http://a.example/"}


HEAD = b"From: a@b.example\n"
NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (depth, depth) for depth in range(3000))


@pytest.mark.timeout(20)  # each of these took minutes, or for ever, before it was bounded
@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (HEAD + NESTED, "nested too deeply"),
        (HEAD + b"Content-Type: message/rfc822\n\n" * 20_000, "nested too deeply"),
        (HEAD + b"Content-Type: text/plain" + b"; a=b" * 600_000 + b"\n\nx", "a header of more"),
        (HEAD + b"Content-Disposition: attachment" + b";\n a=b" * 60_000 + b"\n\nx", "a header of more"),
    ],
    ids=["multiparts", "mails", "content-type", "folded content-disposition"],
)
def test_what_would_hold_the_reader_up_is_only_searched(raw: bytes, said: str) -> None:
    report = read_report(b"X: http://found.example/\n" + raw, "salt")
    assert report.urls == ("http://found.example/",)
    assert report.remark.startswith("only the beginning of its text was searched: ")
    assert said in report.remark


@pytest.mark.timeout(20)
def test_hostile_parts_take_no_time_and_hide_nothing() -> None:
    hostile = HEAD + b"Content-Type: text/plain" + b"; a=b" * 60_000 + b"\n\nx"
    message = forwarded()
    message.set_content("http://before.example/ " + "a[.]" * 400_000)
    message.add_attachment(hostile, maintype="application", subtype="octet-stream", filename="m.eml")
    message.add_attachment(b"%PDF-" + b"stream\n" * 300_000, maintype="application", subtype="pdf", filename="a.pdf")
    message.add_attachment("<a href='http://html.example/'>" + "<![" * 100_000, subtype="html", filename="a.html")
    assert read_report(bytes(message), "salt").urls == ("http://before.example/", "http://html.example/")
    encoded = b"From: " + b"=?utf-8?q?a?= " * 300_000 + b"<a@b.example>\n\nhttp://after.example/"
    assert read_report(encoded, "salt").urls == ("http://after.example/",)


SAFE_LINK = "https://nam01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.example%2Fx&data=05&reserved=0"


def attached(data: bytes, name: str, kind: str = "application/octet-stream") -> tuple[str, ...]:
    message = forwarded()
    message.set_content("see the attached file")
    main, _, sub = kind.partition("/")
    message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return read_report(bytes(message), "salt").urls


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b"<svg><a xlink:href='https://a.example/x'/></svg>", "a.svg", "image/svg+xml"),
        (b"<svg><a xlink:href='https://a.example/x'/></svg>", "voice message", "application/octet-stream"),
        (b"<?xml version='1.0'?><svg><script>location='https://a.example/x'</script></svg>", "a.SVG", "text/xml"),
        (gzip.compress(b"<svg><a href='https://a.example/x'/></svg>"), "a.svgz", "image/svg+xml"),
        (b"<script>location.replace('https://a.example/x')</script>", "Invoice.shtml", "application/octet-stream"),
        (b"<!-- saved --><html><script>location.href=atob('aHR0cHM6Ly9hLmV4YW1wbGUveA==')</script>", "Invoice", "text/plain"),
        ("<html><body>こちらhttps://a.example/xへ</body></html>".encode("utf-16"), "a.htm", "text/html"),
        (b"[InternetShortcut]\nURL=https://a.example/x\n", "a.url", "application/octet-stream"),
    ],
)  # fmt: skip
def test_attachments_that_lead_somewhere(data: bytes, name: str, kind: str) -> None:
    assert attached(data, name, kind) == ("https://a.example/x",)


def test_wrapped_links_are_opened_and_kept() -> None:
    message = forwarded()
    message.set_content(f"Open {SAFE_LINK} now")
    assert read_report(bytes(message), "salt").urls == ("https://a.example/x", SAFE_LINK)


def test_a_reporters_address_is_taken_out_of_fragments() -> None:
    coded = base64.b64encode(REPORTER.encode()).decode().rstrip("=")
    assert without(f"https://a.example/#{coded}", REPORTER) == "https://a.example/#c29tZW9uZUBleGFtcGxlLmNvbQ"


def test_an_address_in_doubt_is_named_and_not_guessed() -> None:
    message = forwarded()
    message.set_content("They come from hxxp://192 .0.2.8\nand hxxps://evil[.]example/a")
    report = read_report(bytes(message), "salt")
    assert report.urls == ("https://evil.example/a",)
    assert report.remark.startswith("1 address is in doubt: 'hxxp://192 .0.2.8")
