"""Planned times after a clock that was days ahead."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from crawler.jobs.schedule import moments as moments_module
from crawler.jobs.schedule.moments import PlannedMoments
from crawler.jobs.schedule.schedule_plan import SchedulePlan
from detector.config import CrawlJob, ScheduleConfig
from detector.store import Store
from tests.support.clock import SetClock

DAYS = timedelta(days=3)


@pytest.mark.parametrize("begun", [True, False])
def test_a_job_that_was_planned_or_run_on_a_day_to_come_is_not_left_out_until_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun: bool
) -> None:
    clock = SetClock(ahead=DAYS)
    monkeypatch.setattr(moments_module, "utcnow", clock.utcnow)
    plan = SchedulePlan(ScheduleConfig(jobs=(CrawlJob("often", "* * * * *"),), jitter_seconds=0))
    [planned] = plan
    with Store.open(tmp_path / "clonewatch.sqlite", clock=clock.utcnow) as store:
        moments = PlannedMoments(plan, store, DAYS, lambda *_: None)
        moments.since(planned)
        clock.ahead += timedelta(minutes=2)
        missed = moments.missed(planned)
        assert missed is not None
        if begun:
            store.runs.begin("often", clock.utcnow(), planned=missed, host="h", pid=1)
        clock.ahead = timedelta(0)
        # known from now on, and not from the day to come
        moments.since(planned)
        assert moments.missed(planned) is None
        clock.ahead = timedelta(minutes=5)
        due = moments.missed(planned)
        assert due is not None
        assert store.runs.begin("often", clock.utcnow(), planned=due, host="h", pid=2)
        clock.ahead = DAYS + timedelta(hours=1)
        assert store.runs.begin("often", clock.utcnow(), planned=missed, host="h", pid=3)
