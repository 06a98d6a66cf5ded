"""The plan of all crawl jobs: the checked configuration and the times that follow from it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from crawler.jobs.schedule.cron import CronExpression, zone_of
from detector.config import CrawlJob, ScheduleConfig
from detector.errors import UsageError


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """A crawl job with its planned times."""

    job: CrawlJob
    cron: CronExpression
    jitter: float

    def delay(self, moment: datetime) -> timedelta:
        """Return the delay of the run planned for ``moment``: random, but always the same for the same job and time."""
        digest = hashlib.sha256(f"{self.job.name} {moment.timestamp():.0f}".encode()).digest()
        return timedelta(seconds=self.jitter * int.from_bytes(digest[:4], "big") / 2**32)

    def fires_after(self, now: datetime) -> datetime | None:
        """Return when the next run begins, its delay included; None where the job never runs again."""
        moment = self.cron.after(now.astimezone(UTC) - timedelta(seconds=self.jitter))
        while moment is not None and moment + self.delay(moment) <= now:
            moment = self.cron.after(moment)
        return None if moment is None else moment + self.delay(moment)


class SchedulePlan:
    """All jobs of a configuration."""

    def __init__(self, config: ScheduleConfig) -> None:
        """Check the jobs.

        Raises:
            ConfigError: a cron expression is malformed or never fires, or the time zone does not exist.
        """
        zone = zone_of(config.timezone)
        self.catch_up = timedelta(hours=config.catch_up_hours)
        self._jobs = {
            job.name: PlannedJob(
                job, CronExpression(job.cron, zone, of=f"schedule.jobs: {job.name}"), config.jitter_seconds
            )
            for job in config.jobs
        }

    def __iter__(self) -> Iterator[PlannedJob]:
        return iter(self._jobs.values())

    def __len__(self) -> int:
        return len(self._jobs)

    def named(self, name: str) -> PlannedJob:
        """Return the job of that name.

        Raises:
            UsageError: there is no such job.
        """
        found = self._jobs.get(name)
        if found is None:
            known = ", ".join(self._jobs) or "none; add [[schedule.jobs]] to clonewatch.toml"
            raise UsageError(f"there is no crawl job {name!r}; known: {known}")
        return found

    def missed(self, planned: PlannedJob, answered: datetime, now: datetime) -> datetime | None:
        """Return the latest planned time after ``answered`` that may still be made up for; None where there is none."""
        return planned.cron.latest(max(answered, now - self.catch_up), now)
