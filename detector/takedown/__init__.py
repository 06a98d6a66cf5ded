"""From cases to the takedown desk: a queue of JSON lines with evidence files, each case exactly once."""

from detector.takedown.export import ExportResult, QueueEntry, export_cases, is_due, list_exports
from detector.takedown.line import SCHEMA, TakedownLine, export_id
from detector.takedown.queue import QueueFolder

__all__ = [
    "SCHEMA",
    "ExportResult",
    "QueueEntry",
    "QueueFolder",
    "TakedownLine",
    "export_cases",
    "export_id",
    "is_due",
    "list_exports",
]
