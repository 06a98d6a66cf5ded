"""Messages between the process that fetches front pages and the processes that judge them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class FrontPageAnswer:
    """A fetched front page."""

    asked: str
    """Address that the probe began with."""
    url: str
    """Address at which the redirects ended."""
    status: int
    content_type: str
    body: bytes
    """The body, cut at the limit."""
    icon: bytes | None = None
    pictures: tuple[bytes, ...] = ()
    """Pictures that the judge asked for."""
    complete: bool = False
    """True where nothing more can be fetched: the judge must decide with what is there."""
    address: str | None = None
    """IP address of the server."""
    cut: str = ""
    """The limit at which the body was cut, as a clause; empty where it is complete."""


class FrontPageKind(StrEnum):
    """Kind of thing that a probe was shown."""

    PAGE = "page"
    NOTHING = "nothing"
    """No page: no answer, an error, an empty or a default page, a name for sale."""
    WALL = "wall"
    """A captcha or challenge."""
    BRAND = "brand"
    """The brand's own site, to which the probe was redirected."""


@dataclass(frozen=True, slots=True)
class FrontPageFinding:
    """Conclusion from one answer."""

    shown: FrontPageKind
    remark: str = ""
    """Clause on what was shown instead of a page."""
    brand: str | None = None
    score: float = 0.0
    """Score, 0 to 1, for a capture with a browser."""
    reasons: tuple[str, ...] = ()
    onward: str = ""
    """Address to which the page forwards its visitors by itself, to be probed instead."""
    wanted: tuple[str, ...] = ()
    """Pictures to fetch, where the page asks for data and its words do not name a brand."""

    @property
    def sent(self) -> bool:
        """True if the page is worth a capture."""
        return self.score >= SEND


SEND = 0.35
"""Score from which a page is captured with a browser.

Of the development set's pages without their pictures 61 of 62 clones reach .4, and none of 78 benign ones .1 (docs/discovery.md).
"""


class JudgeLostError(Exception):
    """A page killed its judges, or was not judged in time; no other page was lost."""


def unjudged(why: str) -> FrontPageFinding:
    """Return the finding for a page that could not be judged without a browser, so that it is captured.  ``why`` is a clause."""
    return FrontPageFinding(
        FrontPageKind.PAGE, why, score=SEND, reasons=(f"Without a browser it could not be judged: {why}.",)
    )
