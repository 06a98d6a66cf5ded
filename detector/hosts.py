"""Host names: their one spelling in ASCII, and their parts by the public suffix list that ships with tldextract.

Nothing here touches the network.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    import tldextract

MAX_HOST = 253
"""Characters of a host name without its final dot (RFC 1035, section 2.3.4)."""
_LABEL = re.compile(r"[^\x00-\x20\x7f-\U0010ffff#%./:<>?@\[\\\]^|]{1,63}")
"""A label of DNS, without what no host of a URL may hold (WHATWG URL, forbidden domain code points)."""


def ascii_host(host: str) -> str:
    """Spell a host name as DNS carries it: lower case, labels that are not ASCII as ``xn--`` A-labels (RFC 5890).

    Non-transitional UTS #46, as browsers process names: ``faß.example`` is ``xn--fa-hia.example`` and not ``fass.example``,
    ``ⓢlack.com`` is ``slack.com``, and an ideographic full stop separates labels.  As in browsers, names that IDNA 2008 refuses but
    that exist (emoji, underscores, leading hyphens) are spelled too, and existing ``xn--`` labels are not verified.

    A name that UTS #46 cannot map, or that is too long for DNS afterwards, is returned in lower case as it was: it is not ASCII
    then, no registry sells it, and no resolver finds it.
    """
    if host.isascii():
        return host.lower()
    import idna  # noqa: PLC0415  its tables take time to load, and nearly all names are ASCII

    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        pass
    try:
        mapped = idna.uts46_remap(host, std3_rules=False)
    except idna.IDNAError:
        return host.lower()
    spelled = ".".join(_a_label(label) for label in mapped.split("."))
    return spelled if fits_dns(spelled) else host.lower()


def _a_label(label: str) -> str:
    return label if label.isascii() else "xn--" + label.encode("punycode", "surrogatepass").decode("ascii")


def fits_dns(host: str) -> bool:
    """Tell whether the name is ASCII, of at most 253 characters, with labels of 1 to 63 that a URL may hold.

    A final dot is allowed.
    """
    host = host.removesuffix(".")
    return len(host) <= MAX_HOST and all(map(_LABEL.fullmatch, host.split(".")))


def unicode_host(host: str) -> str:
    """Spell a host name as a reader sees it, label by label (:func:`unicode_label`)."""
    return ".".join(map(unicode_label, host.split(".")))


def unicode_label(label: str) -> str:
    """Decode a lower-case ``xn--`` label (RFC 3492); any other label, and one that is malformed, stays as it is."""
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode").lower()
    except (UnicodeError, ValueError, OverflowError):
        return label


def path_of(url: str) -> str:
    """Return the path of ``url``, of its first 4,000 characters; empty where it cannot be parsed."""
    try:
        return urlsplit(url[:4000]).path
    except ValueError:
        return ""


def host_of(url: str) -> str:
    """Return the host of ``url`` as :func:`ascii_host` spells it, without brackets, port and final dot; empty without one."""
    try:
        return ascii_host(urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.I)
_PLAIN_HOST = re.compile(r"[A-Za-z0-9._-]+")
_INNER_URL = re.compile(r"https?(?::|%3a|%253a)(?:/|%2f|%252f){2}[^\s&\"'<>]+", re.I)


def inner_url(path_and_query: str) -> str | None:
    """Find the first http(s) address inside a path or query, unquoted: the target of a redirector or a link wrapper."""
    found = _INNER_URL.search(path_and_query)
    if found is None:
        return None
    url = found[0]
    for _ in range(2):
        if not url[:9].lower().startswith(("http://", "https://")):
            url = unquote(url)
    return url


@dataclass(frozen=True, slots=True)
class HostParts:
    """The parts of a host name: ``a.b.paypal-login.co.uk`` -> ``("a.b", "paypal-login", "co.uk")``."""

    subdomain: str
    label: str
    """The label that somebody registered, or that a hoster's customer chose."""
    suffix: str
    hosted: bool = False
    """The suffix belongs to a hoster or a dynamic DNS service (private section of the public suffix list)."""

    @property
    def registrable(self) -> str:
        """Label and suffix (eTLD+1): the part that one holder controls."""
        return f"{self.label}.{self.suffix}" if self.label and self.suffix else self.label or self.suffix


@cache
def host_table() -> dict[str, Any]:
    """Read ``detector/data/shared-hosts.toml``; :mod:`detector.hosters` gives it a meaning."""
    return tomllib.loads(files("detector").joinpath("data/shared-hosts.toml").read_text(encoding="utf-8"))


@cache
def _extra_suffixes() -> frozenset[str]:
    """Return the suffixes that the table adds to the public suffix list: ``tumblr.com``, ``*.cloudapp.azure.com``."""
    names = (name for entry in host_table()["hosts"] if _by_name(entry) for name in entry["names"])
    rests = (name.removeprefix("*.") for name in names if name.startswith("*."))
    return frozenset(rest for rest in rests if "*" not in rest.removeprefix("*."))


def _by_name(entry: dict[str, Any]) -> bool:
    return "accounts" not in entry and entry.get("open", True)


@cache
def _extractor() -> tldextract.TLDExtract:
    import tldextract  # noqa: PLC0415  imports an HTTP client, and many commands never split a name

    return tldextract.TLDExtract(
        suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True, extra_suffixes=tuple(_extra_suffixes())
    )


@cache
def private_suffixes() -> tuple[str, ...]:
    """Return the private section of the public suffix list: ``github.io``, ``*.compute.amazonaws.com``."""
    import tldextract  # noqa: PLC0415  see above

    public = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None).tlds
    return tuple(sorted({*_extractor().tlds} - {*public} - _extra_suffixes()))


def is_address(host: str) -> bool:
    """Tell whether the host is an IP address, with brackets or without."""
    if ":" not in host and not host[-1:].isdigit():
        return False
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4096)
def split_host(host: str) -> HostParts:
    """Split a host name.  An IP address has neither label nor suffix; an unknown last label counts as the suffix."""
    host = host.lower().strip(".")
    if not host or is_address(host):
        return HostParts("", "", "")
    found = _extractor().extract_str(host)
    if found.suffix:
        suffixes = (found.suffix, f"*.{found.suffix.partition('.')[2]}")
        hosted = found.is_private or not _extra_suffixes().isdisjoint(suffixes)
        return HostParts(found.subdomain, found.domain, found.suffix, hosted)
    head, _, last = host.rpartition(".")
    subdomain, _, label = head.rpartition(".")
    return HostParts(subdomain, label, last) if head else HostParts("", last, "")


def registrable_domain(host: str) -> str:
    """Return the eTLD+1 of ``host``, which one holder controls; the host itself for an IP address or a bare suffix."""
    return split_host(host).registrable or host


def split_url(host_or_url: str) -> tuple[str, str]:
    """Split a URL or a bare host into host (:func:`ascii_host`, without port and user) and the rest (path and query)."""
    text = host_or_url.strip()
    if _PLAIN_HOST.fullmatch(text):
        return text.lower().strip("."), ""
    if not _SCHEME.match(text):
        text = f"//{text.removeprefix('//')}"
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        return "", ""
    rest = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return ascii_host(host).strip("."), rest
