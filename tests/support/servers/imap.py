"""A real IMAP server on 127.0.0.1, as much of one as a reader of mail needs (RFC 3501)."""

from __future__ import annotations

import re
import socketserver
import ssl
import threading
from typing import Self


class ImapServer:
    """One user, one mailbox; a context manager."""

    def __init__(self, *, user: str, password: str, folder: str = "INBOX", tls: ssl.SSLContext | None = None) -> None:
        self.mails: dict[int, bytes] = {}
        """By UID."""
        self.validity = 17
        self.commands: list[str] = []
        self.hang_up_after: int | None = None
        """Mails after which the connection breaks."""
        outer = self
        login = f'{user} "{password}"'

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self._say(b"* OK ready")
                given = 0
                while line := self.rfile.readline():
                    tag, _, command = line.decode().strip().partition(" ")
                    outer.commands.append(re.sub(r"LOGIN .*", "LOGIN", command))
                    answer = b"OK done"
                    if command.startswith("LOGIN"):
                        right = command.removeprefix("LOGIN ") == login
                        answer = b"OK in" if right else b"NO [AUTHENTICATIONFAILED] wrong password"
                    elif command == "CAPABILITY":
                        self._say(b"* CAPABILITY IMAP4rev1")
                    elif command.startswith(("EXAMINE", "SELECT")):
                        if f'"{folder}"' in command:
                            self._say(b"* %d EXISTS" % len(outer.mails))
                            self._say(b"* OK [UIDVALIDITY %d] valid" % outer.validity)
                        else:
                            answer = b"NO no such mailbox"
                    elif command.startswith("UID SEARCH"):
                        self._say(b"* SEARCH " + b" ".join(b"%d" % uid for uid in outer.find(command)))
                    elif command.startswith("UID FETCH"):
                        if given == outer.hang_up_after:
                            return
                        given += 1
                        self._give(int(command.split()[2]))
                    elif command == "LOGOUT":
                        self._say(b"* BYE")
                    self._say(tag.encode() + b" " + answer)

            def _give(self, uid: int) -> None:
                body = outer.mails[uid]
                self.wfile.write(b"* 1 FETCH (UID %d BODY[]<0> {%d}\r\n" % (uid, len(body)) + body + b")\r\n")

            def _say(self, line: bytes) -> None:
                self.wfile.write(line + b"\r\n")

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, request: object, client_address: object) -> None:
                """A client that hangs up is no news."""

        self._server = Server(("127.0.0.1", 0), Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def find(self, command: str) -> list[int]:
        """``UID SEARCH UID n:*``: the last mail is always among them."""
        first = int(command.rsplit(maxsplit=1)[-1].split(":", maxsplit=1)[0])
        last = max(self.mails, default=0)
        return sorted({uid for uid in self.mails if uid >= first} | ({last} if last else set()))
