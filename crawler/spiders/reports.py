"""Spider ``reports``: web addresses in mail that customers forward to a mailbox."""

from __future__ import annotations

import asyncio
import hashlib
import mailbox
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

from crawler.discovery.spider import DiscoverySpider
from crawler.discovery.spider_items import SourceCheckpoint
from crawler.runtime.thread_completion import finish_in_thread
from crawler.sources.mail.imap import SCHEMES, MailboxPosition, messages
from crawler.sources.mail.mail_reader import MailReader
from crawler.sources.mail.reported_mail import MAX_MESSAGE, MailError
from detector.config import Config, Mailbox
from detector.errors import SourceError
from detector.model import Candidate
from detector.sentences import counted
from detector.store import SourceKey, text_key

REPORTED = 0.6
"""Lowest priority of what a customer reports, whatever its name: it is being sent to people today."""
MOST_REMARKS = 3
"""Mails that were not read whole, or not at all, and that a source's line names."""
SALT = text_key("salt")
POSITION = SourceKey("position", MailboxPosition.dumped, MailboxPosition.loaded)


class ReportsSpider(DiscoverySpider):
    """Read mailboxes, each mail once: folders of ``.eml`` files, mbox files, Maildirs and IMAP folders."""

    name = "reports"

    @classmethod
    def configured(cls, config: Config) -> bool:
        """Return True if a mailbox is configured."""
        return bool(config.discover.mailboxes)

    async def discover(self) -> AsyncIterator[Candidate | SourceCheckpoint]:
        """Yield candidates from every new mail; mailboxes that cannot be read are reported, such mails are counted."""
        boxes = self.workspace.config.discover.mailboxes
        if not boxes:
            self.tally.of(self.name).note = "no mailbox is configured ([[discover.mailboxes]] in clonewatch.toml)"
            return
        self.tally.sources.pop(self.name, None)
        salt = await self._salt()
        async with MailReader(salt) as reader:
            for box in boxes:
                source = f"{self.name}:{box.name}"
                self.tally.of(source)
                try:
                    async for found in self._read(box, source, reader):
                        yield found
                except SourceError as error:
                    self.fail(source, str(error), partly=self.tally.of(source).found > 0)
                except OSError as error:
                    self.fail(source, f"{error.filename or box.location} cannot be read ({error.strerror or error})")

    async def _read(self, box: Mailbox, source: str, reader: MailReader) -> AsyncIterator[Candidate | SourceCheckpoint]:
        tally = self.tally.of(source)
        given = mails = 0
        remarks: list[str] = []
        mails_of = self._remote if box.location.startswith(SCHEMES) else self._local
        async for name, position, data in mails_of(box, source):
            key = text_key(f"mail {hashlib.sha256(data).hexdigest()}")
            if await asyncio.to_thread(self.workspace.store.sources.get, source, key) is not None:
                continue
            mails += 1
            try:
                report = await reader.read(data)
            except MailError as error:
                self.logger.warning("source %s: %s was left out (%s)", source, name, error)
                remarks.append(f"{name} was left out ({error})")
                tally.junk += 1
                yield SourceCheckpoint.of(source, key, "left out", given)
                if position is not None:
                    yield SourceCheckpoint.of(source, POSITION, position, given)
                continue
            if report.remark:
                self.logger.warning("source %s: of %s %s", source, name, report.remark)
                remarks.append(f"of {name} {report.remark}")
            numbers = f" The mail names the telephone number {', '.join(report.phones[:5])}." if report.phones else ""
            for url in report.urls:
                given += 1
                reason = f"Reporter {report.reporter} forwarded a mail with this address to {box.name}.{numbers}"
                yield Candidate(url, source=source, priority=REPORTED, reasons=(reason,))
            yield SourceCheckpoint.of(source, key, "read", given)
            if position is not None:
                yield SourceCheckpoint.of(source, POSITION, position, given)
        more = f"; {counted(len(remarks) - MOST_REMARKS, 'more')}" if len(remarks) > MOST_REMARKS else ""
        tally.note = "; ".join([counted(mails, "new mail"), *remarks[:MOST_REMARKS]]) + more

    async def _local(self, box: Mailbox, source: str) -> AsyncIterator[tuple[str, MailboxPosition | None, bytes]]:
        for name, data in _messages(Path(box.location)):
            yield name, None, data

    async def _remote(self, box: Mailbox, source: str) -> AsyncIterator[tuple[str, MailboxPosition | None, bytes]]:
        """Yield new mail from a server; each answer is awaited in a thread."""
        if box.password and box.password not in os.environ:
            raise SourceError(f"the environment variable {box.password} is not set; set it to the mailbox's password")
        known = await asyncio.to_thread(self.workspace.store.sources.get, source, POSITION)
        mails = messages(box.location, os.environ.get(box.password, ""), known or MailboxPosition(0, 0))
        try:
            # to its end: a session that somebody still waits for in a thread cannot be closed
            while (found := await finish_in_thread(partial(next, mails, None))) is not None:
                yield f"mail {found[0].uid}", *found
        finally:
            await finish_in_thread(mails.close)

    async def _salt(self) -> str:
        known = await asyncio.to_thread(self.workspace.store.sources.get, self.name, SALT)
        if known is None:
            known = secrets.token_hex(16)
            await finish_in_thread(partial(self.workspace.store.sources.put, self.name, SALT, known))
        return known


def _messages(place: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of every mail of a folder (``.eml`` files at any depth, or a Maildir) or of an mbox file, bounded.

    Raises OSError.
    """
    if place.is_dir() and (place / "cur").is_dir() and (place / "new").is_dir():
        files = sorted([*(place / "cur").iterdir(), *(place / "new").iterdir()])
    elif place.is_dir():
        files = sorted(place.rglob("*.eml"))
    else:
        yield from _mbox(place)
        return
    for file in files:
        if file.is_file():
            with file.open("rb") as stream:
                yield f"the mail {file.name}", stream.read(MAX_MESSAGE + 1)


def _mbox(place: Path) -> Iterator[tuple[str, bytes]]:
    with place.open("rb"):
        pass
    box = mailbox.mbox(place, create=False)
    try:
        for number, key in enumerate(box.iterkeys(), 1):
            with box.get_file(key) as stream:
                yield f"mail {number}", stream.read(MAX_MESSAGE + 1)
    finally:
        box.close()
