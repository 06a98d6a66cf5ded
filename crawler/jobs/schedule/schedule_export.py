"""Export of crawl jobs to other schedulers: systemd timers, a crontab, Scrapyd calls."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path

from crawler.jobs.schedule.cron import DAYS, fields_of, weekdays
from crawler.jobs.schedule.schedule_plan import SchedulePlan
from detector.errors import UsageError

_SERVICE = """[Unit]
Description=clonewatch crawl job {name}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart={command}
# 10: something was flagged, which is a success
SuccessExitStatus=10
KillSignal=SIGTERM
TimeoutStopSec=60
"""
_TIMER = """[Unit]
Description=When clonewatch crawl job {name} runs ({cron}, {zone})

[Timer]
{calendar}
RandomizedDelaySec={jitter:.0f}
FixedRandomDelay=true
# a run that was missed is made up for
Persistent=true

[Install]
WantedBy=timers.target
"""


def systemd(plan: SchedulePlan, workspace: Path, zone: str) -> dict[str, str]:
    """Return unit files by name: a service and a timer per job."""
    files = {}
    for planned in plan:
        name = planned.job.name
        files[f"clonewatch-{name}.service"] = _SERVICE.format(
            name=name, command=_systemd_quoted(_command(name, workspace))
        )
        calendar = "\n".join(f"OnCalendar={line} {zone}" for line in _calendar(planned.job.cron))
        files[f"clonewatch-{name}.timer"] = _TIMER.format(
            name=name, cron=planned.job.cron, zone=zone, calendar=calendar, jitter=planned.jitter
        )
    return files


def crontab(plan: SchedulePlan, workspace: Path, zone: str) -> str:
    """Return the text of a crontab.  Missed runs are not made up for, and runs of one job do not overlap."""
    lines = [
        "# clonewatch's crawl jobs.  Runs of one job do not overlap; runs that the machine missed are not made up for.",
        f"CRON_TZ={zone}",
    ]
    for planned in plan:
        command = shlex.join(_command(planned.job.name, workspace)).replace("%", "\\%")
        lines.append(f"{planned.job.cron} {command}")
    return "\n".join(lines) + "\n"


def scrapyd(plan: SchedulePlan, workspace: Path) -> str:
    """Return a JSON line per job and spider: the body to send to Scrapyd's ``schedule.json``, and its cron expression.

    Scrapyd runs spiders only: jobs without sources are left out, and captures and report are left to ``clonewatch run``.

    Raises:
        UsageError: no job names a source.
    """
    lines = []
    for planned in plan:
        for source in planned.job.sources:
            body = {
                "project": "clonewatch",
                "spider": source,
                "jobid": f"{planned.job.name}-{source}",
                "setting": [f"CLONEWATCH_WORKSPACE={workspace}"],
                **({"brand": ",".join(planned.job.brands)} if planned.job.brands else {}),
            }
            lines.append(json.dumps({"cron": planned.job.cron, "schedule.json": body}))
    if not lines:
        raise UsageError("no job names a source, and Scrapyd runs spiders only: name them in [[schedule.jobs]] sources")
    return "\n".join(lines) + "\n"


def _command(name: str, workspace: Path) -> list[str]:
    program = Path(sys.executable).with_name("clonewatch")
    words = [str(program), "schedule", "run", name, "--due", "--workspace", str(workspace), "--quiet"]
    for word in words:
        # a line break would begin another command, or another setting of the unit, and no quotes keep it from that
        if not word.isprintable():
            raise UsageError(
                f"{word!r} holds a line break or another invisible character; rename that folder to export jobs"
            )
    return words


def _systemd_quoted(words: Iterable[str]) -> str:
    """Quote a command line for systemd.service(5), with specifiers and variables escaped."""
    quoted = []
    for word in words:
        plain = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
        quoted.append(f'"{plain}"' if any(char in " \"\\'" for char in word) else plain)
    return " ".join(quoted)


def _calendar(cron: str) -> list[str]:
    """Return a cron expression as calendar events (systemd.time(7)); two where crontab fires on either of two days."""
    minute, hour, day, month, weekday = fields_of(cron)
    days = (
        ",".join(DAYS[number].capitalize() for number in weekdays(weekday))
        if not weekday.startswith("*") or "/" in weekday
        else ""
    )
    date = f"*-{_field(month, 1)}-{_field(day, 1)}"
    clock = f"{_field(hour, 0)}:{_field(minute, 0)}:00"
    if days and not (day.startswith("*") or weekday.startswith("*")):
        return [f"{date} {clock}", f"{days} *-{_field(month, 1)}-* {clock}"]
    return [f"{days} {date} {clock}".strip()]


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _field(text: str, first: int) -> str:
    """Translate a field: ``*/15`` is ``0/15``, ``1-5`` is ``1..5``, ``jan`` is ``1``."""
    text = text.lower()
    for number, name in enumerate(_MONTHS, 1):
        text = text.replace(name, str(number))
    return ",".join(part.replace("*/", f"{first}/").replace("-", "..") for part in text.split(","))
