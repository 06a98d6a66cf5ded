"""Each kind of output has one way out for hostile text: a corpus of strings goes through all of them, and no module has another."""

from __future__ import annotations

import ast
import io
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families
from rich.table import Table
from rich.text import Text

from crawler.cli.log_output import LogFormat, log_to_stderr
from crawler.jobs import metrics
from crawler.jobs.schedule.schedule_export import crontab
from crawler.jobs.schedule.schedule_plan import SchedulePlan
from crawler.jobs.schedule.systemd_units import systemd
from crawler.runtime.terminal import Console, say, say_lines
from detector.config import CrawlJob, ScheduleConfig
from detector.errors import UsageError
from detector.present.json_text import json_line
from detector.present.legible import excerpt, one_line, page_url, safe_url, sentence, visible
from tests.support.hostile_strings import OBEYED, hostile_strings
from tests.support.program import ROOT

STRINGS = [text for _, text in hostile_strings()]
TERMINAL = "crawler/runtime/terminal.py"
PRINTERS = frozenset(
    ("typer.echo", "typer.secho", "click.echo", "click.secho", "print", "rich.print", "sys.stdout.write")
)
"""Calls that write to a terminal past the way out."""
MODULES = frozenset(("rich.console", "rich.print"))
WRITERS = frozenset(("csv.writer", "csv.DictWriter", "smtplib.SMTP", "EmailMessage"))
"""Writers of kinds of output that the program does not have yet: whoever adds one adds its way out, and a test here."""
EXCEPTIONS = {
    TERMINAL: "it is the way out",
    "crawler/demo/feeds.py": "writes a feed of our own text for the demo",
}


def test_the_corpus_is_large_and_every_kind_is_in_it() -> None:
    kinds = {kind for kind, _ in hostile_strings()}
    assert len(STRINGS) >= 300
    assert {
        "csi",
        "osc",
        "dcs",
        "c0",
        "c1",
        "bidi",
        "invisible",
        "line breaks",
        "surrogates",
        "formula",
        "html",
        "shell",
    } <= kinds


def test_text_for_people() -> None:
    for text in STRINGS:
        for shown in (visible(text), excerpt(text, 500), safe_url(text), page_url(text)):
            assert OBEYED.search(shown) is None, repr(text)
            shown.encode()
        for shown in (one_line(text, 300), sentence(text, 300, ("a.example",))):
            assert OBEYED.search(shown) is None, repr(text)
            assert len(shown.split("\n")) == 1, repr(text)
    assert len(visible("a" + "\u0301" * 200)) == 9
    assert visible("e\u0301 \u0e01\u0e49") == "e\u0301 \u0e01\u0e49"


def test_a_terminal(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    for text in STRINGS:
        say(text)
        say(text, err=True)
        written = capsysbinary.readouterr()
        for stream in written:
            shown = stream.decode()
            assert OBEYED.search(shown) is None, repr(text)
            assert shown.count("\n") == 1, repr(text)
        say_lines(text)
        assert OBEYED.search(capsysbinary.readouterr().out.decode()) is None, repr(text)


@pytest.mark.parametrize("colours", [False, True])
def test_a_console_and_its_tables(colours: bool) -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=colours, width=80, color_system="truecolor" if colours else None)
    for text in [text[:2_000] for text in STRINGS]:
        table = Table("a", "b")
        table.add_row(Text(text), Text(text, "bold red"))
        console.print(Text(text, "green"))
        console.print(text, markup=False)
        console.print(table)
    shown = stream.getvalue()
    plain = "".join(Text.from_ansi(line).plain + "\n" for line in shown.split("\n")) if colours else shown
    assert OBEYED.search(plain) is None
    if not colours:
        assert "\x1b" not in shown


def test_json_lines() -> None:
    for text in STRINGS:
        if any("\ud800" <= char <= "\udfff" for char in text):
            continue  # the model holds no lone surrogates
        line = json_line({text: [text]}).decode()
        assert OBEYED.search(line) is None, repr(text)
        assert len(line.splitlines()) == 1, repr(text)
        assert json.loads(line) == {text: [text]}


