"""Upstream proxies: how they are written, and that no error shows a password."""

from __future__ import annotations

import pytest

from crawler.net.guard import parse_upstream
from detector.errors import ConfigError


@pytest.mark.parametrize(
    "url",
    [
        "user:SECRET@proxy.example:3128",
        "ftp://user:SECRET@proxy.example:3128",
        "http://user:SECRET@proxy.example:port",
        "http://user:SECRET@proxy.example:3128/path",
        "http://user:SE@CRET:SECRET@:1",
        "http://user:p://SECRET@proxy.example:1/x",
        "//user:SECRET@proxy.example",
        "http://user:SECRET@[::1",
    ],
)
def test_no_error_shows_the_password(url: str) -> None:
    with pytest.raises(ConfigError, match=r"^capture\.proxy: ") as caught:
        parse_upstream(url)
    assert "SECRET" not in str(caught.value)


def test_a_proxy_as_it_is_shown() -> None:
    proxy = parse_upstream("http://user:SECRET@proxy.example")
    assert proxy is not None
    assert (proxy.label, proxy.port, proxy.password) == ("http://proxy.example:80", 80, "SECRET")
    assert "SECRET" not in repr(proxy)
