"""The platforms as data."""

from __future__ import annotations

from detector.brands import BrandLibrary
from detector.signals.mentions.text_tokens import fold
from detector.signals.platform.platform_list import platforms_of


def test_hosts_below_a_platforms_own_are_its_files() -> None:
    (wix,) = platforms_of("wix")
    assert wix.serves("static.wixstatic.com")
    assert wix.serves("wixstatic.com")
    assert not wix.serves("notwixstatic.com")
    assert not wix.serves("users.wix.com")
    assert platforms_of("paypal") == ()


def test_every_platform_has_a_source_and_brands_that_answer(shipped_library: BrandLibrary) -> None:
    every = {platform.name: platform for brand in shipped_library for platform in platforms_of(brand.id)}
    assert len(every) >= 14
    for platform in every.values():
        assert platform.source, platform.name
        assert platform.says or platform.files, platform.name
        assert all(phrase == fold(phrase) for phrase in platform.says), platform.name
        assert all(brand in shipped_library for brand in platform.brands), platform.name
