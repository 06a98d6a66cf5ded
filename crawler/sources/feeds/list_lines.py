"""Entries of a line of a list: addresses with notes, hosts files, rules of name servers and of content blockers."""

from __future__ import annotations

import re

from crawler.addresses.bad_url import BadUrl
from crawler.addresses.reader import read_address

_COMMENT = re.compile(r"#|!|;|//\s|--\s|\[(?:ad ?block|ublock|title)[^\]]*\]$", re.I)
_NOTE = re.compile(r"\s+(?:#|;|(?<![:\]\s]\s)//|--|<-|=>|\|).*$", re.S)
_END = re.compile(r"(?:,|(?<!&)(?<!&[a-z#])\b(?<!&lt)(?<!&gt)(?<!&quot)(?<!&apos)(?<!&#3[49]);|(?<!\w);)+\s*$", re.I)
_BULLET = re.compile(r"(?:[-*\u2022\u2013\u25cf>]|\d{1,6}[.)])\s+(?=\S)")
_HOSTS = re.compile(
    r"(?:0|0\.0\.0\.0|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|255\.255\.255\.255|::1?|fe80::1%lo0|ff0\d::\d)\s+(?P<names>\S.*)",
    re.I,
)
_LOCAL = re.compile(r"local(?:host)?(?:\.localdomain)?|broadcasthost|ip6-\w+|0\.0\.0\.0", re.I)
_DNSMASQ = re.compile(r"(?P<kind>address|server|local)=/(?P<names>[^\s=]+)/(?P<value>[^/\s]*)", re.I)
_UNBOUND = re.compile(r"(?:local-zone|local-data|domain-insecure)(?:-ptr)?:\s*[\"']?(?P<name>[^\s\"']+)", re.I)
_POLICY_ZONE = re.compile(r"(?:\*\.)?(?P<name>[^\s;]+?)\.?\s+(?:\d+\s+)?(?:IN\s+)?CNAME\s+\S*\.?", re.I)
_ZONE_LINE = re.compile(r"\$\w+\s|@\s|\s+(?:IN\s+)?(?:NS|SOA|A)\s|\S+\s+(?:\d+\s+)?IN\s+(?:NS|SOA)\s", re.I)
_BLOCKER = re.compile(r"\|\|(?P<place>[^\^$|]+)(?P<end>.*)")
_BLOCKER_END = re.compile(r"\^?\*?\|?(?:\$.*)?")
_BLOCKER_START = re.compile(r"\|(?P<place>https?://[^|\^$*]+)(?P<end>.*)", re.I)
_COSMETIC = re.compile(r"[^/\s]*#[@?$%]?#")
_REGULAR = re.compile(r"(?:\(\^\|\\\.\)|\(\\\.\|\^\)|\^(?:\(\.[*+]\\\.\)\??)?)?(?P<name>(?:[\w-]+\\\.)+[\w-]+)\$")
_MATCH = re.compile(r"(?:\*|https?)://(?:\*\.)?(?P<name>[^/*\s]+)/\*", re.I)
_WITH_SCHEME = re.compile(r"\S{0,3}(?:h\S{0,6}ps?\S?|ttps?|meows?)\s?\S?(?::|colon|\uff1a|%3a)|https?//", re.I)
_QUOTED = re.compile(r"(?P<mark>[\"'])(?P<cell>[^\"']+)(?P=mark)\s*[,;\t|].")
_COLUMNS = re.compile(r"\t+|[ ]{2,}")
_NEW_COLUMN = re.compile(r"\d[\d.:/T+Z-]*$|[\[({\"'].*|\S+://\S+$")
_REST_OF_HOST = re.compile(r"[.\[({]|dot\b", re.I)


def entries_of(line: str, *, columns: bool = False) -> tuple[str, ...]:
    """Return the addresses that a line lists, as it writes them; none for comments, and for rules that block no site.

    ``columns``: blanks separate columns in this list.  Otherwise a single blank behind a path is part of the address.

    Raises:
        BadUrl: it holds none, or a pattern that stands for many.
    """
    text = line.strip("\ufeff\u200b \t\r\n\f\v")
    if not text or _COMMENT.match(text):
        return ()
    found = _of_rule(text)
    return _of_text(text, columns=columns) if found is None else found


def is_columns(head: str) -> bool:
    """Tell by the beginning of a list whether blanks separate columns: most lines with an address have more behind it."""
    plain = more = 0
    for line in head.splitlines()[:-1]:
        text = _NOTE.sub("", line.strip())
        if _WITH_SCHEME.match(text) and not re.search(r"[\[(]\s?(?:\.|dot)", text):
            plain += " " not in text
            more += " " in text
    return more > 1 and more > 2 * plain


