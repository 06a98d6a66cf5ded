"""Block hashes: every change lies in a reported range, and every reported range holds a change."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from detector.bundle.blocks import altered_ranges, digests

BLOCK = 8


@given(st.binary(max_size=100), st.integers(1, 30))
def test_digests_do_not_depend_on_the_chunks(data: bytes, step: int) -> None:
    chunks = [data[start : start + step] for start in range(0, len(data), step)]
    assert digests(chunks, BLOCK) == digests([data], BLOCK)
    assert len(digests([data], BLOCK).blocks) == -(-len(data) // BLOCK)


@given(st.binary(max_size=100), st.binary(max_size=100))
def test_ranges_hold_exactly_the_blocks_that_differ(before: bytes, after: bytes) -> None:
    ranges = altered_ranges(digests([before], BLOCK), digests([after], BLOCK), BLOCK)
    named = {position for first, last in ranges for position in range(first, last + 1)}
    end = max(len(before), len(after))
    for start in range(0, end, BLOCK):
        block = set(range(start, min(start + BLOCK, end)))
        same = before[start : start + BLOCK] == after[start : start + BLOCK]
        assert block.isdisjoint(named) if same else block <= named
    assert named <= set(range(end))
    assert all(first[1] + 1 < second[0] for first, second in pairwise(ranges))
