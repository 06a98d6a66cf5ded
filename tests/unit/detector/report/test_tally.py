"""The counts of captures in a report."""

from __future__ import annotations

from collections.abc import Iterator

from detector.model import Capture, Decision, Verdict
from detector.report.tally import CaptureTally, count_captures


class CountingStore:
    """A store that knows how many captures were read from it."""

    def __init__(self, rows: list[tuple[str, Decision]]) -> None:
        self.rows = rows
        self.read = 0

    @property
    def captures(self) -> CountingStore:
        return self

    def stream(self) -> Iterator[tuple[int, Capture, Verdict]]:
        for number, (outcome, decision) in reversed(list(enumerate(self.rows, 1))):
            self.read += 1
            yield number, Capture("https://a.example/", outcome), Verdict(decision)

    def counts(self) -> dict[str, int]:
        return {"captures": len(self.rows)}


def test_only_what_is_new_is_read() -> None:
    store = CountingStore([("ok", Decision.CLEAR)] * 50 + [("timeout", Decision.UNSEEN)] * 3)
    first = count_captures(store, CaptureTally())
    assert first == CaptureTally(53, {"clear": 50, "unseen": 3}, {"ok": 50, "timeout": 3})
    store.rows.append(("ok", Decision.FLAGGED))
    store.read = 0
    second = count_captures(store, first)
    assert second == CaptureTally(54, {"clear": 50, "unseen": 3, "flagged": 1}, {"ok": 51, "timeout": 3})
    assert store.read == 2


def test_another_database_is_counted_anew() -> None:
    former = CaptureTally(90, {"clear": 90}, {"ok": 90})
    assert count_captures(CountingStore([("ok", Decision.CLEAR)]), former) == CaptureTally(1, {"clear": 1}, {"ok": 1})
    larger = CountingStore([("ok", Decision.REVIEW)] * 95)
    assert count_captures(larger, CaptureTally(200, {"clear": 90}, {"ok": 90})).decisions == {"review": 95}
