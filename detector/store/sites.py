"""The site that a page belongs to: its host, its port where that is not the scheme's default, and the account's part of the path.

``bank.example``, ``bank.example:8443``, and ``s3.amazonaws.com/bucket`` where accounts of one host are told apart by path.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from detector.hosters import site_path
from detector.hosts import ascii_host
from detector.model import Capture, Case, CasePage, Decision
from detector.store.models import CaptureRow

MOST_PAGES = 1000
"""Addresses of a case that are listed; the latest count."""
DEFAULT_PORTS = {"http": 80, "https": 443}


def site_of(capture: Capture) -> str:
    """Site of the URL at which the capture ended, else of the one at which it began; empty where neither has a host."""
    return site_of_url(capture.final_url) or site_of_url(capture.url)


def site_of_url(url: str) -> str:
    """Host and port, and the account's part of the path where others publish on the host; empty where the URL is not HTTP(S)."""
    host = server_of_url(url)
    path = site_path(url) if host else ""
    return f"{host}/{path}" if path else host


def server_of_url(url: str) -> str:
    """``bank.example`` or ``bank.example:8443``; ``[::1]:8080`` for addresses.  Empty where the URL is not HTTP or HTTPS."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if parts.scheme not in DEFAULT_PORTS or not host:
        return ""
    host = ascii_host(host).rstrip(".")
    if ":" in host:
        host = f"[{host}]"
    return host if port in {None, DEFAULT_PORTS[parts.scheme]} else f"{host}:{port}"


def pages_of(connection: Connection, case: Case) -> list[CasePage]:
    """All addresses on which suspicious pages of a case were seen, the latest first."""
    suspicious = CaptureRow.decision.in_([str(Decision.FLAGGED), str(Decision.REVIEW)])
    same = (CaptureRow.site == case.site, func.coalesce(CaptureRow.brand, "") == case.brand, suspicious)
    last = func.max(CaptureRow.started)
    query = (
        select(CaptureRow.url, CaptureRow.final_url, func.min(CaptureRow.started), last)
        .where(*same)
        .group_by(CaptureRow.url, CaptureRow.final_url)
        .order_by(last.desc(), CaptureRow.url)
        .limit(MOST_PAGES)
    )
    return [CasePage(*row) for row in connection.execute(query)]
