"""Metrics for Prometheus, read from the store at each scrape, because counters of one process say nothing about the others.

Names and units follow the Prometheus naming practices.  Beside ``/metrics`` there are ``/healthz`` (the process answers) and
``/readyz`` (the store can be read).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import CollectorRegistry, generate_latest, make_wsgi_app
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import ThreadingWSGIServer
from prometheus_client.registry import Collector

from crawler.jobs.schedule.schedule_plan import SchedulePlan
from crawler.jobs.status_report import StatusReport, status_of
from detector.errors import ConfigError, StoreError
from detector.model import utcnow
from detector.store import text_key
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
            family.add_metric([key], value)
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


@contextmanager
def serving(workspace: Workspace, place: str) -> Iterator[str]:
    """Serve metrics at ``ADDRESS:PORT`` (port 0: a free one) while the block runs; yield the actual address.  Empty: serve nothing.

    Raises:
        ConfigError: ``place`` is malformed, or its port is taken.
    """
    if not place:
        yield ""
        return
    host, _, port = place.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise ConfigError(f"schedule.metrics: {place!r} is not ADDRESS:PORT; use for instance 127.0.0.1:9464")
    try:
        server = make_server(host.strip("[]"), int(port), _app(workspace), ThreadingWSGIServer, _Silent)
    except OSError as error:
        raise ConfigError(
            f"schedule.metrics: {place} cannot be listened on ({error.strerror or error}); choose another port"
        ) from error
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield f"{host}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _app(workspace: Workspace) -> Callable[..., Iterable[bytes]]:
    metrics: Callable[..., Iterable[bytes]] = make_wsgi_app(registry_of(workspace))

    def app(environment: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environment.get("PATH_INFO", "")
        if path == "/metrics":
            return metrics(environment, start)
        status, said = _health(workspace, path)
        start(status, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(said)))])
        return [said]

    return app


def _health(workspace: Workspace, path: str) -> tuple[str, bytes]:
    if path == "/healthz":
        return "200 OK", b"alive\n"
    if path != "/readyz":
        return "404 Not Found", b"/metrics, /healthz, /readyz\n"
    try:
        workspace.store.sources.get("readyz", text_key(""))
    except StoreError as error:
        return "503 Service Unavailable", f"{error}\n".encode()
    return "200 OK", b"ready\n"


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Log nothing."""
