"""Inputs that the fuzzer begins with, and those with which it broke a parser: each passes through its target, all in seconds."""

from __future__ import annotations

import pytest

from tests.fuzz.run import CORPORA, LONGEST, changed, corpus_of
from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_recorded_inputs_break_no_parser(name: str) -> None:
    inputs = corpus_of(name)
    assert inputs, f"no input in {CORPORA / name}"
    for data in [b"", *inputs]:
        TARGETS[name](data)


def test_every_corpus_has_a_target_and_is_small() -> None:
    assert {folder.name for folder in CORPORA.iterdir()} == set(TARGETS)
    assert all(file.stat().st_size <= LONGEST for file in CORPORA.glob("*/*"))


def test_blind_changes_are_the_same_in_each_run() -> None:
    from random import Random

    first, again = ([changed(Random(seed), [b"abc", b"<html>"]) for seed in range(20)] for _ in range(2))
    assert first == again
    assert len(set(first)) > 10
