"""Extract web addresses and telephone numbers from a reported mail and its attachments."""

from __future__ import annotations

import codecs
import hashlib
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from enum import StrEnum
from itertools import islice

from crawler.addresses.text_search import find_addresses
from crawler.addresses.wrapped_links import unwrapped
from crawler.sources.mail.html_links import in_html
from crawler.sources.mail.mail_urls import in_pdf, in_picture, without
from detector.phones.number_text import find_in_text
from detector.present.legible import one_line
from detector.sentences import counted

MAX_MESSAGE = 30 << 20
_DEPTH, _PARTS, _URLS = 5, 200, 200
_MAX_HEADER, _MAX_SENDER = 65_536, 1_000
_NAMED = 3
"""Addresses in doubt that a remark names."""
_INFLATED = 4 << 20
"""Bytes of a packed part that are read."""
_MARKUP = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*"
    rb"<(?:!doctype\s+(?:html|svg)|html|svg|script|body|head|meta)\b",
    re.I | re.S,
)
_SEARCHED = 1_000_000
"""Bytes that are searched of a mail that cannot be taken apart."""
_FROM = re.compile(rb"^from[ \t]*:([^\n]*)", re.I | re.M)
_CONTENT_HEADER = re.compile(rb"^content-(?:type|disposition)[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*", re.I | re.M)


class MailError(Exception):
    """A file is not a mail, too large, or takes too long to read."""


class _LongHeaderError(MailError):
    """A header is so long that the parser would take minutes for it."""


class Reading(StrEnum):
    """Ways to read a mail, the thorough one first."""

    WHOLE = "whole"
    WITHOUT_PICTURES = "its pictures were left out"
    AS_TEXT = "only the beginning of its text was searched"


@dataclass(frozen=True, slots=True)
class ReportedMail:
    """Addresses and numbers found in a mail."""

    urls: tuple[str, ...]
    """Web addresses in the order of the mail, with the reporter's own mail address removed."""
    phones: tuple[str, ...]
    """Telephone numbers in E.164."""
    reporter: str
    """Fingerprint of the reporter's mail address: tells reporters apart without naming them."""
    remark: str = ""
    """Parts of the mail that were not read, and the reason, as a clause; empty where all was."""


def read_report(data: bytes, salt: str, way: Reading = Reading.WHOLE, why: str = "") -> ReportedMail:
    """Read a mail: its text, HTML, attached mails, HTML, PDF and text files, and QR codes in its pictures.

    ``salt`` is mixed into the fingerprint of the reporter, so that it cannot be found by trying addresses.
    ``way``: what to leave out, because (``why``) it could not be read whole; both go into the remark.

    A hostile mail can make this take minutes: :class:`~crawler.sources.mail.mail_reader.MailReader` bounds it.

    Raises:
        MailError: the mail is too large, or not a mail.
    """
    if len(data) > MAX_MESSAGE:
        raise MailError(f"too large: {len(data)} bytes, at most {MAX_MESSAGE} are read")
    if way is Reading.AS_TEXT:
        return _searched(data, salt, f"{way}: {why}")
    try:
        report = _read(_parsed(data), salt, pictures=way is Reading.WHOLE)
    except RecursionError:
        return _searched(data, salt, f"{Reading.AS_TEXT}: its parts are nested too deeply")
    except _LongHeaderError as error:
        return _searched(data, salt, f"{Reading.AS_TEXT}: {error}")
    return report if way is Reading.WHOLE else replace(report, remark=f"{way}: {why}")


def _searched(data: bytes, salt: str, remark: str) -> ReportedMail:
    """Search the beginning of a mail as it was sent, whatever its parts are."""
    sender = next((parseaddr(_as_text(line[1][:_MAX_SENDER]))[1].lower() for line in _FROM.finditer(data)), "")
    text = _as_text(data[:_SEARCHED].replace(b"=\r\n", b"").replace(b"=\n", b"").replace(b"=3D", b"="))
    urls = dict.fromkeys(without(url, sender) for url in islice(_opened(find_addresses(text)), _URLS))
    return ReportedMail(tuple(urls), (), _fingerprint(sender, salt), remark)


def _read(message: EmailMessage, salt: str, *, pictures: bool) -> ReportedMail:
    if not message.keys():
        raise MailError("not a mail: it has no header")
    sender = _sender(message)
    urls: dict[str, None] = {}
    phones: dict[str, None] = {}
    doubts: dict[str, str] = {}
    for count, (kind, content) in enumerate(_parts(message, 0)):
        if count >= _PARTS or len(urls) >= _URLS:
            break
        if kind.startswith("image/") and kind != "image/svg+xml" and not pictures:
            continue
        for url in _opened(_urls(kind, content, doubts.setdefault)):
            urls.setdefault(without(url, sender))
        if kind.startswith("text/"):
            for found in find_in_text(_as_text(content)):
                phones.setdefault(found.number)
    return ReportedMail(tuple(urls)[:_URLS], tuple(phones), _fingerprint(sender, salt), _remark(doubts))


