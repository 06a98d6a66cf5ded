"""Cron expressions after crontab(5), built on APScheduler's triggers.

Two rules differ there: APScheduler counts the days of the week from Monday, and where both day fields are given it wants both to
match; crontab counts from Sunday and takes either.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger

from detector.errors import ConfigError

MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_PART = re.compile(r"(\*|(\w+)(?:-(\w+))?)(?:/(\d+))?", re.ASCII)
_FIELDS = 5
_MOST = 200_000
"""Largest number of times that are tried to find the latest one: four months of minutes."""


class CronExpression:
    """A cron expression in a time zone."""

    def __init__(self, expression: str, zone: tzinfo, *, of: str) -> None:
        """``of``: owner of the expression, for error messages.

        Raises:
            ConfigError: the expression is malformed, or never fires.
        """
        self.expression = expression
        self._trigger = _trigger(expression, zone, of)
        if self.after(datetime.now(UTC)) is None:
            raise ConfigError(f"{of}: cron {expression!r} never fires: there is no such day")

    def after(self, moment: datetime) -> datetime | None:
        """Return the first time after ``moment``, in UTC; None where there is none."""
        found = self._trigger.get_next_fire_time(None, moment + timedelta(microseconds=1))
        return None if found is None else found.astimezone(UTC)

    def latest(self, since: datetime, until: datetime) -> datetime | None:
        """Return the last time after ``since`` and not after ``until``; None where there is none."""
        last, found = None, self.after(since)
        for _ in range(_MOST):
            if found is None or found > until:
                break
            last, found = found, self.after(found)
        return last


def zone_of(name: str) -> tzinfo:
    """Return the time zone of that name.

    Raises:
        ConfigError: there is no such time zone.
    """
    if name.upper() == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(
            f"schedule.timezone: {name!r} is not a time zone; use a name such as Europe/Zurich"
        ) from error


def fields_of(expression: str) -> list[str]:
    """Return the five fields of an expression, also of a macro such as ``@daily``."""
    return MACROS.get(expression.strip().lower(), expression).split()


def _trigger(expression: str, zone: tzinfo, of: str) -> BaseTrigger:
    fields = fields_of(expression)
    if len(fields) != _FIELDS:
        raise ConfigError(
            f"{of}: cron {expression!r} has {len(fields)} fields, not {_FIELDS}: "
            "minute, hour, day of the month, month, day of the week"
        )
    minute, hour, day, month, weekday = fields
    try:
        days = ",".join(DAYS[number] for number in weekdays(weekday)) if weekday != "*" else "*"
        # crontab fires on either day where both are given
        wanted = [(day, "*"), ("*", days)] if not (day.startswith("*") or weekday.startswith("*")) else [(day, days)]
        triggers = [
            CronTrigger(minute=minute, hour=hour, day=on, month=month.lower(), day_of_week=dow, timezone=zone)
            for on, dow in wanted
        ]
    except ValueError as error:
        raise ConfigError(f"{of}: cron {expression!r} is not a cron expression ({error})") from error
    return triggers[0] if len(triggers) == 1 else OrTrigger(triggers)


def weekdays(field: str) -> list[int]:
    """Return the days of the week of a field, 0 for Sunday.

    Raises:
        ValueError: the field is malformed.
    """
    found: set[int] = set()
    for part in field.lower().split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(f"{part!r} is not a day of the week")
        every, first, last, step = match.groups()
        start = 0 if every == "*" else _day(first)
        end = 6 if every == "*" else _day(last) if last else 6 if step else start
        end += 7 * (end < start)  # fri-mon, 5-0
        found.update(number % 7 for number in range(start, end + 1, max(1, int(step or 1))))
    return sorted(found)


def _day(word: str) -> int:
    if word in DAYS:
        return DAYS.index(word)
    if word.isdigit() and int(word) <= 7:
        return int(word)
    raise ValueError(f"{word!r} is not a day of the week")
