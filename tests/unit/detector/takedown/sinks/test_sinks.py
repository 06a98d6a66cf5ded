"""Destinations by name: the built-in one, one of another package by its entry point, and what is refused."""

from __future__ import annotations

import smtplib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint

import pytest

import detector.takedown.sinks
from detector.errors import ConfigError, EnvironmentFault, UsageError
from detector.takedown import FolderSink, TakedownSink, load_sink
from detector.takedown.queue_line import export_id
from detector.takedown.sinks import BUILT_IN, Draft, DueCase, Receipt
from detector.testing import SinkContract

MAILBOX: list[tuple[str, int]] = []
"""Reports that the made-up destination below received."""


class MailboxSink:
    """Keeps reports in this process's memory: what a third party could add."""

    name = "mailbox"

    def __init__(self, target: str) -> None:
        self.target = target

    @contextmanager
    def connect(self) -> Iterator[Collection[tuple[str, int]]]:
        if self.target != "mine":
            raise EnvironmentFault(f"mailbox {self.target!r} does not answer; name another with --out")
        yield set(MAILBOX)

    def prepare(self, due: DueCase) -> Draft:
        return Draft(
            export_id(due.case), due.number, "text/plain", f"{due.case.site} {due.withdrawn}".encode(), due.files
        )

    def deliver(self, draft: Draft) -> Receipt:
        if (draft.reference, draft.number) not in MAILBOX:
            MAILBOX.append((draft.reference, draft.number))
        return Receipt(draft.reference, "ticket 7")


class TestSinkOfAnotherPackage(SinkContract):
    """The code of a third party, word for word: the inherited tests are collected and run."""

    @pytest.fixture(autouse=True)
    def _announced(self, monkeypatch: pytest.MonkeyPatch) -> None:
        announce(monkeypatch, MailboxSink, "mailbox")
        MAILBOX.clear()

    def make(self) -> TakedownSink:
        """As clonewatch makes it: found by its entry point."""
        return load_sink("mailbox", "mine")

    def make_unusable(self) -> TakedownSink:
        return load_sink("mailbox", "somebody else's")

    def received(self) -> list[str]:
        return [reference for reference, _ in MAILBOX]


class _Broken(MailboxSink):
    """Breaks the contract in the way that ``fault`` says."""

    fault = ""

    def prepare(self, due: DueCase) -> Draft:
        draft = super().prepare(due)
        if self.fault == "sends early":
            MAILBOX.append((draft.reference, draft.number))
        if self.fault == "one reference for all":
            return Draft("case", 1, draft.media_type, draft.body)
        return draft

    def deliver(self, draft: Draft) -> Receipt:
        if self.fault == "twice":
            MAILBOX.append((draft.reference, draft.number))
        if self.fault == "one number" and draft.number > 1:
            return Receipt(draft.reference)
        if self.fault == "silent loss":
            return Receipt(draft.reference)
        return super().deliver(draft) if self.fault != "other receipt" else Receipt("7")

    @contextmanager
    def connect(self) -> Iterator[Collection[tuple[str, int]]]:
        if self.fault == "foreign error" and self.target != "mine":
            raise smtplib.SMTPServerDisconnected("gone")
        with super().connect() as known:
            yield known


@pytest.mark.parametrize(
    ("fault", "found_by"),
    [
        ("sends early", "test_preparing_sends_nothing_and_is_repeatable"),
        ("one reference for all", "test_preparing_sends_nothing_and_is_repeatable"),
        ("twice", "test_a_second_delivery_makes_no_second_report"),
        ("silent loss", "test_a_delivery_arrives_and_gives_a_receipt"),
        ("silent loss", "test_hostile_text_arrives_as_text"),
        ("one number", "test_a_withdrawal_and_what_comes_after_it_are_reports_of_their_own"),
        ("other receipt", "test_a_delivery_arrives_and_gives_a_receipt"),
        ("foreign error", "test_a_destination_that_cannot_be_used_is_named"),
    ],
)
def test_a_sink_that_breaks_the_contract_fails(fault: str, found_by: str) -> None:
    kind: type[MailboxSink] = type("Broken", (_Broken,), {"fault": fault})

    class Contract(TestSinkOfAnotherPackage):
        def make(self) -> TakedownSink:
            return kind("mine")

        def make_unusable(self) -> TakedownSink:
            return kind("somebody else's")

    MAILBOX.clear()
    with pytest.raises((AssertionError, smtplib.SMTPServerDisconnected)):
        getattr(Contract(), found_by)()


def test_the_built_in_destinations_are_found_by_name() -> None:
    assert [kind.name for kind in BUILT_IN] == ["folder"]
    assert isinstance(load_sink("folder", "queue"), FolderSink)


def test_what_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="no takedown destination is called 'fax'; there are: folder"):
        load_sink("fax", "123")
    announce(monkeypatch, MailboxSink, "folder")
    with pytest.raises(ConfigError, match="several takedown destinations are called folder"):
        load_sink("folder", "queue")
    entry = EntryPoint("fax", "not_installed:Fax", "clonewatch.sinks")
    monkeypatch.undo()
    monkeypatch.setattr(detector.takedown.sinks, "entry_points", lambda group: [entry])
    with pytest.raises(ConfigError, match=r"'fax' .not_installed:Fax. cannot be loaded: No module named"):
        load_sink("fax", "123")


def announce(patch: pytest.MonkeyPatch, kind: type, name: str) -> None:
    """Let a class be found as the destination of an installed package."""
    entry = EntryPoint(name, f"{__name__}:{kind.__name__}", "clonewatch.sinks")
    patch.setattr(EntryPoint, "load", lambda _: kind)
    patch.setattr(detector.takedown.sinks, "entry_points", lambda group: [entry])
