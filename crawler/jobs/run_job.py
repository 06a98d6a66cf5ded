"""The sequence of a crawl job: discover, capture, time-stamp, report, hand over to the takedown queue, tidy up.

``clonewatch run`` and ``clonewatch schedule run`` call it; the scheduler and the broker's workers start the latter in a process of
its own (:mod:`crawler.jobs.job_process`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, nullcontext

from crawler.discovery.lookalike_plan import announcement
from crawler.discovery.runner import DiscoverySummary, run_discovery
from crawler.discovery.source_tally import SourceTally
from crawler.examine.backlog_worker import process_backlog
from crawler.examine.examination_result import ExaminationResult
from crawler.examine.judge_warm_up import ready_judge
from crawler.jobs.run_recorder import RunRecorder
from crawler.jobs.tidy import TidyResult, tidy
from crawler.jobs.time_stamping import stamp_at_end
from detector.actor import login
from detector.judge import Judge
from detector.model import utcnow
from detector.report import ReportResult, write_report
from detector.takedown import ExportResult, FolderSink, export_cases
from detector.workspace import OWN_QUEUE, Workspace


class JobMessages:
    """Receive what a crawl job has to say to a person; each method does nothing unless a subclass overrides it."""

    def discovering(self, announcement: str) -> AbstractContextManager[object]:
        """Report in a sentence what is about to be asked; return a context manager that surrounds the asking."""
        return nullcontext()

    def counted(self, tallies: Sequence[SourceTally]) -> None:
        """Report the counts of the sources so far, once a second while they are asked."""

    def discovered(self, summary: DiscoverySummary) -> None:
        """Report what the sources found, and which of them failed."""

    def capturing(self) -> AbstractContextManager[object]:
        """Return a context manager that surrounds the captures, such as a progress display."""
        return nullcontext()

    def captured(self, result: ExaminationResult) -> None:
        """Report one capture and its verdict."""

    def not_stamped(self, problem: str) -> None:
        """Report in a sentence that manifests got no time stamp; the job goes on."""

    def reported(self, result: ReportResult) -> None:
        """Report where the report was written."""

    def handed_over(self, result: ExportResult) -> None:
        """Report what was appended to the takedown queue."""

    def tidied(self, result: TidyResult) -> None:
        """Report what was deleted; not called where nothing is ever deleted."""


class JobSteps:
    """The steps of a crawl job in one workspace; each reports its progress and its result to the recorder."""

    def __init__(self, workspace: Workspace, recorder: RunRecorder, brands: Sequence[str] = ()) -> None:
        """``brands``: ids of the brands that the job is about; empty: all of the library."""
        self._workspace, self._recorder, self._brands = workspace, recorder, tuple(brands)
        self._judge: Judge | None = None

    def discover(
        self, sources: Sequence[str] = (), tell: Callable[[Sequence[SourceTally]], None] | None = None
    ) -> DiscoverySummary:
        """Ask ``sources``, by default all that are configured.  A source that fails is in the summary."""
        self._recorder.doing = "discover"
        summary = run_discovery(self._workspace, sources, self._brands, tell=tell)
        self._recorder.discovered(summary)
        return summary

    def prepare(self) -> Judge:
        """Load the judge, once.

        On a new machine that computes fingerprints of all brands, takes minutes and says so on standard error: call it before a
        progress display starts.
        """
        if self._judge is None:
            self._recorder.doing = "prepare"
            self._judge = ready_judge(self._workspace.library(), self._workspace.config.detect)
        return self._judge

    def anything_due(self) -> bool:
        """Tell whether a candidate waits for a capture: where none does, a new machine need not fingerprint the brands."""
        return self._workspace.store.counts()["due"] > 0

    def capture(
        self, tell: Callable[[ExaminationResult], None] = lambda result: None, *, patience: float | None = None
    ) -> int:
        """Capture and judge until nothing is due; return the number of candidates.

        With ``patience`` it never ends: it asks for new candidates after that many seconds.
        """
        if patience is None and not self.anything_due():
            return 0
        judge = self.prepare()
        recorder, workspace = self._recorder, self._workspace
        recorder.doing, recorder.slots = "capture", workspace.config.capture.slots

        def finished(result: ExaminationResult) -> None:
            recorder.finished(result)
            tell(result)

        only: Collection[str] | None = self._brands or None
        try:
            return asyncio.run(
                process_backlog(
                    workspace,
                    judge,
                    brands=only,
                    on_result=finished,
                    on_claim=recorder.claimed,
                    on_return=recorder.returned,
                    patience=patience,
                )
            )
        finally:
            recorder.slots = recorder.busy = 0

    def stamp(self) -> str:
        """Ask for the time stamps that manifests lack; return a sentence where some could not be had, else an empty text."""
        return stamp_at_end(self._workspace.store, self._workspace.config.evidence)

    def report(self) -> ReportResult:
        """Write the report of the workspace."""
        self._recorder.doing = "report"
        workspace = self._workspace
        return write_report(workspace.store, workspace.evidence, workspace.library(), workspace.reports_dir)

    def takedown(self) -> ExportResult:
        """Hand new confirmed cases, and those that a rule lets go, to the takedown queue of the workspace."""
        self._recorder.doing = "takedown"
        workspace = self._workspace
        result = export_cases(
            workspace.store,
            workspace.evidence,
            FolderSink(workspace.takedown_dir),
            library=workspace.library(),
            rules=workspace.config.takedown.without_review,
            actor=login(),
            destination=OWN_QUEUE,
        )
        self._recorder.counts["exported"] += len(result.exported)
        return result

    def tidy(self) -> TidyResult | None:
        """Delete what ``[retention]`` says need not be kept; None where everything is kept."""
        self._recorder.doing = "tidy"
        result = tidy(self._workspace, utcnow())
        self._recorder.counts["tidied"] += result.captures if result else 0
        return result


def run_job(
    workspace: Workspace,
    recorder: RunRecorder,
    steps: Collection[str],
    messages: JobMessages,
    *,
    sources: Sequence[str] = (),
    brands: Sequence[str] = (),
) -> None:
    """Run those of :data:`detector.config.STEPS` that ``steps`` names, in their fixed order.

    ``sources``: names of sources to ask; empty: all that are configured.  ``brands``: ids; empty: all of the library.  Manifests
    are time-stamped after the captures.

    Raises:
        ClonewatchError: a step failed; what earlier steps finished is stored.
    """
    job = JobSteps(workspace, recorder, brands)
    if "discover" in steps:
        said = announcement(workspace.config, workspace.library(), sources, brands)
        with messages.discovering(said):
            summary = job.discover(sources, messages.counted)
        messages.discovered(summary)
    if "capture" in steps:
        if job.anything_due():
            job.prepare()
        with messages.capturing():
            job.capture(messages.captured)
        if problem := job.stamp():
            messages.not_stamped(problem)
    if "report" in steps:
        messages.reported(job.report())
    if "takedown" in steps:
        messages.handed_over(job.takedown())
    if "tidy" in steps and (tidied := job.tidy()) is not None:
        messages.tidied(tidied)
