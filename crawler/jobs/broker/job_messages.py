"""Crawl jobs as messages: beat sends a planned run, and one worker on any machine executes it.

The store records which run executes it, so that a message that arrives twice, or a second beat, does no harm.
"""

from __future__ import annotations

import multiprocessing
import subprocess
from datetime import datetime
from pathlib import Path

import structlog
from billiard.exceptions import SoftTimeLimitExceeded
from celery import Celery
from celery.signals import worker_shutting_down

from crawler.jobs.broker.celery_app import BROKER_ERRORS, DISCOVER, JOB, connected
from crawler.jobs.job_process import start_job
from detector.config import JOB_NAME, BrokerConfig

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
"""Seconds between two checks whether the worker is being stopped."""
END_SECONDS = 60.0
"""Seconds that a run gets to finish and store its current work."""


def send_job(app: Celery, name: str, moment: datetime) -> bool:
    """Send a planned run of a crawl job to the workers; False where the broker does not take it."""
    try:
        with connected(app) as connection:
            app.send_task(JOB, args=(name, moment.isoformat()), queue=DISCOVER, retry=False, connection=connection)
    except BROKER_ERRORS as error:
        log.warning("the broker does not answer; the crawl job will be sent later", job=name, error=str(error))
        return False
    return True


def register_jobs(app: Celery, folder: Path, config: BrokerConfig) -> None:
    """Register the task that runs crawl jobs of the workspace ``folder``."""
    stopping = multiprocessing.get_context("fork").Event()
    worker_shutting_down.connect(lambda **_: stopping.set(), weak=False)

    # acknowledged as it begins: a run takes hours, and one whose worker dies is not begun again before its next planned time
    @app.task(
        name=JOB, acks_late=False, soft_time_limit=config.job_seconds, time_limit=config.job_seconds + 2 * END_SECONDS
    )  # type: ignore[untyped-decorator]
    def job(name: str, moment: str) -> None:
        try:
            if not JOB_NAME.fullmatch(name):
                raise ValueError("not a valid name of a crawl job")
            run = start_job(folder, name, datetime.fromisoformat(moment))
        except (TypeError, ValueError) as error:
            log.warning("a message without a valid crawl job was dropped", job=repr(name)[:80], error=str(error)[:200])
            return
        try:
            while run.poll() is None and not stopping.is_set():
                _wait(run, LOOK_SECONDS)
        except SoftTimeLimitExceeded:
            log.warning("a crawl job took longer than broker.job_seconds and was stopped", job=name)
        finally:
            _end(run)


def _wait(run: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        run.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _end(run: subprocess.Popen[bytes]) -> None:
    """End a run that is still working, by SIGTERM, then by SIGKILL."""
    if run.poll() is None:
        run.terminate()
        if not _wait(run, END_SECONDS):
            run.kill()
            run.wait()
