"""Profiles are composed by name; what cannot be composed is said with what there is."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from crawler.capture.profiles import Profiles, profile_named, shipped_profiles
from detector.config import CaptureConfig, load_config
from detector.errors import ConfigError, UsageError

CONFIG = CaptureConfig()
DEVICES, PLACES = ("desktop", "phone", "iphone"), ("us", "au", "ca", "de", "es", "gb", "in", "jp")
REFERRERS = ("search", "mail", "sms", "social")
TABLET = """
[devices.tablet]
title = "A tablet"
user_agent = "Mozilla/5.0 (Linux; Android 10; K) Chrome/{major}.0.0.0 Safari/537.36"
navigator_platform = "Linux armv81"
screen = [1280, 800]
[devices.tablet.client_hints]
platform = "Android"
platform_version = "15.0.0"
[places.fr]
languages = ["fr-FR", "fr"]
time_zone = "Europe/Paris"
[referrers.forum]
url = "https://forum.example/"
"""


@pytest.mark.parametrize("name", [f"{device}-{place}" for device, place in product(DEVICES, PLACES)])
def test_every_device_is_at_home_everywhere(name: str) -> None:
    device, place = name.split("-")
    profile = profile_named(name)
    assert (profile.name, profile.place_name, profile.referrer) == (name, place, None)
    override = profile.agent_override("156.0.1.2")
    assert override["acceptLanguage"].startswith(profile.languages[0])
    assert ("userAgentMetadata" in override) == (device != "iphone")
    bounds = profile.window_bounds(CONFIG)
    assert (bounds["width"], bounds["height"]) == (profile.size if device != "desktop" else profile.outer_size)(CONFIG)
    (width, height), (across, down) = profile.outer_size(CONFIG), profile.screen(CONFIG)
    assert width <= across
    assert height <= down


def test_the_place_is_the_united_states_unless_named() -> None:
    assert profile_named("phone").place == profile_named("phone-us").place
    assert list(shipped_profiles().names()) == [
        device if place == "us" else f"{device}-{place}" for device, place in product(DEVICES, PLACES)
    ]


@pytest.mark.parametrize("referrer", REFERRERS)
def test_a_visitor_comes_from_somewhere(referrer: str) -> None:
    profile = profile_named(f"phone-de@{referrer}")
    assert (profile.referrer is None) == (referrer == "sms")
    assert profile.place_name == "de"


def test_a_referrer_is_not_told_on_the_way_from_https_to_http() -> None:
    profile = profile_named("desktop@search")
    assert profile.referrer_for("https://shop.example/") == "https://www.google.com/"
    assert profile.referrer_for("http://shop.example/") is None
    assert profile.referrer_for("http://127.0.0.1:8000/") == "https://www.google.com/"


@pytest.mark.parametrize(
    ("version", "brands"),
    [
        # as these versions of Chrome say it themselves
        ("156.0.8078.79", [("Not:A-Brand", "8"), ("Chromium", "156"), ("Google Chrome", "156")]),
        ("131.0.6778.86", [("Google Chrome", "131"), ("Chromium", "131"), ("Not_A Brand", "24")]),
        ("120.0.6099.71", [("Not_A Brand", "8"), ("Chromium", "120"), ("Google Chrome", "120")]),
    ],
)
def test_brands_are_those_of_the_version(version: str, brands: list[tuple[str, str]]) -> None:
    metadata = profile_named("desktop").agent_override(version)["userAgentMetadata"]
    assert [(brand["brand"], brand["version"]) for brand in metadata["brands"]] == brands
    full = {brand["brand"]: brand["version"] for brand in metadata["fullVersionList"]}
    assert full == {name: f"{number}.0.0.0" if name.startswith("Not") else version for name, number in brands}


def test_safari_tells_one_language_and_its_base() -> None:
    profile = profile_named("iphone-de")
    assert profile.languages == ("de-DE",)
    assert profile.agent_override("156.0.1.2")["acceptLanguage"] == "de-DE,de"


def test_a_viewport_larger_than_the_screen_enlarges_the_screen() -> None:
    wide = CaptureConfig(viewport_width=2560, viewport_height=1600)
    profile = profile_named("desktop")
    assert profile.screen(CONFIG) == (1920, 1080)
    assert profile.screen(wide)[0] > 2560
    assert profile.screen(wide)[1] > 1600


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("fridge", "device 'fridge'"), ("phone-mars", "place 'mars'"), ("phone-", "place ''"), ("phone@", "referrer ''"),
        ("phone@moon", "referrer 'moon'"), ("", "device ''"), ("Phone", "device 'Phone'"), ("phone-de-de", "place 'de-de'"),
    ],
)  # fmt: skip
def test_an_unknown_word_is_named_with_those_that_there_are(name: str, wrong: str) -> None:
    with pytest.raises(UsageError) as caught:
        profile_named(name)
    message = str(caught.value)
    assert wrong in message
    for known in (*DEVICES, *PLACES, *REFERRERS):
        assert known in message


def test_a_file_adds_devices_places_and_referrers(tmp_path: Path) -> None:
    path = tmp_path / "more.toml"
    path.write_text(TABLET)
    profiles = Profiles.of(CaptureConfig(profiles=(str(path),), profile="tablet-fr@forum", proxies={"fr": ""}))
    profile = profiles.named("tablet-fr@forum")
    assert (profile.languages, profile.referrer) == (("fr-FR", "fr"), "https://forum.example/")
    assert profile.agent("156.0.1.2").endswith("Chrome/156.0.0.0 Safari/537.36")
    assert "phone-fr" in list(profiles.names())


PLACE = '[places.fr]\nlanguages = ["fr"]\ntime_zone = "Europe/Paris"\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[places.fr", "not valid TOML"),
        ("[planets.mars]\n", "planets"),
        ("[places.fr]\n", r"\[places\.fr\].*languages"),
        ("places = 3\n", "places"),
        (PLACE + "moons = 2\n", "moons"),
        (PLACE.replace("Paris", "Atlantis"), "time_zone"),
        (PLACE.replace('"fr"', '"french"'), "language tag"),
        (PLACE.replace('["fr"]', "[]"), "must not be empty"),
        (PLACE.replace("places.fr", "places.us"), "already"),
        (PLACE.replace("places.fr", 'places."f-r"'), "a name has"),
        ('[referrers.x]\nurl = "javascript:alert(1)"\n', "must begin with"),
        (TABLET.replace("[1280, 800]", "[1280]"), "screen"),
        (TABLET.replace("[1280, 800]", "[0, 800]"), "screen"),
        (TABLET.replace("{major}", "{minor}"), "user_agent"),
        (TABLET.replace('"A tablet"', '"A tablet"\nengine = "safari"'), "client_hints"),
        (TABLET.replace('"A tablet"', '"A tablet"\npixel_ratio = 0.1'), "pixel_ratio"),
    ],
)
def test_a_malformed_file_is_refused_with_file_and_place(text: str, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "more.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=expected) as caught:
        Profiles.of(CaptureConfig(profiles=(str(path),)))
    assert str(caught.value).startswith(str(path))


def test_a_configuration_that_names_what_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        Profiles.of(CaptureConfig(profiles=(str(tmp_path / "none.toml"),)))
    with pytest.raises(ConfigError, match=r"capture\.profile: .*'fridge'"):
        Profiles.of(CaptureConfig(profile="fridge"))
    with pytest.raises(ConfigError, match=r"capture\.proxies: there is no place 'mars'"):
        Profiles.of(CaptureConfig(proxies={"mars": "http://127.0.0.1:1"}))


def test_profile_and_proxies_are_read_from_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "clonewatch.toml").write_text(
        '[capture]\nprofile = "phone-de"\n[capture.proxies]\nde = "http://user:secret@proxy.example:3128"\n'
    )
    capture = load_config(tmp_path).capture
    assert capture.profile == "phone-de"
    assert capture.proxies == {"de": "http://user:secret@proxy.example:3128"}
    (tmp_path / "clonewatch.toml").write_text("[capture.proxies]\nde = 3128\n")
    with pytest.raises(ConfigError, match="proxies"):
        load_config(tmp_path)


def test_profiles_carry_the_browsers_real_version() -> None:
    config = CaptureConfig(viewport_width=1000, viewport_height=700)
    agent = profile_named("desktop").agent_override("156.0.1.2")["userAgent"]
    assert "Chrome/156.0.0.0" in agent
    assert "Headless" not in agent
    desktop = profile_named("desktop").metrics(config)
    assert (desktop["width"], desktop["height"]) == (1000, 700)
    assert profile_named("phone").metrics(config)["mobile"] is True


def test_an_unknown_profile_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="desktop, phone"):
        profile_named("fridge")
