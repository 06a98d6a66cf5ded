"""What keeps a browser behind the guard: its switches, and an environment in which a page can start no other program."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

UNWANTED_DEFAULTS = ["--disable-ipc-flooding-protection", "--disable-popup-blocking"]
"""Flags of Playwright that make its tests easier and a hostile page stronger."""
_KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "TZ")
_OPENERS = ("xdg-open", "xdg-email", "xdg-mime", "xdg-settings")
"""Programs that a whole Chromium hands an address to which is not its own (``mailto:``, ``tel:``, anybody's)."""


def flags() -> list[str]:
    """Command-line switches that keep a page behind the guard and the browser quiet.

    Names lead nowhere in the browser itself, so that a request which would not go through the proxy goes nowhere.  The usual
    ``~NOTFOUND`` is not enough: where a page's WebRTC asks for a ``.local`` name, Chromium multicasts a query for that very
    word.  To 255.255.255.255 the system neither connects nor, without being asked to broadcast, sends; it is written as an
    IPv6 address because Chromium asks DNS for a NAT64 prefix before it uses an IPv4 one.
    """
    return [
        "--host-resolver-rules=MAP * [::ffff:255.255.255.255] , EXCLUDE 127.0.0.1",
        "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",  # what the headless shell calls it
        "--webrtc-ip-handling-policy=disable_non_proxied_udp",  # what a whole Chromium calls it
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
    """Environment of a browser whose home is ``folder``: without proxies and buses of ours, and with openers that do nothing."""
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
