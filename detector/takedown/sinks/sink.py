"""The protocol of a takedown destination: a draft is prepared without side effects, then delivered for a receipt."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from detector.model import Brand, Case, CasePage, StoredFile
from detector.takedown.queue_line import ManifestLine


@dataclass(frozen=True, slots=True)
class DraftFile:
    """One file of evidence that goes with a draft."""

    role: str
    """``page_facts``, or a role of :meth:`detector.model.Capture.files`."""
    profile: str
    """The visitor that was shown it."""
    stored: StoredFile
    data: bytes
    """The file's bytes, checked against ``stored.sha256``."""


@dataclass(frozen=True, slots=True)
class DueCase:
    """A case that a destination is to be told of, with everything that a draft may be made of."""

    case: Case
    brand: Brand | None
    """The impersonated brand; None where the library no longer has it."""
    files: tuple[DraftFile, ...]
    manifest: ManifestLine | None
    moment: datetime
    """Time of the handover, UTC."""
    number: int = 1
    """1 for the first draft of the case at this destination, then one more for each."""
    rule: str | None = None
    """Name of the rule that lets it go without a person's decision; None where a person confirmed it."""
    exact_addresses: bool = False
    """Addresses of pages are handed over as they are, with victims' mail addresses and passwords in them."""
    pages: tuple[CasePage, ...] = ()
    """All addresses on which suspicious pages of the case were seen, the latest first."""
    withdrawn: str | None = None
    """Reason for which an earlier draft is taken back; None where the case is handed over."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One case as a destination wants to read it; nothing has been sent."""

    reference: str
    """Id of the case at the destination: the same for one site and brand in every run."""
    number: int
    """1 for the first draft of the case, then one more for each: with the reference it tells a second delivery from a new one."""
    media_type: str
    """Media type of ``body`` (RFC 6838)."""
    body: bytes
    files: tuple[DraftFile, ...] = ()


@dataclass(frozen=True, slots=True)
class WrittenLine:
    """A draft as it stands in a destination's file."""

    line: int
    """Number of the line, from 1."""
    sha256: str
    """Of its bytes without the line feed."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a destination has a draft, now and after a crash."""

    reference: str
    """The draft's reference."""
    answer: str = ""
    """The destination's own words, such as a ticket number; empty where it gives none."""
    line: int | None = None
    """Number of the line in the destination's file, from 1; None where it has no such file."""


class TakedownSink(Protocol):
    """A destination for cases.  Other packages announce a class by the entry point group ``clonewatch.sinks``.

    The class is called with one argument, the target that the user named, such as a folder or a URL; that alone must not connect or
    write.  :class:`detector.testing.SinkContract` tests the rest.
    """

    @property
    def name(self) -> str:
        """Name by which the destination is chosen: letters, digits and underscores."""
        ...

    @property
    def target(self) -> str:
        """The folder, address or queue it delivers to, for people; never a secret."""
        ...

    def connect(self) -> AbstractContextManager[Collection[tuple[str, int]]]:
        """Open the destination; gives reference and number of the drafts it is known to have, as far as it can tell.

        A destination with a file gives a mapping of them to :class:`WrittenLine`.

        Raises:
            EnvironmentFault: it cannot be reached or written; nothing was delivered.
        """
        ...

    def prepare(self, due: DueCase) -> Draft:
        """Make the draft of a case.  Reads and writes nothing, and makes the same draft of the same case."""
        ...

    def deliver(self, draft: Draft) -> Receipt:
        """Deliver a draft while connected; delivering the same reference and number again must not make a second report.

        Raises:
            EnvironmentFault: the destination did not take it; a later run tries again.
        """
        ...
