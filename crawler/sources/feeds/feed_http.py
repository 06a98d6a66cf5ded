"""Feeds over HTTP: headers of a conditional request, and what an answer's headers say of its body."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from crawler.sources.feeds.feed_location import TAXII
from crawler.sources.feeds.taxii import MEDIA_TYPE
from detector.config import Feed
from detector.errors import SourceError

_ENDINGS = {"application/json": ".json", "text/csv": ".csv", "application/x-ndjson": ".json"}


def request_headers(feed: Feed, version: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that ask for a feed, unless it is still of the ``version`` read last (its ``etag``, ``modified``).

    Raises:
        SourceError: the environment variable with the feed's authorization is not set.
    """
    headers = {"Accept": MEDIA_TYPE if feed.format == TAXII else "*/*", "Accept-Encoding": "gzip"}
    if feed.authorization:
        headers["Authorization"] = _secret(feed)
    if version.get("etag"):
        headers["If-None-Match"] = version["etag"]
    if version.get("modified"):
        headers["If-Modified-Since"] = version["modified"]
    return headers


def file_name(location: str, content_type: str) -> str:
    """Return the name by which the form of an answer is known: its path, with the ending that its media type has."""
    kind = content_type.split(";", maxsplit=1)[0].strip().lower()
    return urlsplit(location).path + _ENDINGS.get(kind, "")


def _secret(feed: Feed) -> str:
    value = os.environ.get(feed.authorization, "")
    if not value:
        raise SourceError(
            f"the environment variable {feed.authorization} is not set; the feed's authorization names it"
        )
    return value
