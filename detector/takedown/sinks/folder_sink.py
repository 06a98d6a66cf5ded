"""The built-in destination: a folder with a queue of JSON lines, and evidence files beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from detector.present.json_text import legible_json
from detector.takedown.line_builder import build_line, build_withdrawal
from detector.takedown.queue_line import EvidenceLine, export_id
from detector.takedown.sinks.queue_folder import QueueFolder, evidence_name
from detector.takedown.sinks.sink import Draft, DueCase, Receipt, WrittenLine


class FolderSink:
    """Append each draft as a line of ``takedown.jsonl``.  docs/takedown.md describes the line.

    Evidence files are written first, then the line: a crash before the line leaves files that the next run finds and uses.
    """

    name = "folder"

    def __init__(self, target: str | Path) -> None:
        """``target``: the folder; :meth:`connect` makes it."""
        self._path = Path(target).absolute()
        self._queue: QueueFolder | None = None
        self._known: dict[tuple[str, int], WrittenLine] = {}

    @property
    def target(self) -> str:
        """Path of the queue file."""
        return str(QueueFolder(self._path).file)

    @contextmanager
    def connect(self) -> Iterator[Mapping[tuple[str, int], WrittenLine]]:
        """Lock the folder, wait for another program that has it locked, and read which cases it holds.

        Raises:
            EvidenceError: it cannot be made or written.
        """
        with QueueFolder(self._path) as queue:
            self._queue, self._known = queue, queue.lines()
            try:
                yield self._known
            finally:
                self._queue = None

    def prepare(self, due: DueCase) -> Draft:
        """Make the line of a case, or of its withdrawal."""
        if due.withdrawn is not None:
            taken_back = build_withdrawal(due.case, due.withdrawn, due.moment, number=due.number)
            return Draft(export_id(due.case), due.number, "application/json", legible_json(taken_back))
        evidence = tuple(
            EvidenceLine(
                role=file.role,
                profile=file.profile,
                file=evidence_name(file.stored),
                sha256=file.stored.sha256,
                media_type=file.stored.media_type,
                size=file.stored.size,
            )
            for file in due.files
        )
        line = build_line(
            due.case,
            due.brand,
            evidence,
            due.moment,
            due.manifest,
            number=due.number,
            rule=due.rule,
            exact_addresses=due.exact_addresses,
            pages=due.pages,
        )
        return Draft(export_id(due.case), due.number, "application/json", legible_json(line), due.files)

    def deliver(self, draft: Draft) -> Receipt:
        """Write the evidence files, then the line, each forced to the disk; a line that is there already is left as it is.

        Raises:
            EvidenceError: the disk did not take it; what was delivered before stays.
        """
        if self._queue is None:
            raise RuntimeError("deliver() needs an open connection: call it inside `with sink.connect()`")
        place = (draft.reference, draft.number)
        if place not in self._known:
            for file in draft.files:
                self._queue.put(file.data, file.stored)
            number = self._queue.append(draft.body)
            self._known[place] = WrittenLine(number, hashlib.sha256(draft.body).hexdigest())
        return Receipt(draft.reference, line=self._known[place].line)
