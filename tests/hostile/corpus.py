"""All hostile page kinds, and the servers they live on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.hostile import bytes as answers
from tests.hostile import memory, navigation, prompts, rendering, scripts, transport
from tests.hostile.kind import Kind, html
from tests.support.pages.sites import Route, Site, answer, png

GROUPS = {
    "Scripts": scripts.KINDS,
    "Dialogs and permissions": prompts.KINDS,
    "Navigation": navigation.KINDS,
    "Memory": memory.KINDS,
    "Rendering": rendering.KINDS,
    "Answers and text": answers.KINDS,
    "Transport": transport.KINDS,
}
KINDS: tuple[Kind, ...] = tuple(replace(kind, group=group) for group, kinds in GROUPS.items() for kind in kinds)
PLAIN = "/plain/"


@dataclass(frozen=True, slots=True)
class Corpus:
    """The running servers."""

    site: Site
    others: dict[str, str]

    def url(self, kind: Kind) -> str:
        """Return the address of a kind."""
        base = self.site.url("") if kind.server == "http" else self.others[kind.server]
        return f"{base}/{kind.name}/"

    @property
    def plain(self) -> str:
        """A page that does nothing bad."""
        return self.site.url(PLAIN)


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Corpus]:
    """Serve all of it on loopback; ``folder`` takes the certificates' keys."""
    routes: dict[str, Route] = {PLAIN: html("<h1>plain</h1>"), "/favicon.ico": answer(png(), media_type="image/png")}
    for kind in KINDS:
        routes |= {f"/{kind.name}/{path}": route for path, route in kind.routes.items()}
    async with Site(routes).serving() as site, transport.serving(folder) as others:
        yield Corpus(site, others)
