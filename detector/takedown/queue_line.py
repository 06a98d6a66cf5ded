"""The lines of the takedown queue: a case as the takedown desk needs it, or its withdrawal.  Described in docs/takedown.md."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import NAMESPACE_URL, uuid5

from detector.model import Box, Brand, Case

SCHEMA = "clonewatch.takedown/3"
"""Goes up when a consumer that reads this version could misread the next."""


class BrandLookup(Protocol):
    """The part of :class:`detector.brands.BrandLibrary` that a line needs."""

    def get(self, brand_id: str) -> Brand | None:
        """The brand of that id, or None."""
        ...


@dataclass(frozen=True, slots=True)
class BrandLine:
    """The brand that is impersonated."""

    id: str
    name: str
    abuse_contact: str | None
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One reason: signals that abstained, or found nothing, are left out."""

    signal: str
    brand: str
    measure: float
    sentence: str
    region: Box | None


@dataclass(frozen=True, slots=True)
class TakedownPhoneLine:
    """One telephone number that the page shows."""

    number: str
    """E.164."""
    written: str
    source: str
    """``text``, ``link`` or ``picture``."""
    country: str
    vanity: bool
    official: str | None
    """Id of the brand whose own number it is."""


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One file, relative to the queue's folder."""

    role: str
    """``page_facts``, or a role of :meth:`detector.model.Capture.files`, such as ``screenshot`` or ``warc``."""
    profile: str
    """The visitor that was shown it."""
    file: str
    sha256: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class ManifestLine:
    """The manifest that names all of the capture's evidence; docs/evidence.md."""

    sequence: int
    sha256: str


@dataclass(frozen=True, slots=True)
class RedirectLine:
    """One step on the way to the page."""

    url: str
    status: int | None
    address: str | None


@dataclass(frozen=True, slots=True)
class TlsLine:
    """The certificate that the page's host showed."""

    protocol: str
    subject: str
    issuer: str
    valid_from: datetime | None
    valid_to: datetime | None
    problem: str
    """Reason for which a browser would warn; empty where it would not."""


@dataclass(frozen=True, slots=True)
class RegistrationLine:
    """The registration of the final page's domain, from its registry (RDAP, RFC 9083)."""

    domain: str
    registered: datetime
    registrar: str
    """Name of the registrar; empty where the registry does not give it."""
    abuse_contacts: tuple[str, ...]
    """Mail addresses that the registry names for abuse."""
    name_servers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HostingLine:
    """The network and AS of the address that served the final page: who can switch it off."""

    address: str
    network: str
    """``192.0.2.0/24``, or ``192.0.2.0 - 192.0.2.9``; empty where no registry answered."""
    network_name: str
    holder: str
    """The hoster, or one that the hoster rents from; empty where the registry does not say."""
    country: str
    abuse_contacts: tuple[str, ...]
    """Mail addresses that the registry names for abuse."""
    as_number: int | None
    as_name: str


@dataclass(frozen=True, slots=True)
class ViewLine:
    """One visitor, and what the site showed it."""

    profile: str
    """Device, place and referrer, as ``clonewatch profiles`` describes them."""
    outcome: str
    status: int | None
    final_url: str
    defanged_final_url: str
    addresses: tuple[str, ...]
    """IP addresses that served this visitor's final page."""


@dataclass(frozen=True, slots=True)
class CloakingLine:
    """The way in which a site hides: it shows the page to some visitors only."""

    sentence: str
    shown_to: ViewLine
    """The visitor that sees the page of this line: look as it does."""
    others: tuple[ViewLine, ...]


@dataclass(frozen=True, slots=True)
class PageLine:
    """One address of the case."""

    url: str
    defanged_url: str
    final_url: str
    defanged_final_url: str
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class TakedownLine:
    """A case, in the order in which its line is written."""

    schema: str
    kind: str
    """``case``."""
    id: str
    number: int
    """1 for the first line with this id in this queue, then one more for each."""
    case: int
    exported: datetime
    program: str
    state: str
    rule: str | None
    """Name of the rule in ``[[takedown.without_review]]`` that let it go; None where a person confirmed it."""
    cloaking: CloakingLine | None
    """None where all visitors are shown the same."""
    decision: str
    probability: float | None
    sentence: str
    masked: bool
    """A victim's mail address or password was replaced in the addresses below; the evidence has them as they were."""
    url: str
    defanged_url: str
    final_url: str
    defanged_final_url: str
    host: str
    site: str
    """The host, or on a host where others publish the account's part of it (``s3.amazonaws.com/bucket``)."""
    pages: tuple[PageLine, ...]
    """All addresses on which the case's pages were seen, the latest first."""
    brand: BrandLine
    findings: tuple[FindingLine, ...]
    lure_type: str | None
    """``tech_support`` where the page wants to be called, ``credentials`` where a form asks for some; None where neither shows."""
    phones: tuple[TakedownPhoneLine, ...]
    outcome: str
    status: int | None
    first_seen: datetime
    last_seen: datetime
    redirects: tuple[RedirectLine, ...]
    tls: TlsLine | None
    addresses: tuple[str, ...]
    """IP addresses of the final page's host first, then those of the redirects."""
    registration: RegistrationLine | None
    hosting: HostingLine | None
    """None where no registry was asked, or none answered."""
    sources: tuple[str, ...]
    evidence: tuple[EvidenceLine, ...]
    manifest: ManifestLine | None
    """None for captures that were stored before there were manifests."""


@dataclass(frozen=True, slots=True)
class WithdrawalLine:
    """A case that is not to be acted on any more, in the order in which its line is written."""

    schema: str
    kind: str
    """``withdrawal``."""
    id: str
    number: int
    case: int
    exported: datetime
    program: str
    state: str
    reason: str
    """The analyst's own words, or a sentence where there are none."""
    host: str
    site: str


def export_id(case: Case) -> str:
    """Id of a case at the takedown desk: the same for one site and brand in every export and every database."""
    return str(uuid5(NAMESPACE_URL, f"clonewatch:case:{case.brand}:{case.named or case.site}"))
