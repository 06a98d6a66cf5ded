"""Export of crawl jobs to systemd: a service and a timer a job, confined as those of ``deploy/systemd`` are."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path

from crawler.jobs.schedule.cron import DAYS, fields_of, weekdays
from crawler.jobs.schedule.schedule_export import command_of, one_line_of, printable_path
from crawler.jobs.schedule.schedule_plan import SchedulePlan
from detector.errors import UsageError

USER = "clonewatch"
USER_NAME = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
HIDDEN = ("/home", "/root", "/run/user", "/tmp", "/var/tmp")  # nosec B108  # noqa: S108  nothing is written there
"""Folders that the confinement hides; what the job needs of them is bound in by name."""
CONFINEMENT = """\
# RestrictNamespaces is left out: Chromium's own sandbox is made of user namespaces
NoNewPrivileges=true
PrivateTmp=true
ProtectSystem=strict
ProtectHome={home}
ProtectKernelTunables=true
ProtectKernelModules=true
ProtectKernelLogs=true
ProtectControlGroups=true
ProtectClock=true
ProtectHostname=true
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictSUIDSGID=true
RestrictRealtime=true
LockPersonality=true
RemoveIPC=true
SystemCallArchitectures=native
CapabilityBoundingSet=
UMask=0077
MemoryMax=80%
TasksMax=4096
"""
_SERVICE = """[Unit]
Description=clonewatch crawl job {name}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
User={user}
Group={user}
# passwords and keys: PGPASSWORD, AWS_SECRET_ACCESS_KEY, the feeds' authorization variables
EnvironmentFile=-/etc/clonewatch/environment
# fingerprints of the brands' logos are kept in /var/cache/clonewatch
CacheDirectory=clonewatch
Environment=XDG_CACHE_HOME=%C/clonewatch
ExecStart={command}
# 10: something was flagged, which is a success
SuccessExitStatus=10
KillSignal=SIGTERM
KillMode=mixed
TimeoutStopSec=90
{places}{confinement}"""
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


def systemd(plan: SchedulePlan, workspace: Path, zone: str, user: str = USER) -> dict[str, str]:
    """Return unit files by name: a service and a timer per job.

    ``user``: name of the account that the jobs run under, and of its group.

    Raises:
        UsageError: the account is root, whose Chromium has no sandbox, or is no name of one; a path cannot be written into a unit.
    """
    if not USER_NAME.fullmatch(user):
        raise UsageError(f"--user {user[:80]!r}: expected the name of an account, such as {USER}")
    if user == "root":
        raise UsageError(
            f"--user root: the browser would run without its sandbox; make an account (useradd --system {USER})"
        )
    hidden, places = _places(workspace)
    confinement = CONFINEMENT.format(home="tmpfs" if hidden else "true")
    files = {}
    for planned in plan:
        name, cron = planned.job.name, one_line_of(planned.job.cron)
        files[f"clonewatch-{name}.service"] = _SERVICE.format(
            name=name, user=user, command=quoted(command_of(name, workspace)), places=places, confinement=confinement
        )
        calendar = "\n".join(f"OnCalendar={line} {zone}" for line in _calendar(cron))
        files[f"clonewatch-{name}.timer"] = _TIMER.format(
            name=name, cron=cron.replace("%", "%%"), zone=zone, calendar=calendar, jitter=planned.jitter
        )
    return files


def _places(workspace: Path) -> tuple[bool, str]:
    """Return whether a folder that is needed is hidden, and the lines that let the job reach the workspace and the program."""
    hidden, lines = False, []
    for path, inside, outside in (
        (workspace, "BindPaths", "ReadWritePaths"),
        *((path, "BindReadOnlyPaths", "") for path in _program_folders()),
    ):
        if any(path.is_relative_to(folder) for folder in HIDDEN):
            if ":" in str(path):
                raise UsageError(
                    f"{path} is hidden from units, and cannot be named to them because of its colon; rename it"
                )
            hidden = True
            lines.append(f"{inside}={quoted([printable_path(path)])}\n")
        elif outside:
            lines.append(f"{outside}={quoted([printable_path(path)])}\n")
    return hidden, "".join(lines)


def _program_folders() -> list[Path]:
    """List the folders that the program is run from: its environment, Python itself, and the source of a checkout."""
    source = Path(__file__).resolve().parents[3]
    return list(dict.fromkeys((Path(sys.prefix), Path(sys.base_prefix), source)))


def quoted(words: Iterable[str]) -> str:
    """Quote words for a line of a unit file (systemd.syntax(7)), with specifiers and variables escaped."""
    found = []
    for word in words:
        plain = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
        found.append(f'"{plain}"' if any(char in " ;\"\\'" for char in word) else plain)
    return " ".join(found)


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
