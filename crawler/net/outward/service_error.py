"""The error of a service that gave no usable answer, and its reason in words."""

from __future__ import annotations

import os

from crawler.net.guard.traffic_ledger import FailureError
from detector.sentences import without_secrets


class ServiceError(Exception):
    """A service gave no usable answer in time; the message says why, as a clause."""


def reason_of(error: BaseException) -> str:
    """Return why a request failed, as a clause without secrets."""
    if isinstance(error, FailureError):
        return error.failure.sentence
    if isinstance(error, OSError) and (error.errno or 0) > 0:
        return os.strerror(error.errno or 0)  # aiohttp says that connecting failed, and the number why
    return without_secrets(str(error)) or type(error).__name__
