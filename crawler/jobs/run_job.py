"""What a crawl job is made of: ask sources, look at what is due, write the report, hand over the queue; its recorder is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence

from crawler.discovery.runner import DiscoverySummary, run_discovery
from crawler.examine.backlog_worker import process_backlog
from crawler.examine.judge_warm_up import ready_judge
from crawler.examine.result_rows import ExaminationResult
from crawler.jobs.run_recorder import RunRecorder
from crawler.jobs.tidy import TidyResult, tidy
from detector.actor import login
from detector.judge import Judge
from detector.model import utcnow
from detector.report import ReportResult, write_report
from detector.takedown import ExportResult, export_cases
from detector.workspace import OWN_QUEUE, Workspace


class JobSteps:
    """The steps, in one workspace."""

    def __init__(self, workspace: Workspace, recorder: RunRecorder, brands: Sequence[str] = ()) -> None:
        """``brands``: what it is about; empty: all of the library."""
        self._workspace, self._recorder, self._brands = workspace, recorder, tuple(brands)
        self._judge: Judge | None = None

    def discover(self, sources: Sequence[str] = ()) -> DiscoverySummary:
        """Ask sources, all that are configured by default.  One that fails is in the summary."""
        self._recorder.doing = "discover"
        summary = run_discovery(self._workspace, sources, self._brands)
        self._recorder.discovered(summary)
        return summary

    def prepare(self) -> Judge:
        """What judges captures, once for all; on a new machine that takes a while and is said: call it before progress is shown."""
        if self._judge is None:
            self._recorder.doing = "prepare"
            self._judge = ready_judge(self._workspace.library(), self._workspace.config.detect)
        return self._judge

    def capture(
        self, tell: Callable[[ExaminationResult], None] = lambda result: None, *, patience: float | None = None
    ) -> int:
        """Look at what is due until nothing is; how many candidates.  With ``patience`` (seconds) it waits for more."""
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

    def report(self) -> ReportResult:
        """Write the report of the workspace."""
        self._recorder.doing = "report"
        workspace = self._workspace
        return write_report(workspace.store, workspace.evidence, workspace.library(), workspace.reports_dir)

    def tidy(self) -> TidyResult | None:
        """Delete what need not be kept."""
        self._recorder.doing = "tidy"
        done = tidy(self._workspace, utcnow())
        self._recorder.counts["tidied"] += done.captures if done else 0
        return done

    def takedown(self) -> ExportResult:
        """Append to the takedown queue of the workspace what is new in it."""
        self._recorder.doing = "takedown"
        workspace = self._workspace
        result = export_cases(
            workspace.store,
            workspace.evidence,
            workspace.takedown_dir,
            library=workspace.library(),
            confirmed_only=False,
            actor=login(),
            destination=OWN_QUEUE,
        )
        self._recorder.counts["exported"] += len(result.exported)
        return result
