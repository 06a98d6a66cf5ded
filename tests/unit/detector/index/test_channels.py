"""Reductions over colour channels, computed plane by plane, equal numpy's along the last axis."""

from __future__ import annotations

import numpy as np
import pytest

from detector.index.channels import contrast, largest


@pytest.mark.parametrize("shape", [(1, 1, 3), (7, 5, 3), (300, 2, 3)])
def test_the_same_as_numpy(shape: tuple[int, int, int]) -> None:
    picture = np.random.default_rng(3).integers(40, 200, shape, np.uint8)
    np.testing.assert_array_equal(largest(picture), picture.max(axis=2))
    assert contrast(picture) == np.ptp(picture, axis=(0, 1)).max()


def test_a_part_that_does_not_lie_in_one_piece() -> None:
    picture = np.random.default_rng(4).integers(0, 256, (64, 48, 3), np.uint8)[::4, ::3]
    np.testing.assert_array_equal(largest(picture), picture.max(axis=2))
    assert contrast(picture) == np.ptp(picture, axis=(0, 1)).max()
