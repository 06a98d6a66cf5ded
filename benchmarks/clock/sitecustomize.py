"""A clock that jumps, for the programs of :mod:`benchmarks.faults`: Python imports this at its start, found by ``PYTHONPATH``.

The file that ``CLONEWATCH_CLOCK`` names holds the seconds that the clock is wrong by.  Only what the program calls the time is
shifted: the system's clock is everybody's, and moving it for one process (libfaketime) breaks the waiting of threads.
"""

import os
from datetime import datetime, timedelta
from pathlib import Path

import detector.model
import detector.model.json

_SHIFT = Path(os.environ["CLONEWATCH_CLOCK"])
_true = detector.model.json.utcnow


def _shifted() -> datetime:
    try:
        return _true() + timedelta(seconds=float(_SHIFT.read_text() or 0))
    except (OSError, ValueError):
        return _true()


detector.model.json.utcnow = detector.model.utcnow = _shifted
