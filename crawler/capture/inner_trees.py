"""Find the parts of a page that its scripts cannot enter, and a person sees: closed shadow trees, and frames from elsewhere.

The browser's protocol names both: the shadow tree of an element whether closed or not, and the frame in one.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files

from crawler.browser.cdp.commands import DevTools
from crawler.browser.cdp.session import DevToolsError, Event
from detector.model import Box

SEEN, _FIND = (
    files("crawler").joinpath("capture", "js", name).read_text(encoding="utf-8")
    for name in ("seen.js", "inner_trees.js")
)
"""Script of helpers that tell what a person can see; script that finds frames and possible hosts of shadow trees with them."""
CLOSED = "(globalThis.closedTrees ??= new Map())"
"""The closed shadow trees by their hosts, in the isolated world, which no page reaches."""
_KEEP = f"function (host) {{ {CLOSED}.set(host, this); }}"
_LIMITS = {"milliseconds": 50, "hosts": 400, "frames": 20, "depth": 12, "width": 120, "height": 60, "children": 8}
_ROUNDS = 5
"""Shadow trees within each other that are entered."""
_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class InnerFrame:
    """A frame whose document is from elsewhere; ``id`` is DevTools' and empty where it is in no process of the page's."""

    id: str
    box: Box
    """In CSS pixels of the page around it."""


async def enter_closed_trees(devtools: DevTools) -> tuple[InnerFrame, ...]:
    """Make the closed shadow trees on the first screen known to scripts in the isolated world; return the frames from elsewhere.

    What cannot be asked in time is left out.

    Raises:
        DevToolsError: the page did not answer in time, or is gone.
    """
    frames: tuple[InnerFrame, ...] = ()
    try:
        for _ in range(_ROUNDS):
            found, boxes = await devtools.evaluate_list(
                f"({_FIND})({json.dumps(_LIMITS)}, ({SEEN})({CLOSED}))", seconds=_SECONDS
            )
            nodes = await asyncio.gather(*(_describe(devtools, handle) for handle in found))
            frames = tuple(
                InnerFrame(str(node.get("frameId", "")), Box(*box))
                for node, box in zip(nodes, boxes or (), strict=False)
                if box is not None
            )
            closed = [
                (handle, int(tree["backendNodeId"]))
                for handle, node in zip(found, nodes, strict=True)
                for tree in node.get("shadowRoots", ())
                if tree.get("shadowRootType") == "closed"
            ]
            if not closed:
                break
            await asyncio.gather(*(_keep(devtools, host, tree) for host, tree in closed))
    finally:
        devtools.release()
    return frames


async def _describe(devtools: DevTools, handle: str) -> Event:
    with suppress(DevToolsError):  # it may be gone since
        node: Event = (await devtools.send("DOM.describeNode", {"objectId": handle}, seconds=_SECONDS))["node"]
        return node
    return {}


async def _keep(devtools: DevTools, host: str, tree: int) -> None:
    with suppress(DevToolsError):
        await devtools.call_on(await devtools.handle_of(tree), _KEEP, host)
