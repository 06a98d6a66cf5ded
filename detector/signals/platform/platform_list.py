"""The platforms of ``detector/data/platforms.toml``."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec


class Platform(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A platform on which others publish."""

    name: str
    brands: tuple[str, ...]
    """Ids of the brands that its pages would be suspected of imitating."""
    files: tuple[str, ...]
    """Hosts of the platform's files on its customers' pages; those below them are included."""
    says: tuple[str, ...]
    """Folded phrases of its banner."""
    source: str
    banner_only: bool = False
    """Clones of the owner's sign-in page have the same files, so that only the banner shows the platform."""

    def serves(self, host: str) -> bool:
        """Tell whether the platform has its files on ``host``, as those of its customers' pages."""
        return any(host == own or host.endswith(f".{own}") for own in self.files)


class _PlatformsFile(msgspec.Struct, forbid_unknown_fields=True):
    platform: tuple[Platform, ...]


@cache
def platforms_of(brand: str) -> tuple[Platform, ...]:
    """Return the platforms that a brand's owner runs."""
    return tuple(platform for platform in _platforms() if brand in platform.brands)


@cache
def _platforms() -> tuple[Platform, ...]:
    text = files("detector").joinpath("data/platforms.toml").read_bytes()
    return msgspec.toml.decode(text, type=_PlatformsFile).platform
