"""Keep a browser behind the guard: its switches, and an environment in which a page cannot start other programs."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

UNWANTED_DEFAULTS = ["--disable-ipc-flooding-protection", "--disable-popup-blocking"]
"""Flags that Playwright sets to make tests easier; they would help a hostile page."""
_KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "TZ")
_OPENERS = ("xdg-open", "xdg-email", "xdg-mime", "xdg-settings")
"""Programs that a full Chromium starts for addresses of other programs (``mailto:``, ``tel:`` and any other scheme)."""


def flags() -> list[str]:
    """Return the switches that keep a page behind the guard, and stop requests that the browser makes by itself.

    The browser itself resolves every name to an unusable address, so that a request which would bypass the proxy fails.  The
    usual ``~NOTFOUND`` is not enough: where a page's WebRTC asks for a ``.local`` name, Chromium multicasts a query for that
    very word.  The system does not connect to 255.255.255.255, and sends to it only where a socket asks for broadcast; it is
    written as an IPv6 address because Chromium asks DNS for a NAT64 prefix before it uses an IPv4 address.
    """
    return [
        "--host-resolver-rules=MAP * [::ffff:255.255.255.255] , EXCLUDE 127.0.0.1",
        "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",  # its name in the headless shell
        "--webrtc-ip-handling-policy=disable_non_proxied_udp",  # its name in a full Chromium
        "--disable-quic",
        "--dns-prefetch-disable",
        "--disable-blink-features=AutomationControlled",
        "--disable-domain-reliability",
        "--disable-client-side-phishing-detection",
        "--deny-permission-prompts",
        "--no-pings",
        "--js-flags=--max-old-space-size=1024",
        "--disk-cache-size=52428800",
    ]


def environment(folder: Path) -> dict[str, str | float | bool]:
    """Return the environment of a browser whose home is ``folder``: without our proxies and D-Bus, with openers that fail."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    nothing = shutil.which("false")
    if nothing is not None:
        openers = folder / "openers"
        openers.mkdir(exist_ok=True)
        for name in _OPENERS:
            with suppress(FileExistsError):
                (openers / name).symlink_to(nothing)
        kept["PATH"] = os.pathsep.join([str(openers), kept.get("PATH", os.defpath)])
    return {**kept, "HOME": str(folder), "TMPDIR": str(folder)}
