"""The optimiser of the judge's weights, and the file that it writes."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.fit import WEIGHTS, _loss, as_toml
from benchmarks.fitting.rows import SIGNALS, Rows
from benchmarks.fitting.weight_table import Table
from detector import weights


def rows(count: int = 200) -> Rows:
    chance = np.random.default_rng(7)
    measures = chance.random((count, len(SIGNALS)))
    measures[chance.random(measures.shape) < 0.3] = np.nan
    wants = chance.random(count)
    wants[::3] = np.nan
    true = np.nan_to_num(measures[:, SIGNALS.index("logo")]) + chance.normal(0, 0.2, count) > 0.6
    whole = np.arange(count)
    return Rows(measures, wants, chance.random(count), true, whole, whole % 5, np.ones(count))


def test_the_gradient_is_that_of_the_loss() -> None:
    data, prior = rows(), Table.prior()
    vector = prior.vector + 0.3
    _, gradient = _loss(data, prior, vector)
    for place in range(len(vector)):
        step = np.zeros_like(vector)
        step[place] = 1e-5
        slope = (_loss(data, prior, vector + step)[0] - _loss(data, prior, vector - step)[0]) / 2e-5
        assert gradient[place] == pytest.approx(slope, abs=1e-6)


def test_fitting_lowers_the_loss_and_keeps_signs() -> None:
    pytest.importorskip("scipy")
    from benchmarks.fit import fit

    data, prior = rows(), Table.prior()
    fitted = fit(data, prior, np.ones(len(data.true), bool))
    assert _loss(data, prior, fitted.vector)[0] < _loss(data, prior, prior.vector)[0]
    for weight, present, absent in zip(weights.IDENTITY, fitted.present, fitted.absent, strict=True):
        assert present * weight.present >= 0
        assert absent <= 0


def test_the_file_is_written_as_it_was_read() -> None:
    text = as_toml(Table.current())
    assert text.replace(f"version = {weights.VERSION + 1}", f"version = {weights.VERSION}") == WEIGHTS.read_text(
        "utf-8"
    )
    assert weights.read_weights(text).identity == weights.IDENTITY


def test_a_file_with_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown"):
        weights.read_weights(WEIGHTS.read_text("utf-8").replace("\nmeaning", "\nsense", 1))
