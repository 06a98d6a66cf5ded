"""The brands whose lookalike names a run looks up, and a sentence on how many names these are and how long that takes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from crawler.discovery.lookalikes import main_domains
from detector.brands import BrandLibrary
from detector.config import Config, default_brands_dir
from detector.errors import ConfigError
from detector.model import Brand
from detector.sentences import counted

SOURCE = "permutations"
"""Name of the source that looks up lookalike names."""
NO_BRAND = "no brand is chosen (--brand, discover.lookalike_brands)"
"""Remark of the table of sources where no lookalike names were looked up."""
EVERY = "*"
"""Entry of ``discover.lookalike_brands`` that stands for all brands."""
NAMES_A_SECOND = 1000
"""Names that are looked up in a second, roughly: benchmarks/resolving.py measures 1,500 on two cores with a server that is near."""


@dataclass(frozen=True, slots=True)
class LookalikePlan:
    """Brands and number of the lookalike names that a run looks up."""

    brands: tuple[Brand, ...]
    most_names: int
    """Names that are looked up at most; those that are known already are left out."""
    all_brands: int
    """Brands of the library."""

    @property
    def seconds(self) -> float:
        """Seconds that it takes, roughly."""
        return self.most_names / NAMES_A_SECOND

    @property
    def sentence(self) -> str:
        """Announcement for a person, before the run begins."""
        if not self.brands:
            return (
                "No lookalike names are looked up: the workspace has no brands of its own. Name one with --brand ID, add yours "
                "with `clonewatch brands add`, or list ids in discover.lookalike_brands of clonewatch.toml "
                f'("{EVERY}": all {self.all_brands} brands).'
            )
        brands, time = counted(len(self.brands), "brand"), duration(self.seconds)
        return (
            f"Looking up {self.most_names:,} lookalike names at most, of {brands}: "
            f"about {time} at {NAMES_A_SECOND:,} names a second."
        )


def plan_lookalikes(config: Config, library: BrandLibrary, ids: Collection[str] = ()) -> LookalikePlan:
    """Return the plan for the brands of ``ids``, else of ``discover.lookalike_brands``, else for those that are not shipped ones.

    Raises:
        ConfigError: ``discover.lookalike_brands`` names a brand that there is not.
    """
    brands = tuple(_chosen(config, library, ids))
    names = sum(len(main_domains(brand)) for brand in brands) * config.discover.max_names
    return LookalikePlan(brands, names, len(library))


def announcement(config: Config, library: BrandLibrary, sources: Sequence[str], ids: Collection[str]) -> str:
    """Return a sentence on what a run is about to ask: of lookalike names where it looks them up, else of its sources.

    ``sources``: names; empty: those that run by default, of which lookalike names are one.

    Raises:
        ConfigError: ``discover.lookalike_brands`` names a brand that there is not.
    """
    if sources and SOURCE not in sources:
        return f"Asking {counted(len(sources), 'source')}: {', '.join(sources)}."
    return plan_lookalikes(config, library, ids).sentence


def _chosen(config: Config, library: BrandLibrary, ids: Collection[str]) -> Iterable[Brand]:
    if ids:
        return (brand for brand in library if brand.id in ids)
    listed = config.discover.lookalike_brands
    for name in listed:
        if name != EVERY and name not in library:
            raise ConfigError(
                f"discover.lookalike_brands: there is no brand {name!r}; `clonewatch brands list` shows all of them"
            )
    if listed:
        return (brand for brand in library if EVERY in listed or brand.id in listed)
    shipped = default_brands_dir().resolve()
    return (brand for brand in library if Path(brand.folder).parent.resolve() != shipped)


def duration(seconds: float) -> str:
    """Return a duration in one figure: ``40 s``, ``12 min``, ``3 h``."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(1, round(seconds))} s"
