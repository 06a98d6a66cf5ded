"""Accounts of shared hosts: who publishes the page at an address, where that is not the host's owner."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from detector.hosters.path_patterns import segments_of
from detector.hosters.shared_hosts import SharedHost, anywhere, entry_of, is_below
from detector.hosts import ascii_host, is_address, split_host


@dataclass(frozen=True, slots=True)
class HostedAccount:
    """Somebody's part of a shared host."""

    name: str
    """The name that is the account's, such as ``anna.tumblr.com``; the host where accounts are told apart by path."""
    path: str = ""
    """``view/anna``: what of the path, and the query, names the account; empty where the name does."""
    framed: bool = False
    """The platform puts its own frame, with its mark, around what the account publishes."""


def account_of(url: str) -> HostedAccount | None:
    """Return the account whose page an address (or a bare host) is; None where the page is the host's owner's."""
    host, path, query = _parts(url)
    if not host or is_address(host):
        return None
    entry, listed = entry_of(host), _listed(host)
    if entry is None or (listed is not None and listed.name.count(".") + 1 > entry.labels):
        return listed
    if entry.owns(host, path):
        return None
    if not entry.patterns:
        return HostedAccount(_name(entry, host), framed=entry.framed)
    segments = segments_of(path)
    found = next(filter(None, (pattern.account(segments, query) for pattern in entry.patterns)), "")
    return HostedAccount(host, found, entry.framed) if found else None


def is_shared(host: str) -> bool:
    """Tell whether others than its owner publish on a host, in some part of it at least."""
    host = ascii_host(host).strip(".")
    entry = entry_of(host) if host else None
    if account_of(f"https://{host}/") is not None:
        return True
    return entry is not None and entry.opened and bool(entry.patterns) and host not in entry.own


def site_path(url: str) -> str:
    """Return the part of an address's path that names an account of its host; empty where the whole host is one site."""
    account = account_of(url)
    if account is not None and account.path:
        return account.path
    _, path, query = _parts(url)
    segments = segments_of(path) if "~" in path or "%7" in path or "/ip" in path else ()
    return next(filter(None, (pattern.account(segments, query) for pattern in anywhere())), "") if segments else ""


def whole_account(account: HostedAccount, domain: str) -> bool:
    """Tell whether a domain that somebody owns is the account's name, or below it."""
    return not account.path and is_below(domain, account.name)


def _parts(url: str) -> tuple[str, str, str]:
    """Return host, path and query of a URL or bare host; empty where it cannot be read."""
    try:
        parts = urlsplit(url.strip()[:8192] if "://" in url else f"//{url.strip()[:8192]}")
        return ascii_host(parts.hostname or "").strip("."), parts.path, parts.query
    except ValueError:
        return "", "", ""


def _listed(host: str) -> HostedAccount | None:
    """Return the account by the private section of the public suffix list."""
    parts = split_host(host)
    if not parts.hosted:
        return None
    # of a rule such as *.compute.amazonaws.com, the suffix itself is somebody's
    return HostedAccount(parts.registrable) if parts.label or parts.suffix.count(".") > 2 else None


def _name(entry: SharedHost, host: str) -> str:
    return ".".join(host.split(".")[-entry.labels :])
