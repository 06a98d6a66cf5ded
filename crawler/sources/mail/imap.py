"""Read new mail from an IMAP server (RFC 9051, RFC 3501), without marking it as read."""

from __future__ import annotations

import contextlib
import imaplib
import re
import ssl
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import unquote, urlsplit

from crawler.sources.mail.bounded_imap import BoundedAnswers, BoundedImap, BoundedImapTls, ImapLimits
from crawler.sources.mail.reported_mail import MAX_MESSAGE
from detector.errors import SourceError

SCHEMES = ("imap://", "imaps://")
_PORTS = {"imap": 143, "imaps": 993}
_VALIDITY = re.compile(rb"\d{1,10}")


@dataclass(frozen=True, slots=True)
class MailboxPosition:
    """Position up to which a mailbox was read."""

    validity: int
    """UIDVALIDITY of the mailbox; when it changes, the server has renumbered the mail."""
    uid: int
    """UID of the last mail that was read."""

    def dumped(self) -> str:
        """Return the text that is stored."""
        return f"{self.validity} {self.uid}"

    @classmethod
    def loaded(cls, text: str) -> MailboxPosition:
        """Read what :meth:`dumped` wrote; the beginning of the mailbox where the text is malformed."""
        parts = text.split()
        return cls(*map(int, parts)) if len(parts) == 2 and all(part.isdigit() for part in parts) else cls(0, 0)


def messages(
    location: str, password: str, after: MailboxPosition, limits: ImapLimits | None = None
) -> Generator[tuple[MailboxPosition, bytes]]:
    """Yield every mail after a position, in order, cut one byte beyond the largest size that is read.

    ``location``: ``imaps://USER@HOST[:PORT]/FOLDER``; ``imap://`` uses STARTTLS, except on this very machine.

    Raises:
        SourceError: the server cannot be reached, refuses, does not speak IMAP, or reaches a limit.
    """
    parts = urlsplit(location)
    where = f"{parts.scheme}://{parts.hostname}"
    try:
        with contextlib.closing(_Session(location, limits or ImapLimits())) as session:
            session.log_in(unquote(parts.username or ""), password)
            yield from session.new(unquote(parts.path.strip("/")) or "INBOX", after)
            session.log_out()
    except (imaplib.IMAP4.error, OSError, ValueError) as error:
        said = str(error.args[0] if error.args else error)
        raise SourceError(f"{where}: {said.removeprefix('b').strip(chr(39))[:300] or type(error).__name__}") from error


class _Session:
    def __init__(self, location: str, limits: ImapLimits) -> None:
        self._limits = limits
        self._began = limits.clock()
        parts = urlsplit(location)
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        if parts.scheme == "imaps":
            self._imap: BoundedAnswers = BoundedImapTls(limits, host, port)
            return
        self._imap = BoundedImap(limits, host, port)
        if not _is_here(host):
            self._imap.starttls(ssl.create_default_context())

    def log_in(self, user: str, password: str) -> None:
        self._imap.login(user, password)

    def new(self, folder: str, after: MailboxPosition) -> Iterator[tuple[MailboxPosition, bytes]]:
        quoted = '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
        self._ok(self._imap.select(quoted, readonly=True))
        found = _VALIDITY.search((self._imap.response("UIDVALIDITY")[1] or [b"0"])[0] or b"0")
        validity = int(found[0]) if found else 0
        first = after.uid + 1 if validity == after.validity else 1
        listed = self._ok(self._imap.uid("SEARCH", "UID", f"{first}:*"))
        uids = sorted(int(uid) for uid in (listed[0] or b"").split())
        for uid in uids:
            if uid < first:  # "n:*" includes the last mail even where that is an older one
                continue
            if self._limits.clock() - self._began > self._limits.session_seconds:
                raise imaplib.IMAP4.error(
                    f"it took more than {self._limits.session_seconds:g} s; the next run goes on with mail {uid}"
                )
            answer = self._ok(self._imap.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{MAX_MESSAGE + 1}>)"))
            body = next((part[1] for part in answer if isinstance(part, tuple)), b"")
            yield MailboxPosition(validity, uid), bytes(body)

    @staticmethod
    def _ok(answer: tuple[str, Any]) -> list[Any]:
        """Return the parts of an answer: bytes, and pairs of them where there is a literal."""
        status, data = answer
        if status != "OK":
            raise imaplib.IMAP4.error(data[0] if data else status)
        return list(data)

    def log_out(self) -> None:
        with contextlib.suppress(imaplib.IMAP4.error, OSError):
            self._imap.logout()

    def close(self) -> None:
        """Close the connection, without waiting for an answer."""
        with contextlib.suppress(OSError):
            self._imap.shutdown()


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
