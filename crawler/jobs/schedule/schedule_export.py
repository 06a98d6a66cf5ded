"""Export of crawl jobs to other schedulers: a crontab, Scrapyd calls; :mod:`crawler.jobs.schedule.systemd_units` has systemd's."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

from crawler.jobs.schedule.schedule_plan import SchedulePlan
from detector.errors import UsageError


def crontab(plan: SchedulePlan, workspace: Path, zone: str) -> str:
    """Return the text of a crontab.  Missed runs are not made up for, and runs of one job do not overlap.

    Raises:
        UsageError: a path holds a line break or another control character.
    """
    lines = [
        "# clonewatch's crawl jobs.  Runs of one job do not overlap; runs that the machine missed are not made up for.",
        f"CRON_TZ={zone}",
    ]
    for planned in plan:
        command = shlex.join(command_of(planned.job.name, workspace)).replace("%", "\\%")
        lines.append(f"{one_line_of(planned.job.cron)} {command}")
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


def command_of(name: str, workspace: Path) -> list[str]:
    """Return the command that runs a job for its latest planned time.

    Raises:
        UsageError: a path holds a line break or another control character.
    """
    program = Path(sys.executable).with_name("clonewatch")
    return [
        printable_path(program),
        "schedule",
        "run",
        name,
        "--due",
        "--workspace",
        printable_path(workspace),
        "--quiet",
    ]


def printable_path(path: Path) -> str:
    """Return a path for a file of lines.

    Raises:
        UsageError: it holds a line break or another character that cannot be written there.
    """
    if not str(path).isprintable():
        raise UsageError(
            f"{str(path)!r} holds a line break or control character, which no unit file or crontab can hold; rename it"
        )
    return str(path)


def one_line_of(cron: str) -> str:
    """Return a cron expression in one line: a configuration may break it."""
    return " ".join(cron.split())
