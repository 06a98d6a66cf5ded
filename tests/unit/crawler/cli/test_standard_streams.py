"""Standard streams that are closed or cannot show a character, and arguments that are no text."""

from __future__ import annotations

import sys
from io import BytesIO, TextIOWrapper

import pytest

from crawler.cli.standard_streams import check_arguments, check_closed, check_places, mend_streams
from detector.errors import UsageError


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "iso-8859-9", "cp1252", "utf-8"])
def test_a_character_that_an_encoding_lacks_is_replaced(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, TextIOWrapper(BytesIO(), encoding=encoding, errors="strict"))
    assert mend_streams() == frozenset()
    print("“x” \ud800 日", flush=True)
    assert isinstance(sys.stdout, TextIOWrapper)
    sys.stdout.seek(0)
    assert " ? " in sys.stdout.read()


@pytest.mark.parametrize("word", ["a\udcff", "\ud800", "--json=\udfff", "/tmp/\udce9t\udce9", "x" * 300 + "\udc80"])
def test_an_argument_that_is_no_text_is_refused_by_its_number(word: str) -> None:
    with pytest.raises(UsageError, match=r"argument 2, .* is not valid UTF-8; write it in UTF-8"):
        check_arguments(["scan", word], {})
    with pytest.raises(UsageError, match=r"CLONEWATCH_WORKSPACE, .* is not valid UTF-8"):
        check_arguments(["scan"], {"PATH": word, "CLONEWATCH_WORKSPACE": word})


def test_text_of_any_script_is_accepted() -> None:
    check_arguments(["brands", "add", "Crédit 日本 🏦"], {"PATH": "\udcff", "CLONEWATCH_WORKSPACE": "/tmp/é"})


@pytest.mark.parametrize(
    ("arguments", "closed"),
    [
        (["status", "--json", "-"], "stdout"),
        (["cases", "list", "--json=-"], "stdout"),
        (["scan", "--from", "-"], "stdin"),
        (["triage", "--from=-"], "stdin"),
    ],
)
def test_a_closed_stream_that_is_asked_for_is_refused(arguments: list[str], closed: str) -> None:
    check_closed(arguments, {"stdin", "stdout", "stderr"} - {closed})
    with pytest.raises(UsageError, match=r"-: standard (in|out)put is closed; name a file instead"):
        check_closed(arguments, {closed})


@pytest.mark.parametrize(
    "arguments",
    [
        ["takedown", "export", "--out", ""],
        ["takedown", "export", "--out="],
        ["report", "-o", "", "-w", "ws"],
        ["scan", "https://a.example/", "--json", ""],
        ["status", "-w", ""],
        ["evidence", "export", "1", "--to="],
        ["scan", "--from", "", "--out", "x"],
    ],
)
def test_an_empty_place_is_refused(arguments: list[str]) -> None:
    with pytest.raises(UsageError, match=r"^-\S+ is empty: name a file or folder, or leave the option out$"):
        check_places(arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["scan", "--json", "-"],
        ["cases", "dismiss", "1", "--comment", ""],
        ["scan", "", "--out=x"],
        ["report", "--out"],
    ],
)
def test_other_arguments_may_be_empty(arguments: list[str]) -> None:
    check_places(arguments)
