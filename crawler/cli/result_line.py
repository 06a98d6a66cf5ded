"""The JSON line of a judged capture, as ``scan`` and ``compare`` write it; documented in docs/cli.md."""

from __future__ import annotations

from typing import Any

from crawler.examine.examination_result import ExaminationResult
from detector.model import StoredFile, to_builtins


def result_line(result: ExaminationResult) -> dict[str, Any]:
    """Return the object that ``--json`` writes for one URL or picture."""
    capture, verdict = result.capture, result.verdict
    return {
        "url": capture.url,
        "final_url": capture.final_url,
        "outcome": str(capture.outcome),
        "verdict": str(verdict.decision),
        "brand": verdict.brand,
        "probability": verdict.probability,
        "sentence": verdict.sentence,
        "findings": [
            {
                "signal": finding.signal,
                "brand": finding.brand,
                "measure": finding.measure,
                "abstained": finding.abstained,
                "sentence": finding.sentence,
                "region": list(finding.region) if finding.region else None,
            }
            for finding in verdict.findings
        ],
        "capture": {
            "screenshot": result.screenshot_path,
            "sha256": _sha256(capture.screenshot),
            "full_page": result.full_page_path,
            "full_page_sha256": _sha256(capture.full_page),
            "profile": capture.profile,
            "status": capture.status,
            "title": capture.facts.title if capture.facts else None,
            "started": to_builtins(capture.started),
            "redirects": to_builtins(capture.redirects),
            "tls": to_builtins(capture.tls),
            "registration": to_builtins(capture.registration),
            "hosting": to_builtins(capture.hosting),
            "note": capture.note,
        },
        "cloaked": capture.cloaked,
        "others": [
            {
                "profile": other.profile,
                "outcome": str(other.outcome),
                "screenshot": path,
                "sha256": _sha256(other.screenshot),
                "final_url": other.final_url,
            }
            for other, path in zip(capture.others, result.other_paths or (None,) * len(capture.others), strict=True)
        ],
        "challenge": to_builtins(capture.challenge),
        "clicks": to_builtins(capture.clicks),
        "phones": to_builtins(capture.phones),
        "bundle": to_builtins(capture.bundle),
        "seconds": {"capture": round(result.capture_seconds, 3), "detect": round(result.detect_seconds, 3)},
    }


def _sha256(stored: StoredFile | None) -> str | None:
    return stored.sha256 if stored else None
