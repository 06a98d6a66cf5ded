"""The scheduler of crawl jobs as messages: due and missed moments, an unreachable broker, a clock that jumps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.jobs.broker import beat as beat_module
from crawler.jobs.broker.beat import WAKE_SECONDS, JobBeat
from crawler.jobs.broker.celery_app import DISCOVER, make_app
from crawler.jobs.schedule import moments as moments_module
from crawler.jobs.schedule.moments import OWN_MEMORY, PlannedMoments, since_key
from crawler.jobs.schedule.schedule_plan import SchedulePlan
from detector.config import BrokerConfig, CrawlJob, ScheduleConfig
from detector.store import Store
from tests.support.clock import SetClock

JOB = "yearly"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "clonewatch.sqlite") as opened:
        yield opened


class Beat:
    """A beat of one job, what it said, and the moments that it sent."""

    def __init__(self, store: Store, url: str, *, cron: str = "0 0 1 1 *", jitter: float = 0) -> None:
        self.app = make_app(BrokerConfig(url=url))
        self.said: list[tuple[str, str]] = []
        plan = SchedulePlan(ScheduleConfig(jobs=(CrawlJob(JOB, cron),), jitter_seconds=jitter, catch_up_hours=24 * 400))

        def tell(job: str, sentence: str) -> None:
            self.said.append((job, sentence))

        self.scheduler = JobBeat(PlannedMoments(plan, store, timedelta(days=1), tell), tell, app=self.app)

    def sent(self) -> list[datetime]:
        """Moments that lie in the queue; they are taken out."""
        found = []
        with self.app.connection_for_read() as connection:
            queue = self.app.amqp.queues[DISCOVER](connection.default_channel)
            queue.declare()
            while (message := queue.get(no_ack=True)) is not None:
                (name, moment), _, _ = message.payload
                assert name == JOB
                found.append(datetime.fromisoformat(moment))
        return found


def known_since(store: Store, days: float) -> None:
    store.sources.put(OWN_MEMORY, since_key(JOB), datetime.now(UTC) - timedelta(days=days))


def test_a_missed_moment_is_sent_once(store: Store, redis_url: str) -> None:
    known_since(store, 400)
    beat = Beat(store, redis_url)
    assert [beat.scheduler.tick() for _ in range(3)] == [WAKE_SECONDS] * 3
    assert beat.sent() == [datetime(datetime.now(UTC).year, 1, 1, tzinfo=UTC)]
    assert beat.said == [(JOB, "missed its planned time; it runs now"), (JOB, "sent to the workers")]


def test_what_was_answered_meanwhile_is_not_sent(store: Store, redis_url: str) -> None:
    known_since(store, 400)
    beat = Beat(store, redis_url)
    moment = datetime(datetime.now(UTC).year, 1, 1, tzinfo=UTC)
    assert store.runs.begin(JOB, datetime.now(UTC), host="elsewhere", pid=1, planned=moment) is not None
    beat.scheduler.tick()
    assert beat.sent() == []


def test_nothing_is_sent_before_its_time(store: Store, redis_url: str) -> None:
    beat = Beat(store, redis_url)
    beat.scheduler.tick()
    assert beat.sent() == []
    assert beat.said == []


def test_a_broker_that_is_away_is_asked_again(store: Store, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known_since(store, 400)
    away = make_app(BrokerConfig(url="redis://127.0.0.1:1/0"))
    beat = Beat(store, redis_url)
    here, beat.scheduler.app = beat.scheduler.app, away
    beat.scheduler.tick()
    assert [said for _, said in beat.said] == ["missed its planned time; it runs now"]
    beat.scheduler.app = here
    beat.scheduler.tick()
    assert len(beat.sent()) == 1


def test_a_clock_that_jumps_is_caught_up_with(store: Store, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    beat = Beat(store, redis_url)
    clock = SetClock(ahead=timedelta(days=366))
    monkeypatch.setattr(moments_module, "time", clock)
    for module in (moments_module, beat_module):
        monkeypatch.setattr(module, "utcnow", clock.utcnow)
    beat.scheduler.tick()
    [moment] = beat.sent()
    assert (moment.month, moment.day, moment.hour) == (1, 1, 0)
    assert any(job == "clock" and "was set by +" in said for job, said in beat.said)


def test_a_store_that_is_away_is_said_and_asked_again(store: Store, redis_url: str, tmp_path: Path) -> None:
    known_since(store, 400)
    beat = Beat(store, redis_url)
    database = tmp_path / "clonewatch.sqlite"
    store._database._engine.dispose()
    aside = database.rename(tmp_path / "aside")
    database.mkdir()
    beat.scheduler.tick()
    assert any(said.startswith("could not be sent: database") for _, said in beat.said)
    database.rmdir()
    aside.rename(database)
    beat.scheduler.tick()
    assert len(beat.sent()) == 1
