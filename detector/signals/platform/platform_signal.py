"""The signal ``platform``: the brand's name and files on the page are those of the platform that it was built or is hosted with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from detector.hosts import host_of
from detector.model import Brand, Finding, PageFacts
from detector.signals.capture_view import CaptureView
from detector.signals.mentions.mention_manner import MentionManner
from detector.signals.mentions.text_tokens import fold
from detector.signals.platform.platform_list import Platform, platforms_of
from detector.signals.text import SERVICE_OR_LIST, TextSignal

MOST_ADDRESSES = 3000
"""Addresses of a kind that are looked at."""
EARLY = 200
"""Characters at the beginning of the text, where a page names itself."""


class PlatformSignal(TextSignal):
    """Find the banner, the files and the icon of a site builder, a shop system or a form service.

    It speaks against a suspicion only: the judge discounts what they prove by it.  A page that says that it is the platform, or
    asks for an account there, is no page of a customer.
    """

    name = "platform"
    version = 1
    nothing = "the page is not built with a platform of {brand}, or says that it is {brand}"

    def survey(self, view: CaptureView) -> Mapping[str, Finding]:
        return {}

    def look(self, view: CaptureView, brand: Brand) -> Finding:
        platforms = platforms_of(brand.answer)
        if self.abstains(view) is not None or not platforms:
            return super().look(view, brand)
        hosts = self._hosts(view, brand, platforms)
        banner = self._banner(view, brand, platforms)
        shown = banner or _files(hosts, platforms)
        elsewhere = any(not any(platform.serves(host) for platform in platforms) for host in hosts)
        if not shown or elsewhere or self._speaks_for(view, brand, has_banner=bool(banner)):
            return super().look(view, brand)
        return self.finding(
            brand.id, 1.0, f"The page is built with tools of {brand.name}, or hosted there: it has {shown}."
        )

    def _banner(self, view: CaptureView, brand: Brand, platforms: Sequence[Platform]) -> str:
        """Return the banner that the page has, as a noun; empty where it has none."""
        assert view.text_facts is not None
        text = fold(view.text_facts.text)
        said = next((phrase for platform in platforms for phrase in platform.says if phrase in text), "")
        if said:
            return f"the banner “{said}”"
        built = any(m.brand == brand.answer and m.manner is MentionManner.BUILDER for m in self.body_mentions(view))
        return "a line that says so" if built else ""

    def _speaks_for(self, view: CaptureView, brand: Brand, *, has_banner: bool) -> bool:
        """Tell whether the page says that it is the brand, or asks for an account there.

        Without a banner, whatever it says of the brand as its own counts: copies of the brand's pages have such files, too.
        """
        assert view.text_facts is not None
        facts = view.text_facts
        if brand.answer in self.claimed(view):
            return True
        labels = "\n".join(f"{field.placeholder}\n{field.label}" for field in facts.inputs[:50])
        named = [m for m in self.index.find(f"{facts.title}\n{labels}") if m.manner not in SERVICE_OR_LIST]
        for mention in self.body_mentions(view):
            heading = mention.manner is MentionManner.HEADING and mention.start < EARLY
            own = mention.manner not in SERVICE_OR_LIST
            if heading or mention.manner is MentionManner.PROMPT or (own and not has_banner):
                named.append(mention)
        return any(mention.brand == brand.answer for mention in named)

    def _hosts(self, view: CaptureView, brand: Brand, platforms: Sequence[Platform]) -> set[str]:
        """Hosts of the brand's, or of its platforms', from which the page loads something."""
        found = set()
        for host in {host_of(url) for url in (_loaded(view.facts) if view.facts else ())} - {""}:
            owner = self.library.owner_of(host)
            owned = owner is not None and owner.answer == brand.answer
            if owned or any(platform.serves(host) for platform in platforms):
                found.add(host)
        return found


def _files(hosts: Iterable[str], platforms: Sequence[Platform]) -> str:
    """Return the platform's files that the page has, as a noun; empty where they show no platform."""
    telling = [platform for platform in platforms if not platform.banner_only]
    served = next((platform.name for platform in telling for host in hosts if platform.serves(host)), "")
    return f"files that {served} puts on pages of others" if served else ""


def _loaded(facts: PageFacts) -> Iterator[str]:
    yield from facts.icons[:20]
    yield from (image.src for image in facts.images[:400] if image.src.startswith("http"))
    yield from facts.resources[:MOST_ADDRESSES]
    yield from (form.action for form in facts.forms[:100])
