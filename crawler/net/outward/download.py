"""Download of files that may be large: bounded in bytes, redirects and time, retried, every hop judged by the guard's rules."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import IO

import aiohttp

from crawler.net.guard.traffic_ledger import FailureError
from crawler.net.outward.download_limits import Downloaded, DownloadLimits
from crawler.net.outward.judged_session import answer_of, judged_session
from crawler.net.outward.outward_rules import OutwardRules
from crawler.net.outward.service_error import ServiceError, reason_of

IN_MEMORY = 1 << 22
"""Bytes of a body above which it is kept in a temporary file."""


@asynccontextmanager
async def download(
    url: str, headers: Mapping[str, str], limits: DownloadLimits, rules: OutwardRules
) -> AsyncIterator[Downloaded]:
    """Download one file with the given request headers; its body is removed when the block is left.

    Raises:
        ServiceError: there was no answer in time, it cannot be kept, or a hop leads to an address that is forbidden.
    """
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as body:
        for left in range(limits.retries, -1, -1):
            try:
                found = await _try(url, headers, limits, rules, body)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                if left:
                    continue
                silent = isinstance(error, TimeoutError)
                raise ServiceError(f"no answer within {limits.seconds:g} s" if silent else reason_of(error)) from error
            except (FailureError, ValueError) as error:  # the next try would end alike
                raise ServiceError(reason_of(error)) from error
            if not left or found.status not in limits.retried:
                break
        yield found


async def _try(
    url: str, headers: Mapping[str, str], limits: DownloadLimits, rules: OutwardRules, body: IO[bytes]
) -> Downloaded:
    body.seek(0)
    body.truncate()
    until = asyncio.get_running_loop().time() + limits.seconds
    async with judged_session(rules, headers={}) as session, AsyncExitStack() as answers:
        async with asyncio.timeout_at(until):
            asked = answer_of(session, rules, url, headers, redirects=limits.redirects)
            response = await answers.enter_async_context(asked)
        cut, broken = False, ""
        try:
            async with asyncio.timeout_at(until):
                cut = await _receive(response, body, limits.bytes)
        except TimeoutError:
            broken = f"it did not end within {limits.seconds:g} s"
        except (aiohttp.ClientError, ConnectionError):
            broken = "the connection ended too early"
        body.seek(0)
        return Downloaded(response.status, response.headers, body, cut, broken)


async def _receive(response: aiohttp.ClientResponse, body: IO[bytes], most: int) -> bool:
    """Write a body to a file; True where it was cut after ``most`` bytes."""
    async for chunk in response.content.iter_any():
        room = most - body.tell()
        body.write(chunk[:room])
        if len(chunk) > room:
            return True
    return False
