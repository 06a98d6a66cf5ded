"""An IMAP client of the standard library whose answers are bounded as a whole: in time, however slowly bytes drip, and in bytes."""

from __future__ import annotations

import imaplib
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass

from crawler.sources.mail.reported_mail import MAX_MESSAGE

_CHUNK = 1 << 16
_LONGEST_LINE = 1_000_000


@dataclass(frozen=True, slots=True)
class ImapLimits:
    """Bounds of a session with an IMAP server."""

    silence_seconds: float = 30.0
    """Time to connect, and between two pieces of an answer."""
    answer_seconds: float = 120.0
    """Time for the whole answer to one command."""
    session_seconds: float = 3600.0
    """Time for all mails of one run; the next run goes on with the rest."""
    answer_bytes: int = MAX_MESSAGE + (4 << 20)
    """Bytes of the whole answer to one command."""
    clock: Callable[[], float] = time.monotonic


class BoundedAnswers(imaplib.IMAP4):
    """Reads from the socket itself, in place of a buffered file, which would wait for the rest of a line for ever."""

    limits = ImapLimits()
    _held = b""
    _held_of: socket.socket | None = None
    """The socket that the held bytes came from: what was sent before TLS began is not read as if it had come after."""
    _until = 0.0
    _room = 0

    def send(self, data: bytes) -> None:  # type: ignore[override]  # any buffer, in typeshed
        """Send a command, and begin to count the time and bytes of its answer."""
        self._begin()
        super().send(data)

    def read(self, size: int) -> bytes:
        """Return ``size`` bytes of a literal; fewer where the connection ends.

        Raises:
            imaplib.IMAP4.abort: it is larger than an answer may be, or takes too long.
        """
        if size > self.limits.answer_bytes:
            raise self.abort(f"an answer of {size} bytes was announced; at most {self.limits.answer_bytes} are read")
        while len(self._held) < size and self._more():
            pass
        return self._take(size)

    def readline(self) -> bytes:
        """Return a line with its end.

        Raises:
            imaplib.IMAP4.abort: it is too long, or takes too long.
        """
        searched = 0
        while (end := self._held.find(b"\n", searched)) < 0:
            searched = len(self._held)
            if searched > _LONGEST_LINE:
                raise self.abort(f"a line of more than {_LONGEST_LINE} bytes")
            if not self._more():
                return self._take(searched)
        return self._take(end + 1)

    def _begin(self) -> None:
        self._until = self.limits.clock() + self.limits.answer_seconds
        self._room = self.limits.answer_bytes

    def _take(self, size: int) -> bytes:
        taken, self._held = self._held[:size], self._held[size:]
        return taken

    def _more(self) -> bool:
        """Receive a piece; False where the connection has ended."""
        if self._held_of is not self.sock:
            self._held, self._held_of = b"", self.sock
        if not self._until:  # the greeting, which no command asked for
            self._begin()
        left = self._until - self.limits.clock()
        if left <= 0:
            raise self.abort(f"its answer took more than {self.limits.answer_seconds:g} s")
        if self._room <= 0:
            raise self.abort(f"its answer is longer than {self.limits.answer_bytes} bytes")
        self.sock.settimeout(min(left, self.limits.silence_seconds))
        try:
            piece = self.sock.recv(_CHUNK)
        except TimeoutError:
            if self.limits.clock() >= self._until:
                raise self.abort(f"its answer took more than {self.limits.answer_seconds:g} s") from None
            raise self.abort(f"it was silent for {self.limits.silence_seconds:g} s") from None
        self._room -= len(piece)
        self._held += piece
        return bool(piece)


class BoundedImap(BoundedAnswers):
    """Unencrypted, or by STARTTLS."""

    def __init__(self, limits: ImapLimits, host: str, port: int) -> None:
        """Connect, and read the greeting.

        Raises:
            OSError, imaplib.IMAP4.error: nothing answers, or not in IMAP.
        """
        self.limits = limits
        super().__init__(host, port, timeout=limits.silence_seconds)


class BoundedImapTls(BoundedAnswers, imaplib.IMAP4_SSL):
    """By TLS from the beginning."""

    def __init__(self, limits: ImapLimits, host: str, port: int) -> None:
        """Connect, and read the greeting.

        Raises:
            OSError, imaplib.IMAP4.error: nothing answers, or not in IMAP.
        """
        self.limits = limits
        imaplib.IMAP4_SSL.__init__(
            self, host, port, ssl_context=ssl.create_default_context(), timeout=limits.silence_seconds
        )
