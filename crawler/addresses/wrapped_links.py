"""Take addresses out of the links that mail gateways, search engines and networks wrap around them (``wrapped_links.toml``)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from urllib.parse import parse_qsl, unquote, urlsplit

from crawler.addresses.bad_url import BadUrl
from crawler.addresses.reader import read_address
from crawler.addresses.wrapper_codes import from_base64, from_proofpoint_2, from_proofpoint_3
from detector.hosts import split_host

MOST_WRAPS = 5
"""Wraps around each other that are taken off: a gateway's around another one's around a search engine's."""
_NAME = re.compile(r"(?:[\w-]+\.)+[a-z][\w-]+(?:[/?#]|$)", re.I)
_WITH_SCHEME = re.compile(r"https?:/{1,2}[^/]", re.I)


@dataclass(frozen=True, slots=True)
class LinkWrapper:
    """A service that wraps links, and where in its links the wrapped address is."""

    name: str
    hosts: tuple[str, ...]
    path: re.Pattern[str]
    how: str
    keys: tuple[str, ...]
    prefix: str
    source: str
    """Address of a description of the format, or words on where it was seen."""

    def inner(self, url: str) -> Iterator[str]:
        """Yield what may be the wrapped address in a link of the service, decoded."""
        parts = urlsplit(url)
        target = url.partition(parts.netloc)[2]
        found = self.path.fullmatch(target if self.how == "target" else parts.path)
        if self.how == "proofpoint_3":
            yield from_proofpoint_3(target)
        elif found is None:
            return
        elif self.how == "path":
            yield _in_path(found[1], parts.query)
        elif self.how == "target":
            yield _in_path(found[1], "")
        elif self.how == "labels":
            yield _unlabelled(parts.hostname or "", url, parts.netloc)
        else:
            yield from self._in_query(parts.query)

    def _in_query(self, query: str) -> Iterator[str]:
        values = dict(reversed(parse_qsl(query, max_num_fields=100)))
        for key in self.keys:
            value = values.get(key, "")
            if self.how == "query_base64":
                yield from_base64(value.removeprefix(self.prefix)) if value.startswith(self.prefix) else ""
            elif self.how == "proofpoint_2":
                yield from_proofpoint_2(value)
            else:
                yield value


def unwrapped(address: str) -> tuple[str, ...]:
    """Return the addresses inside a canonical one, the outer ones first; none where it wraps none.

    The last one is where the link leads.  Only links of known services are opened, and only where the address in them is whole.
    """
    found: list[str] = []
    while len(found) < MOST_WRAPS and (inner := _inner(found[-1] if found else address)):
        found.append(inner)
    return tuple(found)


def _inner(address: str) -> str:
    host = _host(address)
    for wrapper in _services_at(host):
        for text in wrapper.inner(address):
            if _WITH_SCHEME.match(text):
                try:
                    inner = read_address(text)
                except (BadUrl, ValueError):
                    continue
                if inner != address:
                    return inner
    return ""


def _in_path(text: str, query: str) -> str:
    """Return an address that is a part of a path; without a scheme it is https."""
    plain = unquote(text) if re.match(r"https?(?:%3a|:%2f)", text, re.I) else text
    asked = f"?{query}" if query and plain == text else ""
    return (f"https://{plain}" if _NAME.match(plain) else plain) + asked


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _unlabelled(host: str, url: str, place: str) -> str:
    """Return the address of a host whose first label is another host: ``evil-example.translate.goog``."""
    label = host.partition(".")[0]
    name = label.replace("--", "\0").replace("-", ".").replace("\0", "-")
    scheme, _, rest = url.partition("://")
    target = re.sub(r"[?&]_x_tr_[a-z_]+=[^&#]*", "", rest.removeprefix(place))
    if "&" in target and "?" not in target:
        target = target.replace("&", "?", 1)
    return f"{scheme}://{name}{target}" if "." in name else ""


def _services_at(host: str) -> Iterator[LinkWrapper]:
    known = _by_host()
    labels = host.split(".")
    for start in range(len(labels)):
        yield from known.get(".".join(labels[start:]), ())
    parts = split_host(host)
    labels = [*filter(None, parts.subdomain.split(".")), parts.label]
    for start in range(len(labels)):
        yield from known.get(".".join([*labels[start:], "*"]), ())


@cache
def _by_host() -> dict[str, tuple[LinkWrapper, ...]]:
    """Return all services by their hosts; ``google.*`` stands for the name under the ending of any country."""
    found: dict[str, tuple[LinkWrapper, ...]] = {}
    for wrapper in wrappers():
        for host in wrapper.hosts:
            found[host] = (*found.get(host, ()), wrapper)
    return found


@cache
def wrappers() -> tuple[LinkWrapper, ...]:
    """Return all services that are known."""
    text = resources.files("crawler.addresses").joinpath("wrapped_links.toml").read_text("utf-8")
    return tuple(
        LinkWrapper(
            entry["name"],
            tuple(entry["hosts"]),
            re.compile(entry["path"], re.S),
            entry["how"],
            tuple(entry.get("keys", ())),
            entry.get("prefix", ""),
            entry["source"],
        )
        for entry in tomllib.loads(text)["wrapper"]
    )
