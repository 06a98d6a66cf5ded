"""The broker's worker and the dispatcher, as ``clonewatch worker`` and ``clonewatch dispatch`` run them."""

from __future__ import annotations

import logging
import signal
import threading
import warnings
from collections.abc import Collection
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import structlog
from celery.platforms import SecurityWarning
from celery.signals import worker_process_init, worker_ready, worker_shutdown

from crawler.examine.judge_warm_up import fingerprint_apart
from crawler.jobs.broker.capture_tasks import register
from crawler.jobs.broker.celery_app import make_app
from crawler.jobs.broker.dispatcher import Dispatcher
from crawler.jobs.broker.job_messages import register_jobs
from crawler.jobs.broker.rejudge_messages import register_judging
from crawler.jobs.run_recorder import RunRecorder, recorded
from detector.workspace import Workspace

log = structlog.get_logger(__name__)


def take_messages(folder: Path, options: dict[str, Any], queues: Collection[str]) -> None:
    """Take messages and do their work until stopped, in ``capture.slots`` processes, each with a browser of one slot.

    ``options``: overrides for :meth:`Workspace.open`.  ``queues``: names from :data:`~crawler.jobs.broker.celery_app.QUEUES`.

    Raises:
        StoreError, ConfigError, BrandFileError: the workspace cannot be opened.
    """
    with Workspace.open(folder, **options) as opened:
        library = opened.library()  # an error in a brand is reported here once, not by every process
        detect = opened.config.detect
        slots, broker = opened.config.capture.slots, opened.config.broker
    # before any message: with thousands of brands it takes longer than the time limit of a message
    fingerprint_apart(library, detect)
    # Celery warns of pickled messages as root; ours are JSON of two values
    warnings.filterwarnings("ignore", category=SecurityWarning)
    app = make_app(broker)
    one = {**options, "capture": {**(options.get("capture") or {}), "slots": 1}}
    lease = max(broker.hard_seconds + 60.0, opened.config.store.lease_seconds)
    processes = register(app, folder, {**one, "store": {"lease_seconds": lease}})
    register_jobs(app, folder, broker)
    register_judging(app, processes, broker)
    _record_worker(folder, slots)
    # they warn of delayed messages on quorum queues, and none is sent
    logging.getLogger("kombu.transport.native_delayed_delivery").setLevel(logging.ERROR)
    app.worker_main(
        [
            "--quiet",
            "worker",
            "-Q",
            ",".join(queues),
            "-c",
            str(slots),
            "--loglevel",
            "WARNING",
            "--without-gossip",
            "--without-mingle",
        ]
    )


def send_messages(workspace: Workspace, recorder: RunRecorder, patience: float) -> None:
    """Dispatch until SIGTERM or SIGINT; a message that is being sent then is finished first."""
    dispatcher = Dispatcher(make_app(workspace.config.broker), workspace.store, workspace.config.broker)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    try:
        dispatcher.run(stopping, patience)
    finally:
        recorder.counts["sent"] = dispatcher.sent


def _record_worker(folder: Path, slots: int) -> None:
    """Record the worker as a run, from when it is ready until it ends."""
    stack = ExitStack()
    opened: list[Workspace] = []

    def ready(**_: object) -> None:
        workspace = stack.enter_context(Workspace.open(folder))
        opened.append(workspace)
        recorder = stack.enter_context(recorded(workspace.store.runs))
        recorder.doing, recorder.slots = "messages", slots

    def end(**_: object) -> None:
        stack.close()

    def forked(**_: object) -> None:
        for workspace in opened:
            workspace.store.abandon_connections()

    worker_ready.connect(ready, weak=False)
    worker_shutdown.connect(end, weak=False)
    worker_process_init.connect(forked, weak=False)
