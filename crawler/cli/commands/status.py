"""``clonewatch status``: backlog, sources, runs, crawl jobs and cases on one screen."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from crawler.cli import options
from crawler.cli.json_lines import write_lines
from crawler.cli.tables import figures, plain_table, show_table, words
from crawler.jobs.schedule.schedule_plan import SchedulePlan
from crawler.jobs.status_report import StatusReport, status_of
from crawler.runtime.terminal import Console, say_lines
from detector.model import utcnow
from detector.present.legible import one_line
from detector.store import JobRun
from detector.workspace import Workspace

LONGEST = 500
"""Characters of a source's name or an error that are shown; some of it comes from outside."""
_STYLES = {"failed": "red", "lost": "red", "stopped": "yellow", "running": "cyan", "done": "green"}


def status(
    json_target: options.Json = None,
    prometheus: Annotated[
        bool, typer.Option("--prometheus", help="Print metrics in Prometheus' text format, for its textfile collector.")
    ] = False,
    workspace: options.Workspace = None,
) -> None:
    """Show backlog, sources, runs, crawl jobs and cases."""
    with Workspace.open(workspace, create=False) as opened:
        if prometheus:
            from crawler.jobs.metrics import text_of  # noqa: PLC0415

            say_lines(text_of(opened))
            return
        found = status_of(opened.store, SchedulePlan(opened.config.schedule), utcnow(), opened.config.brand_folders())
    if json_target is not None:
        write_lines(json_target, [found])
        return
    console = Console(highlight=False)
    for text in _paragraphs(found):
        console.print(text)
    for title, table in (("Sources", _sources(found)), ("Runs", _runs(found)), ("Crawl jobs", _jobs(found))):
        if table.row_count:
            console.print(Text(f"\n{title}", "bold"))
            show_table(console, table)


def _paragraphs(found: StatusReport) -> list[Text]:
    backlog = found.backlog
    due = f"{backlog.due:,} due"
    if backlog.oldest_due is not None and backlog.due:
        due += f" (the longest for {ago(found.at - backlog.oldest_due)})"
    lines = [
        ("Backlog", f"{due}, {backlog.waiting:,} for later, {backlog.leased:,} in progress, {backlog.done:,} done"),
    ]
    old = {name: count for name, count in backlog.due_for.items() if count and name != "hour"}
    if old:
        words = {"day": "over an hour", "week": "over a day", "longer": "over a week"}
        lines.append(("", "of those due: " + ", ".join(f"{count:,} for {words[name]}" for name, count in old.items())))
    if backlog.quarantined:
        lines.append(("", f"{backlog.quarantined:,} in quarantine: each killed its worker several times"))
    if backlog.probes_due or backlog.probes_waiting:
        lines.append(("Names", f"{backlog.probes_due:,} due for a probe, {backlog.probes_waiting:,} for later"))
    if found.slots:
        lines.append(("Browsers", f"{found.busy} of {found.slots} slots busy"))
    where = ", ".join(f"{count:,} in {folder}" for folder, count in found.brands.items())
    lines.append(("Brands", one_line(where, LONGEST)))
    lines.append(("Captures", _listed(found.captures) or "none yet"))
    lines.append(("Cases", _listed(found.cases) or "none yet"))
    return [Text.assemble((f"{name:<10}", "bold"), text) for name, text in lines]


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items() if count)


def _sources(found: StatusReport) -> Table:
    table = plain_table("source", "last success", figures("new"), words("behind"), "error")
    for one in found.sources:
        table.add_row(
            Text(one_line(one.source, LONGEST)),
            f"{ago(found.at - one.succeeded)} ago" if one.succeeded else "never",
            f"{one.new:,}" + (f" + {one.left:,} names" if one.left else ""),
            ago(timedelta(seconds=one.lag)) if one.lag is not None else "",
            Text(one_line(one.error, LONGEST), "red"),
        )
    return table


def _runs(found: StatusReport) -> Table:
    table = plain_table("run", "host and process", "state", words("began"), words("took"), "result")
    for run in (*found.running, *found.recent):
        state = f"{run.state}: {run.doing}" if run.doing else str(run.state)
        counts = _listed(dict(run.counts))
        table.add_row(
            Text(run.job or "command"),
            Text(one_line(f"{run.host} {run.pid}", LONGEST)),
            Text(state, _STYLES.get(run.state, "")),
            f"{ago(found.at - run.started)} ago",
            ago((run.ended or found.at) - run.started),
            Text(one_line("; ".join(part for part in (counts, _waited(run), run.error) if part), LONGEST)),
        )
    return table


def _waited(run: JobRun) -> str:
    return f"overdue by up to {ago(timedelta(seconds=run.lag))}" if run.lag else ""


def _jobs(found: StatusReport) -> Table:
    table = plain_table("job", words("cron"), "last run", "next run")
    for job in found.jobs:
        last = f"{job.state}, {ago(found.at - job.started)} ago" if job.started else "never"
        table.add_row(
            job.job, job.cron, Text(last, _STYLES.get(job.state, "")), f"in {ago(_until(job.next, found.at))}"
        )
    return table


def _until(moment: datetime | None, now: datetime) -> timedelta:
    return (moment or now) - now


def ago(span: timedelta) -> str:
    """Return a duration in one figure: ``42 s``, ``5 min``, ``3 h``, ``12 d``."""
    seconds = max(0.0, span.total_seconds())
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
