"""Messages of a certstream server, such as certstream-server-go: full, lite and domains-only."""

from __future__ import annotations

from typing import Any

import msgspec

from crawler.sources.ct.log_entries import EntryError, host_names


def names_in(message: str | bytes) -> tuple[str, ...]:
    """Return the host names of one message, in lower case, each once; none for heartbeats.

    Raises:
        EntryError: it is not a message of certstream.
    """
    try:
        said: Any = msgspec.json.decode(message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise EntryError(f"not JSON ({error})") from error
    if not isinstance(said, dict) or not isinstance(said.get("message_type"), str):
        raise EntryError("no message_type")
    kind, data = said["message_type"], said.get("data")
    if kind == "dns_entries":
        listed = data
    elif kind == "certificate_update":
        leaf = data.get("leaf_cert") if isinstance(data, dict) else None
        listed = leaf.get("all_domains") if isinstance(leaf, dict) else None
    else:
        return ()
    if not isinstance(listed, list):
        raise EntryError(f"a {kind} without names")
    return host_names(name for name in listed if isinstance(name, str))
