"""The site that a page belongs to: its host, and its port where that is not the scheme's default."""

from __future__ import annotations

from urllib.parse import urlsplit

from detector.hosts import ascii_host
from detector.model import Capture

DEFAULT_PORTS = {"http": 80, "https": 443}


def site_of(capture: Capture) -> str:
    """Host (and port) of the URL at which the capture ended, else of the one at which it began; empty where neither has a host."""
    return site_of_url(capture.final_url) or site_of_url(capture.url)


def site_of_url(url: str) -> str:
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
