"""From cases to the takedown desk: a queue of JSON lines with evidence files, each case exactly once."""

from detector.takedown.queue_export import ExportResult, QueueEntry, export_cases, is_due, list_exports
from detector.takedown.queue_line import SCHEMA, TakedownLine, export_id
from detector.takedown.sinks import FolderSink, TakedownSink, load_sink

__all__ = [
    "SCHEMA",
    "ExportResult",
    "FolderSink",
    "QueueEntry",
    "TakedownLine",
    "TakedownSink",
    "export_cases",
    "export_id",
    "is_due",
    "list_exports",
    "load_sink",
]
