"""Mask victims' data in the addresses of pages.

Links in phishing mails carry the mail address of their recipient, so that the form is filled in.  The masked address keeps its
form, so that the page can still be opened with it: a mail address is replaced by another one in the same encoding, a password by
a word.
"""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import quote, unquote

MASKED = "masked"
MASKED_MAIL = f"{MASKED}@example.invalid"
"""A mail address of nobody (RFC 6761, section 6.4)."""
SECRET_KEYS = frozenset(
    {
        "pass",
        "passwd",
        "password",
        "passwort",
        "pwd",
        "pw",
        "senha",
        "clave",
        "pin",
        "otp",
        "secret",
        "cvv",
        "cvc",
        "ssn",
    }
)
"""Names of query parameters whose value is a secret of a person's."""
FILE_ENDINGS = frozenset(
    {
        "js",
        "mjs",
        "css",
        "png",
        "jpg",
        "jpeg",
        "gif",
        "svg",
        "webp",
        "ico",
        "json",
        "xml",
        "html",
        "htm",
        "php",
        "woff",
        "woff2",
        "min",
    }
)
ADDRESS = re.compile(r"https?:[\\/]+[^\s\"'<>“”]+", re.IGNORECASE)
"""An address of a page within a sentence."""
LONGEST = 4_000
"""Characters of a part of an address that is decoded; a longer one is looked through as it is."""
LAYERS = 3
"""Times that a part is percent-decoded: redirectors wrap addresses in addresses."""
_WEB = re.compile(r"(\s*https?:[/\\]*)([^/?#\\]*)(.*)", re.IGNORECASE | re.DOTALL)
_MAIL = re.compile(r"[\w.+'-]{1,64}@((?:[\w-]{1,63}\.){1,8}[^\W\d][\w-]{1,62})")
_DOMAIN = re.compile(r"(?:[\w-]{1,63}\.){1,8}[^\W\d][\w-]{1,62}")
_KEY_PART = re.compile(r"[^\W_]+")
_DELIMITER = re.compile(r"([/?#&;])")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){6,}")


def mask_personal_data_in(text: str) -> str:
    """Return a sentence of ours with the addresses of pages in it masked as :func:`mask_personal_data` does."""
    return ADDRESS.sub(lambda found: mask_personal_data(found[0]), text)


def mask_personal_data(url: str) -> str:
    """Return the address of a page without mail addresses and passwords of persons; other addresses are returned as they are.

    Plain, percent-encoded, Base64 (RFC 4648, both alphabets) and hexadecimal mail addresses are found in user information, path,
    query and fragment.  A host name as the user name (``https://brand.example@evil.example/``) is a lure, not a person, and stays.
    """
    match = _WEB.fullmatch(url)
    if match is None:
        return url
    scheme, authority, rest = match.groups()
    user_info, at, host = authority.rpartition("@")
    if at:
        user, colon, password = user_info.partition(":")
        user_info = _without_mail(user) + colon + (MASKED if password else "")
    pieces = _DELIMITER.split(rest)
    return f"{scheme}{user_info}{at}{host}" + "".join(
        piece if number % 2 else _masked_piece(piece) for number, piece in enumerate(pieces)
    )


def _masked_piece(piece: str) -> str:
    """One path segment, query parameter or part of a fragment."""
    key, equals, value = piece.partition("=")
    if not value.strip("="):  # no value, or the padding of Base64
        return _without_mail(piece)
    if not SECRET_KEYS.isdisjoint(_KEY_PART.findall(unquote(key).lower())):  # also user[password]
        return key + equals + MASKED
    return _without_mail(key) + equals + _without_mail(value)


def _without_mail(text: str) -> str:
    plain, layers = text, 0
    while "%" in plain and layers < LAYERS and len(text) <= LONGEST:
        plain, layers = unquote(plain), layers + 1
    masked = _MAIL.sub(_replacement, plain) if "@" in plain else plain
    if masked == plain:
        return _recoded(text) if len(text) <= LONGEST else text
    for _ in range(layers):
        masked = quote(masked, safe="")
    return masked


def _recoded(text: str) -> str:
    """Mask a mail address that is encoded as Base64 or in hexadecimal digits, and encode it again."""
    word = unquote(text)
    if _HEX.fullmatch(word) and (masked := _masked_bytes(bytes.fromhex(word))) is not None:
        return masked.hex()
    if _BASE64.fullmatch(word):
        bare = word.rstrip("=").translate(str.maketrans("-_", "+/"))
        try:
            data = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
        except binascii.Error:
            return text
        if (masked := _masked_bytes(data)) is not None:
            again = base64.b64encode(masked).decode()
            return again if len(word) % 4 == 0 else again.rstrip("=")
    return text


def _masked_bytes(data: bytes) -> bytes | None:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    masked = _without_mail(text)
    return masked.encode() if masked != text else None


def _replacement(found: re.Match[str]) -> str:
    """Mask one mail address; a file's ending after it stays, and the version of a file (``package@1.2.3.js``) is none."""
    domain, ending = found[1], ""
    while domain.rpartition(".")[2].lower() in FILE_ENDINGS:
        domain, dot, last = domain.rpartition(".")
        ending = dot + last + ending
    return MASKED_MAIL + ending if not ending or _DOMAIN.fullmatch(domain) else found[0]
