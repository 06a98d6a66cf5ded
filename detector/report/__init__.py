"""The report: a folder of static HTML that opens from disk, without a network and without trust in what it shows."""

from detector.report.report_writer import ReportResult, write_report

__all__ = ["ReportResult", "write_report"]
