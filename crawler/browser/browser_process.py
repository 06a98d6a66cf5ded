"""Control one running browser process: its start, its end, and its files."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

import structlog
from playwright.async_api import Browser, Playwright

from crawler.browser.cdp.pipe import DevToolsPipe
from crawler.browser.cdp.session import DevToolsError, Event
from crawler.browser.cdp.tab import BrowserTab, BrowserTabs
from crawler.browser.confinement import UNWANTED_DEFAULTS, environment, flags
from crawler.browser.launch_diagnosis import does_not_start, no_folder, start_driver
from crawler.browser.takeover import launch
from crawler.browser.temporary_folders import PROFILE, OwnFolder

log = structlog.get_logger(__name__)

CLOSE_SECONDS = 5.0
LAUNCH_SECONDS = 30.0
CLEANUP_POLLS = 60


async def try_browser(
    path: Path, *, no_sandbox: bool = False, then: Callable[[BrowserProcess], Awaitable[None]] | None = None
) -> str:
    """Start the browser once, close it, and return its name and version; ``then`` is called with it in between.

    Raises:
        BrowserMissing: it does not start; the message ends with its own output.
    """
    driver = await start_driver()
    try:
        process = await BrowserProcess.launch(driver, path, proxy="http://127.0.0.1:9", no_sandbox=no_sandbox)
        try:
            if then is not None:
                await then(process)
            return process.label
        finally:
            await process.close()
    finally:
        await driver.stop()


def sandbox_wanted(no_sandbox: bool) -> bool:
    """Tell whether Chromium's sandbox is used: unless the configuration switches it off, or the program runs as root."""
    if no_sandbox:
        return False
    if sys.platform == "linux" and os.geteuid() == 0:
        _warn_root_once()
        return False
    return True


_warned: set[str] = set()


def _warn_root_once() -> None:
    if "root" not in _warned:
        _warned.add("root")
        log.warning(
            "Chromium runs without its sandbox because this program runs as root; use another user where you can"
        )


class BrowserProcess:
    """One browser: Playwright's handle, our DevTools pipe to it, its process group, and its temporary folder."""

    def __init__(self, browser: Browser, pipe: DevToolsPipe, folder: OwnFolder) -> None:
        self._browser = browser
        self._pipe = pipe
        self._tabs: BrowserTabs | None = None
        self.uses = 0
        """Captures that have been begun in it."""
        self.users = 0
        """Captures that run in it now."""
        self.alone = False
        self.retired = False
        """No new capture may begin in it."""
        self.gone = asyncio.Event()
        """Set once the browser has disconnected, for whatever reason."""
        self._folder = folder
        self._pid: int | None = None
        self._profile: Path | None = None
        browser.on("disconnected", lambda _: self.gone.set())

    @property
    def label(self) -> str:
        """Name and version, as captures record them."""
        return f"Chromium {self.version}"

    @property
    def version(self) -> str:
        """The version as the browser tells it: ``156.0.8078.73``."""
        return self._browser.version

    @property
    def pid(self) -> int | None:
        """Process id of the browser; None where it is not known."""
        return self._pid

    @classmethod
    async def launch(cls, playwright: Playwright, path: Path, *, proxy: str, no_sandbox: bool = False) -> Self:
        """Start the browser at ``path`` behind ``proxy``.

        Raises:
            BrowserMissing: it does not start.
        """
        try:
            folder = await asyncio.to_thread(OwnFolder)
        except OSError as error:
            raise no_folder(error) from error
        try:
            browser, pipe = await launch(
                playwright,
                path,
                folder.path,
                args=flags(),
                ignore_default_args=UNWANTED_DEFAULTS,
                proxy={"server": proxy, "bypass": "<-loopback>"},
                chromium_sandbox=sandbox_wanted(no_sandbox),
                env=await asyncio.to_thread(environment, folder.path),
                timeout=LAUNCH_SECONDS * 1000,
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
        except Exception as error:  # a dead driver raises plain exceptions
            await asyncio.to_thread(folder.remove)
            raise does_not_start(path, error) from error
        process = cls(browser, pipe, folder)
        try:
            await process._identify()
        except (DevToolsError, TimeoutError) as error:
            await process.close()
            raise does_not_start(path, error) from error
        return process

    async def _identify(self) -> None:
        """Ask the browser for its process id and profile folder, which Playwright does not tell, and follow its pages.

        Raises:
            DevToolsError, TimeoutError: it does not answer.
        """
        async with asyncio.timeout(CLOSE_SECONDS):
            rows = (await self._pipe.send("SystemInfo.getProcessInfo"))["processInfo"]
            self._pid = next((int(row["id"]) for row in rows if row["type"] == "browser"), None)
            line = str((await self._pipe.send("SystemInfo.getInfo"))["commandLine"])
            found = re.search(rf"--user-data-dir=(.*?{PROFILE}\w+)", line)
            if found:
                self._profile = Path(found[1])
                self._folder.adopt(self._profile)
            attached = await self._pipe.send("Target.attachToBrowserTarget")
            self._tabs = BrowserTabs(self._pipe.session(str(attached["sessionId"])))
            await self._tabs.listen()

    async def open(self, *, proxy: str, bounds: Event) -> BrowserTab:
        """Open a paused page in a context of its own; see :meth:`BrowserTabs.open`.

        Raises:
            DevToolsError: the browser does not open it.
        """
        assert self._tabs is not None
        return await self._tabs.open(self._pipe, proxy=proxy, bounds=bounds)

    async def answers(self) -> bool:
        """Tell whether the browser still answers."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._pipe.send("Browser.getVersion")
        except (DevToolsError, TimeoutError):
            return False
        return True

    def kill(self) -> None:
        """End the whole process group at once; safe to call twice, and on a browser that is gone."""
        self.retired = True
        if self._pid is None or self.gone.is_set():
            return
        with suppress(ProcessLookupError, PermissionError):
            group = os.getpgid(self._pid)
            if group == os.getpgid(0):
                os.kill(self._pid, signal.SIGKILL)
            else:
                os.killpg(group, signal.SIGKILL)

    async def close(self) -> None:
        """Close it, by force when it does not answer, and remove what it left on disk."""
        self.retired = True
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._browser.close()
        except Exception:  # a dead driver raises plain exceptions
            self.kill()
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self.gone.wait()
        finally:
            self.kill()
            self._pipe.close()
            await self._wait_for_cleanup()
            await asyncio.to_thread(self._folder.remove)

    async def _wait_for_cleanup(self) -> None:
        """Wait until Playwright's driver has removed the profile (and a folder that it never names) of the ended process."""
        for _ in range(CLEANUP_POLLS):
            if self._profile is None or not await asyncio.to_thread(self._profile.exists):
                return
            await asyncio.sleep(0.05)
