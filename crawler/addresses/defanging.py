"""Undo what people and tools do to addresses so that nobody opens them by accident: ``hxxps[:]//evil[.]example``.

The forms are those that iocextract and iocsearcher know, and those seen in reports: letters of the scheme replaced or bracketed,
brackets, blanks and words around dots, colons and slashes, backslashes before dots.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.addresses.bad_url import BadUrl

_OPEN, _CLOSE = r"\\?[\[({<]", r"\\?[\])}>]"
"""Brackets, also as Markdown escapes them."""
_ESCAPED_SIGN = re.compile(r"\\([-_])")
_COLON = r"(?:[:\uff1a]|colon|%3a|\\:)"
_SLASH = r"(?:\\?/|\\|slash|%2f|\uff0f)"
_SEPARATOR = (
    rf"\s*(?:{_OPEN}\s*)*{_COLON}\s*(?:{_CLOSE}\s*)*(?:{_OPEN}\s*)*"
    rf"{_SLASH}\s*(?:{_CLOSE}\s*)*(?:{_OPEN}\s*)*{_SLASH}(?:\s*{_CLOSE})*\s*"
)
_HEAD = re.compile(rf"(?P<token>[^/:\\\uff1a%]{{1,30}}?)(?P<mark>{_SEPARATOR})", re.I)
_HEAD_WITHOUT_COLON = re.compile(r"(?P<token>(?:h[tx]{2}|ttt?)ps?)(?P<mark>//|:?__)", re.I)
_TOKEN_MARKS = re.compile(r"[\s\[\](){}<>\"'`]")
_HTTP = re.compile(r"(?:h([tx*017_#+?.-]{1,2})|tt)p(s?)")
_PLAYFUL = {"meow": "http", "meows": "https"}
"""Schemes that iocextract replaces; of any other word it is unknown what was meant."""
_DOT_WORDS = r"\.|dot|d0t|punkt|point|punto|ponto|точка|点"
_MARK = re.compile(
    rf"\s*{_OPEN}\s*(?P<dot>{_DOT_WORDS})\s*{_CLOSE}\s*"
    rf"|\s*{_OPEN}\s*(?P<sign>:|/|@)\s*{_CLOSE}\s*"
    rf"|\s*{_OPEN}\s*(?P<word>colon|slash|at)\s*{_CLOSE}\s*"
    rf"|(?P<slashes>\\/)"
    rf"|(?P<half>\\+\.|\"\.\"|'\.'|[\[(]\.|\.[\])])",
    re.I,
)
_WORDS = {"colon": ":", "slash": "/", "at": "@"}
_SPOKEN_DOT = re.compile(r"\s+dot\s+", re.I)
_SPACED_DOTS = (re.compile(r"\s+\.\s+"), re.compile(r"\s+\.(?=\S)"))
"""Blanks on both sides of dots, or before them (as Cisco's mail gateways write); only where every dot has them."""
_END_OF_AUTHORITY = re.compile(r"[/?#\\]")
_IN_PATH = re.compile(
    r"\[\[(?P<kept>://|[.:/@]|dot|xx)\]\]|(?P<escaped>h\[xx\]p)(?=s?(?::|%3a))"
    r"|\[(?P<mark>://|[.:/@]|dot)\]|(?P<inner>h)(?P<crosses>xx)(?P<p>p)(?=s?(?::|%3a|\[:(?://)?\]))",
    re.I,
)
_CROSSES = str.maketrans("xX", "tT")


@dataclass(frozen=True, slots=True)
class Refanged:
    """An address without the marks of defanging."""

    scheme: str
    """``http`` or ``https``; another word where it is none of the web; empty where none was written."""
    rest: str
    """The part that follows the scheme and its slashes; without a scheme, all of it."""
    is_defanged: bool
    """Marks were found before the path: the text was made unclickable, by a person or a tool."""


def refang(text: str) -> Refanged:
    """Take an address apart into scheme and rest, both without marks of defanging.

    The path is left alone unless scheme or authority are defanged: ``[.]`` may be part of a path.  What
    :func:`detector.present.defang.defang` wrote is restored exactly.

    Raises:
        BadUrl: a browser would open another host than the one that the marks suggest.
    """
    scheme, rest, marked = _scheme(text)
    undone = _undone_authority(rest)
    authority = _authority(undone)
    before = _authority(rest)
    if scheme and not marked and rest[len(before) :].startswith("\\.") and ("." in before or "@" in authority):
        raise BadUrl(f"{text[:60]!r} holds a backslash, which ends the host for browsers and hides a dot for people")
    if authority == before and not marked:
        return Refanged(scheme, rest, is_defanged=False)
    path = rest[len(authority) :] if authority == before else _path(rest, undone[len(authority) :])
    return Refanged(scheme, _authority_restored(authority) + _IN_PATH.sub(_restored, path), is_defanged=True)


def _authority_restored(authority: str) -> str:
    """Restore ``hxxp:`` in an authority, which can only be a user name."""
    return _IN_PATH.sub(_restored, authority) if "xx" in authority.lower() else authority


def _scheme(text: str) -> tuple[str, str, bool]:
    """Return scheme, rest, and whether the scheme was defanged."""
    head = _HEAD.match(text) or _HEAD_WITHOUT_COLON.match(text)
    if head is None:
        return "", text, False
    token, mark = head["token"], head["mark"]
    if sum(map(mark.count, "])}>")) > sum(map((token + mark).count, "[({<")):
        return "", text, False
    name = _TOKEN_MARKS.sub("", token).lower()
    found = _HTTP.fullmatch(name)
    if found is None and name not in _PLAYFUL:
        return name, text[head.end() :], False
    scheme = _PLAYFUL[name] if found is None else "https" if found[2] else "http"
    rest = text[head.end() :]
    if "\\/" in mark:  # slashes escaped as in JSON and scripts
        return scheme, rest.replace("\\/", "/"), True
    return scheme, rest, token.lower() != scheme or not set(mark) <= set(":/\\")


def _undone_authority(rest: str) -> str:
    if "\\[" in rest or "\\(" in rest:
        rest = _ESCAPED_SIGN.sub(r"\1", rest)
    undone = _MARK.sub(_sign, rest)
    authority = _authority(undone)
    path = undone[len(authority) :]
    if path:
        authority = authority.rstrip()
    if " " in authority.strip():
        authority = _SPOKEN_DOT.sub(".", authority)
        for dots in _SPACED_DOTS:
            if authority.count(".") == len(dots.findall(authority)):
                authority = dots.sub(".", authority)
    return authority + path


def _sign(found: re.Match[str]) -> str:
    if found["dot"] or found["half"]:
        return "."
    if found["slashes"]:
        return "/"
    return found["sign"] or _WORDS[found["word"].lower()]


def _authority(text: str) -> str:
    end = _END_OF_AUTHORITY.search(text)
    return text[: end.start()] if end else text


def _path(rest: str, undone: str) -> str:
    """Return the path as it was written where that can be told from the end, else with every mark undone."""
    start = _END_OF_AUTHORITY.search(rest)
    written = rest[start.start() :] if start else ""
    return written if _MARK.sub(_sign, written) == undone else undone


def _restored(found: re.Match[str]) -> str:
    if found["kept"]:
        return f"[{found['kept']}]"
    if found["escaped"]:
        return found["escaped"].replace("[", "").replace("]", "")
    if found["mark"]:
        return "." if found["mark"].lower() == "dot" else found["mark"]
    return found["inner"] + found["crosses"].translate(_CROSSES) + found["p"]
