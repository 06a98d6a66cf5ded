"""The signal ``lure``: credentials, card data or a wallet's recovery phrase that the page asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from detector.hosts import path_of
from detector.limits import excerpt
from detector.model import Box, Brand, Finding, Form, InputField, PageFacts
from detector.signals import lexicon
from detector.signals.capture_view import CaptureView
from detector.signals.mentions.text_tokens import fold
from detector.signals.signal import SurveySignal

CARD = re.compile(
    r"card.?(no|num|holder)|cc-?(num|name|exp|csc)|credit.?card|cvv|cvc\b|csc\b|kartennummer|tarjeta|carte bancaire"
)
CODE = re.compile(r"one-?time|otp\b|\btan\b|\bpin\b|passcode|2fa|verification code|sms.?code|token")
PERSONAL = re.compile(
    r"\bssn\b|social security|tax id|sozialversicherung|mother'?s maiden|date of birth|sort ?code|iban|routing"
)
PASSWORD = re.compile(
    r"pass(word|wd|wort|phrase)|contrase|mot de passe|senha|wachtwoord|пароль|パスワード|密码|비밀번호|\bpwd\b|\bpasswd\b"
)
IDENTITY = re.compile(
    r"e-?mail|phone|mobile|user.?(name|id)?\b|login|account|benutzer|usuario|identifiant|apple.?id|member|konto|telefon"
)
MESSAGE = re.compile(
    r"message|comment|nachricht|mensaje|subject|betreff|search|suche|newsletter|subscribe|query|^q$|^s$"
)
NEWSLETTER = re.compile(
    r"newsletter|subscribe to|our updates|in your inbox|stay up to date|abonnieren|suscr[íi]bete|abonnez-vous"
)
NEWSLETTER_PATH = re.compile(r"newsletter|subscri|abonn|mailing.?list|suscri|iscri")
Lure = tuple[float, str, Box | None]
"""Measure, sentence, and region of the page."""
NO_LURE: Lure = (0.0, "The page asks its visitor for no data.", None)
ASKING_NOTHING = frozenset({"hidden", "submit", "button", "checkbox", "radio", "image", "search", "file"})
HARMLESS = 0.05
"""Measure of forms that do no harm: a newsletter, a search, a calculator."""
TEXT_ONLY = 0.7
"""Factor for a lure that only the text mentions, on a page without fields."""
READ_IN_PICTURE = 0.85
"""Factor for a lure that was read in a picture: what looks like a field may not be one."""
SHORT_LINE = 6
"""Most words of a line that can be a button, a label or a link of a form."""
SHORT_TEXT = 160
"""Most words of a page that can be a mere sign-in form."""


class LureSignal(SurveySignal):
    """The most dangerous thing that the page asks its visitor for; the same for every brand."""

    name = "lure"
    version = 5

    def abstains(self, view: CaptureView) -> str | None:
        return None if view.text_facts else f"the page's forms and text are not known ({view.no_text_reason})"

    def survey(self, view: CaptureView) -> Mapping[str, Finding]:
        return {}

    def look(self, view: CaptureView, brand: Brand) -> Finding:
        if self.abstains(view) is not None:
            return super().look(view, brand)
        measure, sentence, region = lure_of(view)
        return self.finding(brand.id, measure, sentence, region)


def lure_of(view: CaptureView) -> Lure:
    """Find what the page asks for: in its forms, or in its text where the form cannot be seen (picture, frame, canvas)."""
    facts = view.text_facts
    if facts is None:
        return NO_LURE

    def find() -> Lure:
        if view.facts is not None:
            return strongest_lure(facts, words=TEXT_ONLY)
        measure, sentence, region = strongest_lure(facts, words=1.0)
        return READ_IN_PICTURE * measure, sentence, region

    return view.memo("lure", find)


def strongest_lure(facts: PageFacts, *, words: float = 0.0) -> Lure:
    """Return (measure, sentence, region) of the most dangerous thing that the page asks for.

    ``words`` is the factor for a form that only the text mentions, on a page without fields; 1 for facts read in a picture.
    """
    fields = [
        (field, fold(" ".join((field.name, field.placeholder, field.label, field.autocomplete))))
        for field in facts.inputs
    ]
    lures = [_field_lure(field, words) for field, words in fields]
    text = fold(excerpt(facts.text, 20_000))
    if any(phrase in text for phrase in lexicon.SEED_PHRASES) and fields:
        lures.append((1.0, "The page asks for the recovery phrase of a wallet.", fields[0][0].box))
    lures.append(_identity_lure(fields, text, facts.forms[:100]))
    if words and not any(field.type not in ASKING_NOTHING for field, _ in fields):
        measure, what = _lure_of_text(text)
        lures.append((words * measure, f"The {'picture shows' if words == 1.0 else 'page mentions'} {what}.", None))
    lures.append(NO_LURE)
    return max(lures, key=lambda lure: lure[0])


def _other_fields(texts: list[tuple[InputField, str]], forms: Sequence[Form], *, asks: bool) -> Lure:
    """Rate fields that are not the first step of a sign-in: many of them, or such as ask for nothing personal."""
    if not texts:
        return NO_LURE
    if asks:
        return 0.15, "A form asks for contact data.", None
    if forms and all(form.method.lower() == "get" for form in forms):
        return HARMLESS, "A form asks for nothing personal, as a search or a calculator does.", None
    return 0.15, "A form has text fields.", None


def _lure_of_text(text: str) -> tuple[float, str]:
    lines = [line for line in text.splitlines() if len(line.split()) <= SHORT_LINE]
    if any(PASSWORD.search(line) for line in lines):
        return 0.9, "a form with a password"
    if any(CARD.search(line) or PERSONAL.search(line) for line in lines):
        return 0.9, "a form with card or personal data"
    words = [set(re.findall(r"[\w-]+", line)) for line in lines]
    if any(found & lexicon.SIGN_IN_BUTTONS for found in words) and any(IDENTITY.search(line) for line in lines):
        return 0.7, "a sign-in form"
    return 0.0, ""


def _field_lure(field: InputField, words: str) -> Lure:
    region = field.box if field.box.width > 0 else None
    if field.type == "password":
        return 1.0, "A form asks for a password.", region
    if field.type in ASKING_NOTHING:
        return NO_LURE
    if CARD.search(words):
        return 1.0, "A form asks for payment card data.", region
    if PASSWORD.search(words):
        return 1.0, "A form asks for a password.", region
    if PERSONAL.search(words):
        return 0.9, "A form asks for personal or bank data.", region
    if CODE.search(words):
        return 0.8, "A form asks for a one-time code or PIN.", region
    return 0.0, "", None


def _identity_lure(fields: list[tuple[InputField, str]], text: str, forms: Sequence[Form]) -> Lure:
    """Rate what may be the first step of a sign-in: a field for a name or address, and none for a message."""
    texts = [(f, w) for f, w in fields if f.type in {"text", "email", "tel", "", "number"} and not MESSAGE.search(w)]
    writes = any(MESSAGE.search(w) for f, w in fields) or any(f.type == "textarea" for f, _ in fields)
    asks = [(f, w) for f, w in texts if IDENTITY.search(w) or f.type in {"email", "tel"}]
    if not asks or len(texts) > 3:
        return _other_fields(texts, forms, asks=bool(asks))
    words = text.split()
    signing_in = not lexicon.SIGN_IN.isdisjoint(words) or "sign in" in text or "log in" in text
    if writes and not signing_in:
        return 0.1, "A form sends a message.", None
    region = asks[0][0].box
    # an article with a newsletter box and a "Sign in" link at the top is not a sign-in page
    first_step = signing_in and len(words) <= SHORT_TEXT
    by_address = all(NEWSLETTER_PATH.search(fold(path_of(form.action[:2000]))) for form in forms) and bool(forms)
    if NEWSLETTER.search(text) or (by_address and not first_step):
        return HARMLESS, "A form subscribes to a newsletter.", None
    if first_step:
        return (
            0.7,
            "A form asks for an account name, as the first step of a sign-in does.",
            region if region.width else None,
        )
    return 0.3, "A form asks for an address or a name.", region if region.width else None
