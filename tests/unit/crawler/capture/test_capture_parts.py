"""The small parts of the capture that need no browser."""

from __future__ import annotations

import io
import zlib

import pytest
from PIL import Image

from crawler.capture.outcomes import outcome_of_error, outcome_of_failure
from crawler.capture.profiles import profile_named
from crawler.capture.settle import refresh_delay
from crawler.net.guard import Failure, FailureKind
from crawler.pages.pictures import icon_as_png, is_one_colour
from crawler.pages.text import clean
from detector.config import CaptureConfig
from detector.errors import UsageError
from detector.model import Outcome


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    output = io.BytesIO()
    image.save(output, kind)
    return output.getvalue()


@pytest.mark.parametrize(
    ("content", "delay"),
    [
        ("0;url=/next", 0.0),
        ("3; URL='/next'", 3.0),
        (" 2.5 , /next", 2.5),
        ("0", None),
        ("5;", None),
        ("600;url=/next", None),
        ("soon;url=/next", None),
        (None, None),
        (7, None),
    ],
)
def test_only_a_refresh_that_leads_on_soon_is_waited_for(content: object, delay: float | None) -> None:
    assert refresh_delay(content) == delay


@pytest.mark.parametrize(
    ("message", "outcome"),
    [
        ("Page.navigate: net::ERR_TOO_MANY_REDIRECTS at http://a/", Outcome.REDIRECT_LOOP),
        ("Page.navigate: net::ERR_UNSAFE_REDIRECT at http://a/", Outcome.BLOCKED_BY_GUARD),
        ("Page.navigate: net::ERR_SSL_PROTOCOL_ERROR at https://a/", Outcome.TLS_ERROR),
        ("Page.navigate: net::ERR_CERT_INVALID at https://a/", Outcome.TLS_ERROR),
        ("Page.navigate: Download is starting\nCall log:", Outcome.DOWNLOAD),
        ("Page.navigate: Page crashed", Outcome.CRASHED),
        ('Page.navigate: Protocol error: Cannot navigate to invalid URL "x"', Outcome.BAD_URL),
        ("Page.navigate: net::ERR_EMPTY_RESPONSE at http://a/", Outcome.FAILED),
        ("", Outcome.FAILED),
    ],
)
def test_the_browsers_errors_become_outcomes(message: str, outcome: Outcome) -> None:
    found, sentence = outcome_of_error(message)
    assert found == outcome
    assert sentence
    assert "\n" not in sentence


def test_refusals_of_the_guard_say_so() -> None:
    assert outcome_of_failure(Failure(FailureKind.GUARD, "127.0.0.1 is loopback")) == (
        Outcome.BLOCKED_BY_GUARD,
        "guard: 127.0.0.1 is loopback",
    )
    assert outcome_of_failure(Failure(FailureKind.DNS, "no address"))[0] == Outcome.DNS_ERROR


def test_one_pixel_of_another_colour_is_not_one_colour() -> None:
    picture = Image.new("RGB", (50, 40), "white")
    assert is_one_colour(encoded(picture))
    picture.putpixel((49, 39), (255, 255, 254))
    assert not is_one_colour(encoded(picture))


@pytest.mark.parametrize("kind", ["PNG", "ICO", "GIF", "JPEG", "WEBP", "BMP"])
def test_icons_of_the_usual_kinds_become_png(kind: str) -> None:
    data = icon_as_png(encoded(Image.new("RGB", (48, 48), "blue"), kind))
    assert data is not None
    with Image.open(io.BytesIO(data)) as icon:
        assert (icon.format, icon.mode) == ("PNG", "RGBA")
        assert icon.getpixel((20, 20))[2] > 240  # type: ignore[index]


def test_large_icons_are_scaled_down_and_huge_ones_are_not_decoded() -> None:
    data = icon_as_png(encoded(Image.new("RGB", (1000, 500), "blue")))
    assert data is not None
    with Image.open(io.BytesIO(data)) as icon:
        assert icon.size == (256, 128)
    assert icon_as_png(encoded(Image.new("L", (1025, 4)))) is None


def bomb() -> bytes:
    """A PNG of 60,000 x 60,000 pixels in a few bytes."""
    header = b"IHDR" + (60_000).to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
    body = b"IDAT" + zlib.compress(bytes(100_000))
    chunks = [len(part[4:]).to_bytes(4, "big") + part + zlib.crc32(part).to_bytes(4, "big") for part in (header, body)]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("data", [b"", b"<svg/>", b"\x89PNG\r\n\x1a\n", b"GIF89a" + b"\xff" * 40, bomb()])
def test_what_is_no_icon_is_none(data: bytes) -> None:
    assert icon_as_png(data) is None


def test_text_is_freed_of_nul_and_lone_surrogates() -> None:
    assert clean("a\0b\ud800c\U0001f600") == "ab\ufffdc\U0001f600"


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
