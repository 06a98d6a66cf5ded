"""Read devices, places and referrers from TOML: ``crawler/data/profiles.toml`` and the files that a user adds."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal
from zoneinfo import available_timezones

import msgspec

from detector.errors import ConfigError
from detector.toml_lines import parse_toml

Size = tuple[int, int]
"""Width and height, CSS pixels."""
_WORD = re.compile(r"[a-z0-9_]{1,20}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
_LARGEST = 10_000


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    title: str = ""


class ClientHints(_Entry, frozen=True, kw_only=True):
    """Values of ``Sec-CH-UA-*`` and ``navigator.userAgentData``; Safari has neither."""

    platform: str
    platform_version: str
    architecture: str = ""
    bitness: str = ""
    model: str = ""


class ConnectionTraits(_Entry, frozen=True, kw_only=True):
    """``navigator.connection``."""

    rtt: int = 50
    """Milliseconds, rounded to 25 as browsers do."""
    downlink: float = 10.0
    """Megabits a second, at most 10."""
    type: Literal["wifi", "cellular4g", "ethernet"] = "wifi"
    """Type in the terms of the DevTools protocol; hidden from pages on a desktop."""


class Device(_Entry, frozen=True, kw_only=True):
    """A browser on a machine."""

    engine: Literal["chrome", "safari"] = "chrome"
    """The engine whose peculiarities a page finds."""
    user_agent: str
    navigator_platform: str
    mobile: bool = False
    touch_points: int = 0
    viewport: Size | None = None
    """None: that of the section ``[capture]``."""
    pixel_ratio: float = 1.0
    screen: Size
    available: Size | None = None
    """The screen without bars of the system; None: all of it."""
    frame: Size = (0, 0)
    """Width and height by which the window is larger than the viewport."""
    position: Size = (0, 0)
    """Position of the window on the screen."""
    hardware_concurrency: int = 4
    device_memory: int | None = None
    """Gigabytes; None: hidden from pages."""
    pdf_viewer: bool = False
    absent: tuple[str, ...] = ()
    """Names in ``window``, ``navigator`` or ``document`` that the imitated browser lacks, unlike the one that runs."""
    first_language_only: bool = False
    webgl_vendor: str = ""
    webgl_renderer: str = ""
    client_hints: ClientHints | None = None
    connection: ConnectionTraits | None = None


class Place(_Entry, frozen=True, kw_only=True):
    """The country that a visitor appears to live in."""

    languages: tuple[str, ...]
    time_zone: str


class Referrer(_Entry, frozen=True, kw_only=True):
    """The site that a visitor comes from."""

    url: str | None = None


class _File(msgspec.Struct, forbid_unknown_fields=True):
    devices: dict[str, dict[str, Any]] = {}
    places: dict[str, dict[str, Any]] = {}
    referrers: dict[str, dict[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class ProfileData:
    """The devices, places and referrers that profiles are composed of."""

    devices: Mapping[str, Device] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    referrers: Mapping[str, Referrer] = field(default_factory=dict)


def load_profile_data(added: Iterable[str | Path] = ()) -> ProfileData:
    """Load the shipped entries and those of the ``added`` files.

    Raises:
        ConfigError: a file cannot be read, is not valid TOML, has an unknown key or a bad value, or defines a name that exists
            already; the message names file and table.
    """
    data = ProfileData({}, {}, {})
    shipped = files("crawler").joinpath("data/profiles.toml")
    _add(data, "profiles.toml", shipped.read_bytes())
    for path in added:
        try:
            raw = Path(path).read_bytes()
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read ({error.strerror}); it is named by capture.profiles") from error
        _add(data, str(path), raw)
    return data


def _add(data: ProfileData, where: str, raw: bytes) -> None:
    try:
        parsed = msgspec.convert(parse_toml(raw.decode()), _File)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{where}: not valid TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}: {error}; tables are [devices.NAME], [places.NAME], [referrers.NAME]") from error
    _take(where, "devices", parsed.devices, data.devices, Device, _check_device)
    _take(where, "places", parsed.places, data.places, Place, _check_place)
    _take(where, "referrers", parsed.referrers, data.referrers, Referrer, _check_referrer)


def _take(where: str, kind: str, entries: dict[str, dict[str, Any]], into: Any, shape: Any, check: Any) -> None:
    for name, entry in entries.items():
        place = f"{where}: [{kind}.{name}]"
        if not _WORD.fullmatch(name):
            raise ConfigError(f"{place}: a name has 1 to 20 characters of a-z, 0-9 and _")
        if name in into:
            raise ConfigError(f"{place}: an entry of this name exists already; give this one another name")
        try:
            made = msgspec.convert(entry, shape)
        except msgspec.ValidationError as error:
            raise ConfigError(f"{place}: {error}") from error
        problem = check(made)
        if problem:
            raise ConfigError(f"{place}: {problem}")
        into[name] = made


def _check_device(device: Device) -> str:
    sizes = {"screen": device.screen, "available": device.available, "viewport": device.viewport}
    for key, size in sizes.items():
        if size is not None and not all(0 < side <= _LARGEST for side in size):
            return f"{key} must be two numbers from 1 to {_LARGEST}"
    if not all(0 <= side <= _LARGEST for side in (*device.frame, *device.position)):
        return f"frame and position must be two numbers from 0 to {_LARGEST}"
    rest = device.user_agent.replace("{major}", "")
    if not rest or not rest.isascii() or not rest.isprintable() or "{" in rest or "}" in rest:
        return "user_agent must be printable ASCII, without braces but {major}"
    if not 1 <= device.pixel_ratio <= 4:
        return "pixel_ratio must be from 1 to 4"
    if not 0 <= device.touch_points <= 16 or not 1 <= device.hardware_concurrency <= 128:
        return "touch_points must be from 0 to 16, hardware_concurrency from 1 to 128"
    if (device.engine == "safari") != (device.client_hints is None):
        return "client_hints are required for the engine chrome, and not allowed for safari"
    return ""


@cache
def _time_zones() -> frozenset[str]:
    """Return the time zones that the system knows; none where it has no data of them."""
    return frozenset(available_timezones())


def _check_place(place: Place) -> str:
    if not place.languages:
        return "languages must not be empty"
    for language in place.languages:
        if not _LANGUAGE.fullmatch(language):
            return f"{language!r} is not a language tag; expected one such as de or de-DE"
    known = _time_zones()
    if known and place.time_zone not in known:
        return f"time_zone {place.time_zone!r} is not a time zone; expected one such as Europe/Berlin"
    return ""


def _check_referrer(referrer: Referrer) -> str:
    url = referrer.url
    if url is not None and not (url.startswith(("http://", "https://")) and url.isascii() and url.isprintable()):
        return f"url {url!r} must begin with http:// or https://"
    return ""
