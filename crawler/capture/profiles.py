"""Visitor profiles: a profile combines a device, a place and a referrer; all of them are data.

A name reads ``DEVICE``, ``DEVICE-PLACE`` or either with ``@REFERRER``: ``phone``, ``desktop-de``, ``iphone-gb@social``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import permutations, product
from operator import itemgetter
from typing import Any
from urllib.parse import urlsplit

from crawler.capture.profile_data import Device, Place, ProfileData, Referrer, load_profile_data
from detector.config import CaptureConfig
from detector.errors import ConfigError, UsageError

DEFAULT_PLACE = "us"
_NOWHERE = Referrer()


@dataclass(frozen=True, slots=True)
class Profile:
    """One visitor.  The browser's version is always the real one: an old or wrong version would give it away."""

    name: str
    device: Device
    place: Place
    place_name: str = DEFAULT_PLACE
    """Name of the place under ``[capture.proxies]``."""
    origin: Referrer = _NOWHERE

    @property
    def referrer(self) -> str | None:
        """Address that the browser sends as its referrer."""
        return self.origin.url

    @property
    def languages(self) -> tuple[str, ...]:
        """Value of ``navigator.languages``."""
        return self.place.languages[:1] if self.device.first_language_only else self.place.languages

    @property
    def accepted(self) -> tuple[str, ...]:
        """Languages of the ``Accept-Language`` header; as in Safari, a single one is followed by its base (``de-DE``, ``de``)."""
        if not self.device.first_language_only:
            return self.languages
        first = self.languages[0]
        return tuple(dict.fromkeys((first, first.partition("-")[0])))

    def size(self, config: CaptureConfig) -> tuple[int, int]:
        """Return width and height of the viewport in CSS pixels."""
        return self.device.viewport or (config.viewport_width, config.viewport_height)

    def outer_size(self, config: CaptureConfig) -> tuple[int, int]:
        """Return width and height of the window in CSS pixels."""
        (width, height), (more_width, more_height) = self.size(config), self.device.frame
        return width + more_width, height + more_height

    def screen(self, config: CaptureConfig) -> tuple[int, int]:
        """Return width and height of the screen in CSS pixels: the device's, or more where its window would not fit."""
        (width, height), (left, top) = self.outer_size(config), self.device.position
        return max(self.device.screen[0], width + left), max(self.device.screen[1], height + top)

    def referrer_for(self, url: str) -> str | None:
        """Return the referrer that is sent to ``url``: none from https to http (Referrer Policy, section 8.4)."""
        parts = urlsplit(url)
        safe = parts.scheme == "https" or parts.hostname in ("127.0.0.1", "::1", "localhost")
        return self.referrer if safe or (self.referrer or "").startswith("http:") else None

    def agent(self, browser_version: str) -> str:
        """Return the ``User-Agent`` header with the browser's real major version."""
        return self.device.user_agent.replace("{major}", browser_version.split(".", 1)[0])

    def agent_override(self, browser_version: str) -> dict[str, Any]:
        """Return the arguments of the protocol's ``Emulation.setUserAgentOverride``: header, client hints and navigator agree.

        Without it the hints of a headless browser say ``HeadlessChrome`` whatever its ``User-Agent`` says.  The browser gives
        ``Accept-Language`` its weights.
        """
        major = browser_version.split(".", 1)[0] or "0"
        override: dict[str, Any] = {
            "userAgent": self.agent(browser_version),
            "acceptLanguage": ",".join(self.accepted),
            "platform": self.device.navigator_platform,
        }
        hints = self.device.client_hints
        if hints is not None:
            override["userAgentMetadata"] = {
                "brands": _brands(int(major), major),
                "fullVersionList": _brands(int(major), browser_version, ".0.0.0"),
                "fullVersion": browser_version,
                "platform": hints.platform,
                "platformVersion": hints.platform_version,
                "architecture": hints.architecture,
                "bitness": hints.bitness,
                "model": hints.model,
                "mobile": self.device.mobile,
                "wow64": False,
                "formFactors": ["Mobile" if self.device.mobile else "Desktop"],
            }
        return override

    def metrics(self, config: CaptureConfig) -> dict[str, Any]:
        """Return the arguments of the protocol's ``Emulation.setDeviceMetricsOverride``."""
        (width, height), (across, down) = self.size(config), self.screen(config)
        upright = self.device.mobile and height > width
        return {
            "width": width,
            "height": height,
            "screenWidth": across,
            "screenHeight": down,
            "mobile": self.device.mobile,
            "deviceScaleFactor": self.device.pixel_ratio,
            "screenOrientation": {"angle": 0, "type": "portraitPrimary" if upright else "landscapePrimary"},
        }

    def window_bounds(self, config: CaptureConfig) -> dict[str, int]:
        """Return position and size of the window in CSS pixels; on a phone it is the viewport."""
        if self.device.mobile:
            width, height = self.size(config)
            return {"width": width, "height": height}
        (width, height), (left, top) = self.outer_size(config), self.device.position
        return {"left": left, "top": top, "width": width, "height": height}


