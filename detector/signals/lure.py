"""What the page's forms want from its visitor: credentials, card data, a wallet's words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from detector.hosts import path_of
from detector.limits import excerpt
from detector.model import Box, Brand, Finding, Form, InputField, PageFacts
from detector.signals import lexicon
from detector.signals.capture_view import CaptureView
from detector.signals.mentions import fold
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
"""Measure, sentence, and where it stands."""
NO_LURE: Lure = (0.0, "The page asks its visitor for nothing.", None)
ASKING_NOTHING = frozenset({"hidden", "submit", "button", "checkbox", "radio", "image", "search", "file"})
HARDLY = 0.05
"""Measure of what a visitor loses nothing by: a newsletter, a search, a calculator."""
OF_WORDS_ALONE = 0.7
"""Of a lure that words speak of on a page that has no field."""
READ = 0.85
"""Of a lure that was read in a picture: what looks like a field may be none."""
SHORT_LINE = 6
"""Words of a line that can still be a button, a label or a link of a form."""
SHORT_TEXT = 160
"""Words of a page that can still be a mere sign-in form."""


class LureSignal(SurveySignal):
    """The same answer for every brand: how much the page is made to take something from its visitor."""

    name = "lure"
    version = 5

    def abstains(self, view: CaptureView) -> str | None:
        return None if view.said else f"the page's forms and text are not known ({view.unsaid_reason})"

    def survey(self, view: CaptureView) -> Mapping[str, Finding]:
        return {}

    def look(self, view: CaptureView, brand: Brand) -> Finding:
        if self.abstains(view) is not None:
            return super().look(view, brand)
        measure, sentence, region = lure_of(view)
        return self.finding(brand.id, measure, sentence, region)


def lure_of(view: CaptureView) -> Lure:
    """What the page asks for by its forms, and by words where a form cannot be seen: in a picture, a frame, a drawing."""
    facts = view.said
    if facts is None:
        return NO_LURE

    def find() -> Lure:
        if view.facts is not None:
            return strongest_lure(facts, words=OF_WORDS_ALONE)
        measure, sentence, region = strongest_lure(facts, words=1.0)
        return READ * measure, sentence, region

    return view.memo("lure", find)


def strongest_lure(facts: PageFacts, *, words: float = 0.0) -> Lure:
    """(measure, sentence, region) of what the page asks for most pressingly.

    ``words``: what a form that only words speak of counts, where the page has no field; 1 where the facts were read in a picture.
    """
    fields = [
        (field, fold(" ".join((field.name, field.placeholder, field.label, field.autocomplete))))
        for field in facts.inputs
    ]
    lures = [_field_lure(field, words) for field, words in fields]
    text = fold(excerpt(facts.text, 20_000))
    if any(phrase in text for phrase in lexicon.SEED_PHRASES) and fields:
        lures.append((1.0, "The page asks for a wallet's secret words.", fields[0][0].box))
    lures.append(_identity_lure(fields, text, facts.forms[:100]))
    if words and not any(field.type not in ASKING_NOTHING for field, _ in fields):
        measure, what = _lure_of_words(text)
        lures.append((words * measure, f"The {'picture shows' if words == 1.0 else 'page speaks of'} {what}.", None))
    lures.append(NO_LURE)
    return max(lures, key=lambda lure: lure[0])


def _other_fields(texts: list[tuple[InputField, str]], forms: Sequence[Form], *, asks: bool) -> Lure:
    """Fields that are not a first step of signing in: many of them, or such as name nothing of a person."""
    if not texts:
        return NO_LURE
    if asks:
        return 0.15, "A form asks for contact data.", None
    if forms and all(form.method.lower() == "get" for form in forms):
        return HARDLY, "A form asks for nothing personal, as a search or a calculator does.", None
    return 0.15, "A form has fields for text.", None


def _lure_of_words(text: str) -> tuple[float, str]:
    lines = [line for line in text.splitlines() if len(line.split()) <= SHORT_LINE]
    if any(PASSWORD.search(line) for line in lines):
        return 0.9, "a form with a password"
    if any(CARD.search(line) or PERSONAL.search(line) for line in lines):
        return 0.9, "a form with card or personal data"
    words = [set(re.findall(r"[\w-]+", line)) for line in lines]
    if any(found & lexicon.SIGN_IN_BUTTONS for found in words) and any(IDENTITY.search(line) for line in lines):
        return 0.7, "a place to sign in"
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
    """A first step of signing in: one field for a name or address, and no message to write."""
    texts = [(f, w) for f, w in fields if f.type in {"text", "email", "tel", "", "number"} and not MESSAGE.search(w)]
    writes = any(MESSAGE.search(w) for f, w in fields) or any(f.type == "textarea" for f, _ in fields)
    asks = [(f, w) for f, w in texts if IDENTITY.search(w) or f.type in {"email", "tel"}]
    if not asks or len(texts) > 3:
        return _other_fields(texts, forms, asks=bool(asks))
    words = text.split()
    signing_in = not lexicon.SIGN_IN.isdisjoint(words) or "sign in" in text or "log in" in text
    if writes and not signing_in:
        return 0.1, "A form takes messages.", None
    region = asks[0][0].box
    # an article with a newsletter box and a "Sign in" link at its head is no sign-in page
    first_step = signing_in and len(words) <= SHORT_TEXT
    by_address = all(NEWSLETTER_PATH.search(fold(path_of(form.action[:2000]))) for form in forms) and bool(forms)
    if NEWSLETTER.search(text) or (by_address and not first_step):
        return HARDLY, "A form takes addresses for a newsletter.", None
    if first_step:
        return 0.7, "A form asks for an account's name, the first step of signing in.", region if region.width else None
    return 0.3, "A form asks for an address or a name.", region if region.width else None
