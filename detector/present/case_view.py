"""Turn a case into its view: choose, order, shorten and phrase what is shown."""

from __future__ import annotations

from urllib.parse import urlsplit

from detector.hosts import host_of, registrable_domain, unicode_host
from detector.model import CONFIRMED_STATES, Capture, Case, Decision, Finding
from detector.present.legible import label, one_line, page_url, percent, safe_url, sentence, shorten, utc
from detector.present.look_view import (
    challenge_view,
    click_views,
    cloaking,
    look_views,
    phone_views,
    picture_of,
    visitor,
)
from detector.present.official_page import OfficialBrands, official_view
from detector.present.page_view import page_view
from detector.present.personal_data import mask_personal_data
from detector.present.pictures import PictureWriter, ReportPicture
from detector.present.views import CaseView, FindingGroups, FindingView, RowView
from detector.weights import IDENTITY


def belongs(case: Case, *, include_review: bool) -> bool:
    """Return True if the report shows ``case``: flagged, or settled by a person, or in review where that is asked for."""
    if case.verdict.decision is Decision.FLAGGED or case.state in CONFIRMED_STATES:
        return True
    return include_review and case.verdict.decision is Decision.REVIEW


def is_review(case: Case) -> bool:
    """Return True if ``case`` still waits for a person's decision."""
    return case.verdict.decision is Decision.REVIEW and case.state not in CONFIRMED_STATES


def case_view(case: Case, brands: OfficialBrands, pictures: PictureWriter) -> CaseView:
    """Return everything that the case's page shows; a missing picture becomes a sentence."""
    capture, verdict = case.capture, case.verdict
    url = capture.final_url or capture.url
    screenshot, problem = _screenshot(capture, pictures)
    hosts = tuple(dict.fromkeys(name for host in (host_of(url), host_of(capture.url)) for name in _names(host)))
    brand = brands.get(case.brand)
    official = official_view(case.brand, brand, pictures, verdict.findings)
    family = {case.brand, *((brand.answer,) if brand else ())}
    return CaseView(
        id=case.id,
        site=safe_site(case.site),
        reads_as=_reads_as(case.site),
        url=page_url(url),
        live_url=mask_personal_data(url).encode("utf-8", "replace").decode(),
        started_at=page_url(capture.url) if capture.url != url else "",
        brand=case.brand,
        brand_name=official.name,
        decision=verdict.decision.value,
        decision_label=label(verdict.decision.value),
        state=case.state.value,
        state_label=label(case.state.value),
        probability=verdict.probability,
        probability_text=percent(verdict.probability),
        sentence=sentence(verdict.sentence, 600, hosts),
        judge=one_line(verdict.judge, 80),
        title=one_line(capture.facts.title, 300) if capture.facts else "",
        opened=utc(case.opened),
        opened_stamp=int(case.opened.timestamp() * 1000),
        updated=utc(case.updated),
        sources=tuple(one_line(source, 120) for source in case.sources[:50]),
        screenshot=screenshot,
        screenshot_problem=problem,
        findings=group_findings(verdict.findings, family, hosts, tied=screenshot is not None),
        official=official,
        page=page_view(capture, brand),
        visitor=visitor(capture.profile),
        cloaked=cloaking(capture, hosts),
        looks=look_views(capture, pictures),
        clicks=click_views(capture),
        before_clicks=picture_of(capture.before_clicks, pictures.screenshot)[0],
        challenge=challenge_view(capture.challenge),
        phones=phone_views(capture.phones),
    )


def row_view(case: CaseView) -> RowView:
    """Return the case's row in the list."""
    return RowView(
        id=case.id,
        site=shorten(case.site, 90),
        url=shorten(case.url, 180),
        title=shorten(case.title, 110),
        brand=case.brand,
        brand_name=case.brand_name,
        decision=case.decision,
        decision_label=case.decision_label,
        state=case.state,
        state_label=case.state_label,
        probability=case.probability,
        probability_text=case.probability_text,
        sentence=shorten(case.sentence, 220),
        opened=case.opened,
        opened_stamp=case.opened_stamp,
        thumb=case.screenshot.thumb if case.screenshot else "",
        cloaked=bool(case.cloaked),
    )


AGAINST = frozenset(weight.signal for weight in IDENTITY if weight.present < 0)
"""Signals whose findings speak for innocence."""


def group_findings(
    findings: tuple[Finding, ...], family: set[str], hosts: tuple[str, ...] = (), *, tied: bool = True
) -> FindingGroups:
    """Sort findings, strongest first; number those that speak for the brand and have a region, if ``tied`` to a picture.

    ``hosts`` of the site are defanged in sentences.
    """
    ordered = sorted(findings, key=lambda finding: (-(finding.measure or 0.0), finding.signal))
    found: list[FindingView] = []
    against: list[FindingView] = []
    silent: list[FindingView] = []
    abstained: list[FindingView] = []
    others: list[FindingView] = []
    regions = 0
    for finding in ordered:
        ours = finding.brand in family or not finding.brand
        if finding.abstained is not None:
            if ours:
                abstained.append(_finding(finding, hosts))
        elif not finding.measure:
            silent.append(_finding(finding, hosts)) if ours else None
        elif ours and finding.signal in AGAINST:
            against.append(_finding(finding, hosts))
        elif ours:
            shown = tied and finding.region is not None and finding.region.width > 0 and finding.region.height > 0
            regions += shown
            found.append(_finding(finding, hosts, regions if shown else 0))
        else:
            others.append(_finding(finding, hosts))
    return FindingGroups(tuple(found), tuple(against), tuple(silent), tuple(abstained), tuple(others[:20]))


def safe_site(site: str) -> str:
    """Defang and shorten a site: a host, with its port where it has one, and an account's part of its paths."""
    return safe_url(site, 260)


def _finding(finding: Finding, hosts: tuple[str, ...], number: int = 0) -> FindingView:
    return FindingView(
        number=number,
        signal=label(finding.signal),
        brand=one_line(finding.brand, 80),
        sentence=sentence(finding.abstained or finding.sentence, 500, hosts),
        measure=finding.measure,
        region=finding.region if number else None,
    )


def _screenshot(capture: Capture, pictures: PictureWriter) -> tuple[ReportPicture | None, str]:
    if capture.screenshot is None:
        because = f" {sentence(capture.note, 400)}" if capture.note else ""
        return None, f"No screenshot was taken: the capture ended as “{label(capture.outcome)}”.{because}"
    return picture_of(capture.screenshot, pictures.screenshot)


def _names(host: str) -> tuple[str, ...]:
    """Return the host and its registrable domain: sentences may name either."""
    return host, registrable_domain(host)


def _reads_as(site: str) -> str:
    """Spell an ``xn--`` host in Unicode, defanged; empty for any other host."""
    if "xn--" not in site:
        return ""
    try:
        host = urlsplit(f"//{site}").hostname or ""
    except ValueError:
        return ""
    decoded = unicode_host(host)
    return safe_site(decoded) if decoded != host else ""
