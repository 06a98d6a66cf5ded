"""HTTP requests to services that the operator named, bounded in time and bytes; hostile sites are fetched through the guard."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    import aiohttp

_MOVED = (301, 302, 303, 307, 308)


class ServiceError(Exception):
    """A service gave no usable answer in time; the message says why, as a clause."""


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
) -> ServiceAnswer:
    """Get one answer of at most ``most`` bytes, within ``seconds`` in all; POST where there is ``data``.

    Only requests without ``data`` follow redirects, at most ``redirects`` of them, and none from https to http.  Proxies of the
    environment (``HTTPS_PROXY``, ``NO_PROXY``...) are used.

    Raises:
        ServiceError: there was no answer in time, or it is longer.
    """
    import aiohttp  # noqa: PLC0415  takes most of a second to import, and most runs ask no service

    named = {"User-Agent": "clonewatch", "Accept-Encoding": "identity", **(headers or {})}
    try:
        async with (
            asyncio.timeout(seconds),
            aiohttp.ClientSession(
                headers=named,
                trust_env=True,
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
            ) as session,
        ):
            return await _follow(session, url, most, data, redirects)
    except TimeoutError as error:
        raise ServiceError(f"no answer within {seconds:g} s") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise ServiceError(_reason(error)) from error


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and (error.errno or 0) > 0:
        return os.strerror(error.errno or 0)  # aiohttp says that connecting failed, and the number why
    return str(error) or type(error).__name__


async def _follow(
    session: aiohttp.ClientSession, url: str, most: int, data: bytes | None, redirects: int
) -> ServiceAnswer:
    for _ in range(redirects + 1):
        if urlsplit(url).scheme not in ("http", "https"):
            raise ServiceError(f"{url} is not an http or https address")
        answer = await _once(session, url, most, data)
        place = answer.headers.get("Location") if answer.status in _MOVED and data is None else None
        if place is None or redirects == 0:
            return answer
        target = urljoin(url, place)
        if url.startswith("https:") and not target.startswith("https:"):
            raise ServiceError("it redirects from https to an address that is not https")
        url = target
    raise ServiceError(f"it redirects more than {redirects} times")


async def _once(session: aiohttp.ClientSession, url: str, most: int, data: bytes | None) -> ServiceAnswer:
    method = "GET" if data is None else "POST"
    async with session.request(method, url, data=data, allow_redirects=False) as response:
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > most:
                raise ServiceError(f"its answer is longer than {most} bytes")
        return ServiceAnswer(response.status, response.headers, bytes(body))
