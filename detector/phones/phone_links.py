"""Find the numbers in links that call or write: ``tel:``, ``callto:``, ``sms:``, WhatsApp and others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import parse_qs, unquote, urlsplit

import phonenumbers
from phonenumbers import PhoneNumber

from detector.phones.deobfuscation import plain
from detector.phones.locales import COMMON

MAX_LINKS = 100
_CHAT = re.compile(r"(?:https?:)?//(?:www\.|api\.|web\.)?(?:wa\.me|whatsapp\.com)/", re.IGNORECASE)
_CHAT_SCHEMES = frozenset(("whatsapp", "viber"))


def numbers_of_links(targets: Sequence[str], own: Sequence[str]) -> Iterator[tuple[str, PhoneNumber, bool]]:
    """Iterate over (number as written, number parsed, spelt with letters); links without a number are skipped.

    Args:
        targets: as in ``PageFacts.telephones``.
        own: regions that the page points to, the likeliest first.
    """
    for target in targets[:MAX_LINKS]:
        written, international = _written(target)
        readable = plain(written).text.strip()
        if not readable:
            continue
        number = _parse(readable, own, international=international)
        if number is not None:
            yield written, number, re.search(r"[A-Za-z]{3}", readable) is not None


def _written(target: str) -> tuple[str, bool]:
    """Return what is dialled, and whether it begins with a country code without a ``+``, as in links to chats."""
    target = target.strip()
    try:
        parts = urlsplit(target)
    except ValueError:
        return "", False
    if _CHAT.match(target) or parts.scheme.lower() in _CHAT_SCHEMES:
        query = parse_qs(parts.query)
        named = (query.get("phone") or query.get("number") or [""])[0]
        return unquote(named or parts.path.strip("/").split("/")[0]), True
    opaque = unquote(target.partition(":")[2])
    return re.split(r"[;?&]", opaque.lstrip("/"))[0].strip(), False


def _parse(written: str, own: Sequence[str], *, international: bool) -> PhoneNumber | None:
    tries: list[tuple[str, str | None]] = []
    if written.startswith("+"):
        tries.append((written, None))
    elif international:
        tries.append((f"+{written}", None))
    else:
        tries += [(written, region) for region in dict.fromkeys((*own, *COMMON))]
        tries.append((f"+{written}", None))
    for text, region in tries:
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return number
    return None
