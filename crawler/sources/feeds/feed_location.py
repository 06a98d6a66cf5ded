"""Where a feed is read from: a file or a web address, as a configuration or a command line names it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from crawler.sources.feeds.feed_records import FORMATS
from crawler.sources.feeds.unpack import CHUNK
from detector.config import Feed
from detector.errors import UsageError

TAXII = "taxii"


def file_chunks(location: str) -> Iterator[bytes]:
    """A file's bytes, 64 KiB at a time.  Raises OSError."""
    path = Path(location.removeprefix("file://")).expanduser()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def is_web(location: str) -> bool:
    """Whether a feed is asked for over the network."""
    return location.lower().startswith(("http://", "https://"))


def feed_at(location: str, *, format: str = "auto", url_field: str = "url", brand_field: str | None = None) -> Feed:
    """A feed that no configuration names: called after its file, or its host.

    Raises:
        UsageError: there is no such format.
    """
    if format not in (*FORMATS, TAXII):
        raise UsageError(f"unknown feed format {format!r}; known: {', '.join((*FORMATS, TAXII))}")
    if "://" in location and not location.lower().startswith(("http://", "https://", "file://")):
        raise UsageError(f"a feed is a file or an http(s) address, not {location!r}")
    parts = urlsplit(location)
    name = f"{parts.hostname}{parts.path}".rstrip("/") if is_web(location) else Path(location).name
    return Feed(name=name or location, location=location, format=format, url_field=url_field, brand_field=brand_field)
