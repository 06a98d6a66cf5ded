"""Entry point of the ``clonewatch`` command.

It limits numeric libraries to one thread before they are imported, which is when they read these variables: judging one page per
core is faster than one page on all cores, and idle threads that spin would take time from the browser.
"""

from __future__ import annotations

import os

from crawler.runtime.import_pause import pause_garbage_collector

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"):
    os.environ.setdefault(_name, "1")


def main() -> None:
    """Run the command line."""
    pause_garbage_collector()
    from crawler.cli.app import main as run  # noqa: PLC0415  after the environment is set

    run()


if __name__ == "__main__":
    main()