_GREASE_LETTERS, _GREASE_VERSIONS = " (:-./);=?_", ("8", "99", "24")


def _brands(major: int, version: str, rest: str = "") -> list[dict[str, str]]:
    """Return the brands in the order, and with the invented one, of this major version of Chrome; ``rest`` of its version.

    Source: Chromium, ``components/embedder_support/user_agent_utils.cc`` (GetGreasedUserAgentBrandVersion, ShuffleBrandList).
    """
    letters = (_GREASE_LETTERS[(major + place) % len(_GREASE_LETTERS)] for place in range(2))
    grease = {"brand": "Not{}A{}Brand".format(*letters), "version": _GREASE_VERSIONS[major % 3] + rest}
    named = [grease, *({"brand": name, "version": version} for name in ("Chromium", "Google Chrome"))]
    places = list(permutations(range(3)))[major % 6]
    return [brand for _, brand in sorted(zip(places, named, strict=True), key=itemgetter(0))]


class Profiles:
    """All profiles that can be composed of some data."""

    def __init__(self, data: ProfileData) -> None:
        self.data = data

    @classmethod
    def of(cls, config: CaptureConfig) -> Profiles:
        """Load the shipped profiles and those of the configured files.

        Raises:
            ConfigError: a file is malformed, the configured profile does not exist, or a proxy is for a place that does not exist.
        """
        profiles = cls(load_profile_data(config.profiles))
        try:
            profiles.named(config.profile)
        except UsageError as error:
            raise ConfigError(f"capture.profile: {error}") from error
        for place in config.proxies:
            if place not in profiles.data.places:
                known = ", ".join(profiles.data.places)
                raise ConfigError(f"capture.proxies: there is no place {place!r}; there are: {known}")
        return profiles

    def named(self, name: str) -> Profile:
        """Return the profile of that name.

        Raises:
            UsageError: it names an unknown device, place or referrer; the message lists the known ones.
        """
        rest, at, come_from = name.partition("@")
        device_name, dash, place_name = rest.partition("-")
        device = self.data.devices.get(device_name)
        place = self.data.places.get(place_name if dash else DEFAULT_PLACE)
        origin = self.data.referrers.get(come_from) if at else _NOWHERE
        if device is None:
            raise self._unknown(name, f"device {device_name!r}")
        if place is None:
            raise self._unknown(name, f"place {place_name!r}")
        if origin is None:
            raise self._unknown(name, f"referrer {come_from!r}")
        return Profile(name, device, place, place_name if dash else DEFAULT_PLACE, origin)

    def names(self) -> Iterator[str]:
        """Iterate over every device at every place, without referrers."""
        for device, place in product(self.data.devices, self.data.places):
            yield device if place == DEFAULT_PLACE else f"{device}-{place}"

    def _unknown(self, name: str, what: str) -> UsageError:
        devices, places, referrers = (
            ", ".join(names) for names in (self.data.devices, self.data.places, self.data.referrers)
        )
        return UsageError(
            f"no capture profile is called {name!r}: there is no {what}; a name reads DEVICE[-PLACE][@REFERRER] with "
            f"devices {devices}; places {places}; referrers {referrers}"
        )


@cache
def shipped_profiles() -> Profiles:
    """Return the profiles of ``crawler/data/profiles.toml`` only."""
    return Profiles(load_profile_data())


def profile_named(name: str, profiles: Profiles | None = None) -> Profile:
    """Return the profile of that name, by default out of the shipped ones.

    Raises:
        UsageError: there is none; the message lists the known devices, places and referrers.
    """
    return (profiles or shipped_profiles()).named(name)
