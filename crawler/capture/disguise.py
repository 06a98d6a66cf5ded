"""Make a browser on a server look like the device that a profile names: to the page, its frames and its workers.

Whatever DevTools commands can set is set by them, and holds everywhere in a page.  The rest is done by scripts that run before
the page's own: ``native.js``, ``stealth.js`` and ``stealth_window.js``.

Workers that a page creates from its own text (``blob:``) run them too.  A worker that is loaded from an address does not: its
script is evidence and must not be altered.  It shows what the commands set (user agent, client hints, time zone and network),
but the platform, languages and graphics of this machine.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from importlib.resources import files
from typing import Any

import structlog

from crawler.browser.cdp.commands import DevTools
from crawler.browser.cdp.session import DevToolsError
from crawler.capture.profiles import Profile
from detector.config import CaptureConfig

log = structlog.get_logger(__name__)

_VENDORS = {"chrome": "Google Inc.", "safari": "Apple Computer, Inc."}


def _without_comments(script: str) -> str:
    """Remove comments (on lines of their own) and indents, because every document of every page has to parse the script."""
    return re.sub(r"^\s*(?://.*)?\n?", "", script, flags=re.MULTILINE).strip()


_NATIVE, _STEALTH, _WINDOW, _PRESSURE = (
    _without_comments(files("crawler").joinpath("capture", "js", name).read_text(encoding="utf-8"))
    for name in ("native.js", "stealth.js", "stealth_window.js", "page_pressure.js")
)


class Disguise:
    """The disguise of one capture; it has two secrets that no page knows."""

    def __init__(self, profile: Profile, config: CaptureConfig) -> None:
        device = profile.device
        self._profile = profile
        self._config = config
        self._secret = secrets.token_hex(12)
        # like a bundler's file names: should a page ever see it, it gives nothing away
        self._source = f"chunk-{secrets.token_hex(8)}.js"
        self._traits: dict[str, Any] = {
            "engine": device.engine,
            "mobile": device.mobile,
            "platform": device.navigator_platform,
            "vendor": _VENDORS[device.engine],
            "languages": list(profile.languages),
            "hardware_concurrency": device.hardware_concurrency,
            "device_memory": device.device_memory,
            "webgl_vendor": device.webgl_vendor,
            "webgl_renderer": device.webgl_renderer,
            "pdf_viewer": device.pdf_viewer,
            "available": list(device.available or profile.screen(config)),
            "absent": list(device.absent),
        }

    def window_script(self, channel: str) -> str:
        """Return the script that runs before those of every document; ``page_pressure.js`` takes the binding named ``channel``."""
        traits = json.dumps({**self._traits, "prelude": self.worker_script()})
        code = (
            f"const traits = {traits};\n({_PRESSURE})({json.dumps(channel)}, tools);\n"
            f"({_STEALTH})(traits, tools);\n({_WINDOW})(traits, tools);"
        )
        return f"{self._with_tools(code, json.dumps(self._source))}//# sourceURL={self._source}"

    def worker_script(self) -> str:
        """Return the script that is put before that of a worker; ends with a line feed."""
        code = f"({_STEALTH})({json.dumps(self._traits)}, tools);"
        lines = self._with_tools(code, "0").count("\n")
        return self._with_tools(code, str(lines))

    def _with_tools(self, code: str, source: str) -> str:
        return f"(() => {{ const tools = ({_NATIVE})({json.dumps(self._secret)}, {source});\n{code}\n}})();\n"

    async def apply(self, devtools: DevTools, browser_version: str, channel: str) -> None:
        """Set the disguise, from the next document on; for ``channel`` see :meth:`window_script`.

        Raises:
            DevToolsError: the browser refused.
        """
        profile, device = self._profile, self._profile.device
        devtools.pixel_ratio = device.pixel_ratio
        essential: dict[str, dict[str, Any]] = {
            "Page.addScriptToEvaluateOnNewDocument": {"source": self.window_script(channel)},
            "Emulation.setTimezoneOverride": {"timezoneId": profile.place.time_zone},
            "Emulation.setFocusEmulationEnabled": {"enabled": True},
            "Emulation.setUserAgentOverride": profile.agent_override(browser_version),
            "Emulation.setDeviceMetricsOverride": profile.metrics(self._config),
            "Emulation.setLocaleOverride": {"locale": profile.languages[0]},
        }
        await asyncio.gather(
            *(devtools.send(*command) for command in essential.items()),
            *(_try(devtools, *command) for command in self._optional_commands().items()),
        )

    def _optional_commands(self) -> dict[str, dict[str, Any]]:
        """Return commands that not every version of the browser knows."""
        device = self._profile.device
        commands: dict[str, dict[str, Any]] = {
            "Emulation.setHardwareConcurrencyOverride": {"hardwareConcurrency": device.hardware_concurrency}
        }
        if device.touch_points:
            commands["Emulation.setTouchEmulationEnabled"] = {"enabled": True, "maxTouchPoints": device.touch_points}
        if device.connection is not None:
            bytes_a_second = device.connection.downlink * 125_000
            commands["Network.overrideNetworkState"] = {
                "offline": False,
                "latency": device.connection.rtt,
                "connectionType": device.connection.type,
                "downloadThroughput": bytes_a_second,
                "uploadThroughput": bytes_a_second / 4,
            }
        return commands


async def _try(devtools: DevTools, method: str, parameters: dict[str, Any]) -> None:
    """Send a command that the disguise, but not the capture, is worse without."""
    try:
        await devtools.send(method, parameters)
    except DevToolsError as error:
        log.info("the browser refused a command of the disguise", method=method, reason=str(error)[:200])
