"""A worker that takes messages, and the dispatcher that sends them, as the command line runs them."""

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
    """Work until stopped: as many processes as ``capture.slots``, each with a browser of one slot.

    ``queues``: those of :data:`~crawler.jobs.broker.celery_app.QUEUES` that messages are taken from.

    Raises:
        StoreError, ConfigError, BrandFileError: the workspace cannot be opened.
    """
    with Workspace.open(folder, **options) as opened:
        library = opened.library()  # a brand's mistake is told here, not by every process
        detect = opened.config.detect
        slots, broker = opened.config.capture.slots, opened.config.broker
    # before any message: its clock would run out over thousands of brands
    fingerprint_apart(library, detect)
    # that it runs as root is said where the browser is started; messages of two words unpack nothing
    warnings.filterwarnings("ignore", category=SecurityWarning)
    app = make_app(broker)
    one = {**options, "capture": {**(options.get("capture") or {}), "slots": 1}}
    lease = max(broker.hard_seconds + 60.0, opened.config.store.lease_seconds)
    hands = register(app, folder, {**one, "store": {"lease_seconds": lease}})
    register_jobs(app, folder, broker)
    register_judging(app, hands, broker)
    _write_down(folder, slots)
    # nothing is sent for later, which is what these warn of
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
    """Dispatch until interrupted: what is being sent then is sent, and not torn apart by an exception within somebody's library."""
    dispatcher = Dispatcher(make_app(workspace.config.broker), workspace.store, workspace.config.broker)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    try:
        dispatcher.run(stopping, patience)
    finally:
        recorder.counts["sent"] = dispatcher.sent


def _write_down(folder: Path, slots: int) -> None:
    """Keep the worker's line in the book of runs, from when it is ready until it ends."""
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
