"""The discovery process: reads a job as JSON from standard input, runs its spiders, and writes lines of JSON, the last the summary.

Started by :mod:`crawler.discovery.child_main`; it ends when the process that started it ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings
from scrapy.spiderloader import get_spider_loader

from crawler.discovery.child_messages import DiscoveryJob, DiscoveryOutcome
from crawler.discovery.lookalike_plan import plan_lookalikes
from crawler.discovery.source_tally import SourceTally
from crawler.discovery.spider import DiscoverySpider
from crawler.discovery.spider_workspace import brands_of
from crawler.discovery.triage import check_weights
from crawler.runtime.import_pause import resume_garbage_collector
from crawler.runtime.log_text import keep_logs_legible
from detector.config import Config
from detector.errors import ClonewatchError, EnvironmentFault, StoreError, UsageError
from detector.masking import remember_secrets
from detector.workspace import Workspace

LAST_SECONDS = 60.0
"""Time to end in good order after the starter has ended, or asked for it: longer than the starter itself waits."""
SETTINGS_VARIABLE = "SCRAPY_SETTINGS_MODULE"


def settings(names: Sequence[str] = ()) -> Settings:
    """Return the project's Scrapy settings, whatever the current folder is.

    ``names``: spiders to run; only their modules are imported, where each has a module of its name.
    """
    found = Settings()
    found.setmodule(os.environ.get(SETTINGS_VARIABLE, "crawler.settings"), priority="project")
    modules = [f"{package}.{name}" for package in found.getlist("SPIDER_MODULES") for name in dict.fromkeys(names)]
    if modules and all(name.isidentifier() for name in names) and all(map(find_spec, modules)):
        found.set("SPIDER_MODULES", modules, priority="cmdline")
    return found


def chosen_spiders(names: Sequence[str], found: Settings, config: Config) -> list[type[DiscoverySpider]]:
    """Return spider classes by name, in the given order; without names, those that run by default and have something to read.

    Raises:
        UsageError: no spider has one of the names.
    """
    loader = get_spider_loader(found)
    known: dict[str, type[DiscoverySpider]] = {}
    for name in sorted(loader.list()):
        spider = loader.load(name)
        if issubclass(spider, DiscoverySpider):
            known[name] = spider
    for name in names:
        if name not in known:
            raise UsageError(f"there is no source {name!r}; known: {', '.join(known)}")
    usual = [spider for spider in known.values() if spider.configured(config)]
    return [known[name] for name in dict.fromkeys(names)] or usual


def run(
    job: DiscoveryJob, *, until: int | None = None, tell: Callable[[DiscoveryOutcome], None] | None = None
) -> DiscoveryOutcome:
    """Run the spiders of a job in this process; a Twisted reactor allows that only once.

    ``until``: a file descriptor; when its other end is closed, the run stops early and in good order.  ``tell``: called with the
    counts so far, every ``job.tell_every`` seconds.
    """
    remember_secrets(job.feeds)  # those of the command line; the workspace remembers its own
    found = settings(job.sources)
    found.setdict({"CLONEWATCH_SUMMARY": False, "LOG_LEVEL": "INFO" if job.verbose else "ERROR"}, priority="cmdline")
    try:
        spiders = chosen_spiders(job.sources, found, job.config)
        resume_garbage_collector()
        with Workspace.open(Path(job.workspace), **_overrides(job.config)) as workspace:
            brands_of(workspace, job.brands)
            # before any source is asked: what a source reports while nothing can be judged would be lost
            check_weights(workspace.library(), workspace.config.discover.brand_weights)
            plan_lookalikes(workspace.config, workspace.library())
            return _crawl(job, workspace, spiders, found, until, tell)
    except ClonewatchError as error:
        return DiscoveryOutcome(error=str(error), exit_code=error.exit_code)


def _crawl(
    job: DiscoveryJob,
    workspace: Workspace,
    spiders: Sequence[type[DiscoverySpider]],
    found: Settings,
    until: int | None,
    tell: Callable[[DiscoveryOutcome], None] | None,
) -> DiscoveryOutcome:
    process = AsyncCrawlerProcess(found)
    crawlers: list[Crawler] = []
    for spider in spiders:
        extra: dict[str, Any] = {"feeds": job.feeds} if job.feeds and spider.name == "feeds" else {}
        crawler = process.create_crawler(spider)
        crawlers.append(crawler)
        process.crawl(crawler, brand=",".join(job.brands), workspace=workspace, **extra)
    if until is not None:
        _stop_at_end_of(until, process)
    ended = threading.Event()
    if tell is not None and job.tell_every > 0:
        _tell_counts(crawlers, job.tell_every, tell, ended)
    process.start()
    ended.set()
    made = _spiders(crawlers)
    for one in made:
        if one.fatal is not None:
            return DiscoveryOutcome(_tallies(made), str(one.fatal), one.fatal.exit_code)
    if len(made) < len(crawlers):
        return DiscoveryOutcome(
            _tallies(made), "a spider could not be started; see the log above", StoreError.exit_code
        )
    stopped = ", ".join(one.name for one in made if not one.complete)
    if stopped:
        said = f"stopped before the end of {stopped}; what is counted is stored, run it again for the rest"
        return DiscoveryOutcome(_tallies(made), said, EnvironmentFault.exit_code)
    return DiscoveryOutcome(_tallies(made))


def _spiders(crawlers: Sequence[Crawler]) -> list[DiscoverySpider]:
    return [crawler.spider for crawler in crawlers if isinstance(crawler.spider, DiscoverySpider)]


def _tell_counts(
    crawlers: Sequence[Crawler], seconds: float, tell: Callable[[DiscoveryOutcome], None], ended: threading.Event
) -> None:
    """Tell the counts so far from a thread, until ``ended`` is set: the reactor may be busy generating names."""

    def watch() -> None:
        while not ended.wait(seconds):
            with contextlib.suppress(RuntimeError):  # a source was added while they were listed
                tell(DiscoveryOutcome(_tallies(_spiders(crawlers)), ended=False))

    threading.Thread(target=watch, name="counts", daemon=True).start()


def _tallies(spiders: Sequence[DiscoverySpider]) -> tuple[SourceTally, ...]:
    return tuple(tally for spider in spiders for tally in spider.tally)


def _stop_at_end_of(descriptor: int, process: AsyncCrawlerProcess) -> None:
    from twisted.internet import reactor  # noqa: PLC0415  installed by the process a moment ago

    def watch() -> None:
        while os.read(descriptor, 1024):
            pass
        reactor.callFromThread(lambda: asyncio.ensure_future(process.stop()))
        # this thread ends with the process: it gets further only where something holds the run up
        time.sleep(LAST_SECONDS)
        os._exit(EnvironmentFault.exit_code)

    threading.Thread(target=watch, name="starter-watch", daemon=True).start()


def _overrides(config: Config) -> Mapping[str, Any]:
    parts = {part: getattr(config, part) for part in ("capture", "detect", "discover", "store")}
    return {
        **{part: {field.name: getattr(value, field.name) for field in fields(value)} for part, value in parts.items()},
        "brands": config.brands,
    }


def main() -> None:
    """Read the line of the job, run it, and write the lines of counts and the line of the outcome."""
    answer = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(
        sys.stderr.fileno(), sys.stdout.fileno()
    )  # nothing else may write to standard output, which carries the answer
    descriptor = sys.stdin.fileno()
    with os.fdopen(descriptor, "rb", buffering=0, closefd=False) as stream:
        job = msgspec.json.decode(stream.readline(), type=DiscoveryJob)
    logging.captureWarnings(True)
    keep_logs_legible()
    whole = threading.Lock()

    def write(outcome: DiscoveryOutcome) -> None:
        with whole, contextlib.suppress(BrokenPipeError, ValueError):  # nobody reads any more; a thread was late
            answer.write(msgspec.json.encode(outcome) + b"\n")
            answer.flush()

    outcome = run(job, until=descriptor, tell=write)
    write(outcome)
    with whole:
        answer.close()
