"""Fit the judge's weights to labelled pages, and measure them on pages that they were not fitted to.

    python benchmarks/fit.py FOLDER[=WEIGHT] [FOLDER[=WEIGHT] ...] [--write]

Each FOLDER holds ``clones/`` and ``benign/`` as ``../shared/bench`` does, and as ``benchmarks/evasions.py`` renders.  Every page
is judged with its facts and as a picture alone.  A row is one page and one suspected brand; it is true where the page is a clone
of that brand.  The weights are the maximum a posteriori of the judge's own formula (``detector/weights.py``) with
:data:`~benchmarks.fitting.weight_table.PRIOR_WEIGHTS` as the prior, since a few hundred pages do not show everything.  Signs are
kept, and P(intent) of a page that asks for nothing (``INTENT_NONE``, ``INTENT_UNKNOWN``) is policy and is not fitted.

Folds are made of groups that share a variant or a brand, so that no near copy and no brand is on both sides.  Printed: figures
of the held-out folds, and the expected calibration error over ten bins of equal width (Naeini et al., AAAI 2015).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import cv2
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.fitting.rows import FOLDS, SIGNALS, Floats, Rows, rows_of  # noqa: E402
from benchmarks.fitting.weight_table import Table  # noqa: E402
from benchmarks.labelled_pages import Outcome, judge_pages, load_pages  # noqa: E402
from detector import weights  # noqa: E402
from detector.brands import load_library  # noqa: E402
from detector.config import DetectConfig  # noqa: E402

WEIGHTS = ROOT / "detector" / weights.WEIGHTS_FILE
PRIOR = 0.001
"""Weight of a squared difference from the prior, against the mean loss of a row."""


def fit(rows: Rows, prior: Table, chosen: NDArray[np.bool_]) -> Table:
    """Minimise the mean log loss of the chosen rows plus the prior, signs kept (L-BFGS-B, Byrd et al. 1995)."""
    from scipy.optimize import minimize

    part = Rows(*(getattr(rows, name)[chosen] for name in Rows.__dataclass_fields__))
    any_sign, positive, negative = (None, None), (0.0, None), (None, 0.0)
    present = [positive if weight.present >= 0 else negative for weight in weights.IDENTITY]
    found = minimize(
        lambda vector: _loss(part, prior, vector),
        prior.vector,
        jac=True,
        method="L-BFGS-B",
        bounds=[any_sign, *present, *[negative] * len(SIGNALS)],
        options={"maxiter": 4000, "maxfun": 20_000, "ftol": 1e-12, "gtol": 1e-8},
    )
    if not found.success:
        raise SystemExit(f"the fit did not converge: {found.message}")
    return prior.with_vector(found.x)


def _loss(rows: Rows, prior: Table, vector: Floats) -> tuple[float, Floats]:
    """The loss at ``vector`` and its gradient."""
    table = prior.with_vector(vector)
    measured = ~np.isnan(rows.measures)
    m = np.nan_to_num(rows.measures)
    odds = table.base + (measured * (m * table.present + (1 - m) * table.absent)).sum(axis=1)
    identity = 1 / (1 + np.exp(-odds))
    intent = table.intent(rows)
    p = np.clip(identity * intent, 1e-6, 1 - 1e-6)
    away = vector - prior.vector
    loss = -(rows.weight * np.where(rows.true, np.log(p), np.log(1 - p))).mean() + PRIOR * (away**2).sum()
    slope = rows.weight * np.where(rows.true, -1 / p, 1 / (1 - p)) / len(p)
    by_odds = slope * intent * identity * (1 - identity)
    gradient = np.concatenate(
        [
            [by_odds.sum()],
            (by_odds[:, None] * measured * m).sum(axis=0),
            (by_odds[:, None] * measured * (1 - m)).sum(axis=0),
        ]
    )
    return float(loss), gradient + 2 * PRIOR * away


def calibration_error(probabilities: Floats, true: NDArray[np.bool_]) -> float:
    """Expected calibration error over ten bins of equal width."""
    bins = np.minimum((probabilities * 10).astype(int), 9)
    gaps = [
        (bins == b).sum() * abs(probabilities[bins == b].mean() - true[bins == b].mean()) for b in set(bins.tolist())
    ]
    return float(sum(gaps) / max(1, len(probabilities)))


def report(name: str, rows: Rows, p: Floats, outcomes: Sequence[tuple[Outcome, str]], config: DetectConfig) -> None:
    """Print one line for each set of pages: how often the first brand of a page is right, and how sure the judge is."""
    origins = [origin for _, origin in outcomes]
    for origin in dict.fromkeys(origins):
        clones = benign = right = flagged = wrong = false = review = 0
        tops, hits = [], []
        for number, (outcome, where) in enumerate(outcomes):
            if where != origin:
                continue
            mine = np.flatnonzero(rows.page == number)
            top = int(mine[p[mine].argmax()]) if mine.size else None
            best, hit = (float(p[top]), bool(rows.true[top])) if top is not None else (0.0, False)
            tops.append(best)
            hits.append(hit)
            if outcome.page.clone and outcome.page.label:
                clones += 1
                right += hit and best >= config.review_at
                flagged += hit and best >= config.flag_at
                wrong += not hit and best >= config.flag_at
            elif not outcome.page.clone:
                benign += 1
                false += best >= config.flag_at
                review += config.review_at <= best < config.flag_at
        error = calibration_error(np.asarray(tops), np.asarray(hits))
        print(
            f"| {name} | {origin} | {right}/{clones} | {flagged}/{clones} | {wrong} | {false}/{benign} | "
            f"{review}/{benign} | {error:.3f} |"
        )


def judged_folder(job: tuple[Path, bool]) -> list[Outcome]:
    """All pages of a folder, with their facts or as pictures alone."""
    folder, facts = job
    cv2.setNumThreads(1)
    return list(judge_pages(load_pages(folder), load_library([ROOT / "brand_assets"]), DetectConfig(), facts=facts))


def as_toml(table: Table) -> str:
    """The table as ``detector/data/weights.toml`` has it: order and sentences kept, the version one higher."""
    head = [line for line in WEIGHTS.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    lines = [*head, f"version = {weights.VERSION + 1}", f"base = {table.base:.2f}"]
    for weight, present, absent in zip(weights.IDENTITY, table.present, table.absent, strict=True):
        lines += [
            "",
            f"[signals.{weight.signal}]",
            f"present = {present:.2f}",
            f"absent = {absent + 0.0:.2f}",
            f"meaning = {json.dumps(weight.meaning, ensure_ascii=False)}",
        ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="Fit the judge's weights.")
    parser.add_argument("folders", nargs="+", help="labelled pages; their rows count WEIGHT times (1)")
    parser.add_argument("--write", action="store_true", help="put the fitted weights into detector/data/weights.toml")
    options = parser.parse_args()
    library, config = load_library([ROOT / "brand_assets"]), DetectConfig()
    outcomes = []
    weighed = [
        (Path(path), float(weight or 1)) for path, _, weight in (text.partition("=") for text in options.folders)
    ]
    jobs = [(folder, facts) for folder, _ in weighed for facts in (True, False)]
    trust = {}
    with ProcessPoolExecutor(2) as pool:
        for (folder, facts), judged in zip(jobs, pool.map(judged_folder, jobs), strict=True):
            origin = f"{folder.name}, {'with facts' if facts else 'pictures alone'}"
            outcomes += [(outcome, origin) for outcome in judged]
            trust[origin] = dict(weighed)[folder]
    rows = rows_of(outcomes, library, trust)
    present, prior = Table.current(), Table.prior()
    print("| table | pages | right first | flagged right | flagged wrong | benign flagged | benign review | ECE |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    report("as it is", rows, present.probabilities(rows), outcomes, config)
    held_out = np.zeros(len(rows.true))
    for number in range(FOLDS):
        held_out[rows.fold == number] = fit(rows, prior, rows.fold != number).probabilities(rows)[rows.fold == number]
    report("fitted without the fold", rows, held_out, outcomes, config)
    fitted = fit(rows, prior, np.ones(len(rows.true), bool))
    report("fitted to all", rows, fitted.probabilities(rows), outcomes, config)
    print(f"\nbase {fitted.base:.2f}")
    for name, present, absent in zip(SIGNALS, fitted.present, fitted.absent, strict=True):
        print(f"{name:12s} present {present:6.2f} absent {absent:6.2f}")
    if options.write:
        WEIGHTS.write_text(as_toml(fitted), encoding="utf-8")


if __name__ == "__main__":
    main()
