"""Locations of feeds: files and web addresses, from the configuration or the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from crawler.sources.feeds.decompression import CHUNK
from crawler.sources.feeds.feed_records import FORMATS
from detector.config import Feed
from detector.errors import UsageError

TAXII = "taxii"


def file_chunks(location: str) -> Iterator[bytes]:
    """Yield a file's bytes, 64 KiB at a time.  Raises OSError."""
    path = Path(location.removeprefix("file://")).expanduser()
    with path.open("rb") as stream:
        yield from chunks_of(stream)


def chunks_of(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the rest of a stream, 64 KiB at a time."""
    while chunk := stream.read(CHUNK):
        yield chunk


def is_web(location: str) -> bool:
    """Return True if a feed is fetched over the network."""
    return location.lower().startswith(("http://", "https://"))


def feed_at(location: str, *, format: str = "auto", url_field: str = "url", brand_field: str | None = None) -> Feed:
    """Return a feed that is not configured, named after its file or its host.

    Raises:
        UsageError: the format or the scheme is unknown.
    """
    if format not in (*FORMATS, TAXII):
        raise UsageError(f"there is no feed format {format!r}; known: {', '.join((*FORMATS, TAXII))}")
    if "://" in location and not location.lower().startswith(("http://", "https://", "file://")):
        raise UsageError(f"{location!r} cannot be read as a feed; name a file or an http(s) address")
    parts = urlsplit(location)
    name = f"{parts.hostname}{parts.path}".rstrip("/") if is_web(location) else Path(location).name
    return Feed(name=name or location, location=location, format=format, url_field=url_field, brand_field=brand_field)
