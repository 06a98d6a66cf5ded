"""One page a core: the libraries that would split a page's work among threads are told so before they are loaded."""

from __future__ import annotations

import os
import subprocess
import sys

VARIABLE = "OPENCV_FOR_THREADS_NUM"


def threads(environment: dict[str, str]) -> str:
    ask = "import crawler.cli.launch, cv2; print(cv2.getNumThreads())"
    return subprocess.run(
        [sys.executable, "-c", ask], env=environment, capture_output=True, text=True, check=True
    ).stdout


def test_opencv_has_one_thread_unless_somebody_says_otherwise() -> None:
    plain = {name: value for name, value in os.environ.items() if name != VARIABLE}
    assert threads(plain) == "1\n"
    assert threads(plain | {VARIABLE: "2"}) == "2\n"
