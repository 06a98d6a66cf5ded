"""HTTP requests to services that the operator named, bounded in time and bytes; hostile sites are fetched through the guard."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from crawler.net.guard.traffic_ledger import FailureError
from crawler.net.outward.outward_rules import OutwardRules
from crawler.net.outward.service_error import ServiceError, reason_of

if TYPE_CHECKING:
    import aiohttp

__all__ = ["ServiceAnswer", "ServiceError", "ask"]


@dataclass(frozen=True, slots=True)
class ServiceAnswer:
    """An answer, whatever its status."""

    status: int
    headers: Mapping[str, str]
    """By name, in any case."""
    body: bytes

    @property
    def media_type(self) -> str:
        """``application/json``; empty where the service does not say."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def problem(self) -> str:
        """Explain a status other than 200, as a clause; empty for 200."""
        if self.status == HTTPStatus.OK:
            return ""
        named = f" {HTTPStatus(self.status).phrase}" if self.status in set(HTTPStatus) else ""
        return f"it answered with status {self.status}{named}"


async def ask(
    url: str,
    *,
    seconds: float,
    most: int,
    data: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    redirects: int = 0,
    named: str = "",
    allow_private: Iterable[str] = (),
) -> ServiceAnswer:
    """Get one answer of at most ``most`` bytes, within ``seconds`` in all; POST where there is ``data``.

    Only requests without ``data`` follow redirects, at most ``redirects`` of them, and none from https to http.  Proxies of the
    environment (``HTTPS_PROXY``, ``NO_PROXY``...) are used.

    ``named``: the address that the operator wrote, which may be private; ``url`` itself by default.  All others are judged by the
    guard's rules, at every hop; ``allow_private`` are the blocks of ``capture.allow_private``.

    Raises:
        ServiceError: there was no answer in time, it is longer, or its address is forbidden.
    """
    import aiohttp  # noqa: PLC0415  takes most of a second to import, and most runs ask no service

    from crawler.net.outward.judged_session import answer_of, hop, judged_session  # noqa: PLC0415  imports aiohttp

    rules = OutwardRules(named or url, allow_private=allow_private, seconds=seconds)
    said = {"User-Agent": "clonewatch", "Accept-Encoding": "identity"}
    try:
        async with asyncio.timeout(seconds), judged_session(rules, headers=said) as session:
            if data is not None:
                async with hop(session, rules, url, headers or {}, data) as response:
                    return await _read(response, most)
            async with answer_of(session, rules, url, headers or {}, redirects=redirects) as response:
                return await _read(response, most)
    except TimeoutError as error:
        raise ServiceError(f"no answer within {seconds:g} s") from error
    except (aiohttp.ClientError, FailureError, OSError, ValueError) as error:
        raise ServiceError(reason_of(error)) from error


async def _read(response: aiohttp.ClientResponse, most: int) -> ServiceAnswer:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > most:
            raise ServiceError(f"its answer is longer than {most} bytes")
    return ServiceAnswer(response.status, response.headers, bytes(body))
