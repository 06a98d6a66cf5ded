"""Find web addresses in running text: plain and defanged ones, also right behind letters of scripts without blanks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from crawler.addresses.bad_url import BadUrl
from crawler.addresses.reader import read_address
from detector.hosts import host_of

MAX_TEXT = 2_000_000
_STOP = (
    '\\s<>"`\u3000-\u3003\u3008-\u3011\u3014-\u301f\uff01\uff08\uff09\uff0c\uff1b\uff1f\uff3b\uff3d\uff5b\uff5d'
    "\u201c\u201d\xab\xbb\u060c\u061b\u0964"
)
"""Blanks, quotation marks and the punctuation of scripts that write addresses without blanks around them."""
_LETTER = rf"(?!&(?:quot|apos|lt|gt|nbsp|#0?3[49]);)(?![{_STOP}])[^\x00-\x20]|\u3002(?=[A-Za-z0-9])"
_CHUNK = rf"(?:{_LETTER}){{1,2000}}"
_MARK = r"[\[({]\s?(?:\.|dot|:|/|@)\s?[\])}]"
_AFTER_MARK = r"(?:(?<=\[\.\])|(?<=\(\.\))|(?<=\{\.\})|(?<=\[dot\])|(?<=\(dot\)))"
_MORE = (
    rf"[ ]{{1,2}}{_MARK}[ ]{{0,2}}{_CHUNK}|{_AFTER_MARK}[ ]{{1,2}}{_CHUNK}"
    rf"|(?<=[\[({{])[ ]{{1,2}}(?:\.|dot)[ ]{{0,2}}[\])}}][ ]{{0,2}}{_CHUNK}"
)
_BODY = rf"{_CHUNK}(?:{_MORE}){{0,12}}"
_SCHEME = (
    r"(?:h(?:[tx*017_#]{2}|[\[({]\s?tt\s?[\])}])p[\[({]?s?[\])}]?|\[https?\]|h[tx]ps?|ttps?|meows?"
    r"|\uff48\uff54\uff54\uff50\uff53?)"
)
_SLASH = r"[\[({]?(?:\\?/|%2f|\\|\uff0f)[\])}]?"
_HEAD = rf"(?<![A-Za-z0-9])(?:{_SCHEME}\s?[\[({{]?\s?(?::|\uff1a|%3a)\s?[\])}}]?\s?{_SLASH}{_SLASH}\s?|(?:https?|hxxps?)(?:__|//))"
_LABEL = r"[a-z0-9-]{1,63}"
_DOT = r"(?: {0,2}[\[({] ?(?:\.|dot) ?[\])}] {0,2}|\\\.)"
_LAST = r"(?:xn--[a-z0-9-]{2,59}|[a-z]{2,63}|\d{1,3})(?![a-z0-9-])"
_IN_TEXT = re.compile(
    rf"(?P<head>{_HEAD}){_BODY}"
    rf"|(?P<www>(?<![A-Za-z0-9])www(?:\.|{_DOT}){_LABEL}(?:\.|{_DOT})){_BODY}"
    rf"|(?P<name>(?<![@A-Za-z0-9._-])(?:{_LABEL}(?:\.|{_DOT})){{1,20}}{_LAST})"
    rf"(?:(?::|\[:\])\d{{1,5}})?(?:(?:/|\[/\])(?:{_CHUNK})?)?",
    re.I,
)
_DEFANGED = re.compile(_DOT, re.I)
_TRAILING = ".,;:!?'*_\u2019\u201d\u3002\uff0e\uff61\uff1a\u2026"
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_CJK = "\u1100-\u11ff\u2e80-\u2fff\u3040-\u30ff\u3130-\u318f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_KANA = "\u3040-\u309f"
_PROSE_IN_PATH = re.compile(rf"(?<=[^\x80-\U0010ffff/=_-])[{_CJK}]|[{_KANA}]")
"""Letters with which prose begins behind a path; a segment or a value may begin with one, but ASCII does not go on with it."""
_BESIDE_HOST = _CJK + "\u0530-\u06ff\u0900-\u0eff\u1000-\u10ff\u1780-\u17ff\u2013\u2014\u2019"
"""Letters of scripts that nobody takes for Latin, and signs that no host has: behind a host prose begins with them."""
_BEHIND_DOT = r"(?:(?<=\.)|(?<=[.tT][\])}])|(?<=:))"
_PROSE_IN_HOST = re.compile(rf"{_BEHIND_DOT}([a-z]{{2,24}}|\d{{1,5}})[{_BESIDE_HOST}]", re.I)
_LABEL_BEHIND = re.compile(r"[^\s/?#]{0,60}?(?:\.|[\[({] ?(?:\.|dot) ?[\])}])[a-z0-9]", re.I)
"""More of a host behind letters of another script: they belong to a label of it."""
_GOES_ON = re.compile(r"\s{1,2}(?:\.|dot|[\[({]\s?(?:\.|dot)\s?[\])}])\s{0,2}[a-z0-9]|\s?\.[a-z0-9]")
"""Text behind a host that was written with blanks in it: the rest of the host."""
_BEHIND = 12
"""Characters behind an address in doubt that are shown with it."""
_PATH = re.compile(r"[/?#]")
_PATH_BEHIND_BLANK = re.compile(rf" {{1,2}}(?=/[A-Za-z0-9])(?P<path>{_CHUNK})")


def find_addresses(text: str, left_out: Callable[[str, str], object] = lambda written, reason: None) -> Iterator[str]:
    """Yield the addresses in the first 2,000,000 characters of running text, in order, as browsers spell them.

    Punctuation that follows them is left out, and prose without a blank behind them.  What stands there and cannot be read as one
    address, or is in doubt, is left out; so are the names in the rest of its line, which may be parts of it.

    ``left_out`` is told of every host that is in doubt: how it is written, and the reason.
    """
    text = text[:MAX_TEXT]
    doubtful_until = 0
    at = 0
    while (found := _IN_TEXT.search(text, at)) is not None:
        at = found.end()
        if found["name"] and (found.start() < doubtful_until or not _DEFANGED.search(found["name"])):
            continue
        whole = _within_sentence(found)
        at = found.start() + max(len(whole), 1)
        try:
            yield _read(text, found, whole)
        except BadUrl as error:
            written = text[found.start() : found.end() + _BEHIND].partition("\n")[0]
            if "." in written:
                left_out(written, str(error))
            end = text.find("\n", found.end())
            doubtful_until = end if end >= 0 else len(text)


def _within_sentence(found: re.Match[str]) -> str:
    """Return what was found up to where prose begins: in the script around it, or with the next sentence.

    A defanged dot with a blank behind it and none before, beside others without blanks, is the full stop.
    """
    start = len(found["head"] or "")
    whole = _without_prose(found[0], start)
    path = _PATH.search(whole, start)
    host = whole[start : path.start()] if path else whole[start:]
    marks = list(_DEFANGED.finditer(host))
    stop = next((mark for mark in marks if mark[0].endswith(" ") and not mark[0].startswith(" ")), None)
    if stop is None:
        return whole
    before = host[: stop.start()]
    tight = "." in before or any(not mark[0].startswith(" ") and not mark[0].endswith(" ") for mark in marks)
    return whole[: start + stop.start()] if tight else whole


def _read(text: str, found: re.Match[str], whole: str) -> str:
    start = len(found["head"] or "")
    if text[found.start() - 1 : found.start()] == "<":  # Slack: <address|text>
        whole = whole.partition("|")[0]
    written = _trimmed(whole)
    if not _PATH.search(written, start):
        if _GOES_ON.match(text, found.start() + len(whole)):
            raise BadUrl("a host with blanks in it")
        behind = _PATH_BEHIND_BLANK.match(text, found.start() + len(whole))
        written += _trimmed(behind["path"]) if behind else ""
    address = read_address(written)
    host = host_of(address)
    if "." not in host and ":" not in host:
        raise BadUrl("names no host")
    return address


def _without_prose(written: str, start: int) -> str:
    path = _PATH.search(written, start)
    place = path.start() if path else len(written)
    for found in _PROSE_IN_HOST.finditer(written, start, place):
        if not _LABEL_BEHIND.match(written, found.end(1), place):
            return written[: found.end(1)]
    after = _PROSE_IN_PATH.search(written, place)
    return written[: after.start()] if after else written


def _trimmed(written: str) -> str:
    """Take away punctuation behind an address, and brackets that were opened before it."""
    while written:
        last = written[-1]
        opens = _BRACKETS.get(last)
        if last in _TRAILING or (opens and written.count(opens) < written.count(last)):
            written = written[:-1]
        else:
            break
    return written
