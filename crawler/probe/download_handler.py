"""Scrapy's download handler for the spider ``probe``: every request goes through the guarded HTTP client."""

from __future__ import annotations

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.exceptions import DownloadFailedError
from scrapy.http import Headers, Response

from crawler.net.guard import FailureError, GuardedHttpClient
from crawler.probe.front_page_visit import ADDRESS, CLIENT, FAILURE, LIMIT


class GuardedDownloadHandler(BaseDownloadHandler):
    """Send a request by the guarded HTTP client in its ``meta``; a request without one fails."""

    async def download_request(self, request: Request) -> Response:
        """Return the answer, with its body cut at the request's limit.

        Raises:
            DownloadFailedError: there is no answer; the reason is in the request's ``meta``.
        """
        client = request.meta.get(CLIENT)
        if not isinstance(client, GuardedHttpClient):
            raise DownloadFailedError("a request of a probe needs a guarded HTTP client in its meta")
        headers = (
            (name.decode("latin-1"), b",".join(values).decode("latin-1")) for name, values in request.headers.items()
        )
        try:
            reply = await client.get(request.url, headers, most=request.meta[LIMIT])
        except FailureError as error:
            request.meta[FAILURE] = error.failure
            raise DownloadFailedError(error.failure.sentence) from error
        # a server that closes the connection early has sent all that it will: only our own limit counts as a cut
        flags = ["cut"] if reply.cut and len(reply.body) >= request.meta[LIMIT] else []
        request.meta[ADDRESS] = reply.address
        return Response(request.url, reply.status, Headers(_grouped(reply.headers)), reply.body, flags, request)


def _grouped(headers: list[tuple[bytes, bytes]]) -> dict[bytes, list[bytes]]:
    grouped: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        grouped.setdefault(name.title(), []).append(value)
    return grouped
