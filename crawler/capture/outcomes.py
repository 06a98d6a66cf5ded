"""Turn failures of the guard and errors of the browser into an outcome and a sentence."""

from __future__ import annotations

import re

from crawler.net.guard import Failure, FailureKind
from detector.model import Outcome

_BY_KIND = {
    FailureKind.GUARD: Outcome.BLOCKED_BY_GUARD,
    FailureKind.DNS: Outcome.DNS_ERROR,
    FailureKind.REFUSED: Outcome.REFUSED,
    FailureKind.TIMEOUT: Outcome.TIMEOUT,
    FailureKind.OVERSIZE: Outcome.OVERSIZE,
    FailureKind.FAILED: Outcome.FAILED,
    FailureKind.PROXY: Outcome.PROXY_ERROR,
}
_CODE = re.compile(r"net::(ERR_[A-Z0-9_]+)")
_BY_CODE = {
    "ERR_TOO_MANY_REDIRECTS": (Outcome.REDIRECT_LOOP, "the server redirects without end"),
    "ERR_UNSAFE_REDIRECT": (
        Outcome.BLOCKED_BY_GUARD,
        "guard: the server redirects to a scheme that is not http or https",
    ),
    "ERR_UNKNOWN_URL_SCHEME": (
        Outcome.BLOCKED_BY_GUARD,
        "guard: the server redirects to a scheme that is not http or https",
    ),
    "ERR_UNSAFE_PORT": (Outcome.BLOCKED_BY_GUARD, "guard: browsers do not connect to this port"),
    "ERR_INVALID_URL": (Outcome.BAD_URL, "the browser rejects this address"),
    "ERR_INVALID_REDIRECT": (Outcome.FAILED, "the server redirects to an address that is malformed"),
    "ERR_TIMED_OUT": (Outcome.TIMEOUT, "the server did not answer in time"),
}
_TLS = ("ERR_SSL_", "ERR_CERT_", "ERR_BAD_SSL", "ERR_ECH_")


def outcome_of_failure(failure: Failure) -> tuple[Outcome, str]:
    """Return outcome and sentence for a main document that the guard did not deliver."""
    prefix = "guard: " if failure.kind in (FailureKind.GUARD, FailureKind.OVERSIZE) else ""
    return _BY_KIND[failure.kind], prefix + failure.sentence


def outcome_of_error(message: str) -> tuple[Outcome, str]:
    """Return outcome and sentence for an error of ``Page.navigate``."""
    first = message.strip().splitlines()[0] if message.strip() else "no reason given"
    if "Download is starting" in message:
        return Outcome.DOWNLOAD, "the address starts a download, which was refused"
    if "Page crashed" in message:
        return Outcome.CRASHED, "the page crashed its renderer"
    if "invalid URL" in first:
        return Outcome.BAD_URL, "the browser rejects this address"
    found = _CODE.search(message)
    if found is None:
        return Outcome.FAILED, first.removeprefix("Page.navigate: ")[:300]
    code = found[1]
    if code in _BY_CODE:
        return _BY_CODE[code]
    if code.startswith(_TLS):
        return Outcome.TLS_ERROR, f"no TLS connection ({code})"
    return Outcome.FAILED, f"the browser gave up ({code})"


def first_line(error: Exception) -> str:
    """Return the first line of the error's message, at most 200 characters; its class where there is no message."""
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
