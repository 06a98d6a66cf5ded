"""Views of what other visitors were shown, of clicks, challenge and telephone numbers, ready to be printed."""

from __future__ import annotations

from collections.abc import Callable

from detector.errors import EvidenceError
from detector.hosts import host_of
from detector.model import Capture, Challenge, Phone, StoredFile
from detector.present.legible import label, one_line, page_url, sentence, visible
from detector.present.pictures import PictureWriter, ReportPicture
from detector.present.views import ChallengeView, ClickView, LookView, PhoneView

MAX_LOOKS, MAX_PHONES, MAX_CLICKS = 6, 40, 10
_DEVICES = {"desktop": "Desktop", "phone": "Android phone", "iphone": "iPhone"}
_ORIGINS = {
    "search": "from a search engine",
    "mail": "from a mail",
    "sms": "from a text message",
    "social": "from a social network",
}
_VENDORS = {
    "turnstile": "Cloudflare Turnstile",
    "cloudflare": "Cloudflare challenge",
    "recaptcha": "reCAPTCHA",
    "recaptcha_v3": "reCAPTCHA v3",
    "recaptcha_enterprise": "reCAPTCHA Enterprise",
    "hcaptcha": "hCaptcha",
    "arkose": "Arkose FunCaptcha",
    "geetest": "GeeTest",
    "datadome": "DataDome",
    "perimeterx": "HUMAN (PerimeterX)",
    "aws_waf": "AWS WAF",
    "custom": "Of the page's own making",
}
_SOURCES = {"text": "in the text", "link": "in a link", "picture": "in the picture"}


def visitor(profile: str) -> str:
    """``phone-de@search`` as ``Android phone in DE from a search engine``."""
    rest, _, origin = profile.partition("@")
    device, _, place = rest.partition("-")
    words = _DEVICES.get(device) or label(device)
    if place:
        words += f" in {one_line(place, 20).upper()}"
    return f"{words} {_ORIGINS.get(origin) or 'from ' + one_line(origin, 20)}" if origin else words


def cloaking(capture: Capture, hosts: tuple[str, ...]) -> str:
    """Describe how the views differ, visitors in words; ``hosts`` and those that the others were led to are defanged."""
    text = capture.cloaked
    for seen in (capture, *capture.others):
        text = text.replace(f"s {seen.profile} it ", f"s {visitor(seen.profile)} it ")
    return sentence(text, 600, (*hosts, *(host_of(other.final_url) for other in capture.others)))


def look_views(capture: Capture, pictures: PictureWriter) -> tuple[LookView, ...]:
    """Return views of the capture and of its second looks; empty where there was no second look."""
    if not capture.others:
        return ()
    return tuple(_look(seen, pictures) for seen in (capture, *capture.others)[:MAX_LOOKS])


def _look(capture: Capture, pictures: PictureWriter) -> LookView:
    picture, problem = picture_of(capture.screenshot, pictures.screenshot)
    return LookView(
        visitor=visitor(capture.profile),
        outcome=label(capture.outcome),
        title=one_line(capture.facts.title, 120) if capture.facts else "",
        url=page_url(capture.final_url or capture.url, 200),
        picture=picture,
        problem=problem or ("" if picture else f"No screenshot: the capture ended as “{label(capture.outcome)}”."),
    )


def picture_of(
    stored: StoredFile | None, make: Callable[[StoredFile], ReportPicture]
) -> tuple[ReportPicture | None, str]:
    """The report's copy of a stored picture, or a sentence that says why there is none."""
    if stored is None:
        return None, ""
    try:
        return make(stored), ""
    except EvidenceError as error:
        return None, f"The screenshot cannot be shown: {visible(str(error))}."


def click_views(capture: Capture) -> tuple[ClickView, ...]:
    """The clicks in order."""
    return tuple(
        ClickView(one_line(click.label, 80), page_url(click.url, 300)) for click in capture.clicks[:MAX_CLICKS]
    )


def challenge_view(challenge: Challenge | None) -> ChallengeView | None:
    """The challenge in words."""
    if challenge is None:
        return None
    return ChallengeView(
        vendor=_VENDORS.get(challenge.vendor) or label(challenge.vendor),
        site_key=one_line(challenge.site_key, 200),
        stands="Stands in place of the page" if challenge.blocking else "A widget on the page",
    )


def phone_views(phones: tuple[Phone, ...]) -> tuple[PhoneView, ...]:
    """Return one view for each number, with all places where it was found; numbers that no brand owns come first."""
    grouped: dict[str, list[Phone]] = {}
    for phone in phones:
        grouped.setdefault(phone.number, []).append(phone)
    views = [_phone(number, found) for number, found in grouped.items()]
    return tuple(sorted(views, key=lambda view: (bool(view.official), view.number))[:MAX_PHONES])


def _phone(number: str, found: list[Phone]) -> PhoneView:
    places = dict.fromkeys(_SOURCES.get(phone.source.value, label(phone.source.value)) for phone in found)
    return PhoneView(
        number=one_line(number, 30),
        raw=one_line(found[0].raw, 60),
        region=one_line(found[0].region, 10),
        places=", ".join(places),
        official=one_line(next((phone.official for phone in found if phone.official), ""), 80),
    )
