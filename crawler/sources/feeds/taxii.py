"""Pages of a TAXII 2.1 collection (OASIS Standard): their addresses, and the moment from which the next run reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

MEDIA_TYPE = "application/taxii+json;version=2.1"


def page_address(location: str, added_after: str, page: str) -> str:
    """Address of a page of objects (TAXII 2.1, OASIS Standard, sections 3.4 and 5.4)."""
    wanted = {"added_after": added_after, "next": page}
    query = urlencode({key: value for key, value in wanted.items() if value})
    return f"{location}{'&' if '?' in location else '?'}{query}" if query else location


def just_before(added: str, began: str) -> str:
    """Return the moment at which the next run continues after a cut: a microsecond before ``added``, for what else was added then.

    A microsecond is as fine as TAXII's moments are (section 2.5).  Where all that was read since ``began`` is of one moment, the
    next run would stop at the same place: then, and where it is no moment, ``added`` itself.
    """
    try:
        before = datetime.fromisoformat(added).astimezone(UTC) - timedelta(microseconds=1)
        if began and before <= datetime.fromisoformat(began).astimezone(UTC):
            return added
    except (ValueError, OverflowError):
        return added
    return before.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def further_page(envelope: Mapping[str, Any]) -> str:
    """Return what to ask for as ``next``, by the plain values of an envelope (section 3.7); empty where there is no more."""
    following = envelope.get("next")
    return str(following) if envelope.get("more") is True and isinstance(following, str | int) else ""
