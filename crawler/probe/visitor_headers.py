"""Request headers that a visitor's browser would send."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import playwright

from crawler.capture.profiles import Profile

_ACCEPT = {
    "chrome": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8",
    "safari": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
}
USUAL_VERSION = "150"


def head_of(profile: Profile, url: str) -> dict[str, str]:
    """Return the headers of a visit to ``url`` by this profile's browser."""
    major = browser_major()
    headers = {
        "User-Agent": profile.agent(major),
        "Accept": _ACCEPT[profile.device.engine],
        "Accept-Language": weighted(profile.accepted),
        "Upgrade-Insecure-Requests": "1",
    }
    referrer = profile.referrer_for(url)
    if referrer:
        headers["Referer"] = referrer
    hints = profile.device.client_hints
    if hints is not None and url.startswith("https:"):
        headers |= {
            "Sec-CH-UA": f'"Chromium";v="{major}", "Google Chrome";v="{major}", "Not)A;Brand";v="24"',
            "Sec-CH-UA-Mobile": "?1" if profile.device.mobile else "?0",
            "Sec-CH-UA-Platform": f'"{hints.platform}"',
            "Sec-Fetch-Site": "cross-site" if referrer else "none",
            "Sec-Fetch-Mode": "navigate",
            "Sec-Fetch-User": "?1",
            "Sec-Fetch-Dest": "document",
        }
    return headers


def weighted(languages: tuple[str, ...]) -> str:
    """Return the value of Accept-Language, ``de-DE,de;q=0.9,en;q=0.8`` (RFC 9110, section 12.5.4)."""
    return ",".join(
        language if place == 0 else f"{language};q={max(0.1, 1 - place / 10):.1f}"
        for place, language in enumerate(languages)
    )


@cache
def browser_major() -> str:
    """Return the major version of the browser that captures, so that probe and capture present the same one."""
    listed = Path(playwright.__file__).parent / "driver" / "package" / "browsers.json"
    try:
        browsers = json.loads(listed.read_bytes())["browsers"]
        return next(str(each["browserVersion"]).split(".")[0] for each in browsers if each["name"] == "chromium")
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        return USUAL_VERSION
