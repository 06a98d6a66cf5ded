"""The contents of the year: one place for each URL, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.year.numbers import LANDS, Number, number
from detector.model import Brand

SEED = 2022
NUMBERS_A_SCAM = 2


class Kind(StrEnum):
    """Kind of site at a URL."""

    CLONE = "clone"
    SCAM = "scam"
    ORDINARY = "ordinary"
    DEAD = "dead"
    HOSTILE = "hostile"


SHARES = {Kind.CLONE: 0.30, Kind.SCAM: 0.25, Kind.ORDINARY: 0.30, Kind.DEAD: 0.10, Kind.HOSTILE: 0.05}
"""Of 20,000 URLs: 6,000 clones, 5,000 scams of two numbers each, 6,000 ordinary ones, 2,000 dead, 1,000 that fight back."""
WORDS = (
    "amber", "atlas", "barn", "birch", "cedar", "cobalt", "delta", "ember", "fern", "flint", "garnet", "grove", "harbor", "hazel",
    "iris", "juniper", "kite", "lagoon", "linden", "maple", "meadow", "nectar", "north", "oak", "onyx", "pebble", "quartz", "river",
    "sage", "slate", "tide", "umber", "valley", "willow", "yarrow", "zephyr",
)  # fmt: skip
LURES = ("login", "secure", "verify", "support", "account", "help", "update", "billing")


@dataclass(frozen=True, slots=True)
class Place:
    """The site at one URL."""

    number: int
    kind: Kind
    host: str
    brand: str | None = None
    """Id of the brand that it impersonates."""
    numbers: tuple[Number, ...] = ()

    def url(self, port: int) -> str:
        """Its address on a server's port."""
        return f"http://{self.host}:{port}/"


def plan(count: int, brands: Sequence[Brand], seed: int = SEED) -> list[Place]:
    """``count`` places in the order in which they are found, kinds mixed by :data:`SHARES`."""
    chance = random.Random(seed)
    kinds = [kind for kind, share in SHARES.items() for _ in range(round(count * share))]
    kinds = (kinds + [Kind.ORDINARY] * count)[:count]
    chance.shuffle(kinds)
    places, scams = [], 0
    for serial, kind in enumerate(kinds):
        brand = brands[chance.randrange(len(brands))] if kind in (Kind.CLONE, Kind.SCAM) else None
        numbers: tuple[Number, ...] = ()
        if kind is Kind.SCAM:
            land, first = LANDS[scams % len(LANDS)], scams // len(LANDS) * NUMBERS_A_SCAM
            numbers = tuple(number(land, first + each) for each in range(NUMBERS_A_SCAM))
            scams += 1
        places.append(Place(serial, kind, _host(serial, brand, chance), brand.id if brand else None, numbers))
    return places


def _host(serial: int, brand: Brand | None, chance: random.Random) -> str:
    """A name of its own; three in ten impersonators carry their brand's name, as those in the feeds do."""
    said = f"{chance.choice(WORDS)}-{chance.choice(WORDS)}{serial}"
    if brand is not None and chance.random() < 0.3:
        lure = chance.choice(LURES)
        return chance.choice((f"{brand.id}-{lure}{serial}.test", f"{lure}.{brand.id}.{said}.test"))
    return f"{said}.test" if chance.random() < 0.7 else f"{chance.choice(LURES)}.{said}.test"
