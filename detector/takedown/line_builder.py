"""Build the lines of the takedown queue from cases.  Pure: no file, no database, no clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from detector.model import Brand, Capture, Case, CasePage, Finding, Hosting, Registration, TlsSummary, Verdict
from detector.present.defang import defang
from detector.present.personal_data import mask_personal_data, mask_personal_data_in
from detector.program import program_name
from detector.takedown.queue_line import (
    SCHEMA,
    BrandLine,
    CloakingLine,
    EvidenceLine,
    FindingLine,
    HostingLine,
    ManifestLine,
    PageLine,
    RedirectLine,
    RegistrationLine,
    TakedownLine,
    TakedownPhoneLine,
    TlsLine,
    ViewLine,
    WithdrawalLine,
    export_id,
)

LURE_TYPES = {"lure": "credentials", "scareware": "tech_support"}
"""By the signal that measured it."""
LURES_FROM = 0.4
MAX_WRITTEN = 200
"""Characters of a number as the page writes it."""


def build_line(
    case: Case,
    brand: Brand | None,
    evidence: tuple[EvidenceLine, ...],
    now: datetime,
    manifest: ManifestLine | None = None,
    *,
    pages: tuple[CasePage, ...] = (),
    number: int = 1,
    rule: str | None = None,
    exact_addresses: bool = False,
) -> TakedownLine:
    """Build the line of a case; ``exact_addresses``: with victims' mail addresses and passwords in the addresses of pages."""
    seen, judged = case.capture, case.verdict
    capture, verdict = (seen, judged) if exact_addresses else (_masked(seen), _masked_sentences(judged))
    final_url = capture.final_url or capture.url
    addresses = (*_addresses(capture), *(hop.address for hop in capture.redirects if hop.address))
    return TakedownLine(
        schema=SCHEMA,
        kind="case",
        id=export_id(case),
        number=number,
        case=case.id,
        exported=now,
        program=program_name(),
        state=str(case.state),
        rule=rule,
        cloaking=_cloaking(capture),
        decision=str(verdict.decision),
        probability=verdict.probability,
        sentence=verdict.sentence,
        masked=(capture, verdict) != (seen, judged),
        url=capture.url,
        defanged_url=defang(capture.url),
        final_url=final_url,
        defanged_final_url=defang(final_url),
        host=case.host,
        site=case.site,
        pages=_pages(pages or (_only_page(case),), exact_addresses=exact_addresses),
        brand=_brand(case.brand, brand),
        findings=tuple(_finding(found, found.measure) for found in verdict.findings if found.measure),
        lure_type=_lure_type(verdict.findings),
        phones=_phones(capture),
        outcome=str(capture.outcome),
        status=capture.status,
        first_seen=min(case.opened, capture.started),
        last_seen=capture.started,
        redirects=tuple(RedirectLine(hop.url, hop.status, hop.address) for hop in capture.redirects),
        tls=_tls(capture.tls),
        addresses=tuple(dict.fromkeys(addresses)),
        registration=_registration(capture.registration),
        hosting=_hosting(capture.hosting),
        sources=case.sources,
        evidence=evidence,
        manifest=manifest,
    )


def _finding(found: Finding, measure: float) -> FindingLine:
    return FindingLine(found.signal, found.brand, measure, found.sentence, found.region)


def _masked(capture: Capture) -> Capture:
    """The capture with victims' data masked in all addresses of pages."""
    return replace(
        capture,
        url=mask_personal_data(capture.url),
        final_url=mask_personal_data(capture.final_url),
        redirects=tuple(replace(hop, url=mask_personal_data(hop.url)) for hop in capture.redirects),
        cloaked=mask_personal_data_in(capture.cloaked),
        others=tuple(_masked(other) for other in capture.others),
    )


def _masked_sentences(verdict: Verdict) -> Verdict:
    """The verdict with victims' data masked in the addresses that its sentences quote."""
    return replace(
        verdict,
        sentence=mask_personal_data_in(verdict.sentence),
        findings=tuple(replace(found, sentence=mask_personal_data_in(found.sentence)) for found in verdict.findings),
    )


def build_withdrawal(case: Case, reason: str, now: datetime, *, number: int) -> WithdrawalLine:
    """Build the line that takes a case back."""
    return WithdrawalLine(
        schema=SCHEMA,
        kind="withdrawal",
        id=export_id(case),
        number=number,
        case=case.id,
        exported=now,
        program=program_name(),
        state=str(case.state),
        reason=reason or "An analyst dismissed the case.",
        host=case.host,
        site=case.site,
    )


def _only_page(case: Case) -> CasePage:
    capture = case.capture
    return CasePage(capture.url, capture.final_url, capture.started, capture.started)


def _pages(pages: tuple[CasePage, ...], *, exact_addresses: bool) -> tuple[PageLine, ...]:
    shown = (lambda url: url) if exact_addresses else mask_personal_data
    lines = []
    for page in pages:
        url, final_url = shown(page.url), shown(page.final_url or page.url)
        lines.append(PageLine(url, defang(url), final_url, defang(final_url), page.first_seen, page.last_seen))
    return tuple(lines)


def _addresses(capture: Capture) -> tuple[str, ...]:
    """The address that served the final page, then all others that its name resolved to."""
    host = (urlsplit(capture.final_url or capture.url).hostname or "").lower()
    resolved = (address for answer in capture.dns if answer.host.lower() == host for address in answer.addresses)
    return tuple(dict.fromkeys((*([capture.address] if capture.address else ()), *resolved)))


def _cloaking(capture: Capture) -> CloakingLine | None:
    if not capture.cloaked:
        return None
    return CloakingLine(capture.cloaked, _view(capture), tuple(_view(other) for other in capture.others))


def _view(capture: Capture) -> ViewLine:
    final_url = capture.final_url or capture.url
    return ViewLine(
        capture.profile, str(capture.outcome), capture.status, final_url, defang(final_url), _addresses(capture)
    )


def _registration(found: Registration | None) -> RegistrationLine | None:
    if found is None:
        return None
    return RegistrationLine(found.domain, found.registered, found.registrar, found.abuse_contacts, found.name_servers)


def _hosting(found: Hosting | None) -> HostingLine | None:
    if found is None:
        return None
    return HostingLine(
        found.address,
        found.network,
        found.network_name,
        found.holder,
        found.country,
        found.abuse_contacts,
        found.as_number,
        found.as_name,
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
