"""Prepare a judge before the first capture: fingerprint the brands' logos, which each machine does once."""

from __future__ import annotations

import multiprocessing
import signal

import structlog

from crawler.runtime.terminal import Console
from detector.brands import BrandLibrary
from detector.config import DetectConfig
from detector.judge import Judge
from detector.sentences import counted
from detector.signals.logo.gallery import gallery_is_kept

log = structlog.get_logger(__name__)


def ready_judge(library: BrandLibrary, config: DetectConfig) -> Judge:
    """Return a judge whose first verdict takes no longer than any other, before the time limit or lease of a page begins.

    Raises:
        EnvironmentFault: the installation is damaged.
    """
    judge = Judge(library, config)
    if gallery_is_kept(library):
        judge.prepare()
        return judge
    said = f"fingerprinting the logos of {counted(len(library), 'brand')}; this happens once per machine"
    log.info(said)
    console = Console(stderr=True)
    with console.status(said):
        judge.prepare()
    return judge


def fingerprint_apart(library: BrandLibrary, config: DetectConfig) -> None:
    """Fingerprint the logos in a child process, for a parent that will fork and must not start
    the threads of picture libraries.  The parent must not have threads of its own yet.

    Errors are logged only: the first judge tries again, and reports them.
    """
    if gallery_is_kept(library):
        return
    child = multiprocessing.get_context("fork").Process(target=_fingerprint, args=(library, config), daemon=True)
    child.start()
    child.join()
    if child.exitcode:
        log.warning("the logos could not be fingerprinted in advance", exit_code=child.exitcode)


def _fingerprint(library: BrandLibrary, config: DetectConfig) -> None:
    # a signal that ends the parent ends the child too, which has nothing to clean up
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    ready_judge(library, config)
