"""Judge cleared pages again: a brand that was added today may have been imitated for weeks."""

from __future__ import annotations

from crawler.examine.inspection import read_picture
from crawler.examine.judge_warm_up import ready_judge
from detector.model import Candidate, Verdict
from detector.workspace import Workspace

SOURCE = "rejudge"


class Rejudger:
    """Judges stored captures with today's brands and detector.  Not for several threads at the same time."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._judge = ready_judge(workspace.library(), workspace.config.detect)

    def judge(self, capture_id: int) -> Verdict | None:
        """Judge a capture that was cleared; None where it is gone, or no longer cleared.

        A suspicious capture opens a case, sealed with its existing evidence, and the address is due for a new capture, which
        keeps all evidence.  A capture that was sealed before keeps its verdict; the new capture decides.

        Raises:
            StoreError, EvidenceError: the result cannot be stored; judging it another time does no harm.
        """
        store, evidence = self._workspace.store, self._workspace.evidence
        capture = store.captures.cleared_capture(capture_id)
        if capture is None:
            return None
        verdict = self._judge.judge(
            capture, lambda: read_picture(evidence, capture.screenshot), lambda: read_picture(evidence, capture.favicon)
        )
        if verdict.is_suspect:
            seal = self._workspace.sealer.prepare(capture, verdict)
            # in one transaction: a page that is no longer cleared is not judged again, so its address would never be due
            store.overturn(capture_id, verdict, seal=seal, again=_again(capture.url, verdict))
        return verdict


def _again(url: str, verdict: Verdict) -> Candidate:
    brands = (verdict.brand,) if verdict.brand else ()
    return Candidate(url, SOURCE, brands, verdict.probability or 0.0, reasons=(f"Judged again: {verdict.sentence}",))