def _remark(doubts: Mapping[str, str]) -> str:
    """Name the addresses that were not read because it is in doubt which ones are meant; empty where there are none."""
    if not doubts:
        return ""
    said = [f"{one_line(written, 60)!r} ({reason})" for written, reason in islice(doubts.items(), _NAMED)]
    more = f" and {len(doubts) - _NAMED} more" if len(doubts) > _NAMED else ""
    return f"{counted(len(doubts), 'address is', 'addresses are')} in doubt: {', '.join(said)}{more}"


def _fingerprint(sender: str, salt: str) -> str:
    return hashlib.blake2b(f"{salt}\n{sender}".encode("utf-8", "replace"), digest_size=6).hexdigest()


def _parsed(data: bytes) -> EmailMessage:
    # the parser's time grows with the square of these headers
    if any(len(found[0]) > _MAX_HEADER for found in _CONTENT_HEADER.finditer(data)):
        raise _LongHeaderError(f"it has a header of more than {_MAX_HEADER} bytes")
    message = message_from_bytes(data, policy=policy.default)
    if not isinstance(message, EmailMessage):
        raise MailError("no mail")
    return message


def _sender(message: EmailMessage) -> str:
    """Return the address in the From header by a simple search: the standard parser fails on hostile headers, or takes long."""
    written = next((str(value) for name, value in message.raw_items() if name.lower() == "from"), "")
    return parseaddr(written[:_MAX_SENDER])[1].lower()


def _parts(message: EmailMessage, depth: int) -> Iterator[tuple[str, bytes]]:
    """Yield kind and content of every part, also of attached mails."""
    for part in message.walk():
        kind = part.get_content_type()
        if part.is_multipart():
            continue
        try:
            payload = part.get_payload(decode=True)
        except Exception:  # nosec B112  # noqa: S112  a part that cannot be decoded holds nothing
            continue
        if not isinstance(payload, bytes) or not payload:
            continue
        name = (part.get_filename() or "").lower() if _named(part) else ""
        if name.endswith(".eml") and depth < _DEPTH:
            try:
                inner = _parsed(payload)
            except MailError:  # text outside of the attached mail was reported too
                continue
            yield from _parts(inner, depth + 1)
        else:
            plain = _plain(payload)
            yield _kind(kind, name, plain), _recoded(part, kind, payload) if plain is payload else plain


def _named(part: EmailMessage) -> bool:
    try:
        return part.get_filename() is not None
    except Exception:
        return False


def _kind(kind: str, name: str, payload: bytes) -> str:
    """Return the kind of a part by type and file name: attachments are often sent as ``application/octet-stream``."""
    if payload.startswith(b"%PDF-"):
        return "application/pdf"
    if name.endswith((".htm", ".html", ".shtml", ".xhtml", ".xht", ".svg", ".svgz")) or _MARKUP.match(payload[:2000]):
        return "text/html"
    if name.endswith((".txt", ".csv", ".url", ".ics", ".vcf")):
        return "text/plain"
    return kind


def _plain(payload: bytes) -> bytes:
    """Return a part without gzip (``.svgz``), bounded, and in UTF-8 where it begins with a mark of UTF-16."""
    if payload.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return payload.decode("utf-16", "replace").encode()
    if not payload.startswith(b"\x1f\x8b\x08"):
        return payload
    try:
        return zlib.decompressobj(wbits=31).decompress(payload, _INFLATED)
    except zlib.error:
        return payload


def _recoded(part: EmailMessage, kind: str, payload: bytes) -> bytes:
    """Return a part of type text in UTF-8, decoded by its charset; other parts, and unknown charsets, as they are."""
    if not kind.startswith("text/"):
        return payload
    charset = part.get_content_charset() or "utf-8"
    try:
        return payload.decode(charset, "replace").encode("utf-8", "replace")
    except (LookupError, ValueError):  # there is no such charset
        return payload


def _urls(kind: str, content: bytes, left_out: Callable[[str, str], object]) -> Iterator[str]:
    if kind in {"text/html", "image/svg+xml", "application/xhtml+xml"}:
        yield from in_html(_as_text(content), left_out=left_out)
    elif kind.startswith("text/"):
        yield from find_addresses(_as_text(content), left_out)
    elif kind == "application/pdf":
        yield from in_pdf(content)
    elif kind.startswith("image/"):
        yield from in_picture(content)


def _opened(urls: Iterator[str]) -> Iterator[str]:
    """Yield each address behind the one that a gateway's or a search engine's link leads to: both are evidence."""
    for url in urls:
        yield from unwrapped(url)[::-1]
        yield url


def _as_text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
