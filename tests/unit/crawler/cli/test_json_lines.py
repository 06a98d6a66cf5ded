"""JSON lines go to a file or standard output, and obey no terminal."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from crawler.cli.json_lines import json_lines, write_lines
from detector.errors import UsageError
from detector.present.json_text import json_line


@dataclass(frozen=True)
class Row:
    """Something that a command writes."""

    name: str
    count: int = 1


def test_a_line_reads_back_the_same_and_holds_no_control_character() -> None:
    text = "a\x1b[31m\x9b31m\u202eb\u2028c\x7f\nd"
    line = json_line(Row(text))
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert not {"\x1b", "\x9b", "\u202e", "\u2028", "\x7f"} & set(line.decode())
    assert json.loads(line) == {"name": text, "count": 1}


def test_each_line_is_there_as_soon_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    with json_lines(str(path)) as lines:
        assert lines is not None
        lines.write(Row("a"))
        assert path.read_bytes() == b'{"name":"a","count":1}\n'
    with json_lines(None) as nothing:
        assert nothing is None


def test_a_list_goes_to_a_file_and_replaces_it(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    write_lines(str(path), [Row("a"), Row("b")])
    write_lines(str(path), [Row("c", 2)])
    assert [json.loads(line) for line in path.read_text().splitlines()] == [{"name": "c", "count": 2}]


def test_a_list_goes_to_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write_lines("-", [{"name": "a"}])
    assert capfdbinary.readouterr().out == b'{"name":"a"}\n'


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--json .*: cannot be written \(Is a directory\)"):
        write_lines(str(tmp_path), [])
