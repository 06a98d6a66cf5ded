"""From cases to the takedown desk: a queue of JSON lines with evidence files, each case exactly once."""

from detector.takedown.queue_check import QueueCheck, check_queues
from detector.takedown.queue_export import ExportResult, export_cases
from detector.takedown.queue_line import SCHEMA, TakedownLine, export_id
from detector.takedown.queue_list import QueueEntry, list_exports
from detector.takedown.release import Release, release_of
from detector.takedown.sinks import FolderSink, TakedownSink, load_sink

__all__ = [
    "SCHEMA",
    "ExportResult",
    "FolderSink",
    "QueueCheck",
    "QueueEntry",
    "Release",
    "TakedownLine",
    "TakedownSink",
    "check_queues",
    "export_cases",
    "export_id",
    "list_exports",
    "load_sink",
    "release_of",
]
