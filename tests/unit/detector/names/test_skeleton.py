"""Skeletons of labels, and plain letters in place of look-alikes."""

from __future__ import annotations

from detector.names.skeleton import plain_letters, skeleton


def test_skeleton_keeps_positions() -> None:
    folded, positions = skeleton("a-rn1")
    assert folded == "a-ml"
    assert positions == [0, 1, 2, 4, 5]


def test_plain_letters() -> None:
    assert plain_letters("pаypál") == "paypal"
