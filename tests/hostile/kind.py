"""A kind of hostile page: its pages, the allowed outcomes, and its sentence in the documentation."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.support.pages.sites import Route, answer, page

SEEN = "<h1>seen</h1>"
"""Text of a page that shows something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of hostile page."""

    name: str
    """Also its folder on the server."""
    does: str
    """Completes "a page that ..."."""
    routes: Mapping[str, Route] = field(default_factory=dict)
    """Responses by path below ``/NAME/``; the page itself is ``""``."""
    server: str = "http"
    """Server of the corpus that serves it."""
    outcomes: tuple[str, ...] = ("ok",)
    """Allowed outcomes; more than one where timing decides between them."""
    seen: bool = True
    """The capture must have a picture."""
    text: str = "seen"
    """Words that the visible text must hold, where the page is seen."""
    note: str = ""
    """Words that the capture's note must hold."""
    ends_at: str = ""
    """End of the final address, where the page redirects."""
    group: str = ""
    """Heading in the documentation; set by the corpus."""


def html(body: str = SEEN, *, head: str = "", title: str = "A page") -> bytes:
    """A page, answered properly."""
    return answer(page(body, head=head, title=title))


def script(code: str, *, body: str = SEEN) -> bytes:
    """A page that shows ``body``, and then runs ``code``."""
    return html(f"{body}<script>{code}</script>")


def moved(where: str, status: str = "302 Found") -> bytes:
    """A redirect by HTTP."""
    return answer(b"", status=status, Location=where)


async def hang(_: str, writer: asyncio.StreamWriter) -> None:
    """Take the request, and never answer."""
    await asyncio.Event().wait()
