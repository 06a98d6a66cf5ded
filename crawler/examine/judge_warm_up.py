"""Judges that are ready before the first page is: what a machine has to do once for its brands is done here, and said."""

from __future__ import annotations

import multiprocessing
import signal

import structlog
from rich.console import Console

from detector.brands import BrandLibrary
from detector.config import DetectConfig
from detector.judge import Judge
from detector.sentences import counted
from detector.signals.logo.gallery import gallery_is_kept

log = structlog.get_logger(__name__)


def ready_judge(library: BrandLibrary, config: DetectConfig) -> Judge:
    """A judge whose first look takes no longer than any other: the clock of a page, or of its lease, is no one's yet.

    Raises:
        EnvironmentFault: the installation is damaged.
    """
    judge = Judge(library, config)
    if gallery_is_kept(library):
        judge.prepare()
        return judge
    said = f"fingerprinting the logos of {counted(len(library), 'brand')}, once on this machine"
    log.info(said)
    console = Console(stderr=True)
    with console.status(said):
        judge.prepare()
    return judge


def fingerprint_apart(library: BrandLibrary, config: DetectConfig) -> None:
    """Do what :func:`ready_judge` does once on a machine in a process of its own, for a parent that will fork: it must not start
    the threads of picture libraries.  For one that has no threads itself yet.

    What goes wrong there is logged; whoever judges first tries again, and says it.
    """
    if gallery_is_kept(library):
        return
    child = multiprocessing.get_context("fork").Process(target=_fingerprint, args=(library, config), daemon=True)
    child.start()
    child.join()
    if child.exitcode:
        log.warning("logos could not be fingerprinted beforehand", exit_code=child.exitcode)


def _fingerprint(library: BrandLibrary, config: DetectConfig) -> None:
    # whoever asks the parent to end asks both; it has no page to give back
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    ready_judge(library, config)
