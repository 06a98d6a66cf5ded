"""One line of the takedown queue: a case as the takedown desk needs it.  Described in docs/takedown.md."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import NAMESPACE_URL, uuid5

from detector.model import Box, Brand, Capture, Case, Finding, TlsSummary
from detector.present.defang import defang
from detector.program import program_name

SCHEMA = "clonewatch.takedown/2"
"""Goes up when a consumer that reads this version could misread the next."""


LURE_TYPES = {"lure": "credentials", "scareware": "tech_support"}
"""By the signal that measured it."""
LURES_FROM = 0.4
MAX_WRITTEN = 200
"""Characters of a number as the page writes it."""


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
    """One reason: signals that abstained are left out."""

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
    """``screenshot``, ``full_page`` or ``page_facts``."""
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
class TakedownLine:
    """The whole line, in the order in which it is written."""

    schema: str
    id: str
    case: int
    exported: datetime
    program: str
    state: str
    decision: str
    probability: float | None
    sentence: str
    url: str
    defanged_url: str
    final_url: str
    defanged_final_url: str
    host: str
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
    sources: tuple[str, ...]
    evidence: tuple[EvidenceLine, ...]
    manifest: ManifestLine | None
    """None for captures that were stored before there were manifests."""


def export_id(case: Case) -> str:
    """Id of a case at the takedown desk: the same for one site and brand in every export and every database."""
    return str(uuid5(NAMESPACE_URL, f"clonewatch:case:{case.brand}:{case.site}"))


def build_line(
    case: Case,
    brand: Brand | None,
    evidence: tuple[EvidenceLine, ...],
    now: datetime,
    manifest: ManifestLine | None = None,
) -> TakedownLine:
    """Build the line of a case."""
    capture, verdict = case.capture, case.verdict
    final_url = capture.final_url or capture.url
    addresses = (hop.address for hop in capture.redirects if hop.address)
    return TakedownLine(
        schema=SCHEMA,
        id=export_id(case),
        case=case.id,
        exported=now,
        program=program_name(),
        state=str(case.state),
        decision=str(verdict.decision),
        probability=verdict.probability,
        sentence=verdict.sentence,
        url=capture.url,
        defanged_url=defang(capture.url),
        final_url=final_url,
        defanged_final_url=defang(final_url),
        host=case.site,
        brand=_brand(case.brand, brand),
        findings=tuple(
            FindingLine(found.signal, found.brand, found.measure, found.sentence, found.region)
            for found in verdict.findings
            if found.measure is not None
        ),
        lure_type=_lure_type(verdict.findings),
        phones=_phones(capture),
        outcome=str(capture.outcome),
        status=capture.status,
        first_seen=min(case.opened, capture.started),
        last_seen=capture.started,
        redirects=tuple(RedirectLine(hop.url, hop.status, hop.address) for hop in capture.redirects),
        tls=_tls(capture.tls),
        addresses=tuple(dict.fromkeys(addresses)),
        sources=case.sources,
        evidence=evidence,
        manifest=manifest,
    )


def _phones(capture: Capture) -> tuple[TakedownPhoneLine, ...]:
    """Each number once a source, those that only another profile saw included."""
    shown = {(phone.number, phone.source): phone for view in (*capture.others, capture) for phone in view.phones}
    return tuple(
        TakedownPhoneLine(
            phone.number, phone.raw[:MAX_WRITTEN], str(phone.source), phone.region, phone.vanity, phone.official
        )
        for phone in sorted(shown.values(), key=lambda phone: (phone.number, phone.source))
    )


def _lure_type(findings: tuple[Finding, ...]) -> str | None:
    """The kind of the strongest intent, of those that say more than a form for addresses does."""
    wants = {found.signal: found.measure or 0.0 for found in findings if found.signal in LURE_TYPES}
    strongest = max(wants, key=lambda signal: wants[signal], default="")
    return LURE_TYPES[strongest] if wants.get(strongest, 0.0) >= LURES_FROM else None


def _tls(tls: TlsSummary | None) -> TlsLine | None:
    # field by field: what the model learns later must not change the documented line unnoticed
    if tls is None:
        return None
    return TlsLine(tls.protocol, tls.subject, tls.issuer, tls.valid_from, tls.valid_to, tls.problem)


def _brand(brand_id: str, brand: Brand | None) -> BrandLine:
    if brand is None:
        return BrandLine(brand_id, brand_id, None, ())
    return BrandLine(brand.id, brand.name, brand.abuse_contact, brand.domains)