@pytest.fixture
def _logging() -> Iterator[None]:
    before, factory = structlog.get_config(), logging.getLogRecordFactory()
    yield
    structlog.configure(**before)
    logging.setLogRecordFactory(factory)


@pytest.mark.usefixtures("_logging")
@pytest.mark.parametrize("kind", LogFormat)
def test_a_log(kind: LogFormat, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    log_to_stderr(kind, verbose=False)
    plain = logging.getLogger("test.hostile")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(message)s"))
    monkeypatch.setattr(plain, "handlers", [handler])
    monkeypatch.setattr(plain, "propagate", False)
    log = structlog.get_logger()
    for text in STRINGS:
        stream.seek(0)
        stream.truncate()
        log.warning(f"event {text}", reason=text)
        plain.warning("it said %s", text)
        written = stream.getvalue()
        assert OBEYED.search(_without_colours(written)) is None, repr(text)
        assert written.count("\n") == 2, repr(text)
        if kind is LogFormat.JSON:
            assert json.loads(written.split("\n")[0])["reason"] == text
    try:
        raise ValueError("\x1b]0;title\x07\u202e")
    except ValueError:
        plain.exception("failed")
    assert OBEYED.search(_without_colours(stream.getvalue())) is None


def _without_colours(text: str) -> str:
    """Return a text without the colours that structlog itself writes."""
    return "".join(Text.from_ansi(line).plain + "\n" for line in text.split("\n"))


def test_metrics() -> None:
    for text in STRINGS:
        if any("\ud800" <= char <= "\udfff" for char in text):
            continue
        family = metrics._by("clonewatch_test", "A test.", "source", {text: 1})
        (sample,) = family.samples
        assert OBEYED.search(sample.labels["source"]) is None, repr(text)
        written = f'clonewatch_test{{source="{_escaped(sample.labels["source"])}"}} 1\n'
        (read,) = text_string_to_metric_families(written)
        assert read.samples[0].labels == sample.labels


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def test_units_and_crontabs() -> None:
    """A workspace whose path holds something that ends a line is refused; any other path is one word of one command."""
    plan = SchedulePlan(ScheduleConfig(jobs=(CrawlJob("nightly", "7 3 * * *"),)))
    refused = 0
    for text in STRINGS:
        place = Path("/srv") / text.replace("/", "_").replace("\0", "")[:200]
        try:
            table, units = crontab(plan, place, "UTC"), systemd(plan, place, "UTC")
        except UsageError:
            refused += 1
            continue
        assert place.name.isprintable()
        assert len(table.splitlines()) == 3, repr(text)
        service = units["clonewatch-nightly.service"]
        assert sum(line.startswith("ExecStart=") for line in service.splitlines()) == 1
        assert len(service.splitlines()) == len(
            systemd(plan, Path("/srv/plain"), "UTC")["clonewatch-nightly.service"].splitlines()
        )
        command = next(line for line in service.splitlines() if line.startswith("ExecStart="))
        assert "%" not in command.replace("%%", ""), repr(text)
        assert "$" not in command.replace("$$", ""), repr(text)
    assert refused > 100


def modules() -> Iterator[Path]:
    for package in ("crawler", "detector"):
        yield from sorted((ROOT / package).rglob("*.py"))


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def test_no_module_writes_to_people_in_another_way() -> None:
    found, forbidden = [], PRINTERS | WRITERS
    for path in modules():
        name = path.relative_to(ROOT).as_posix()
        if name in EXCEPTIONS:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and dotted(node.func) in forbidden:
                found.append(f"{name}:{node.lineno}: {dotted(node.func)}")
            if isinstance(node, ast.ImportFrom) and node.module in MODULES:
                found.append(f"{name}:{node.lineno}: {node.module}")
    assert found == [], f"write with {TERMINAL}"
