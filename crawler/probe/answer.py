"""What passes between those who fetch front pages and those who judge them, in another process."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class FrontPageAnswer:
    """A front page as it came."""

    asked: str
    """The address that the look began with."""
    url: str
    """Where the redirects ended."""
    status: int
    content_type: str
    body: bytes
    """Not longer than the limit; cut there."""
    icon: bytes | None = None
    pictures: tuple[bytes, ...] = ()
    """Those that the judge asked for."""
    complete: bool = False
    """Nothing more can be had: what the judge asked for was fetched as far as it could be."""
    address: str | None = None
    """IP address of the server."""
    cut: str = ""
    """The bound that ended its body, as a clause; empty where all of it is here."""


class FrontPageKind(StrEnum):
    """What a look was shown."""

    PAGE = "page"
    NOTHING = "nothing"
    """No answer, an error, an empty or a default page, a name for sale."""
    WALL = "wall"
    """A captcha or challenge."""
    BRAND = "brand"
    """The brand's own site: the look was led on to it."""


@dataclass(frozen=True, slots=True)
class FrontPageFinding:
    """What is concluded from one answer."""

    shown: FrontPageKind
    remark: str = ""
    """What was shown where it is no page, as a clause."""
    brand: str | None = None
    score: float = 0.0
    """0 (nothing speaks for a browser) to 1."""
    reasons: tuple[str, ...] = ()
    onward: str = ""
    """Where the page leads by itself: there is the page to look at."""
    wanted: tuple[str, ...] = ()
    """Addresses of pictures that would tell more: the page asks for something, and its words do not say for whom."""

    @property
    def sent(self) -> bool:
        """Whether a browser should see it."""
        return self.score >= SEND


SEND = 0.35
"""Score from which a browser looks.

Of the development set's pages without their pictures 61 of 62 clones reach .4, and none of 78 benign ones .1 (docs/discovery.md).
"""


class JudgeLostError(Exception):
    """A page ended its judges, or its judge did not come to an end; no other page was with them."""


def unjudged(why: str) -> FrontPageFinding:
    """A page of which the cheap look cannot say that it shows nothing: a browser sees it.  ``why`` is a clause."""
    return FrontPageFinding(
        FrontPageKind.PAGE, why, score=SEND, reasons=(f"Without a browser it could not be judged: {why}.",)
    )
