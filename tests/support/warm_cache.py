"""Fingerprint the shipped brands' logos in a process of its own, while the first tests run: ``python -m tests.support.warm_cache``.

It takes a quarter of a minute, once for each run, and would be waited for by whichever test comes first to need it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2

from detector.brands import load_library
from detector.config import default_brands_dir
from detector.judge import Judge

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def warming() -> Iterator[None]:
    """Fingerprint into the cache that the environment names; the process ends with the block at the latest."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-m", __name__], cwd=ROOT, env=environment)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    """Prepare a judge of the shipped brands."""
    cv2.setNumThreads(1)
    Judge(load_library([default_brands_dir()])).prepare()


if __name__ == "__main__":
    main()
