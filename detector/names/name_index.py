"""An index of all brands' names, so that a label is looked up once rather than once for each brand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Literal

from detector.hosts import ascii_host
from detector.model import Brand
from detector.names.brand_tokens import SHORTEST, NameStrength, brand_tokens, strength_of, words_containing
from detector.names.lures import ORDINARY, is_everyday
from detector.names.name_hit import IndexedName, NameHit, is_everyday_compound, is_rare, make_hit
from detector.names.ordinary_names import is_ordinary_word, stands_alone
from detector.names.script_mixing import mixes_scripts
from detector.names.skeleton import in_name, skeleton
from detector.names.spellings import other_spellings
from detector.names.typing_errors import TypingErrors, edges_of, mistyped_spans

_PREFIX = 3
_ACROSS = 5
"""Letters of the shortest name that is searched for over dots."""
MISTYPED_ALONE = 5
"""Letters up to which a mistyped name counts only beside a lure."""


class NameIndex:
    """Names, skeletons, typing errors and domains of all brands."""

    def __init__(self, brands: Iterable[Brand]) -> None:
        self._names: dict[str, IndexedName] = {}
        self._domains: dict[str, set[str]] = defaultdict(set)
        brands = list(brands)
        for brand in brands:
            for domain in brand.domains:
                self._domains[ascii_host(domain)].add(brand.id)
            for token, strength in brand_tokens(brand):
                self._add(brand, token, strength)
        self._by_prefix: dict[str, list[IndexedName]] = defaultdict(list)
        self._by_skeleton: dict[str, list[tuple[str, IndexedName]]] = defaultdict(list)
        for name in self._names.values():
            self._by_prefix[name.token[:_PREFIX]].append(name)
        for look, name in self._looks():
            self._by_skeleton[look[:_PREFIX]].append((look, name))
        for name in self._names.values():
            if name.strength is not NameStrength.STRONG:
                name.within = tuple(words_containing(name.token))
        self.typing = TypingErrors(self.typed())
        """Typing errors of the strong names."""

    def _add(self, brand: Brand, token: str, strength: NameStrength) -> None:
        for spelled in (token, *other_spellings(token)):
            fits = strength if spelled == token else strength_of(spelled, brand.ambiguous)
            if spelled != token and (len(token) <= MISTYPED_ALONE - 1 or fits is NameStrength.WEAK):
                continue
            name = self._names.setdefault(spelled, IndexedName(spelled, fits, respelled=True))
            name.strength = max(name.strength, fits)
            name.respelled &= spelled != token
            name.brands.add(brand.id)

    def _looks(self) -> Iterator[tuple[str, IndexedName]]:
        for token, name in self._names.items():
            # "blue" is "blü" to some, and "blu" looks like neither
            if len(token) > 3 and (token.isascii() or not name.respelled):
                yield skeleton(token)[0], name

    def looks(self) -> Iterator[tuple[str, NameStrength]]:
        """Iterate over the skeletons of the names, with the names' strength."""
        for look, name in self._looks():
            yield look, name.strength

    def tokens(self) -> Iterator[tuple[str, NameStrength]]:
        """Iterate over the names (lower case, without spaces and hyphens) with their strength."""
        for token, name in self._names.items():
            yield token, name.strength

    def typed(self) -> Iterator[str]:
        """Iterate over the names whose typing errors count: strong ones of five letters or more, as the brands write them."""
        for token, name in self._names.items():
            if name.strength is NameStrength.STRONG and len(token) >= MISTYPED_ALONE and not name.respelled:
                yield token

    def rare(self) -> Iterator[str]:
        """Iterate over the names that count among other letters at some place (:func:`~detector.names.name_hit.is_rare`)."""
        return (name.token for name in self._names.values() if is_rare(name, begins=True))

    def domains(self) -> Iterator[str]:
        """Iterate over the domains of the brands."""
        yield from self._domains

    def owners(self, host: str) -> frozenset[str]:
        """Ids of the brands that own ``host`` or a domain above it."""
        labels = host.split(".")
        found: set[str] = set()
        for start in range(len(labels)):
            found |= self._domains.get(".".join(labels[start:]), set())
        return frozenset(found)

    def domain_inside(self, labels: Sequence[str]) -> tuple[str, frozenset[str]] | None:
        """Find a brand's domain in front of another's last label: ``paypal.com.evil``, ``apple.com-account``."""
        for start in range(len(labels) - 1):
            for end in range(start + 2, min(start + 4, len(labels) + 1)):
                cut, hyphen, _ = labels[end - 1].partition("-")
                domain = ascii_host(".".join([*labels[start : end - 1], cut]))
                if domain in self._domains and (hyphen or end < len(labels)):
                    return domain, frozenset(self._domains[domain])
        return None

    def across(self, labels: Sequence[str], suffix: str) -> list[NameHit]:
        """Find strong names that are spelled over the dots of a host: ``net.flix-billing``, ``payp.al``.

        ``labels``: those before the ending, in Unicode; what is beside the name is hyphens, digits and known words.
        """
        labels = [label for label in labels if label != "www"]
        if len(labels) == 1 and (labels[0] + suffix).replace(".", "") not in self._names:
            return []  # nearly all names: over the ending the name must be all that there is
        joined = "-".join((*labels, suffix.replace(".", "-")))
        text = joined.replace("-", "")
        dots = list(accumulate(len(label.replace("-", "")) for label in labels))
        if len(text) < _ACROSS or not dots:
            return []
        edges, ends = edges_of(joined), dots[-1]
        found = []
        for start in edges[:-1]:
            for name in self._by_prefix.get(text[start : start + _PREFIX], ()):
                end = start + len(name.token)
                crossed = any(start < dot < end for dot in dots) and text.startswith(name.token, start)
                if not crossed or len(name.token) < _ACROSS or is_everyday_compound(name.token):
                    continue
                hit = make_hit(name, text, edges, start, end, "exact")
                if hit is not None and hit.clean and (end <= ends or (start in {0, *dots} and end == len(text))):
                    found.append(hit)
        return found

    def scan(self, label: str) -> list[NameHit]:
        """Find every name in ``label`` (lower case, Unicode, hyphens allowed): exact ones, else look-alikes, else mistyped ones."""
        text = label.replace("-", "").replace("_", "")
        if len(text) < SHORTEST:
            return []
        edges = edges_of(label)
        exact = list(self._exact(text, edges))
        clean = {brand for hit in exact if hit.clean for brand in hit.brands}
        similar = [hit for hit in self._similar(text, edges) if not clean.issuperset(hit.brands)]
        seen = clean.union(*(hit.brands for hit in similar)) if similar else clean
        typos = [
            hit
            for hit in self._typos(label, text, edges)
            if not (seen.issuperset(hit.brands) or any(_is_longer(hit, other) for other in exact))
        ]
        return exact + similar + typos

    def _exact(self, text: str, edges: Sequence[int]) -> Iterator[NameHit]:
        for start in range(len(text) - 1):
            head = text[start : start + _PREFIX]
            short = self._by_prefix.get(head[:SHORTEST], ()) if len(head) == _PREFIX else ()
            for name in (*self._by_prefix.get(head, ()), *short):
                if text.startswith(name.token, start):
                    hit = make_hit(name, text, edges, start, start + len(name.token), "exact")
                    if hit is not None:
                        yield hit

    def _similar(self, text: str, edges: Sequence[int]) -> Iterator[NameHit]:
        look, positions = skeleton(text)
        for start in range(len(look) - SHORTEST):
            for wanted, name in self._by_skeleton.get(look[start : start + _PREFIX], ()):
                if look.startswith(wanted, start):
                    begin, end = positions[start], positions[start + len(wanted)]
                    if text[begin:end] != name.token:
                        hit = make_hit(name, text, edges, begin, end, "homoglyph")
                        if hit is not None and _is_deliberate(hit) and not _is_other_word(hit):
                            yield hit

    def _typos(self, label: str, text: str, edges: Sequence[int]) -> Iterator[NameHit]:
        tried: set[str] = set()
        mixed = mixes_scripts(label)
        shown = "".join((in_name(char, mixed) or char)[0] for char in text) if mixed else text
        for start, end in mistyped_spans(shown, edges):
            piece = shown[start:end]
            if (
                piece in tried
                or len(piece) < MISTYPED_ALONE - 1
                or piece in self._names
                or is_everyday(piece)
                or piece in ORDINARY
            ):
                continue
            tried.add(piece)
            best = self.typing.nearest(piece)
            if best is not None and not is_of_ordinary_words(piece):
                # one letter that fits no alphabet of the label is no slip of a finger
                how: Literal["homoglyph", "typo"] = "homoglyph" if mixes_scripts(text[start:end]) else "typo"
                hit = make_hit(self._names[best[1]], text, edges, start, end, how, best[0])
                if hit is not None and hit.clean and (len(best[1]) > MISTYPED_ALONE or hit.lures):
                    yield hit


