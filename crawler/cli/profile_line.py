"""The JSON line of ``clonewatch profiles``: how a visitor of that profile presents itself."""

from __future__ import annotations

from crawler.capture.profiles import Profile
from crawler.net.guard import parse_proxies, parse_upstream
from detector.config import CaptureConfig


def profile_line(profile: Profile, config: CaptureConfig) -> dict[str, object]:
    """Return what a site sees of a visitor, and the proxy that requests go through; documented in docs/cli.md."""
    upstream = parse_proxies(config.proxies).get(profile.place_name, parse_upstream(config.proxy))
    return {
        "name": profile.name,
        "user_agent": profile.device.user_agent,
        "languages": list(profile.languages),
        "time_zone": profile.place.time_zone,
        "viewport": list(profile.size(config)),
        "screen": list(profile.screen(config)),
        "referrer": profile.referrer,
        "proxy": upstream.label if upstream else None,
    }
