"""Limits that are chosen on half of the brands."""

from __future__ import annotations

from benchmarks.name_split import SEEDS, Selections, split_results


def test_limits_are_chosen_by_one_half_and_measured_on_the_other() -> None:
    labels = ["a", "b", "c", "d", "apple", "icloud"]
    good = Selections(list(labels), ["x"])
    bad = Selections(["", "", "", "", "", ""], ["x", "y", "z"])
    results = list(split_results(labels, {(1.0, 1.0): good, (9.0, 9.0): bad}))
    assert len(results) == 2 * len(SEEDS)
    assert {result.limits for result in results} == {(1.0, 1.0)}
    for first, second in zip(results[::2], results[1::2], strict=True):
        assert first.rows + second.rows == len(labels), "each brand is tried once, each family together"
        assert first.right == first.rows
        assert first.benign + second.benign == 1
