"""One reported mail: addresses and telephone numbers of it and of what is attached to it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr

from crawler.mail.urls import in_html, in_pdf, in_picture, in_text, without
from detector.phones.text import find_in_text

MAX_MESSAGE = 30 << 20
_DEPTH, _PARTS, _URLS = 5, 200, 200


class MessageError(Exception):
    """A file that is no mail, or too large."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a mail told."""

    urls: tuple[str, ...]
    """In the order in which they stand there, the reporter's own address taken out."""
    phones: tuple[str, ...]
    """E.164."""
    reporter: str
    """A fingerprint of the reporter's address: tells two reporters apart, and none by name."""


def read_report(data: bytes, salt: str) -> Report:
    """Take a mail apart: its text, HTML, attached mails, HTML, PDF and text files, and QR codes in its pictures.

    ``salt`` is mixed into the fingerprint of the reporter, so that it cannot be looked up.

    Raises:
        MessageError: the mail is too large, or no mail.
    """
    if len(data) > MAX_MESSAGE:
        raise MessageError(f"{len(data)} bytes, at most {MAX_MESSAGE} are read")
    message = _parsed(data)
    if not message.keys():
        raise MessageError("no mail: it has no header")
    sender = parseaddr(_header(message, "From"))[1].lower()
    urls: dict[str, None] = {}
    phones: dict[str, None] = {}
    for count, (kind, content) in enumerate(_parts(message, 0)):
        if count >= _PARTS or len(urls) >= _URLS:
            break
        for url in _urls(kind, content):
            urls.setdefault(without(url, sender))
        if kind.startswith("text/"):
            for found in find_in_text(_as_text(content)):
                phones.setdefault(found.number)
    fingerprint = hashlib.blake2b(f"{salt}\n{sender}".encode("utf-8", "replace"), digest_size=6).hexdigest()
    return Report(tuple(urls)[:_URLS], tuple(phones), fingerprint)


def _parsed(data: bytes) -> EmailMessage:
    message = message_from_bytes(data, policy=policy.default)
    if not isinstance(message, EmailMessage):
        raise MessageError("no mail")
    return message


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name) or "")
    except Exception:  # the header parser of the standard library raises what it likes on hostile ones
        return ""


def _parts(message: EmailMessage, depth: int) -> Iterator[tuple[str, bytes]]:
    """Kind and content of every part, those of attached mails too."""
    for part in message.walk():
        kind = part.get_content_type()
        if part.is_multipart():
            continue
        try:
            payload = part.get_payload(decode=True)
        except Exception:  # noqa: S112  a part that cannot be decoded holds nothing
            continue
        if not isinstance(payload, bytes) or not payload:
            continue
        name = (part.get_filename() or "").lower() if _named(part) else ""
        if name.endswith(".eml") and depth < _DEPTH:
            yield from _parts(_parsed(payload), depth + 1)
        else:
            yield _kind(kind, name, payload), _recoded(part, kind, payload)


def _named(part: EmailMessage) -> bool:
    try:
        return part.get_filename() is not None
    except Exception:
        return False


def _kind(kind: str, name: str, payload: bytes) -> str:
    """What a part is: attachments are often sent as ``application/octet-stream``."""
    if payload.startswith(b"%PDF-"):
        return "application/pdf"
    if name.endswith((".htm", ".html", ".shtml", ".xhtml", ".svg")):
        return "text/html"
    if name.endswith((".txt", ".csv", ".url", ".ics", ".vcf")):
        return "text/plain"
    return kind


def _recoded(part: EmailMessage, kind: str, payload: bytes) -> bytes:
    """Text in UTF-8, whatever the part says it is in."""
    if not kind.startswith("text/"):
        return payload
    charset = part.get_content_charset() or "utf-8"
    try:
        return payload.decode(charset, "replace").encode("utf-8", "replace")
    except (LookupError, ValueError):  # no such encoding, or no name of one
        return payload


def _urls(kind: str, content: bytes) -> Iterator[str]:
    if kind in {"text/html", "image/svg+xml", "application/xhtml+xml"}:
        yield from in_html(_as_text(content))
    elif kind.startswith("text/"):
        yield from in_text(_as_text(content))
    elif kind == "application/pdf":
        yield from in_pdf(content)
    elif kind.startswith("image/"):
        yield from in_picture(content)


def _as_text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
