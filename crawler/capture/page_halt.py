"""Stop activities of a page: the running script, all later scripts, loading, animations."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from crawler.browser.cdp.commands import DevTools
from crawler.browser.cdp.session import DevToolsError

_PLAIN_STYLE = (
    "*, ::before, ::after { animation: none !important; transition: none !important; filter: none !important;"
    " backdrop-filter: none !important; will-change: auto !important }"
)
_CALM = f"""(() => {{
  const sheet = new CSSStyleSheet();
  sheet.replaceSync({_PLAIN_STYLE!r});
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}})()"""


class PageHalt:
    """Stops one page; interventions are reported to ``note`` as sentences.  None of its methods raises."""

    def __init__(self, devtools: DevTools, note: Callable[[str], None]) -> None:
        self._devtools = devtools
        self._note = note
        self._revivals = 0
        self.frozen = False
        """No script of the page starts any more."""

    async def revive(self) -> None:
        """Terminate a script that keeps the page from answering; from the second time on, disable scripts as well.

        Both commands reach the renderer past its busy main thread.
        """
        if await self._devtools.answers():
            return
        self._revivals += 1
        if self._revivals > 1:
            await self.freeze()
        with suppress(DevToolsError):
            await self._devtools.terminate_script()
            self._note("a script ran without end and was terminated")

    async def freeze(self) -> None:
        """Disable scripts of the page from now on; our own still run."""
        if not self.frozen:
            self.frozen = True
            with suppress(DevToolsError):
                await self._devtools.send("Emulation.setScriptExecutionDisabled", {"value": True}, seconds=1)

    async def stop_loading(self) -> None:
        """Stop loading, so that a style sheet or the rest of the page no longer delays painting."""
        with suppress(DevToolsError):
            await self._devtools.send("Page.stopLoading", seconds=1)

    async def calm(self) -> None:
        """Remove the effects that make a page slow to paint, and disable its scripts."""
        await self.freeze()
        with suppress(DevToolsError):
            await self._devtools.evaluate(_CALM, seconds=2)
