"""The signal ``site``: the age and kind of the page's host name."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address

from detector.hosters import account_of
from detector.hosts import host_of, is_address
from detector.model import Brand, Finding, Registration
from detector.sentences import counted
from detector.signals.capture_view import CaptureView
from detector.signals.signal import not_measured, share_between

YOUNG_DAYS, OLD_DAYS = 30, 365
"""A name is young up to the first age; from the second on it counts as old."""
BARE, ANYBODY = 0.8, 0.5
"""Measure of a bare IP address, and of a name that a hoster gives to anybody."""
DAYS_A_YEAR = 365.25


class SiteSignal:
    """Young names, bare IP addresses and names that hosters give away: clones use them, banks do not.

    It suspects no brand by itself, since most such pages are harmless; and a site with an old name may have been hacked.
    """

    name = "site"
    version = 2

    def __init__(self, library: object) -> None:
        """Take the library as all signals do; it is not used, since the measure is the same for every brand."""

    def suspects(self, view: CaptureView) -> Collection[str]:
        return ()

    def look(self, view: CaptureView, brand: Brand) -> Finding:
        measure, said = view.memo(type(self), lambda: _measured(view))
        if measure is None:
            return Finding(self.name, brand.id, None, not_measured(said), abstained=said)
        return Finding(self.name, brand.id, measure, said)


def _measured(view: CaptureView) -> tuple[float | None, str]:
    """Return the measure with its sentence, or None with the reason as a clause."""
    host = host_of(view.url)
    if not host:
        return None, "the page's address is not known"
    if is_address(host):
        if not ip_address(host).is_global:
            return None, "the page is at an address of a private network"
        return BARE, f"The page is at the IP address {host}, without a domain name."
    account = account_of(view.url)
    if account is not None:
        given = "where anybody can publish" if account.path else "a name that its hoster gives to anybody"
        return ANYBODY, f"The page is at {host}, {given}."
    registration = view.capture.registration
    if registration is None:
        return None, "the date on which the page's domain was registered is not known"
    return _by_age(registration, (view.capture.started - registration.registered).days)


def _by_age(registration: Registration, days: int) -> tuple[float, str]:
    when = (
        f"{registration.domain} was registered {_age(max(0, days))} the capture, on {registration.registered:%Y-%m-%d}."
    )
    return round(share_between(days, OLD_DAYS, YOUNG_DAYS), 4), when


def _age(days: int) -> str:
    if days < 2 * OLD_DAYS:
        return f"{counted(days, 'day')} before"
    return f"{days / DAYS_A_YEAR:.0f} years before"
