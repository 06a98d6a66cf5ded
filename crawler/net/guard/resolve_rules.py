"""``HOST:PORT:ADDRESS`` rules as in curl's ``--resolve``: the addresses of a name and port, without a DNS query."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from crawler.net.guard.addresses import Address, literal
from detector.errors import ConfigError
from detector.hosts import ascii_host


@dataclass(frozen=True, slots=True)
class ResolveRule:
    """One rule; ``host`` is in ASCII and lower case, ``*`` for any; ``port`` 0 for any."""

    host: str
    port: int
    addresses: tuple[Address, ...]

    def matches(self, host: str, port: int) -> bool:
        """Tell whether this rule applies to a connection to ``host`` and ``port``."""
        return self.host in ("*", host) and self.port in (0, port)

    def names(self, host: str, port: int) -> bool:
        """Tell whether this rule spells out exactly ``host`` and ``port``."""
        return (self.host, self.port) == (host, port)


def parse_rules(rules: Iterable[str]) -> tuple[ResolveRule, ...]:
    """Read the rules; ``*`` stands for any host and any port, several addresses are separated by commas.

    Raises:
        ConfigError: a rule is malformed; the message quotes it.
    """
    return tuple(_parse(rule) for rule in rules)


def _parse(rule: str) -> ResolveRule:
    expected = f"resolve rule {rule!r} must read HOST:PORT:ADDRESS, for example shop.example:443:127.0.0.1"
    parts = rule.split(":", 2) if not rule.startswith("[") else _split_bracketed(rule)
    if len(parts) != 3 or not parts[0]:
        raise ConfigError(expected)
    host, port, target = parts
    if port != "*" and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ConfigError(f"{expected}: {port!r} is not a port")
    addresses = []
    for text in target.split(","):
        address = literal(text.strip())
        if address is None:
            raise ConfigError(f"{expected}: {text.strip()!r} is not an IP address")
        addresses.append(address)
    return ResolveRule(ascii_host(host).rstrip("."), 0 if port == "*" else int(port), tuple(addresses))


def _split_bracketed(rule: str) -> list[str]:
    host, _, rest = rule[1:].partition("]:")
    return [host, *rest.split(":", 1)]


def lookup(rules: Iterable[ResolveRule], host: str, port: int) -> tuple[Address, ...] | None:
    """Return the addresses that the first matching rule names; a rule with the exact host wins over ``*``."""
    matching = [rule for rule in rules if rule.matches(host, port)]
    exact = next((rule for rule in matching if rule.host != "*"), None)
    chosen = exact or next(iter(matching), None)
    return None if chosen is None else chosen.addresses
