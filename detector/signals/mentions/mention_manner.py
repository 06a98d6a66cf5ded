"""The manner in which a text mentions a name: as a prompt, a heading, a product, or by the way."""

from __future__ import annotations

from enum import StrEnum

from detector.signals import lexicon
from detector.signals.mentions.shared_words import is_business
from detector.signals.mentions.text_tokens import TOKEN, Token, fold


class MentionManner(StrEnum):
    """The way in which a text mentions a brand."""

    PLAIN = "plain"
    PROMPT = "prompt"
    """Its credentials are asked for: ``sign in to X``, ``your X password``."""
    HEADING = "heading"
    """A line of its own."""
    PRODUCT = "product"
    """One of its services, which any site may name or use: ``X Maps``."""
    SERVICE = "service"
    """Another site's sign-in button or payment mark: ``continue with X``, ``pay with X``."""
    HELPER = "helper"
    """Its account is offered as a key to something else, ``with your X account``: a service, unless the page says that it is X."""
    BUILDER = "builder"
    """Named as maker of what the page is built or hosted with: ``powered by X``, ``software by X``."""
    INNOCENT = "innocent"
    """A share link, or an entry in a list of several companies."""


def is_initials(name: str) -> bool:
    """Tell whether a name is two capitals (``EA``, ``VK``): ``Ea`` is a syllable, or an icon that was read as letters."""
    return len(name) == 2 and name.isascii() and name.isupper()


def is_written_as_name(raw: str, tokens: list[Token], position: int) -> bool:
    """Tell whether an everyday word is written as a name.

    ``LINE`` or ``Chase`` inside a sentence is; ``line``, a ``Target`` that begins a sentence, or ``Orchard & Line`` is not.
    """
    token = tokens[position].text
    if not token[0].isupper() or _part_of_another_name(raw, tokens, position):
        return False
    start, end = _line_around(raw, tokens[position].start, tokens[position].end)
    line = raw[start:end]
    others = [word for word in TOKEN.findall(line) if word != token]
    if len(token) > 1 and token.isupper():
        return not others or not all(word.isupper() for word in others)
    if raw[start : tokens[position].start].strip():
        return raw[: tokens[position].start].rstrip()[-1:] not in ".!?:;•|"
    known = lexicon.GENERIC_TITLE | lexicon.COMPANY_FORMS
    return len(others) <= 2 and all(fold(word) in known for word in others)


def _line_around(raw: str, start: int, end: int) -> tuple[int, int]:
    """Offsets of the line that holds ``raw[start:end]``."""
    stop = raw.find("\n", end)
    return raw.rfind("\n", 0, start) + 1, stop if stop >= 0 else len(raw)


def _part_of_another_name(raw: str, tokens: list[Token], position: int) -> bool:
    """Tell whether a neighbouring word is capitalised, and neither generic nor business: ``Blue Line``, ``Target Practice``."""
    for step in (-1, 1):
        if not 0 <= position + step < len(tokens):
            continue
        first, second = sorted((tokens[position + step], tokens[position]), key=lambda token: token.start)
        gap = raw[first.end : second.start]
        neighbour = tokens[position + step].text
        joined = not gap.strip(" &+-'’") and "\n" not in gap
        folded = fold(neighbour)
        generic = folded in lexicon.GENERIC_TITLE | lexicon.COMPANY_FORMS or is_business(folded)
        if joined and neighbour[0].isupper() and not generic:
            return True
    return False


def manner_of(raw: str, tokens: list[Token], words: list[str], start: int, end: int) -> MentionManner:
    """Return how ``raw`` mentions the name that is its tokens ``start`` to ``end``; ``words`` are the tokens, folded."""
    line_start, line_end = _line_around(raw, tokens[start].start, tokens[end - 1].end)
    before = [words[i] for i in range(max(0, start - 5), start) if tokens[i].start >= line_start]
    after = [words[i] for i in range(end, min(len(words), end + 2)) if tokens[i].end <= line_end]
    if _is_product(after):
        return MentionManner.PRODUCT
    if _is_builder(before):
        return MentionManner.BUILDER
    if before and before[-1] in lexicon.WITH and not lexicon.SERVICE.isdisjoint(before[:-1]):
        return MentionManner.SERVICE
    if _is_helper(before):
        return MentionManner.HELPER
    if before and before[-1] in lexicon.SHARE_LINKS and not lexicon.SHARE.isdisjoint(before[-4:]):
        return MentionManner.INNOCENT
    if (after and after[0] in lexicon.CREDENTIAL_PROMPT_AFTER) or _is_prompted(before):
        return MentionManner.PROMPT
    if len(before) == 1 and before[0] in lexicon.SHARE:
        return MentionManner.INNOCENT
    alone = line_end - line_start <= tokens[end - 1].end - tokens[start].start + 4
    return MentionManner.HEADING if alone else MentionManner.PLAIN


def _is_product(after: list[str]) -> bool:
    """Tell whether a product's name follows: ``X Maps``, but not ``X Store account``."""
    if not after or after[0] not in lexicon.PRODUCTS_AFTER:
        return False
    return len(after) < 2 or after[1] not in lexicon.CREDENTIAL_PROMPT_AFTER


def _is_prompted(before: list[str]) -> bool:
    """Tell whether a sign-in verb stands before the name: ``sign in to``, ``log in to your``."""
    verbs = lexicon.SIGN_IN - lexicon.PARTICLES
    return len(before) > 1 and before[-1] in lexicon.TO and not verbs.isdisjoint(before[:-1])


def _is_builder(before: list[str]) -> bool:
    """Tell whether the name is that of what the page is built with: ``designed with the``, ``software by``."""
    words = before[:-1] if before[-1:] == ["the"] else before
    return len(words) > 1 and words[-1] in lexicon.BY and not lexicon.BUILT.isdisjoint(words[-3:-1])


def _is_helper(before: list[str]) -> bool:
    """Tell whether the name's account is what something is done with: ``pay with your``, ``use your``, ``con tu cuenta de``."""
    place = len(before)
    while place and before[place - 1] in lexicon.YOURS:
        place -= 1
    if place in (0, len(before)):
        return False
    verb = before[place - 1]
    return verb in lexicon.USE or (verb in lexicon.WITH and not lexicon.SERVICE.isdisjoint(before[: place - 1]))
