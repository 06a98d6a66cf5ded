"""Messages of a crawl job on a terminal, for ``clonewatch run`` and ``clonewatch schedule run``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from rich.text import Text

from crawler.cli.progress import ProgressReporter
from crawler.cli.source_progress import SourceProgress
from crawler.discovery.runner import DiscoverySummary
from crawler.discovery.source_tally import SourceTally
from crawler.examine.examination_result import ExaminationResult
from crawler.jobs.run_job import JobMessages
from crawler.jobs.tidy import TidyResult
from crawler.runtime.terminal import Console
from detector.present.legible import one_line
from detector.report import ReportResult
from detector.sentences import counted
from detector.takedown import ExportResult

LONGEST = 2000
"""Characters of an error that is shown; some of it comes from outside."""


class JobConsole(JobMessages):
    """Print a crawl job's messages; ``quiet`` sends them to standard error and leaves out the table of pages."""

    def __init__(self, job: str = "", *, quiet: bool = False) -> None:
        """``job``: name that each line begins with; empty for none."""
        self._prefix = f"{job}: " if job else ""
        self._quiet = quiet
        self._console = Console(stderr=quiet, highlight=False)
        self._sources = SourceProgress(self._prefix)
        self._progress = ProgressReporter(total=None, json_target="-" if quiet else None, brief=True)

    @property
    def flagged(self) -> int:
        """Pages that were flagged so far."""
        return self._progress.flagged

    def say(self, sentence: str) -> None:
        """Print one line, after the job's name."""
        self._console.print(Text(one_line(f"{self._prefix}{sentence}", LONGEST)), soft_wrap=True)

    def discovering(self, announcement: str) -> AbstractContextManager[object]:
        """Print what is about to be asked, and show the progress of asking."""
        self.say(announcement)
        return self._sources

    def counted(self, tallies: Sequence[SourceTally]) -> None:
        """Show the counts of the sources so far."""
        self._sources.tell(tallies)

    def discovered(self, summary: DiscoverySummary) -> None:
        """Print the number of new candidates and each source that failed."""
        self.say(f"{counted(summary.new, 'new candidate')} in the backlog.")
        for tally in summary.failed:
            self.say(f"{tally.source} failed: {tally.error}")

    def capturing(self) -> AbstractContextManager[object]:
        """Show progress, and the table at the end, also where the captures are interrupted."""
        return self._capturing()

    def captured(self, result: ExaminationResult) -> None:
        """Add a capture to progress and table."""
        self._progress.tell(result)

    def not_stamped(self, problem: str) -> None:
        """Print why time stamps are missing, to standard error."""
        Console(stderr=True, highlight=False).print(Text(one_line(f"{self._prefix}{problem}", LONGEST)), soft_wrap=True)

    def reported(self, result: ReportResult) -> None:
        """Print the report's folder."""
        self.say(f"Report: {result.path}")

    def handed_over(self, result: ExportResult) -> None:
        """Print the number of cases that were appended to the takedown queue."""
        self.say(f"{counted(len(result.exported), 'case')} exported to the takedown queue.")
        if result.withdrawn:
            self.say(f"{counted(len(result.withdrawn), 'dismissed case')} withdrawn from the takedown queue.")
        if result.unreviewed:
            self.say(
                f"{counted(result.unreviewed, 'flagged case waits', 'flagged cases wait')} for a person's decision."
            )

    def tidied(self, result: TidyResult) -> None:
        """Print what was deleted."""
        captures = counted(result.captures, "capture of cleared pages", "captures of cleared pages")
        self.say(f"{captures} and {counted(result.files, 'file')} deleted.")

    @contextmanager
    def _capturing(self) -> Iterator[None]:
        try:
            with self._progress:
                yield
        finally:
            if not self._quiet:
                self._progress.print_table()
