"""IMAP servers that drip, flood or fall silent: each answer is bounded as a whole, and the reader says at what."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from crawler.loopback.connections import ConnectionServer, in_thread
from crawler.sources.mail.bounded_imap import ImapLimits
from crawler.sources.mail.imap import MailboxPosition, messages
from detector.errors import SourceError

LIMITS = ImapLimits(silence_seconds=5.0, answer_seconds=0.5, answer_bytes=200_000)
GREETING = b"* OK ready\r\n"
STATES = {
    b"LOGIN": b"%s OK in\r\n",
    b"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n%s OK done\r\n",
    b"EXAMINE": b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n%s OK done\r\n",
    b"UID SEARCH": b"* SEARCH 1\r\n%s OK done\r\n",
}
SLOW = "its answer took more than 0.5 s"


class HostileImap:
    """Answers properly until a command comes, then sends its own bytes, all at once or dripping without end."""

    def __init__(self, command: bytes, sent: bytes, drip: bytes) -> None:
        self._command, self._sent, self._drip = command, sent, drip

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        writer.write(GREETING if self._command else self._sent)
        while self._command:
            tag, _, command = (await reader.readline()).strip().partition(b" ")
            if not tag:
                return
            if command.startswith(self._command):
                writer.write(self._sent)
                break
            state = next(state for state in STATES if command.startswith(state))
            writer.write(STATES[state] % tag)
        while self._drip:
            writer.write(self._drip)
            await writer.drain()
            await asyncio.sleep(0.01)
        await reader.read()


@pytest.mark.parametrize(
    ("command", "sent", "drip", "said"),
    [
        (b"", b"", b"*", SLOW),
        (b"LOGIN", b"", b"x", SLOW),
        (b"LOGIN", b"", b"* OK still at it\r\n", SLOW),
        (b"EXAMINE", b"* 5 EXISTS\r\n", b" ", SLOW),
        (b"UID SEARCH", b"* SEARCH", b" 1", SLOW),
        (b"UID SEARCH", b"* SEARCH 1\r\n" * 30_000, b"", "its answer is longer than 200000 bytes"),
        (b"UID FETCH", b"* 1 FETCH (UID 1 BODY[]<0> {100000}\r\n", b"x", SLOW),
        (b"UID FETCH", b"* 1 FETCH (UID 1 BODY[]<0> {99999999999}\r\n", b"", "an answer of 99999999999 bytes was announced"),
        (b"UID FETCH", b"* 1 FETCH (UID 1 BODY[]<0> {5}\r\nabcde" * 20_000, b"", "its answer is longer than 200000 bytes"),
        (b"UID FETCH", b"", b"", SLOW),
    ],
)  # fmt: skip
def test_no_server_holds_the_reader_longer_than_one_answer(command: bytes, sent: bytes, drip: bytes, said: str) -> None:
    # a busy machine must not decide which of the two limits is reached
    limits = LIMITS if said == SLOW else replace(LIMITS, silence_seconds=300.0, answer_seconds=300.0)
    with (
        in_thread(ConnectionServer(HostileImap(command, sent, drip).serve)) as server,
        pytest.raises(SourceError, match=said),
    ):
        list(messages(f"imap://a@127.0.0.1:{server.port}/INBOX", "x", MailboxPosition(0, 0), limits))


def ticking(step: float) -> Callable[[], float]:
    """A clock that is ``step`` seconds further each time somebody looks."""
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += step
        return now

    return clock


def test_all_mails_together_are_bounded_and_the_next_run_goes_on() -> None:
    with in_thread(ConnectionServer(HostileImap(b"never", b"", b"").serve)) as server:
        limits = ImapLimits(session_seconds=1.0, clock=ticking(1.0))
        with pytest.raises(SourceError, match=r"it took more than 1 s; the next run goes on with mail 1"):
            list(messages(f"imap://a@127.0.0.1:{server.port}/INBOX", "x", MailboxPosition(0, 0), limits))
