"""Scroll a page once down and back to its top, and move the mouse a little: what every visitor does, whatever the page is.

Nothing is clicked, typed or submitted.  The events are the browser's own, so the page finds them trusted.  A phone is swiped
with a finger in place of mouse and wheel, from a place where no control lies.
"""

from __future__ import annotations

import asyncio
from typing import Any

from crawler.browser.cdp.commands import DevTools

GESTURE_SECONDS = 2.0
"""Limit of one event, and of one step of scrolling."""
MAX_STEPS = 12
"""Screens that are scrolled down at most."""
WHEEL = 120
"""CSS pixels by which the wheel is turned."""
PATH = ((0.41, 0.52), (0.43, 0.55), (0.46, 0.57), (0.50, 0.58), (0.53, 0.57))
"""Places of the mouse as shares of width and height: a slight bend, as a hand makes it."""
PHONE_FRAME_SECONDS = 0.04

_SCROLL = """((top) => {
  const get = (name) => Object.getOwnPropertyDescriptor(Document.prototype, name).get.call(document);
  const depth = (box) => Math.round(box.scrollHeight - box.clientHeight);
  let box = get("scrollingElement") ?? get("documentElement");
  if (depth(box) < 2) {
    // the page itself does not scroll: the box in its middle does
    const middle = Document.prototype.elementFromPoint.call(document, innerWidth / 2, innerHeight / 2);
    for (let each = middle; each; each = each.parentElement) {
      if (depth(each) > 1 && /auto|scroll/.test(getComputedStyle(each).overflowY)) box = each;
    }
  }
  Element.prototype.scrollTo.call(box, { top, left: 0, behavior: "instant" });
  return depth(box);
})"""
"""Scrolls the page, or the box that scrolls in its place, and returns how far down that goes, in CSS pixels."""
_FREE_PLACE = """(() => {
  const CONTROLS = "a, area, button, input, select, textarea, label, summary, iframe, object, embed, [onclick], [role], [tabindex]";
  // a page may name its elements like methods of the document
  const point = (x, y) => Document.prototype.elementFromPoint.call(document, x, y);
  for (const [across, down] of [[0.62, 0.6], [0.93, 0.7], [0.07, 0.62], [0.5, 0.85], [0.97, 0.45]]) {
    const [x, y] = [innerWidth * across, innerHeight * down];
    const hit = point(x, y);
    if (hit && !Element.prototype.closest.call(hit, CONTROLS)) return [x, y];
  }
  return null;
})()"""
"""A place on the screen, in CSS pixels, that belongs to no control; null where there is none."""


class Gestures:
    """Makes the gestures of one visitor on the page that is shown."""

    def __init__(self, devtools: DevTools, size: tuple[int, int], *, touch: bool) -> None:
        """``size``: of the viewport in CSS pixels; ``touch``: the visitor has no mouse."""
        self._devtools = devtools
        self._width, self._height = size
        self._touch = touch

    async def make(self, most_pixels: int) -> None:
        """Move the mouse, turn the wheel, and scroll down by ``most_pixels`` at most and back to the top.

        Raises:
            DevToolsError: the page does not answer, or is gone.
        """
        if self._touch:
            await self._swipe()
        else:
            await self._move_and_turn()
        await self._scroll(most_pixels)

    async def nudge(self) -> None:
        """Have the page paint a frame, moving the mouse by a hair where there is one.

        Raises:
            DevToolsError: the page does not answer, or is gone.
        """
        if self._touch:
            await asyncio.sleep(PHONE_FRAME_SECONDS)
        else:
            across, down = PATH[-1]
            await self._move(across * self._width + 1, down * self._height)

    async def _move_and_turn(self) -> None:
        places = [(across * self._width, down * self._height) for across, down in PATH]
        x, y = places[-1]
        wheel = {"type": "mouseWheel", "x": x, "y": y, "deltaX": 0, "deltaY": WHEEL}
        await asyncio.gather(
            *(self._move(*place) for place in places),
            self._devtools.send("Input.dispatchMouseEvent", wheel, seconds=GESTURE_SECONDS),
        )

    async def _move(self, x: float, y: float) -> None:
        event = {"type": "mouseMoved", "x": x, "y": y}
        await self._devtools.send("Input.dispatchMouseEvent", event, seconds=GESTURE_SECONDS)

    async def _swipe(self) -> None:
        place = await self._devtools.evaluate(_FREE_PLACE, seconds=1)
        if not isinstance(place, list):
            return
        x, y = float(place[0]), float(place[1])
        path = [(x + 1, y - 0.03 * self._height), (x + 3, y - 0.12 * self._height), (x + 5, y - 0.25 * self._height)]
        await asyncio.gather(
            self._finger("touchStart", [(x, y)]),
            *(self._finger("touchMove", [place]) for place in path),
            self._finger("touchEnd", []),
        )

    async def _finger(self, kind: str, places: list[tuple[float, float]]) -> None:
        event: dict[str, Any] = {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in places]}
        await self._devtools.send("Input.dispatchTouchEvent", event, seconds=GESTURE_SECONDS)

    async def _scroll(self, most_pixels: int) -> None:
        """Scroll a screen at a time, so that what waits to come into view does, and back to the top."""
        bottom = min(await self._scroll_to(0), most_pixels, MAX_STEPS * self._height)
        for top in [*range(self._height, bottom, self._height), bottom, 0] if bottom > 0 else []:
            await self._scroll_to(top)
            await self.nudge()

    async def _scroll_to(self, top: int) -> int:
        """Scroll to ``top``, and return the pixels down to which the page can be scrolled."""
        depth = await self._devtools.evaluate(f"({_SCROLL})({top})", seconds=1)
        return depth if isinstance(depth, int) else 0
