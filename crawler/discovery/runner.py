"""Run the discovery spiders in a child process and wait for them.

Scrapy runs on a Twisted reactor, which a process can start only once and which takes over its signals; captures run on asyncio.
In a child process, discovery can be run any number of times, and a crash or a feed that takes all memory
does no harm: what was found is in the store.  Facts travel through the store, counts through a pipe.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from crawler.discovery.child_messages import DiscoveryJob, DiscoveryOutcome
from crawler.discovery.source_status import note
from crawler.discovery.source_tally import SourceTally
from crawler.runtime.own_module import own_module
from detector.config import Feed
from detector.errors import ClonewatchError, ConfigError, EnvironmentFault, SourceError, StoreError, UsageError
from detector.masking import remember_secrets
from detector.model import utcnow
from detector.workspace import Workspace

TELL_SECONDS = 1.0
GRACE_SECONDS = 45.0
"""Given to the spiders to store what they have when the run is stopped: longer than a store waits for another program's write."""
_BY_EXIT_CODE: dict[int, type[ClonewatchError]] = {2: UsageError, 3: ConfigError, 4: EnvironmentFault}


@dataclass(frozen=True, slots=True)
class DiscoverySummary:
    """Counts of a run, by source."""

    sources: tuple[SourceTally, ...]

    @property
    def new(self) -> int:
        """Number of candidates that were added to the backlog."""
        return sum(tally.new for tally in self.sources)

    @property
    def failed(self) -> tuple[SourceTally, ...]:
        """Sources that gave nothing because of an error."""
        return tuple(tally for tally in self.sources if tally.failed)

    def raise_if_all_failed(self) -> None:
        """Raise SourceError (exit code 4) if every source failed."""
        if self.sources and len(self.failed) == len(self.sources):
            reasons = "; ".join(f"{tally.source}: {tally.error}" for tally in self.failed)
            raise SourceError(f"every source failed: {reasons}")


def run_discovery(
    workspace: Workspace,
    sources: Sequence[str] = (),
    brands: Sequence[str] = (),
    *,
    feeds: Sequence[Feed] = (),
    verbose: bool = False,
    tell: Callable[[Sequence[SourceTally]], None] | None = None,
) -> DiscoverySummary:
    """Run sources (by spider name; by default all) and add what they find to the workspace's backlog.

    A source that fails is in the summary; the others go on.  ``feeds`` are read instead of the configured ones.  ``tell`` is
    called with the counts so far, once a second.

    Raises:
        UsageError: there is no such source or brand.
        ConfigError: the configuration or a brand's folder cannot be used.
        EnvironmentFault: the store refuses, the sources were stopped, or the process died.
    """
    remember_secrets(tuple(feeds))
    job = DiscoveryJob(
        workspace=str(workspace.path),
        config=workspace.config,
        sources=tuple(sources),
        brands=tuple(brands),
        feeds=tuple(feeds),
        verbose=verbose,
        tell_every=TELL_SECONDS if tell is not None else 0.0,
    )
    outcome = _in_own_process(job, tell)
    if outcome.error:
        with contextlib.suppress(StoreError):  # the error that ended the run matters more
            note(workspace.store, (tally for tally in outcome.sources if tally.error), utcnow())
        raise _BY_EXIT_CODE.get(outcome.exit_code, EnvironmentFault)(outcome.error)
    note(workspace.store, outcome.sources, utcnow())
    return DiscoverySummary(outcome.sources)


def _in_own_process(job: DiscoveryJob, tell: Callable[[Sequence[SourceTally]], None] | None = None) -> DiscoveryOutcome:
    command, environment = own_module("crawler.discovery.child_main")
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
    assert child.stdin is not None and child.stdout is not None  # noqa: PT018  both were asked for
    with child:
        try:
            with contextlib.suppress(BrokenPipeError):
                child.stdin.write(msgspec.json.encode(job) + b"\n")
                child.stdin.flush()  # and stays open: when it closes, the child knows that this process has ended
            answer = b""
            for answer in child.stdout:
                if tell is not None and b'"ended":false' in answer[-20:]:
                    tell(msgspec.json.decode(answer, type=DiscoveryOutcome).sources)
            child.wait()
        except BaseException:
            _stop(child)
            raise
    with contextlib.suppress(msgspec.DecodeError):
        outcome = msgspec.json.decode(answer, type=DiscoveryOutcome)
        if outcome.ended:
            return outcome
    raise EnvironmentFault(
        f"the discovery process ended without an answer (exit status {child.returncode}); "
        "what it found before is stored; run the command again"
    )


def _stop(child: subprocess.Popen[bytes]) -> None:
    """End the child, in good order if it still can."""
    if child.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            child.stdin.close()
    try:
        child.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
