"""The signals ``links`` and ``hotlinks``: links and resources that belong to a brand while the page does not."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from detector.hosts import host_of, path_of
from detector.model import Finding, PageFacts
from detector.signals.capture_view import CaptureView
from detector.signals.signal import SurveySignal, listed, noisy_or

# services that any site may embed say nothing about the brand that a page imitates
COMMON_HOSTS = re.compile(
    r"""(^|\.)(fonts\.(googleapis|gstatic)\.com|ajax\.googleapis\.com|maps\.(googleapis|google|gstatic)\.[a-z.]+|
    [a-z-]*\.?google-analytics\.com|googletagmanager\.com|googlesyndication\.com|doubleclick\.net|recaptcha\.net|
    translate\.google(apis)?\.com|apis\.google\.com|accounts\.google\.com/gsi|youtube(-nocookie)?\.com|ytimg\.com|youtu\.be|
    connect\.facebook\.net|platform\.(twitter|linkedin|instagram)\.com|assets\.pinterest\.com|cdn\.syndication\.twimg\.com|
    s\.w\.org|[a-z0-9]+\.wp\.com|gravatar\.com|js\.stripe\.com|checkout\.stripe\.com|ajax\.aspnetcdn\.com|
    clarity\.ms|bat\.bing\.com|github\.io|githubusercontent\.com|play\.google\.com|apps\.apple\.com|itunes\.apple\.com|
    policies\.google\.com|support\.google\.com|schema\.org)$""",
    re.VERBOSE,
)
ACCOUNT_PATH = re.compile(
    r"log-?in|sign-?in|sign-?up|register|recover|reset|forgot|password|account|session|help|support|legal|privacy|terms|polic|cookie|"
    r"contact|security|about|careers|imprint|impressum|settings|preferences|language|locale",
    re.IGNORECASE,
)
MOST_RESOURCES = 3000
"""Scripts, styles and fonts that are looked at: as many as a page is read for, with those of its network traffic."""
SHARE_PATH = re.compile(
    r"/sharer?|/intent/|/share\b|sharearticle|/pin/create|/dialog/|/widgets?/|plugins/|/submit\b|oauth|/embed", re.I
)
RECAPTCHA_PATH = re.compile(r"^/(intl/[^/]+/)?policies/(privacy|terms)|^/recaptcha", re.I)


class OwnershipSignal(SurveySignal):
    """Base of the signals that look up the owners of addresses."""

    def abstains(self, view: CaptureView) -> str | None:
        return None if view.facts else "the page's links are not known"

    def owner(self, url: str) -> tuple[str, str, str] | None:
        """Return (brand as verdicts name it, host, path) of an address that belongs to a brand; None for all others."""
        try:
            parts = urlsplit(url[:4000])
            host = parts.hostname
        except ValueError:
            return None
        if parts.scheme not in {"http", "https"} or not host or COMMON_HOSTS.search(host):
            return None
        # what somebody keeps in a bucket or a shared folder is not its hoster's
        brand = self.library.owner_of_page(url[:4000])
        if brand is None or RECAPTCHA_PATH.search(parts.path):
            return None
        return brand.answer, host, parts.path


class LinksSignal(OwnershipSignal):
    """The page's links lead to the brand's own pages: sign-in, recovery, legal notice."""

    name = "links"
    version = 2
    nothing = "no link leads to pages of {brand} other than its front page or a profile"

    def survey(self, view: CaptureView) -> Mapping[str, Finding]:
        assert view.facts is not None
        own = host_of(view.url)
        external = 0
        account: dict[str, set[str]] = defaultdict(set)
        total: dict[str, int] = defaultdict(int)
        for link in view.facts.links[:2000]:
            host = host_of(link)
            inner = _inner_address(link) if host == own else ""
            if not host or (host == own and not inner):
                continue
            external += 1
            owned = self.owner(inner or link)
            if owned is None or SHARE_PATH.search(link):
                continue
            brand, owned_host, path = owned
            path = path_of(link) if inner else path
            if _is_profile(path) and not inner:
                continue
            total[brand] += 1
            if ACCOUNT_PATH.search(path) or ACCOUNT_PATH.search(owned_host):
                account[brand].add(path)
        skip = self.own_family(view)
        findings = {}
        for brand, count in total.items():
            if brand in skip:
                continue
            kinds = len(account[brand])
            share = count / external
            measure = noisy_or(
                (0.35 * min(kinds, 4) / 2, 0.5 * share if count >= 2 else 0.15 * share, 0.04 * min(count, 8))
            )
            sentence = f"{count} of {external} outgoing links lead to {self.display(brand)}'s own sites"
            if kinds:
                sentence += f", {kinds} of them to account, help or legal pages"
            findings[brand] = self.finding(brand, measure, sentence + ".")
        return findings


def _inner_address(link: str) -> str:
    """Find an http address inside a query (``?next=https%3A%2F%2Fwww.paypal.com``): tools that copy pages leave such links."""
    if "%3a%2f%2f" not in link.casefold() and "=http" not in link:
        return ""
    try:
        values = parse_qsl(urlsplit(link[:4000]).query, max_num_fields=50)
    except ValueError:
        return ""
    return next((value for _, value in values if value.startswith(("http://", "https://"))), "")


def _is_profile(path: str) -> bool:
    """Tell whether the path may be a profile (``facebook.com/acme``), to which ordinary sites link."""
    parts = [part for part in path.split("/") if part]
    if not parts:
        return True
    return len(parts) <= 2 and not ACCOUNT_PATH.search(path)


class HotlinkSignal(OwnershipSignal):
    """The page loads its favicon, pictures or scripts from the brand's servers, or posts a form there."""

    name = "hotlinks"
    version = 3
    nothing = "the page loads nothing from {brand}"

    def survey(self, view: CaptureView) -> Mapping[str, Finding]:
        facts = view.facts
        assert facts is not None
        reasons: dict[str, dict[str, tuple[float, str]]] = defaultdict(dict)
        for kind, weight, urls in _resources(facts):
            for url in urls:
                owned = self.owner(url)
                if owned is None:
                    continue
                brand, host, _ = owned
                reasons[brand].setdefault(kind, (weight, f"{kind} ({host})"))
        skip = self.own_family(view)
        return {
            brand: self.finding(
                brand,
                noisy_or(weight for weight, _ in found.values()),
                f"The page uses {listed([what for _, what in found.values()])} from servers of {self.display(brand)}.",
            )
            for brand, found in reasons.items()
            if brand not in skip
        }


def _resources(facts: PageFacts) -> list[tuple[str, float, list[str]]]:
    return [
        ("a favicon", 0.8, list(facts.icons[:20])),
        ("pictures", 0.6, [image.src for image in facts.images[:400] if image.src.startswith("http")]),
        ("scripts or styles", 0.5, list(facts.resources[:MOST_RESOURCES])),
        ("a form target", 0.5, [form.action for form in facts.forms[:100]]),
    ]
