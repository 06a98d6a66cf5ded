"""Feeds over HTTP."""

from __future__ import annotations

import pytest

from crawler.sources.feeds.feed_http import file_name, request_headers
from crawler.sources.feeds.feed_location import TAXII
from crawler.sources.feeds.taxii import MEDIA_TYPE
from detector.config import Feed
from detector.errors import SourceError

FEED = Feed(name="list", location="https://feeds.example/list.txt")


def test_a_feed_is_asked_for_by_the_version_that_was_read_last() -> None:
    assert request_headers(FEED, {}) == {"Accept": "*/*", "Accept-Encoding": "gzip"}
    headers = request_headers(FEED, {"etag": '"7"', "modified": "Mon, 02 Nov 2026 10:00:00 GMT"})
    assert headers["If-None-Match"] == '"7"'
    assert headers["If-Modified-Since"] == "Mon, 02 Nov 2026 10:00:00 GMT"


def test_the_authorization_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = Feed(name="taxii", location="https://taxii.example/", format=TAXII, authorization="FEED_KEY")
    monkeypatch.delenv("FEED_KEY", raising=False)
    with pytest.raises(SourceError, match="FEED_KEY is not set"):
        request_headers(feed, {})
    monkeypatch.setenv("FEED_KEY", "Bearer x")
    headers = request_headers(feed, {})
    assert (headers["Authorization"], headers["Accept"]) == ("Bearer x", MEDIA_TYPE)


@pytest.mark.parametrize(
    ("location", "content_type", "name"),
    [
        ("https://feeds.example/list?x=1", "Application/JSON; charset=utf-8", "/list.json"),
        ("https://feeds.example/list.txt", "text/plain", "/list.txt"),
        ("https://feeds.example/list", "", "/list"),
    ],
)
def test_the_form_is_told_by_the_media_type(location: str, content_type: str, name: str) -> None:
    assert file_name(location, content_type) == name
