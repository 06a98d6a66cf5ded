"""Lines of keys, tables and syntax errors in a TOML file."""

from __future__ import annotations

import tomllib

import pytest

from detector.toml_lines import line_of, syntax_error

TEXT = """\
name = "a"
list = [
  "x",
  "y",
]

[capture]  # a table
slots = 2
"quoted" = 3

[[discover.feeds]]
name = "one"
[[discover.feeds]]
name = "two"
"""


@pytest.mark.parametrize(
    ("key", "table", "value", "line"),
    [
        ("name", None, None, 1),
        ("list", None, "y", 4),
        ("list", None, "z", 2),
        ("capture", None, None, 7),
        ("slots", ("capture", 0), None, 8),
        ("quoted", ("capture", 0), None, 9),
        ("absent", ("capture", 0), None, 7),
        ("name", ("discover.feeds", 0), None, 12),
        ("name", ("discover.feeds", 1), None, 14),
        ("slots", None, None, None),
        ("name", ("nowhere", 0), None, None),
    ],
)
def test_lines(key: str, table: tuple[str, int] | None, value: str | None, line: int | None) -> None:
    assert line_of(TEXT, key, table=table, value=value) == line


@pytest.mark.parametrize(("text", "line"), [("a = 1\nb = = 2\n", 2), ("a = [\n", 1), ('a = "', 1)])
def test_a_syntax_error_has_a_line_and_a_problem_without_one(text: str, line: int) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads(text)
    found, problem = syntax_error(caught.value, text)
    assert found == line
    assert problem
    assert "line" not in problem
