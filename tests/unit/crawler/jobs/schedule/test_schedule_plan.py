"""When crawl jobs run: crontab's rules, jitter, and what was missed."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.jobs.schedule.cron import CronExpression, zone_of
from crawler.jobs.schedule.schedule_plan import SchedulePlan
from detector.config import CrawlJob, ScheduleConfig
from detector.errors import ConfigError, UsageError

MONDAY = datetime(2026, 11, 30, 10, 7, tzinfo=UTC)


def after(expression: str, moment: datetime = MONDAY, zone: str = "UTC") -> datetime:
    found = CronExpression(expression, zone_of(zone), of="job").after(moment)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("*/15 * * * *", "2026-11-30 10:15"),
        ("0 3 * * *", "2026-12-01 03:00"),
        ("0 0 * * 0", "2026-12-06 00:00"),  # Sunday, as crontab counts
        ("0 0 * * 7", "2026-12-06 00:00"),
        ("0 0 * * sun", "2026-12-06 00:00"),
        ("0 0 * * 1-5", "2026-12-01 00:00"),
        ("0 0 * * 6", "2026-12-05 00:00"),
        ("0 0 * * fri-mon", "2026-12-04 00:00"),
        ("0 0 * * */3", "2026-12-02 00:00"),  # Sunday, Wednesday, Saturday
        ("0 0 13 * 5", "2026-12-04 00:00"),  # a Friday or a thirteenth
        ("0 0 1 JAN *", "2027-01-01 00:00"),
        ("@daily", "2026-12-01 00:00"),
        ("@weekly", "2026-12-06 00:00"),
    ],
)
def test_expressions_mean_what_crontab_says(expression: str, wanted: str) -> None:
    assert after(expression) == datetime.fromisoformat(wanted).replace(tzinfo=UTC)


def test_a_time_zone_and_its_summer() -> None:
    assert after("30 8 * * *", zone="Europe/Zurich") == datetime(2026, 12, 1, 7, 30, tzinfo=UTC)
    summer = datetime(2026, 7, 1, tzinfo=UTC)
    assert after("30 8 * * *", summer, "Europe/Zurich") == datetime(2026, 7, 1, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("0 0 30 2 *", "never fires"),
        ("* * * *", "has 4 fields, not 5"),
        ("61 * * * *", "is not a cron expression"),
        ("0 0 * * funday", "'funday' is not a day of the week"),
        ("0 0 * * 8", "'8' is not a day of the week"),
        ("@sometimes", "has 1 fields"),
        ("", "has 0 fields"),
    ],
)
def test_what_is_no_expression_is_refused_with_its_job(expression: str, said: str) -> None:
    with pytest.raises(ConfigError, match=rf"schedule\.jobs: nightly: cron .*{said}"):
        SchedulePlan(ScheduleConfig(jobs=(CrawlJob("nightly", expression),)))


@given(st.text(max_size=30))
def test_any_text_is_an_expression_or_refused(text: str) -> None:
    with contextlib.suppress(ConfigError):
        CronExpression(text, UTC, of="job")


def test_a_time_zone_that_is_none() -> None:
    for name in ("Mars/Olympus", "../../etc/passwd", ""):
        with pytest.raises(ConfigError, match=r"schedule\.timezone"):
            zone_of(name)


def test_the_latest_missed_moment_is_caught_up_with_once() -> None:
    plan = SchedulePlan(ScheduleConfig(jobs=(CrawlJob("hourly", "0 * * * *"),), catch_up_hours=24))
    hourly = plan.named("hourly")
    assert plan.missed(hourly, MONDAY - timedelta(hours=5), MONDAY) == MONDAY.replace(minute=0)
    assert plan.missed(hourly, MONDAY.replace(minute=0), MONDAY) is None
    weekly = SchedulePlan(ScheduleConfig(jobs=(CrawlJob("weekly", "0 0 * * 5"),), catch_up_hours=24))
    assert weekly.missed(weekly.named("weekly"), MONDAY - timedelta(days=30), MONDAY) is None, "too long ago"


def test_jitter_is_the_same_each_time_and_within_bounds() -> None:
    plan = SchedulePlan(
        ScheduleConfig(jobs=(CrawlJob("a", "* * * * *"), CrawlJob("b", "* * * * *")), jitter_seconds=30)
    )
    moments = [MONDAY + timedelta(minutes=number) for number in range(200)]
    delays = [plan.named("a").delay(moment).total_seconds() for moment in moments]
    assert delays == [plan.named("a").delay(moment).total_seconds() for moment in moments]
    assert all(0 <= delay < 30 for delay in delays)
    assert max(delays) - min(delays) > 20
    assert plan.named("b").delay(MONDAY) != plan.named("a").delay(MONDAY)


def test_a_job_that_is_not_there() -> None:
    with pytest.raises(UsageError, match=r"no crawl job 'x'; known: none; add \[\[schedule\.jobs\]\]"):
        SchedulePlan(ScheduleConfig()).named("x")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: CrawlJob("a b", "* * * * *"), "expected a name of letters"),
        (lambda: CrawlJob("../x", "* * * * *"), "expected a name of letters"),
        (lambda: CrawlJob("a", "* * * * *", steps=("dance",)), "steps are of discover, capture"),
        (lambda: CrawlJob("a", "* * * * *", steps=("report",), sources=("feeds",)), "names sources"),
        (lambda: ScheduleConfig(jobs=(CrawlJob("a", "@daily"), CrawlJob("a", "@hourly"))), "two jobs are called a"),
        (lambda: ScheduleConfig(jitter_seconds=-1), "jitter_seconds"),
    ],
)
def test_what_a_job_may_not_be(make: object, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        make()  # type: ignore[operator]
