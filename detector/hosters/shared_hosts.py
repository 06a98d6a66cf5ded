"""The table of hosts on which others than their owner publish."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import cache

from detector.hosters.path_patterns import PathPattern, segments_of, starts_with
from detector.hosts import host_table


@dataclass(frozen=True, slots=True)
class SharedHost:
    """One name of the table; docs and meaning of the fields stand at its head."""

    name: str
    """``sites.google.com``, or ``*.tumblr.com``."""
    patterns: tuple[PathPattern, ...] = ()
    """Accounts in paths; none where names tell them apart."""
    own: tuple[str, ...] = ()
    opened: bool = True
    framed: bool = False
    source: str = ""
    added: date | None = None

    @property
    def labels(self) -> int:
        """Number of labels of the name."""
        return self.name.count(".") + 1

    @property
    def domain(self) -> str:
        """The name without the labels before its last wildcard."""
        labels = self.name.split(".")
        last = max((at for at, label in enumerate(labels) if "*" in label), default=-1)
        return ".".join(labels[last + 1 :])

    def covers(self, host: str) -> bool:
        """Tell whether the name is the host's: labels are compared from the last one on."""
        labels, wanted = host.split("."), self.name.split(".")
        if len(labels) < len(wanted) or (len(labels) > len(wanted) and wanted[0] != "*"):
            return False
        pairs = zip(reversed(labels), reversed(wanted), strict=False)
        return all(fnmatchcase(label, pattern) for label, pattern in pairs)

    def owns(self, host: str, path: str) -> bool:
        """Tell whether the page is the platform's own."""
        if not self.opened or host in self.own:
            return True
        paths = [start for start in self.own if start.startswith("/")]
        return bool(paths) and any(starts_with(segments_of(path), start) for start in paths)


@cache
def shared_hosts() -> tuple[SharedHost, ...]:
    """All names of the table, in its order."""
    return tuple(
        SharedHost(
            name,
            tuple(map(PathPattern.parse, entry.get("accounts", ()))),
            tuple(entry.get("own", ())),
            entry.get("open", True),
            entry.get("framed", False),
            entry["source"],
            entry["added"],
        )
        for entry in host_table()["hosts"]
        for name in entry["names"]
    )


@cache
def anywhere() -> tuple[PathPattern, ...]:
    """Patterns that tell accounts apart on any host."""
    return tuple(map(PathPattern.parse, host_table()["anywhere"]))


def entry_of(host: str) -> SharedHost | None:
    """Return the table's most specific name for a host (lower case, ASCII); None where it has none."""
    by_domain = _by_domain()
    labels = host.split(".")
    found = [
        shared
        for at in range(len(labels))
        for shared in by_domain.get(".".join(labels[at:]), ())
        if shared.covers(host)
    ]
    return max(found, key=lambda shared: (shared.labels, len(shared.name.replace("*", ""))), default=None)


def shared_below(domain: str) -> tuple[SharedHost, ...]:
    """Return the names of the table that are a domain, or below it, and open to others."""
    return tuple(shared for shared in shared_hosts() if shared.opened and is_below(shared.domain, domain))


def is_below(name: str, domain: str) -> bool:
    """Tell whether a name is a domain, or below it."""
    return name == domain or name.endswith(f".{domain}")


@cache
def _by_domain() -> Mapping[str, Iterable[SharedHost]]:
    found: dict[str, list[SharedHost]] = defaultdict(list)
    for shared in shared_hosts():
        found[shared.domain].append(shared)
    return found
