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
_KEEP_AROUND = (
    "function () { const root = Node.prototype.getRootNode.call(this);"
    " const host = Object.getOwnPropertyDescriptor(ShadowRoot.prototype, 'host').get.call(root);"
    f" {CLOSED}.set(host, root); }}"
)
_LIMITS = {"milliseconds": 50, "frames": 20, "depth": 14, "width": 120, "height": 60, "children": 8}
MOST_NODES = 30_000
"""Nodes of a page up to which the browser is asked for all trees at once; of a larger one possible hosts are asked one by one."""
MOST_HOSTS = 300
_ROUNDS = 14
"""Shadow trees within each other that are entered: more than the facts are read of, which then name the limit."""
_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class PageTrees:
    """The closed shadow trees and frames of a page."""

    closed: tuple[int, ...]
    """Ids of the first nodes in closed shadow trees; trees within such trees are left out."""
    has_frames: bool


ALONE = PageTrees((), has_frames=False)


@dataclass(frozen=True, slots=True)
class InnerFrame:
    """A frame whose document is from elsewhere; ``id`` is DevTools' and empty where it is in no process of the page's."""

    id: str
    box: Box
    """In CSS pixels of the page around it."""


async def find_trees(devtools: DevTools) -> PageTrees | None:
    """Find the closed shadow trees of the page and its frames; None where the page is too large to ask.

    Raises:
        DevToolsError: the page did not answer in time, or is gone.
    """
    if await devtools.count_nodes() > MOST_NODES:
        return None
    snapshot = await devtools.send("DOMSnapshot.captureSnapshot", {"computedStyles": []}, seconds=_SECONDS)
    strings, found = snapshot["strings"], list[int]()
    for document in snapshot["documents"]:
        nodes = document["nodes"]
        kinds = nodes.get("shadowRootType", {"index": (), "value": ()})
        inside = {at for at, kind in zip(kinds["index"], kinds["value"], strict=True) if strings[kind] == "closed"}
        outermost = (at for at in sorted(inside) if nodes["parentIndex"][at] not in inside)
        found += (int(nodes["backendNodeId"][at]) for at in outermost)
    return PageTrees(tuple(found[:MOST_HOSTS]), len(snapshot["documents"]) > 1)


async def enter(devtools: DevTools, trees: PageTrees | None) -> tuple[InnerFrame, ...]:
    """Make the closed shadow trees of a document known to scripts in the isolated world; return its frames from elsewhere.

    Where ``trees`` is None, those on the first screen are searched for.  What cannot be asked in time is left out.

    Raises:
        DevToolsError: the page did not answer in time, or is gone.
    """
    if trees == ALONE:
        return ()
    try:
        # those of frames from elsewhere are refused here, and known there
        await asyncio.gather(*(_keep_around(devtools, node) for node in (trees.closed if trees else ())))
        searches = trees is None or bool(trees.closed)  # in closed trees there may be others
        found, boxes = await _search(devtools, MOST_HOSTS if searches else 0)
        for _ in range(_ROUNDS if searches else 0):
            if not await _keep_found(devtools, found[: len(found) - len(boxes)]):
                break
            found, boxes = await _search(devtools, MOST_HOSTS)
        nodes = await asyncio.gather(*(_describe(devtools, handle) for handle in found[len(found) - len(boxes) :]))
        return tuple(
            InnerFrame(str(node.get("frameId", "")), Box(*box)) for node, box in zip(nodes, boxes, strict=True)
        )
    finally:
        devtools.release()


async def _search(devtools: DevTools, hosts: int) -> tuple[list[str], list[list[float]]]:
    """Return handles of possible hosts, at most so many, and of frames from elsewhere, and the boxes of the frames."""
    script = f"({_FIND})({json.dumps(_LIMITS | {'hosts': hosts})}, ({SEEN})({CLOSED}))"
    found, boxes = await devtools.evaluate_list(script, seconds=_SECONDS)
    return found, boxes if isinstance(boxes, list) else []


async def _keep_found(devtools: DevTools, hosts: list[str]) -> bool:
    """Keep the closed trees of possible hosts; True where there was one."""
    nodes = await asyncio.gather(*(_describe(devtools, handle) for handle in hosts))
    closed = [
        (handle, int(tree["backendNodeId"]))
        for handle, node in zip(hosts, nodes, strict=True)
        for tree in node.get("shadowRoots", ())
        if tree.get("shadowRootType") == "closed"
    ]
    await asyncio.gather(*(_keep(devtools, host, tree) for host, tree in closed))
    return bool(closed)


async def _describe(devtools: DevTools, handle: str) -> Event:
    with suppress(DevToolsError):  # it may be gone since
        node: Event = (await devtools.send("DOM.describeNode", {"objectId": handle}, seconds=_SECONDS))["node"]
        return node
    return {}


async def _keep_around(devtools: DevTools, node: int) -> None:
    """Keep the tree that a node stands in."""
    with suppress(DevToolsError):
        await devtools.call_on(await devtools.handle_of(node), _KEEP_AROUND)


async def _keep(devtools: DevTools, host: str, tree: int) -> None:
    with suppress(DevToolsError):
        await devtools.call_on(await devtools.handle_of(tree), _KEEP, host)
