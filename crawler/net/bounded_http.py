"""HTTP requests to services that the operator named, bounded in time and bytes; hostile sites are fetched through the gate."""

from __future__ import annotations

import threading
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from http.client import HTTPException
from urllib.error import URLError
from urllib.parse import urljoin

_MOVED = (301, 302, 303, 307, 308)


class ServiceError(Exception):
    """Nothing usable came in time; the message says why, as a clause."""


@dataclass(frozen=True, slots=True)
class ServiceAnswer:
    """What a service said, whatever its status."""

    status: int
    headers: Message
    body: bytes

    def problem(self) -> str:
        """What is wrong with it, as a clause; empty where nothing is."""
        if self.status == HTTPStatus.OK:
            return ""
        named = f" {HTTPStatus(self.status).phrase}" if self.status in set(HTTPStatus) else ""
        return f"it answered with status {self.status}{named}"


def ask(
    url: str,
    *,
    seconds: float,
    most: int,
    data: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    redirects: int = 0,
) -> ServiceAnswer:
    """One answer of at most ``most`` bytes, within ``seconds`` in all; POST where there is ``data``.

    Only requests without ``data`` follow ``redirects``, and none from https to http.

    Raises:
        NoAnswerError: there was none in time, or it is longer.
    """
    found: list[ServiceAnswer | Exception] = []

    def run() -> None:
        try:
            found.append(_fetch(url, seconds, most, data, headers or {}, redirects))
        except Exception as error:
            found.append(error)

    # the library's timeout is one for each read: a thread that is left behind bounds the whole
    thread = threading.Thread(target=run, daemon=True, name="request")
    thread.start()
    thread.join(seconds)
    answer = found[0] if found else TimeoutError(f"no answer within {seconds:g} s")
    if isinstance(answer, ServiceAnswer):
        return answer
    if not isinstance(answer, ServiceError | OSError | HTTPException | ValueError):
        raise answer
    reason = answer.reason if isinstance(answer, URLError) else answer
    raise ServiceError(str(reason) or type(answer).__name__) from answer


def _fetch(
    url: str, seconds: float, most: int, data: bytes | None, headers: Mapping[str, str], redirects: int
) -> ServiceAnswer:
    opener = urllib.request.OpenerDirector()
    for handler in (urllib.request.ProxyHandler, urllib.request.HTTPHandler, urllib.request.HTTPSHandler):
        opener.add_handler(handler())
    for _ in range(redirects + 1):
        request = urllib.request.Request(url, data, {"User-Agent": "clonewatch", **headers})  # noqa: S310  http(s) only
        response = opener.open(request, timeout=seconds)
        if response is None:
            raise ServiceError(f"{url} is no http or https address")
        with response:
            answer = ServiceAnswer(response.status, response.headers, bytes(response.read(most + 1)))
        if len(answer.body) > most:
            raise ServiceError(f"its answer is longer than {most} bytes")
        place = answer.headers.get("Location") if answer.status in _MOVED and data is None else None
        if place is None or redirects == 0:
            return answer
        target = urljoin(url, place)
        if url.startswith("https:") and not target.startswith("https:"):
            raise ServiceError("it leads on to an address that is not https")
        url = target
    raise ServiceError("it leads on and on")
