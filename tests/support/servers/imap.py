"""A real IMAP server on 127.0.0.1, as much of one as a reader of mail needs (RFC 3501)."""

from __future__ import annotations

import asyncio
import re
import ssl
from contextlib import ExitStack
from typing import Self

from crawler.loopback.connections import ConnectionServer, in_thread


class ImapServer:
    """One user, one mailbox; a context manager."""

    def __init__(self, *, user: str, password: str, folder: str = "INBOX", tls: ssl.SSLContext | None = None) -> None:
        self.mails: dict[int, bytes] = {}
        """By UID."""
        self.validity = 17
        self.commands: list[str] = []
        self.hang_up_after: int | None = None
        """Mails after which the connection breaks."""
        self._login = f'{user} "{password}"'
        self._folder = folder
        self._server = ConnectionServer(self._serve, tls=tls)
        self._running = ExitStack()

    def __enter__(self) -> Self:
        self._running.enter_context(in_thread(self._server))
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    @property
    def port(self) -> int:
        return self._server.port

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        given = 0
        while line := await reader.readline():
            tag, _, command = line.decode().strip().partition(" ")
            self.commands.append(re.sub(r"LOGIN .*", "LOGIN", command))
            if command.startswith("UID FETCH"):
                if given == self.hang_up_after:
                    return
                given += 1
            writer.write(b"".join(each + b"\r\n" for each in self._answer(command, tag.encode())))
            await writer.drain()

    def _answer(self, command: str, tag: bytes) -> list[bytes]:
        """The lines of an answer; the last one carries the tag of the command."""
        lines, end = [], b"OK done"
        if command.startswith("LOGIN"):
            right = command.removeprefix("LOGIN ") == self._login
            end = b"OK in" if right else b"NO [AUTHENTICATIONFAILED] wrong password"
        elif command == "CAPABILITY":
            lines = [b"* CAPABILITY IMAP4rev1"]
        elif command.startswith(("EXAMINE", "SELECT")):
            if f'"{self._folder}"' in command:
                lines = [b"* %d EXISTS" % len(self.mails), b"* OK [UIDVALIDITY %d] valid" % self.validity]
            else:
                end = b"NO no such mailbox"
        elif command.startswith("UID SEARCH"):
            lines = [b"* SEARCH " + b" ".join(b"%d" % uid for uid in self.find(command))]
        elif command.startswith("UID FETCH"):
            uid = int(command.split()[2])
            body = self.mails[uid]
            lines = [b"* 1 FETCH (UID %d BODY[]<0> {%d}\r\n" % (uid, len(body)) + body + b")"]
        elif command == "LOGOUT":
            lines = [b"* BYE"]
        return [*lines, tag + b" " + end]

    def find(self, command: str) -> list[int]:
        """``UID SEARCH UID n:*``: the last mail is always among them."""
        first = int(command.rsplit(maxsplit=1)[-1].split(":", maxsplit=1)[0])
        last = max(self.mails, default=0)
        return sorted({uid for uid in self.mails if uid >= first} | ({last} if last else set()))
