"""The sections ``[schedule]`` and ``[broker]``: when crawl jobs run, and how work reaches other machines."""

from __future__ import annotations

import re
from dataclasses import dataclass

from detector.errors import ConfigError

JOB_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")
STEPS = ("discover", "capture", "report", "takedown", "tidy")
"""Steps of a crawl job, in the order in which they run."""


@dataclass(frozen=True)
class CrawlJob:
    """A crawl job that runs again and again."""

    name: str
    """Letters, digits, ``-`` and ``_``, 60 at most."""
    cron: str
    """Times: minute, hour, day of the month, month and day of the week, as in a crontab."""
    steps: tuple[str, ...] = ("discover", "capture", "report")
    """``discover`` (ask sources), ``capture`` (what is due), ``report``, ``takedown`` (append to the queue), ``tidy``."""
    sources: tuple[str, ...] = ()
    """Sources to ask; empty: all that are configured."""
    brands: tuple[str, ...] = ()
    """Brands that the job is about; empty: all."""

    def __post_init__(self) -> None:
        unknown = [step for step in self.steps if step not in STEPS]
        if unknown or not self.steps:
            raise ConfigError(
                f"schedule.jobs: {self.name}: steps are of {', '.join(STEPS)}, not {', '.join(unknown)!r}"
            )
        if not JOB_NAME.fullmatch(self.name):
            raise ConfigError(
                f"schedule.jobs: {self.name[:80]!r}: expected a name of letters, digits, - and _, 60 at most"
            )
        if self.sources and "discover" not in self.steps:
            raise ConfigError(f"schedule.jobs: {self.name}: it names sources, but discover is not among its steps")


@dataclass(frozen=True, kw_only=True)
class ScheduleConfig:
    """Crawl jobs and their times; ``clonewatch schedule`` runs them."""

    jobs: tuple[CrawlJob, ...] = ()
    """Crawl jobs; see ``[[schedule.jobs]]``."""
    timezone: str = "UTC"
    """Time zone of the cron expressions, such as ``Europe/Zurich``."""
    jitter_seconds: float = 20.0
    """Longest random delay of a run, 0 to 3600, so that not all jobs of all machines begin in the same second."""
    catch_up_hours: float = 24.0
    """Age up to which a missed run (the machine was off) is made up for, once per job."""
    keep_days: float = 90.0
    """Days for which the records of runs are kept."""
    metrics: str = ""
    """``ADDRESS:PORT`` at which ``clonewatch schedule`` serves metrics for Prometheus; empty: nowhere."""

    def __post_init__(self) -> None:
        names = [job.name for job in self.jobs]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ConfigError(f"schedule.jobs: two jobs are called {twice[0]}")
        if not 0 <= self.jitter_seconds <= 3600 or self.catch_up_hours < 0 or self.keep_days <= 0:
            raise ConfigError(
                "schedule.jitter_seconds must be from 0 to 3600, schedule.catch_up_hours not below 0, "
                "schedule.keep_days above 0"
            )


@dataclass(frozen=True, kw_only=True)
class BrokerConfig:
    """A message broker that distributes candidates to workers on many machines; without one, workers ask the database."""

    url: str = ""
    """``amqp://USER:PASSWORD@HOST//`` (RabbitMQ, quorum queues), or ``redis://HOST/0`` for one machine; empty: no broker."""
    ahead: int = 50
    """Messages that the dispatcher keeps in the queue: enough that no worker waits, few enough that urgent ones come soon."""
    hold_seconds: float = 900.0
    """Seconds that a candidate may lie in the queue; then it is due again."""
    soft_seconds: float = 150.0
    """Seconds after which a capture with its second looks is ended in good order."""
    hard_seconds: float = 200.0
    """Seconds after which the process of a capture is killed, and its message goes to another worker."""
    recycle_after: int = 500
    """Messages after which a worker's process is replaced."""
    job_seconds: float = 21600.0
    """Seconds after which a crawl job that a worker runs is ended in good order."""

    def __post_init__(self) -> None:
        if self.url and not self.url.startswith(("amqp://", "amqps://", "redis://", "rediss://")):
            raise ConfigError("broker.url must begin with amqp://, amqps://, redis:// or rediss://")
        if self.ahead < 1 or self.recycle_after < 1 or self.hold_seconds <= 0 or self.job_seconds <= 0:
            raise ConfigError("broker.ahead, recycle_after, hold_seconds and job_seconds must be above 0")
        if not 0 < self.soft_seconds < self.hard_seconds:
            raise ConfigError("broker.soft_seconds must be above 0 and below broker.hard_seconds")