def is_rule(line: str) -> bool:
    """Tell whether a line is a rule of a hosts file, a name server or a content blocker."""
    try:
        return _of_rule(line.strip()) is not None
    except BadUrl:
        return True


def _of_rule(text: str) -> tuple[str, ...] | None:
    """Return the hosts of a rule of a hosts file, a name server or a content blocker; None where it is no rule."""
    if text.startswith("@@") or _COSMETIC.match(text):
        return ()
    if (hosts := _HOSTS.fullmatch(text)) is not None:
        names = re.split(r"\s#", hosts["names"], maxsplit=1)[0].split()
        return tuple(name for name in names if not _LOCAL.fullmatch(name))
    if (rule := _DNSMASQ.match(text)) is not None:
        blocks = rule["kind"].lower() != "server" or rule["value"] in {"", "#"}
        return tuple(_name(name) for name in rule["names"].split("/") if name not in {"", "#"}) if blocks else ()
    for pattern in (_UNBOUND, _POLICY_ZONE, _MATCH):
        if (rule := pattern.match(text)) is not None:
            return (_name(rule["name"]),)
    if _ZONE_LINE.match(text):
        return ()
    if text.startswith("|"):
        return _of_blocker(text)
    if (rule := _REGULAR.fullmatch(text)) is not None:
        return (rule["name"].replace("\\.", "."),)
    if len(text) > 2 and text.startswith("/") and text.endswith("/") and not text.startswith("//"):
        raise BadUrl("is a pattern, which stands for many addresses")
    return None


def _of_blocker(text: str) -> tuple[str, ...]:
    rule = _BLOCKER.fullmatch(text) or _BLOCKER_START.fullmatch(text)
    if rule is None or not _BLOCKER_END.fullmatch(rule["end"]):
        raise BadUrl("is a pattern, which stands for many addresses")
    return (_name(rule["place"].removesuffix("*") if "/" in rule["place"] else rule["place"]),)


def _name(text: str) -> str:
    """Return a name of a rule without what stands for all names below it."""
    name = text.strip("\"'").removeprefix("*").lstrip(".").removesuffix(".")
    if "*" in name:
        raise BadUrl("is a pattern, which stands for many addresses")
    return name


def _of_text(text: str, *, columns: bool) -> tuple[str, ...]:
    quoted = _QUOTED.match(text)
    if quoted is not None:
        return (quoted["cell"].strip(),)
    text = _NOTE.sub("", _BULLET.sub("", text, count=1)) or text
    text = _END.sub("", text)
    if not text:
        raise BadUrl("holds no address")
    text = re.sub(r"^\*?\.(?=[\w-])", "", text)
    cells = [cell for cell in _COLUMNS.split(text) if cell]
    start = next((cell for cell in cells if _WITH_SCHEME.match(cell)), None)
    if start is not None and len(cells) > 1:
        text = start
    elif start is None and len(cells) > 1:
        text = next((cell for cell in cells if _is_address(cell)), text)
    if " " not in text:
        return (text,)
    return _with_blanks(text, columns=columns)


def _with_blanks(text: str, *, columns: bool) -> tuple[str, ...]:
    words = text.split()
    begin = next((place for place, word in enumerate(words) if _WITH_SCHEME.match(word)), None)
    if begin is None:
        if _is_address(text):
            return (text,)
        readable = [word for word in words if _is_address(word)]
        if not readable or (len(readable) != len(words) and any(map(_REST_OF_HOST.match, words))):
            raise BadUrl("holds no address, or a blank within one")
        return tuple(readable) if len(readable) == len(words) else (readable[0],)
    return _behind_scheme(words[begin:], columns=columns)


def _behind_scheme(words: list[str], *, columns: bool) -> tuple[str, ...]:
    """Return the addresses of words of which the first has a scheme."""
    if all(map(_WITH_SCHEME.match, words)):
        return tuple(words)
    whole, first = " ".join(words), words[0]
    in_path = re.search(r"[^/\\:][/?#]", first.partition("//")[2] or first) is not None
    if in_path:
        is_column = columns or any(_NEW_COLUMN.match(word) for word in words[1:2])
        return (first,) if is_column else (whole,)
    if _is_address(whole):
        return (whole,)
    if _REST_OF_HOST.match(words[1]) or not _is_address(first):
        raise BadUrl("holds a blank within the host")
    return (first,)


def _is_address(text: str) -> bool:
    try:
        read_address(text)
    except BadUrl:
        return False
    return True
