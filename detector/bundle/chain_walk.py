"""Follow a hash chain link by link, and say where it is broken: the same for manifests, handovers and the journal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from detector.store.chains.heads import GENESIS


@dataclass(slots=True)
class ChainWalk:
    """The place in a chain that was reached, and what was found wrong on the way."""

    singular: str
    """A link, such as ``manifest``."""
    plural: str
    whole: str
    """The chain, such as ``the chain``."""
    problems: list[str] = field(default_factory=list)
    number: int = 0
    """Sequence number of the last link; 0 before the first."""
    sha256: str = GENESIS

    def step(self, sequence: int, previous: str, sha256: str) -> None:
        """Go on to the next link."""
        if sequence != self.number + 1:
            self.problems.append(f"{self._gap(self.number + 1, sequence - 1)} missing from {self.whole}")
        elif previous != self.sha256:
            self.problems.append(
                f"{self.singular} {sequence} of {self.whole} does not name {self.singular} {self.number} as the one before it: "
                "the chain is broken"
            )
        self.number, self.sha256 = sequence, sha256

    def end(self, before: tuple[int, str], after: tuple[int, str]) -> None:
        """Compare the last link with the chain's head, as it was before the walk and as it is now: others may have added links."""
        if self.number < before[0]:
            self.problems.append(f"{self._gap(self.number + 1, before[0])} missing from the end of {self.whole}")
        elif self.number > after[0] or (self.number == before[0] and self.sha256 != before[1]):
            self.problems.append(
                f"the last {self.singular} of {self.whole}, {self.number}, is not the one that the head names, {after[0]}"
            )

    def _gap(self, first: int, last: int) -> str:
        return f"{self.singular} {first} is" if first == last else f"{self.plural} {first} to {last} are"


def ranges(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """First and last of each run of consecutive numbers; ``numbers`` ascend."""
    first = last = None
    for number in numbers:
        if first is None or last is None or number != last + 1:
            if first is not None and last is not None:
                yield first, last
            first = number
        last = number
    if first is not None and last is not None:
        yield first, last


def ranges_text(numbers: Iterable[int]) -> str:
    """Name entries by their numbers: ``entry 3``, ``entries 3 to 7 and 9 to 12``."""
    found = list(ranges(numbers))
    said = " and ".join(str(first) if first == last else f"{first} to {last}" for first, last in found)
    one = len(found) == 1 and found[0][0] == found[0][1]
    return f"{'entry' if one else 'entries'} {said}"
