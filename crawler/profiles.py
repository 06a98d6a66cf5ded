"""Who the crawler pretends to be: a profile is one visitor's browser, screen, language and origin."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from detector.config import CaptureConfig
from detector.errors import UsageError


@dataclass(frozen=True, slots=True)
class Profile:
    """One visitor.  ``user_agent`` holds ``{major}`` for the browser's real major version: a stale one is a give-away."""

    name: str
    user_agent: str
    platform: str
    """As in the client hint ``Sec-CH-UA-Platform``."""
    platform_version: str
    navigator_platform: str
    architecture: str = ""
    locale: str = "en-US"
    mobile: bool = False
    viewport: tuple[int, int] | None = None
    """CSS pixels; None: the configured one."""
    referrer: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def size(self, config: CaptureConfig) -> tuple[int, int]:
        """Width and height of the viewport in CSS pixels."""
        return self.viewport or (config.viewport_width, config.viewport_height)

    def agent(self, browser_version: str) -> str:
        """The ``User-Agent`` header with the browser's real major version."""
        return self.user_agent.format(major=browser_version.split(".", 1)[0])

    def agent_override(self, browser_version: str) -> dict[str, Any]:
        """Arguments of the protocol's ``Emulation.setUserAgentOverride``: header, client hints and navigator agree.

        Without it the hints of a headless browser say ``HeadlessChrome`` whatever its ``User-Agent`` says.
        """
        major = browser_version.split(".", 1)[0]

        def brands(version: str) -> list[dict[str, str]]:
            named = [{"brand": name, "version": version} for name in ("Chromium", "Google Chrome")]
            return [*named, {"brand": "Not=A?Brand", "version": "24"}]

        return {
            "userAgent": self.agent(browser_version),
            "acceptLanguage": self.locale,
            "platform": self.navigator_platform,
            "userAgentMetadata": {
                "brands": brands(major),
                "fullVersionList": brands(browser_version),
                "platform": self.platform,
                "platformVersion": self.platform_version,
                "architecture": self.architecture,
                "bitness": "64" if self.architecture else "",
                "model": "",
                "mobile": self.mobile,
            },
        }

    def context_options(self, config: CaptureConfig, browser_version: str) -> dict[str, Any]:
        """Arguments of Playwright's ``new_context`` that make up this visitor.

        The device's scale factor is 1 for all of them, so that a pixel of the screenshot is a CSS pixel.
        """
        width, height = self.size(config)
        options: dict[str, Any] = {
            "user_agent": self.agent(browser_version),
            "viewport": {"width": width, "height": height},
            "screen": {"width": width, "height": height},
            "device_scale_factor": 1,
            "is_mobile": self.mobile,
            "has_touch": self.mobile,
            "locale": self.locale,
        }
        if self.headers:
            options["extra_http_headers"] = dict(self.headers)
        return options


_CHROME = "(KHTML, like Gecko) Chrome/{major}.0.0.0"
PROFILES = {
    profile.name: profile
    for profile in (
        Profile(
            "desktop",
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 {_CHROME} Safari/537.36",
            platform="Windows",
            platform_version="15.0.0",
            navigator_platform="Win32",
            architecture="x86",
        ),
        Profile(
            "phone",
            f"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 {_CHROME} Mobile Safari/537.36",
            platform="Android",
            platform_version="15.0.0",
            navigator_platform="Linux armv81",
            mobile=True,
            viewport=(412, 915),
        ),
    )
}


def profile_named(name: str) -> Profile:
    """The profile of that name.

    Raises:
        UsageError: there is none; the message lists those that there are.
    """
    try:
        return PROFILES[name]
    except KeyError:
        raise UsageError(f"no capture profile is called {name!r}; there are: {', '.join(PROFILES)}") from None
