"""The queue folder as a destination: the contract of sinks, and what is its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from detector.takedown import FolderSink
from detector.takedown.sinks.queue_folder import QUEUE_NAME
from detector.testing import SinkContract, example_case


class TestFolderSink(SinkContract):
    """The built-in destination."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "queue"
        (tmp_path / "file").write_bytes(b"")
        self.file = tmp_path / "file"

    def make(self) -> FolderSink:
        return FolderSink(str(self.folder))

    def make_unusable(self) -> FolderSink:
        return FolderSink(str(self.file / "queue"))

    def received(self) -> list[str]:
        queue = self.folder / QUEUE_NAME
        return [json.loads(line)["id"] for line in queue.read_bytes().splitlines()] if queue.exists() else []

    def test_making_and_preparing_leave_the_disk_alone(self) -> None:
        self.make().prepare(example_case())
        assert not self.folder.exists()


def test_the_draft_names_the_files_as_they_will_lie_in_the_folder(tmp_path: Path) -> None:
    sink = FolderSink(tmp_path)
    draft = sink.prepare(example_case())
    with sink.connect():
        sink.deliver(draft)
    [named] = json.loads(draft.body)["evidence"]
    assert (tmp_path / named["file"]).read_bytes() == draft.files[0].data


def test_a_delivery_without_a_connection_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    sink = FolderSink(tmp_path)
    with pytest.raises(RuntimeError, match=r"inside `with sink.connect"):
        sink.deliver(sink.prepare(example_case()))
