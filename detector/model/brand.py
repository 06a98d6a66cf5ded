"""Brands: their names, domains, logos and official pages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Logo:
    """One picture of a brand: an SVG or PNG file under ``logos/``."""

    path: str
    """Absolute path of the file."""
    kind: str = "mark"
    """``mark`` (symbol alone), ``wordmark`` (name as a picture) or ``tile`` (symbol on the brand's background)."""
    theme: str = "any"
    """Background that it is drawn for: ``light``, ``dark`` or ``any``."""
    era: str = "current"
    """``current`` or ``historical``."""
    source: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class OfficialPage:
    """A stored capture of one of the brand's own pages: ``pages/NAME.png`` with ``pages/NAME.json``."""

    name: str
    screenshot: str
    facts: str | None = None
    favicon: str | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand that is impersonated, and what belongs to it."""

    id: str
    """The folder's name: lower case, digits, hyphens."""
    name: str
    """Display name."""
    names: tuple[str, ...] = ()
    """All names of the brand, in every language it uses; includes ``name``."""
    domains: tuple[str, ...] = ()
    """Registrable domains that the owner runs (sign-in, mail, CDN hosts); sub-domains included implicitly."""
    signin_urls: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    """Official support numbers, E.164."""
    abuse_contact: str | None = None
    keywords: tuple[str, ...] = ()
    """Words that lookalike names combine with the brand's (``support``, ``wallet``...)."""
    family: str = ""
    """Id of the brand with the same owner that heads the family (``icloud`` -> ``apple``); empty where this is its own."""
    answers_as: str = ""
    """Id of the brand that verdicts name instead (a product's maker: ``icloud`` -> ``apple``); empty where this is its own."""
    ambiguous: bool = False
    """The name is also an everyday word (``line``, ``chase``, ``target``): text alone proves nothing."""
    logos: tuple[Logo, ...] = ()
    pages: tuple[OfficialPage, ...] = ()
    folder: str = ""

    @property
    def answer(self) -> str:
        """The id that verdicts use."""
        return self.answers_as or self.id