def _is_longer(typo: NameHit, exact: NameHit) -> bool:
    """Tell whether a mistyped name holds a shorter name of the same brand without errors: then that one counts (``amazonas``)."""
    return len(exact.token) > MISTYPED_ALONE and exact.token in typo.piece and set(exact.brands) >= set(typo.brands)


def is_of_ordinary_words(piece: str) -> bool:
    """Tell whether ordinary words explain ``piece`` (``mining``, ``tenderplus``, ``itonline``), so that it is no mistyped name."""
    if is_ordinary_word(piece):
        return True
    for cut in range(1, len(piece) - 3):
        head, tail = piece[:cut], piece[cut:]
        known = head in ORDINARY or stands_alone(head)
        if is_everyday(tail) and (cut < 3 or is_everyday(head) or known):
            return True
        if cut > 3 and known and stands_alone(tail):
            return True
    return False


def _is_other_word(hit: NameHit) -> bool:
    """Tell whether the everyday part of a name is another word in the look-alike: "mail" of ``ymail`` in ``ymall``."""
    tails = (hit.piece[cut:] for cut in (1, 2))
    return is_everyday_compound(hit.token) and any(
        is_ordinary_word(tail) and not hit.token.endswith(tail) for tail in tails
    )


def _is_deliberate(hit: NameHit) -> bool:
    """Tell whether a look-alike is too unusual to be an ordinary word (``1ine`` is, ``appie`` is not)."""
    if hit.strength is NameStrength.STRONG or bool(hit.lures):
        return True
    return hit.clean and (not hit.piece.isascii() or (hit.whole and any(char.isdigit() for char in hit.piece)))
