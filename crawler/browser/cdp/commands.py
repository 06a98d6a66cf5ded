"""Commands to one page over the Chrome DevTools protocol, each with a time limit.

Playwright's ``page.screenshot`` waits for fonts that never come, and its ``page.evaluate`` has no time limit: a hostile page can
make both hang.
"""

from __future__ import annotations

import asyncio
from base64 import b64decode
from dataclasses import dataclass
from typing import Any

from crawler.browser.cdp.session import DevToolsError, DevToolsSession, DevToolsTimeoutError, Event

WORLD = "clonewatch"


@dataclass(frozen=True, slots=True)
class PageActivity:
    """Work of the scripts and styles of a page, in all its frames, since it began."""

    script_seconds: float
    styles: float
    """Times that styles were calculated anew: also where no script changes the page, as in an animation."""


class DevTools:
    """Sends commands to one page; each is bounded in time and raises :class:`DevToolsError` when it fails."""

    def __init__(self, session: DevToolsSession, frame: str) -> None:
        """``frame``: id of the main frame, or of another one in the page's process."""
        self.session = session
        self.frame = frame
        self.pixel_ratio = 1.0
        """Pixel ratio of the device that the page sees; a picture has one pixel for each CSS pixel all the same."""
        self.viewport: tuple[int, int] | None = None
        """CSS pixels of the last picture, where that is not the profile's viewport: a page not made for phones is wider."""
        self._counts = False
        self._world: int | None = None
        """Execution context of the isolated world in the current document, once something was evaluated in it."""
        session.on("Runtime.executionContextsCleared", self._forget_world)
        session.on("Runtime.executionContextDestroyed", self._forget_world)

    async def send(
        self, method: str, parameters: dict[str, Any] | None = None, *, seconds: float = 5.0
    ) -> dict[str, Any]:
        """Send one command and return its result; no answer within ``seconds`` is an error too."""
        try:
            async with asyncio.timeout(seconds):
                return await self.session.send(method, parameters)
        except TimeoutError as error:
            raise DevToolsTimeoutError(f"{method}: no answer within {seconds:g} s") from error

    async def evaluate(self, expression: str, *, seconds: float = 2.0) -> Any:
        """Evaluate an expression in the frame's isolated world; a script that runs longer is terminated."""
        return (await self._evaluated(expression, seconds, by_value=True)).get("value")

    async def evaluate_list(self, expression: str, *, seconds: float = 2.0) -> tuple[list[str], Any]:
        """Evaluate an expression that gives an array of objects; return handles of these, and the array's ``told`` by value.

        The handles are valid until :meth:`release`, or until the document changes.
        """
        array = (await self._evaluated(expression, seconds, by_value=False)).get("objectId")
        if array is None:
            return [], None
        own, told = await asyncio.gather(
            self.send("Runtime.getProperties", {"objectId": array, "ownProperties": True}, seconds=seconds),
            self.call_on(array, "function () { return this.told; }", seconds=seconds),
        )
        entries = {entry["name"]: entry.get("value", {}) for entry in own["result"]}
        return [str(entries[name]["objectId"]) for name in sorted(filter(str.isdigit, entries), key=int)], told

    async def call_on(self, handle: str, function: str, *handles: str, seconds: float = 2.0) -> Any:
        """Call a function with the object of ``handle`` as ``this`` and those of ``handles`` as arguments."""
        arguments = [{"objectId": other} for other in handles]
        parameters = {
            "objectId": handle,
            "functionDeclaration": function,
            "arguments": arguments,
            "returnByValue": True,
        }
        return (await self.send("Runtime.callFunctionOn", parameters, seconds=seconds))["result"].get("value")

    async def handle_of(self, node: int, *, seconds: float = 2.0) -> str:
        """Return a handle of the node with this ``backendNodeId`` in the frame's isolated world."""
        world = self._world or await self._enter_world(seconds)
        parameters = {"backendNodeId": node, "executionContextId": world, "objectGroup": WORLD}
        handle = (await self.send("DOM.resolveNode", parameters, seconds=seconds))["object"].get("objectId")
        if handle is None:
            raise DevToolsError(f"DOM.resolveNode: node {node} is not of this document")
        return str(handle)

    def release(self) -> None:
        """Release all handles."""
        self.session.post("Runtime.releaseObjectGroup", {"objectGroup": WORLD})

    def of_frame(self, frame: str) -> DevTools:
        """Return the commands to a frame of the page that is in the page's own process."""
        return DevTools(self.session, frame)

    async def _evaluated(self, expression: str, seconds: float, *, by_value: bool) -> dict[str, Any]:
        known = self._world
        try:
            answer = await self._evaluate_in(known or await self._enter_world(seconds), expression, seconds, by_value)
        except DevToolsError as error:
            if known is None or "context" not in str(error):
                raise
            # the document has changed, and the event that says so has not come yet
            answer = await self._evaluate_in(await self._enter_world(seconds), expression, seconds, by_value)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise DevToolsError(
                f"script failed: {details.get('exception', {}).get('description', details.get('text', ''))[:500]}"
            )
        result: dict[str, Any] = answer["result"]
        return result

    async def _enter_world(self, seconds: float) -> int:
        self._world = None
        parameters = {"frameId": self.frame, "worldName": WORLD}
        world = await self.send("Page.createIsolatedWorld", parameters, seconds=seconds)
        self._world = int(world["executionContextId"])
        return self._world

    async def _evaluate_in(self, world: int, expression: str, seconds: float, by_value: bool) -> dict[str, Any]:
        parameters = {
            "expression": expression,
            "contextId": world,
            "returnByValue": by_value,
            "timeout": seconds * 1000,
            "objectGroup": WORLD,
        }
        return await self.send("Runtime.evaluate", parameters, seconds=seconds + 1)

    def _forget_world(self, event: Event) -> None:
        if event.get("executionContextId", self._world) == self._world:
            self._world = None

    async def answers(self) -> bool:
        """Tell whether the page's main thread answers, and is not blocked by a script."""
        try:
            return bool(await self.evaluate("1", seconds=1) == 1)
        except DevToolsError:
            return False

    async def count_nodes(self) -> int:
        """Count the nodes of all documents in the page's process; works with a busy main thread too."""
        return int((await self._metrics()).get("Nodes", 0))

    async def activity(self) -> PageActivity:
        """Return what the page has done so far, as numbers that grow with it; what we evaluate does not count."""
        metrics = await self._metrics()
        return PageActivity(metrics.get("ScriptDuration", 0.0), metrics.get("RecalcStyleCount", 0.0))

    async def _metrics(self) -> dict[str, float]:
        if not self._counts:
            self._counts = True
            await self.send("Performance.enable", seconds=1)
        metrics = (await self.send("Performance.getMetrics", seconds=1))["metrics"]
        return {str(metric["name"]): float(metric["value"]) for metric in metrics}

    async def terminate_script(self) -> None:
        """Terminate the script that runs now, or else the next one."""
        await self.send("Runtime.terminateExecution", seconds=1)

    async def screenshot(self, clip: tuple[int, int] | None = None, *, seconds: float = 5.0) -> bytes:
        """Picture the viewport as PNG, or the page's top left ``clip`` (width, height) beyond it."""
        # a third more bytes, but half the time of the one thread of the browser that encodes all pictures
        parameters: dict[str, Any] = {"format": "png", "optimizeForSpeed": True}
        beyond = clip is not None
        if clip is None and self.pixel_ratio != 1.0:
            clip = self.viewport = await self._visible()
        if clip is not None:
            width, height = clip
            parameters |= {
                "clip": {"x": 0, "y": 0, "width": width, "height": height, "scale": 1 / self.pixel_ratio},
                "captureBeyondViewport": beyond,
            }
        answer = await self.send("Page.captureScreenshot", parameters, seconds=seconds)
        return await asyncio.to_thread(b64decode, answer["data"])

    async def tall_screenshot(self, metrics: dict[str, Any], height: int, *, seconds: float = 5.0) -> bytes:
        """Picture the page as PNG in a viewport of that height, which it keeps; ``metrics``: those it has now.

        A clip beyond the viewport would give the same picture, but then lay out and paint the page once more as it was before.
        """
        tall = {**metrics, "height": height}
        self.session.post("Emulation.setDeviceMetricsOverride", tall)
        return await self.screenshot(seconds=seconds)

    async def _visible(self) -> tuple[int, int]:
        """Return width and height in CSS pixels of what a phone shows: it zooms out to a quarter at most."""
        shown = (await self.send("Page.getLayoutMetrics", seconds=3))["cssVisualViewport"]
        return max(1, round(shown["clientWidth"])), max(1, round(shown["clientHeight"]))

    async def content_height(self) -> int:
        """Return the height of the whole page in CSS pixels."""
        metrics = await self.send("Page.getLayoutMetrics", seconds=3)
        return int(metrics["cssContentSize"]["height"])
