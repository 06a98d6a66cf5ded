"""``clonewatch schedule``: run the crawl jobs of the configuration at their times, or export them to systemd, cron or Scrapyd."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from crawler.cli import options
from crawler.cli.broker_extra import application
from crawler.cli.exit_codes import ExitCode
from crawler.cli.json_lines import write_lines
from crawler.cli.tables import plain_table, show_table, words
from crawler.jobs.run_recorder import recorded_job
from crawler.jobs.schedule.schedule_plan import SchedulePlan
from crawler.jobs.status_report import JobStatus, job_statuses
from crawler.runtime.terminal import Console, say, say_lines
from detector.brands import known_ids
from detector.config import CONFIG_NAME
from detector.errors import UsageError
from detector.model import utcnow
from detector.present.legible import one_line, utc
from detector.workspace import Workspace, read_config, workspace_path

if TYPE_CHECKING:
    from crawler.jobs.schedule.moments import PlannedMoments

app = typer.Typer(name="schedule", invoke_without_command=True)
Name = Annotated[str, typer.Argument(metavar="JOB", help="Name of the crawl job in schedule.jobs.")]


LOOK_AGAIN_SECONDS = 20.0


class ExportFormat(StrEnum):
    """Schedulers that crawl jobs can be exported to."""

    SYSTEMD = "systemd"
    CRON = "cron"
    SCRAPYD = "scrapyd"


@app.callback()
def schedule(
    context: typer.Context,
    here: Annotated[
        bool, typer.Option("--here", help="Run the jobs on this machine, even where a broker is configured.")
    ] = False,
    wait: Annotated[
        bool,
        typer.Option("--wait-for-jobs", help="Where there are no crawl jobs, wait until clonewatch.toml has some."),
    ] = False,
    workspace: options.Workspace = None,
) -> None:
    """Run the crawl jobs of clonewatch.toml at their times until stopped.

    When stopped, it first lets running jobs end in good order.  Where broker.url is set, each run is sent to the workers, one of
    which takes it.
    """
    if context.invoked_subcommand is not None:
        return
    from crawler.jobs.metrics_server import serving  # noqa: PLC0415  servers and threads: only for those who stay
    from crawler.jobs.schedule.moments import PlannedMoments  # noqa: PLC0415

    console = Console(stderr=True, highlight=False)

    def tell(job: str, sentence: str) -> None:
        line = Text.assemble((f"{datetime.now(UTC):%F %T} ", "dim"), (job, "bold"), f": {one_line(sentence, 2000)}")
        console.print(line, soft_wrap=True)

    if wait and not _wait_for_jobs(workspace, tell):
        return
    with Workspace.open(workspace, create=False) as opened:
        config = opened.config.schedule
        plan = _plan(opened)
        show_table(console, _table(job_statuses(plan, opened.store, utcnow())))
        moments = PlannedMoments(plan, opened.store, timedelta(days=config.keep_days), tell)
        run_jobs = _here(opened, moments, tell) if here else _by_broker(opened, moments, tell)
        with serving(opened, config.metrics) as address:
            if address:
                tell("metrics", f"served at http://{address}/metrics")
            with contextlib.suppress(KeyboardInterrupt):
                run_jobs()
            tell("schedule", "stopped; runs that are missed until it starts again will be made up for")


@app.command("list")
def list_jobs(
    json_target: options.Json = None,
    workspace: options.Workspace = None,
) -> None:
    """List the crawl jobs: their last run, its result, and the next run."""
    with Workspace.open(workspace, create=False) as opened:
        lines = job_statuses(SchedulePlan(opened.config.schedule), opened.store, utcnow())
    if json_target is not None:
        write_lines(json_target, lines)
        return
    if lines:
        show_table(Console(), _table(lines))
    else:
        say("No crawl jobs; add [[schedule.jobs]] to clonewatch.toml.")


@app.command("run")
def run(
    name: Name,
    planned: Annotated[
        str | None,
        typer.Option("--planned", metavar="TIME", help="The planned time that this run is for.", hidden=True),
    ] = None,
    due: Annotated[
        bool,
        typer.Option("--due", help="Run only if its latest planned time has not been run yet; for cron and systemd."),
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print no table of pages; for schedulers.")] = False,
    workspace: options.Workspace = None,
) -> None:
    """Run one crawl job now, unless it is running already."""
    from crawler.cli.job_output import JobConsole  # noqa: PLC0415  loads what captures need: only for those who run
    from crawler.jobs.run_job import run_job  # noqa: PLC0415

    console = JobConsole(name, quiet=quiet)
    with Workspace.open(workspace, create=False) as opened:
        plan = SchedulePlan(opened.config.schedule)
        planned_job = plan.named(name)
        moment = datetime.fromisoformat(planned) if planned else None
        if due:
            now = utcnow()
            moment = plan.missed(planned_job, now - plan.catch_up, now)
            if moment is None:
                console.say("not run: no planned time is due.")
                return
        with recorded_job(opened.store.runs, name, moment) as recorder:
            if recorder is None:
                console.say("not run: it is running already, or has already been run for this planned time.")
                return
            job = planned_job.job
            only = known_ids(opened.library(), job.brands)
            run_job(opened, recorder, job.steps, console, sources=job.sources, brands=only)
    raise typer.Exit(ExitCode.FLAGGED if console.flagged else ExitCode.NOTHING_FLAGGED)


@app.command("export")
def export(
    format_: Annotated[ExportFormat, typer.Argument(metavar="FORMAT", help="systemd, cron or scrapyd.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Folder to write unit files to (systemd).")
    ] = None,
    user: Annotated[
        str, typer.Option("--user", metavar="NAME", help="Account that the jobs run under (systemd); not root.")
    ] = "clonewatch",
    workspace: options.Workspace = None,
) -> None:
    """Write the crawl jobs as systemd timers, a crontab or Scrapyd calls, to run them without `clonewatch schedule`."""
    from crawler.jobs.schedule.schedule_export import crontab, scrapyd  # noqa: PLC0415
    from crawler.jobs.schedule.systemd_units import systemd  # noqa: PLC0415

    folder = workspace_path(workspace)
    config = read_config(folder).schedule
    plan = SchedulePlan(config)
    if not len(plan):
        raise UsageError("there are no crawl jobs; add [[schedule.jobs]] to clonewatch.toml")
    if format_ is ExportFormat.CRON:
        say_lines(crontab(plan, folder, config.timezone))
    elif format_ is ExportFormat.SCRAPYD:
        say_lines(scrapyd(plan, folder))
    else:
        _write_units(systemd(plan, folder, config.timezone, user), out, user)


def _write_units(files: dict[str, str], out: Path | None, user: str) -> None:
    for name, text in files.items():
        if out is None:
            say_lines(f"# {name}\n{text}\n")
            continue
        try:
            out.mkdir(parents=True, exist_ok=True)
            (out / name).write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(
                f"{out / name}: cannot be written ({error.strerror}); name another folder with --out"
            ) from error
    if out is not None:
        timers = " ".join(name for name in files if name.endswith(".timer"))
        say_lines(
            f"{len(files)} units in {out}; copy them to /etc/systemd/system, then: systemctl enable --now {timers}\n"
            f"They run as {user}, who must own the workspace."
        )


def _wait_for_jobs(workspace: Path | None, tell: Callable[[str, str], None]) -> bool:
    """Read the configuration again and again until it has crawl jobs; return False where it was stopped before.

    Metrics and health checks are served meanwhile: the machine's supervisor need not start it again and again.
    """
    from crawler.jobs.metrics_server import serving  # noqa: PLC0415

    with Workspace.open(workspace, create=False) as opened:
        if opened.config.schedule.jobs:
            return True
        with serving(opened, opened.config.schedule.metrics):
            tell("schedule", f"no crawl jobs yet; waiting for [[schedule.jobs]] in {opened.path / CONFIG_NAME}")
            try:
                while not read_config(opened.path).schedule.jobs:
                    time.sleep(LOOK_AGAIN_SECONDS)
            except KeyboardInterrupt:
                tell("schedule", "stopped before there were crawl jobs")
                return False
    return True


def _here(opened: Workspace, moments: PlannedMoments, tell: Callable[[str, str], None]) -> Callable[[], None]:
    from crawler.jobs.schedule.scheduler import JobScheduler  # noqa: PLC0415

    return JobScheduler(moments, opened.store, opened.path, tell).run


def _by_broker(opened: Workspace, moments: PlannedMoments, tell: Callable[[str, str], None]) -> Callable[[], None]:
    """Return the function that sends jobs to the workers, or that runs them here where no broker is configured."""
    app = application(opened.config.broker, "clonewatch schedule --here")
    if app is None:
        return _here(opened, moments, tell)
    from crawler.jobs.broker.beat import run_beat  # noqa: PLC0415

    return partial(run_beat, app, moments, tell)


def _plan(opened: Workspace) -> SchedulePlan:
    plan = SchedulePlan(opened.config.schedule)
    if not len(plan):
        raise UsageError(
            f"there are no crawl jobs; add [[schedule.jobs]] to {opened.path / 'clonewatch.toml'}, "
            'such as: name = "hourly", cron = "7 * * * *"'
        )
    return plan


def _table(lines: list[JobStatus]) -> Table:
    table = plain_table(words("job"), words("cron"), "last run", words("state"), "result", "next run")
    for line in lines:
        counts = ", ".join(f"{count} {what}" for what, count in line.counts.items() if count)
        table.add_row(
            line.job,
            line.cron,
            utc(line.started) if line.started else "never",
            line.state,
            Text(one_line("; ".join(part for part in (counts, line.error) if part), 500)),
            utc(line.next) if line.next else "",
        )
    return table
