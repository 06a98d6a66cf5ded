"""Crawl jobs as messages: beat sends a job's moment, and one worker, anywhere, runs it.

The book of runs says who answers a moment, so that a message that comes twice, or a second beat, does no harm.
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
from kombu.exceptions import OperationalError

from crawler.jobs.broker.celery_app import DISCOVER, JOB, connected
from crawler.jobs.job_process import start_job
from detector.config import JOB_NAME, BrokerConfig

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
"""Between two looks whether the worker is being stopped."""
END_SECONDS = 60.0
"""Given to a run to end in good order."""


def send_job(app: Celery, name: str, moment: datetime) -> bool:
    """Send a job's moment to the workers; False where the broker does not take it."""
    try:
        with connected(app) as connection:
            app.send_task(JOB, args=(name, moment.isoformat()), queue=DISCOVER, retry=False, connection=connection)
    except (OperationalError, OSError) as error:
        log.warning("the broker does not answer; the job is sent later", job=name, error=str(error))
        return False
    return True


def register_jobs(app: Celery, folder: Path, config: BrokerConfig) -> None:
    """Teach ``app`` to run jobs of the workspace."""
    stopping = multiprocessing.get_context("fork").Event()
    worker_shutting_down.connect(lambda **_: stopping.set(), weak=False)

    # acknowledged as it begins: a run takes hours, and one whose worker dies is not begun again before its next moment
    @app.task(
        name=JOB, acks_late=False, soft_time_limit=config.job_seconds, time_limit=config.job_seconds + 2 * END_SECONDS
    )  # type: ignore[untyped-decorator]
    def job(name: str, moment: str) -> None:
        try:
            if not JOB_NAME.fullmatch(name):
                raise ValueError("no crawl job can have that name")
            run = start_job(folder, name, datetime.fromisoformat(moment))
        except (TypeError, ValueError) as error:
            log.warning("a message that names no crawl job was dropped", job=repr(name)[:80], error=str(error)[:200])
            return
        try:
            while run.poll() is None and not stopping.is_set():
                _wait(run, LOOK_SECONDS)
        except SoftTimeLimitExceeded:
            log.warning("a crawl job took longer than broker.job_seconds and is stopped", job=name)
        finally:
            _end(run)


def _wait(run: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        run.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _end(run: subprocess.Popen[bytes]) -> None:
    """A run that is still there ends in good order, or is killed."""
    if run.poll() is None:
        run.terminate()
        if not _wait(run, END_SECONDS):
            run.kill()
            run.wait()
