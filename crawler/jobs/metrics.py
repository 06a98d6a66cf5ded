"""Metrics for Prometheus, read from the store at each scrape, because counters of one process say nothing about the others.

Names and units follow the Prometheus naming practices.  :mod:`crawler.jobs.metrics_server` serves them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from crawler.jobs.schedule.schedule_plan import SchedulePlan
from crawler.jobs.status_report import StatusReport, status_of
from crawler.runtime.terminal import on_one_line
from detector.errors import StoreError
from detector.model import utcnow
from detector.workspace import Workspace


class StoreCollector(Collector):
    """Read all metrics from the store at each scrape; if it cannot be read, report only that."""

    def __init__(self, workspace: Workspace) -> None:
        """``workspace``: the one that the metrics describe."""
        self._workspace = workspace
        self._plan = SchedulePlan(workspace.config.schedule)

    def collect(self) -> Iterable[Metric]:
        """Yield all metric families."""
        up = GaugeMetricFamily("clonewatch_store_up", "1 where the store can be read.")
        try:
            status = status_of(self._workspace.store, self._plan, utcnow())
        except StoreError:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield from _backlog(status)
        yield from _sources(status)
        yield from _runs(status)
        yield _by("clonewatch_cases", "Cases by state.", "state", status.cases)
        yield _by("clonewatch_captures", "Captures in the store by verdict.", "verdict", status.captures)


def _by(name: str, text: str, label: str, values: dict[str, Any]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        if value is not None:
            family.add_metric([on_one_line(key)], value)
    return family


def _backlog(status: StatusReport) -> Iterator[Metric]:
    backlog = status.backlog
    states = ("due", "waiting", "leased", "done", "quarantined")
    yield _by(
        "clonewatch_backlog", "Candidates by state.", "state", {state: getattr(backlog, state) for state in states}
    )
    age = 0.0 if backlog.oldest_due is None else (status.at - backlog.oldest_due).total_seconds()
    yield GaugeMetricFamily(
        "clonewatch_backlog_oldest_due_seconds",
        "Seconds that the longest due candidate has waited.",
        value=max(0.0, age),
    )
    queue = {"due": backlog.probes_due, "waiting": backlog.probes_waiting}
    yield _by("clonewatch_probe_queue", "Names to probe by state.", "state", queue)


def _sources(status: StatusReport) -> Iterator[Metric]:
    lag = {source.source: source.lag for source in status.sources}
    yield _by("clonewatch_source_lag_seconds", "Seconds by which a source is behind.", "source", lag)
    seen = {source.source: source.succeeded.timestamp() for source in status.sources if source.succeeded}
    yield _by(
        "clonewatch_source_last_success_timestamp_seconds",
        "Time of the last run in which a source worked.",
        "source",
        seen,
    )
    failed = {source.source: int(bool(source.error)) for source in status.sources}
    yield _by("clonewatch_source_failing", "1 where the last run of a source had an error.", "source", failed)


def _runs(status: StatusReport) -> Iterator[Metric]:
    yield GaugeMetricFamily("clonewatch_runs_alive", "Runs in progress.", value=len(status.running))
    yield GaugeMetricFamily("clonewatch_browser_slots", "Captures that could run at once.", value=status.slots)
    yield GaugeMetricFamily("clonewatch_browser_slots_busy", "Captures in progress.", value=status.busy)
    ended = {job.job: job.ended.timestamp() for job in status.jobs if job.ended}
    yield _by("clonewatch_job_last_end_timestamp_seconds", "Time at which a crawl job last ended.", "job", ended)
    failed = {job.job: int(job.state in ("failed", "lost")) for job in status.jobs if job.state}
    yield _by("clonewatch_job_failing", "1 where the last run of a crawl job failed or was lost.", "job", failed)
    lag = {job.job: job.lag for job in status.jobs}
    yield _by(
        "clonewatch_job_lag_seconds",
        "Seconds by which the most overdue candidate of the last run of a crawl job was late.",
        "job",
        lag,
    )


def registry_of(workspace: Workspace) -> CollectorRegistry:
    """Return a registry with the metrics of a workspace.

    Raises:
        ConfigError: its crawl jobs are malformed.
    """
    registry = CollectorRegistry()
    registry.register(StoreCollector(workspace))
    return registry


def text_of(workspace: Workspace) -> str:
    """Return all metrics in Prometheus' text format, for the textfile collector of its node exporter."""
    return generate_latest(registry_of(workspace)).decode()
