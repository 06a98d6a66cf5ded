"""Look up when and by whom a domain was registered, by RDAP (RFC 9082, RFC 9083; servers after RFC 9224)."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from crawler.examine.registration_answer import read_answer
from crawler.net.bounded_http import ServiceError
from crawler.net.rdap.rdap_client import RdapClient, SharedAnswers
from detector.config import RegistrationConfig
from detector.hosters import is_shared
from detector.hosts import ascii_host, fits_dns, split_host
from detector.model import Registration, utcnow


class RegistrationLookup:
    """Asks registries, within their rate limits.  A failed lookup gives None and never stops a crawl.  For one event loop."""

    def __init__(self, config: RegistrationConfig, *, allow_private: Sequence[str] = ()) -> None:
        """``allow_private``: blocks of ``capture.allow_private``, in which the servers of the list may stand."""
        self._bootstrap = config.bootstrap
        self._client = RdapClient(
            config.bootstrap,
            seconds=config.seconds,
            pause_seconds=config.pause_seconds,
            allow_private=allow_private,
        )
        self._answers = SharedAnswers(self._look_up)

    async def of(self, host: str) -> Registration | None:
        """Return the registration of the domain of ``host``; None for IP addresses, hosters' names, and without an answer."""
        domain = registered_name(host) if self._bootstrap else ""
        return await self._answers.of(domain) if domain else None

    async def __aenter__(self) -> RegistrationLookup:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._answers.cancel()

    async def _look_up(self, domain: str) -> Registration | None:
        base = await self.server_of(domain)
        answer = await self._client.ask(base, f"domain/{quote(domain, safe='')}") if base else None
        if answer is None:
            return None
        try:
            found = read_answer(answer.body)
        except ValueError as error:
            raise ServiceError(str(error)) from error
        if found.registered is None:
            return None
        return Registration(
            domain, found.registered, answer.url, utcnow(), found.registrar, found.abuse_contacts, found.name_servers
        )

    async def server_of(self, domain: str) -> str:
        """Return the base address of the server for a domain, by the longest suffix listed (RFC 9224, section 4); empty: none."""
        servers = await self._client.servers()
        labels = domain.split(".")
        endings = (".".join(labels[start:]) for start in range(1, len(labels)))
        return next((servers[ending] for ending in endings if ending in servers), "")


def registered_name(host: str) -> str:
    """Return the registrable domain of a host, in ASCII; empty where its age says nothing about the page's author."""
    parts = split_host(host)
    if not parts.label or not parts.suffix or is_shared(host):
        return ""
    name = ascii_host(parts.registrable)
    return name if fits_dns(name) else ""
