"""Compare the queues on this machine with what was written into them, as the store has it."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from detector.present.legible import one_line
from detector.store import Delivery, Store
from detector.takedown.sinks.queue_folder import EVIDENCE_NAME, QUEUE_NAME, id_of

MAX_LINE_BYTES = 16_000_000
SHOWN = 300
_CHUNK = 1 << 20


class _File(msgspec.Struct):
    file: str
    sha256: str


class _Line(msgspec.Struct):
    evidence: tuple[_File, ...] = ()


@dataclass(slots=True)
class QueueCheck:
    """Result of checking the queues."""

    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    lines: int = 0
    """Lines that were compared."""


@dataclass(frozen=True, slots=True)
class _FoundLine:
    sha256: str
    identity: tuple[str, int] | None


def check_queues(store: Store, own: tuple[str, Path], *, files: bool = True) -> QueueCheck:
    """Compare every line that the store tells of with its queue file; with ``files``, also the evidence that the lines name.

    ``own``: the name in the store, and the folder, of the workspace's own queue.  A file that the desk has taken away as a whole is
    no problem; from a file that is there no line may be missing.
    """
    result = QueueCheck()
    by_destination: dict[str, list[Delivery]] = {}
    for delivery in store.deliveries.find():
        by_destination.setdefault(delivery.destination, []).append(delivery)
    for destination, deliveries in by_destination.items():
        path = own[1] / QUEUE_NAME if destination == own[0] else Path(destination)
        lines = _current(deliveries)
        if path.name != QUEUE_NAME or not path.is_absolute() or not lines:
            result.notes.append(
                f"What {_shown(destination)} was told cannot be compared: it is no queue of this version."
            )
            continue
        _check_file(path, lines, deliveries, result, files=files)
    return result


def _current(deliveries: Iterable[Delivery]) -> dict[int, Delivery]:
    """Deliveries by line of the file that is there now: where the desk has taken the file away, lines are counted anew."""
    lines: dict[int, Delivery] = {}
    for delivery in deliveries:
        if delivery.line is None:
            continue
        if lines and delivery.line <= max(lines):
            lines = {}
        lines[delivery.line] = delivery
    return lines


def _check_file(
    path: Path, lines: dict[int, Delivery], deliveries: list[Delivery], result: QueueCheck, *, files: bool
) -> None:
    where = _shown(str(path))
    found: dict[int, _FoundLine] = {}
    try:
        for number, body in _read(path):
            line = _FoundLine(hashlib.sha256(body).hexdigest(), id_of(body))
            found[number] = line
            if files and number in lines and lines[number].body_sha256 == line.sha256:
                said = (
                    f"line {number} of {where} names {problem}" for problem in _evidence_problems(path.parent, body)
                )
                result.problems.extend(said)
    except FileNotFoundError:
        result.notes.append(
            f"{where} is gone with {len(lines)} lines: the desk has taken it away, or somebody has deleted it."
        )
        return
    except (OSError, ValueError) as error:
        result.problems.append(f"{where} cannot be read ({getattr(error, 'strerror', None) or error})")
        return
    _compare(where, lines, deliveries, found, result)


def _compare(
    where: str,
    lines: dict[int, Delivery],
    deliveries: list[Delivery],
    found: dict[int, _FoundLine],
    result: QueueCheck,
) -> None:
    for number, delivery in lines.items():
        result.lines += 1
        about = f"line {number} of {where}, about case {delivery.case_id},"
        if number in found and found[number].sha256 == delivery.body_sha256:
            continue
        elsewhere = next((other for other, each in found.items() if each.sha256 == delivery.body_sha256), None)
        if elsewhere is not None:
            result.problems.append(
                f"{about} is now line {elsewhere}: lines before it were removed, added or changed places"
            )
        elif any(each.identity == (delivery.reference, delivery.number) for each in found.values()):
            result.problems.append(f"{about} was altered after it was handed over")
        else:
            result.problems.append(f"{about} is gone")
    known = {(delivery.reference, delivery.number) for delivery in deliveries}
    for number, line in found.items():
        if line.identity is not None and line.identity not in known:
            result.problems.append(
                f"line {number} of {where} tells of {_shown(line.identity[0])}, and no delivery of that number is in the store: "
                "somebody has added it, or an export was killed; `clonewatch takedown export` enters such a one"
            )


def _read(path: Path) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers, without line feeds.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no regular file, or a line is longer than any of this program's.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("not a regular file")
        number = 0
        while raw := stream.readline(MAX_LINE_BYTES + 1):
            if len(raw) > MAX_LINE_BYTES:
                raise ValueError(f"a line is longer than {MAX_LINE_BYTES} bytes")
            number += 1
            yield number, raw.removesuffix(b"\n")


def _evidence_problems(folder: Path, body: bytes) -> Iterator[str]:
    """Name the files of evidence that are not what a line says; the line itself is as it was written."""
    for each in msgspec.json.decode(body, type=_Line).evidence:
        path = folder / EVIDENCE_NAME / Path(each.file).name
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
            with os.fdopen(descriptor, "rb") as stream:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    yield f"{each.file}, which is not a regular file"
                    continue
                digest = hashlib.sha256()
                while data := stream.read(_CHUNK):
                    digest.update(data)
        except OSError as error:
            yield f"{each.file}, which cannot be read ({error.strerror})"
            continue
        if digest.hexdigest() != each.sha256:
            yield f"{each.file}, which was altered"


def _shown(text: str) -> str:
    return one_line(text, SHOWN)
