"""``HOST:PORT:ADDRESS`` as curl has it, and the upstream proxy's address."""

from __future__ import annotations

import pytest

from crawler.net.guard.resolve_rules import lookup, parse_rules
from crawler.net.guard.upstream_proxy import parse_upstream
from detector.errors import ConfigError


def found(rules: list[str], host: str, port: int) -> list[str] | None:
    addresses = lookup(parse_rules(rules), host, port)
    return None if addresses is None else [str(address) for address in addresses]


def test_a_rule_leads_its_host_and_port_and_no_other() -> None:
    rules = ["Shop.Example:443:127.0.0.1"]
    assert found(rules, "shop.example", 443) == ["127.0.0.1"]
    assert found(rules, "shop.example", 80) is None
    assert found(rules, "www.shop.example", 443) is None


def test_an_international_host_is_matched_as_the_browser_spells_it() -> None:
    assert found(["Faß.example:80:127.0.0.1"], "xn--fa-hia.example", 80) == ["127.0.0.1"]


def test_stars_stand_for_any_host_and_any_port() -> None:
    assert found(["*:80:127.0.0.1"], "anything.test", 80) == ["127.0.0.1"]
    assert found(["*:*:127.0.0.1"], "anything.test", 8443) == ["127.0.0.1"]


def test_the_exact_host_wins_over_the_star() -> None:
    assert found(["*:80:127.0.0.1", "shop.example:80:127.0.0.9"], "shop.example", 80) == ["127.0.0.9"]


def test_addresses_may_be_ipv6_in_brackets_and_several() -> None:
    assert found(["shop.example:443:[2001:db8::1],127.0.0.1"], "shop.example", 443) == ["2001:db8::1", "127.0.0.1"]
    assert found(["[2001:db8::7]:443:127.0.0.1"], "2001:db8::7", 443) == ["127.0.0.1"]


@pytest.mark.parametrize(
    "rule", ["", "a", "a:80", ":80:127.0.0.1", "a:0:127.0.0.1", "a:x:127.0.0.1", "a:70000:1.1.1.1", "a:80:b"]
)
def test_a_malformed_rule_is_refused_and_quoted(rule: str) -> None:
    with pytest.raises(ConfigError, match="must read HOST:PORT:ADDRESS") as caught:
        parse_rules([rule])
    assert repr(rule) in str(caught.value)


def test_the_upstream_proxy_is_read_with_and_without_a_password() -> None:
    plain = parse_upstream("http://proxy.example:3128")
    assert plain is not None
    assert (plain.scheme, plain.host, plain.port, plain.user) == ("http", "proxy.example", 3128, None)
    secret = parse_upstream("http://u%40x:p@proxy.example")
    assert secret is not None
    assert (secret.port, secret.user, secret.password) == (80, "u@x", "p")
    assert "password" not in repr(secret)
    socks = parse_upstream("socks5://[::1]")
    assert socks is not None
    assert (socks.host, socks.port, socks.label) == ("::1", 1080, "socks5://[::1]:1080")
    assert parse_upstream(None) is None


@pytest.mark.parametrize("url", ["https://h:1", "proxy:3128", "http://", "http://h:99999", "http://h/path"])
def test_another_kind_of_proxy_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match=r"capture\.proxy"):
        parse_upstream(url)


def test_a_password_is_never_repeated() -> None:
    with pytest.raises(ConfigError, match=r"capture\.proxies\.de") as caught:
        parse_upstream("ftp://me:s3cret@proxy.example", "capture.proxies.de")
    assert "s3cret" not in str(caught.value)
