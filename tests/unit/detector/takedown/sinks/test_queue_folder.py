"""The queue's folder: whole after a crash at any byte."""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
from pathlib import Path

import pytest

from detector.errors import EvidenceError
from detector.model import StoredFile
from detector.takedown.sinks.queue_folder import QueueFolder

LINES = [b'{"id":"one","text":"\xc3\xa4"}', b'{"id":"two","n":{"id":"inner"}}', b'{"id":"three","number":3}']
IDS = [("one", 1), ("two", 1), ("three", 3)]

ENDS = [len(b"\n".join(LINES[: count + 1])) for count in range(len(LINES))]


def stored(data: bytes, media_type: str = "image/png") -> StoredFile:
    return StoredFile(hashlib.sha256(data).hexdigest(), media_type, len(data))


def test_lines_are_appended_and_found_again(tmp_path: Path) -> None:
    for line in LINES:
        with QueueFolder(tmp_path / "a" / "out") as queue:
            queue.append(line)
    with QueueFolder(tmp_path / "a" / "out") as queue:
        assert queue.lines().keys() == set(IDS)
        assert queue.file.read_bytes() == b"\n".join(LINES) + b"\n"


def test_a_file_that_was_cut_at_any_byte_is_whole_after_the_next_run(tmp_path: Path) -> None:
    whole = b"".join(line + b"\n" for line in LINES)
    for cut in range(len(whole) + 1):
        out = tmp_path / str(cut)
        out.mkdir()
        (out / "takedown.jsonl").write_bytes(whole[:cut])
        with QueueFolder(out) as queue:
            ids = queue.lines().keys()
            # a line counts from the moment that its last brace is there
            assert ids == {identity for identity, end in zip(IDS, ENDS, strict=True) if cut >= end}
            queue.append(b'{"id":"new"}')
        found = (out / "takedown.jsonl").read_bytes()
        assert found.endswith(b'{"id":"new"}\n')
        assert found.splitlines()[:-1] == LINES[: len(ids)]


def test_a_last_line_that_lacks_only_its_line_feed_is_kept(tmp_path: Path) -> None:
    (tmp_path / "takedown.jsonl").write_bytes(LINES[0] + b"\n" + LINES[1])
    with QueueFolder(tmp_path) as queue:
        assert queue.lines().keys() == {("one", 1), ("two", 1)}
    assert (tmp_path / "takedown.jsonl").read_bytes() == LINES[0] + b"\n" + LINES[1] + b"\n"


def test_a_tail_of_zeros_longer_than_a_block_goes(tmp_path: Path) -> None:
    (tmp_path / "takedown.jsonl").write_bytes(LINES[0] + b"\n" + b"\0" * 200_000)
    with QueueFolder(tmp_path):
        pass
    assert (tmp_path / "takedown.jsonl").read_bytes() == LINES[0] + b"\n"


def test_lines_of_somebody_elses_making_are_left_alone(tmp_path: Path) -> None:
    foreign = b'not json\n[1]\n{"id":5}\n\xff\n' + LINES[0] + b"\n"
    (tmp_path / "takedown.jsonl").write_bytes(foreign)
    with QueueFolder(tmp_path) as queue:
        assert queue.lines().keys() == {("one", 1)}
    assert (tmp_path / "takedown.jsonl").read_bytes() == foreign


def test_evidence_lies_under_its_digest_once(tmp_path: Path) -> None:
    with QueueFolder(tmp_path) as queue:
        names = {queue.put(b"png", stored(b"png")), queue.put(b"png", stored(b"png"))}
        assert queue.put(b"{}", stored(b"{}", "application/json")).endswith(".json")
        assert queue.put(b"?", stored(b"?", "x/y")).endswith(".bin")
    assert names == {f"evidence/{hashlib.sha256(b'png').hexdigest()}.png"}
    assert (tmp_path / names.pop()).read_bytes() == b"png"
    assert len(list((tmp_path / "evidence").iterdir())) == 3


def test_a_half_written_file_of_evidence_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "evidence" / f"{stored(b'whole').sha256}.png"
    target.parent.mkdir()
    target.write_bytes(b"who")
    (tmp_path / "evidence" / "abc.part").write_bytes(b"left by a crash")
    with QueueFolder(tmp_path) as queue:
        queue.put(b"whole", stored(b"whole"))
    assert [path.read_bytes() for path in target.parent.iterdir()] == [b"whole"]


def test_bytes_that_are_not_those_of_the_digest_are_refused(tmp_path: Path) -> None:
    with QueueFolder(tmp_path) as queue, pytest.raises(EvidenceError, match="other bytes"):
        queue.put(b"other", stored(b"whole"))


def test_a_path_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for out in (tmp_path / "file", tmp_path / "file" / "out"):
        with pytest.raises(EvidenceError, match="a part of that path is a file"), QueueFolder(out):
            pass


def test_a_second_program_waits_for_the_first(tmp_path: Path) -> None:
    entered = threading.Event()

    def second() -> None:
        with QueueFolder(tmp_path) as queue:
            queue.append(LINES[1])
            entered.set()

    with QueueFolder(tmp_path) as queue:
        thread = threading.Thread(target=second)
        thread.start()
        descriptor = os.open(tmp_path, os.O_RDONLY)
        with pytest.raises(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(descriptor)
        assert not entered.is_set()
        queue.append(LINES[0])
    thread.join()
    assert (tmp_path / "takedown.jsonl").read_bytes().splitlines() == LINES[:2]
