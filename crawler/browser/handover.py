"""Run in place of a browser that Playwright starts: send its DevTools pipe to the capturing program, and become the browser.

Playwright talks to a browser through its descriptors 3 and 4.  The browser gets pipes of ours in their place.  Both ends of
Playwright's pipes and the other ends of ours are sent to the program that asked for the browser, over a socket that only
this user can connect to.  Then this process becomes the browser: process id, output and exit status are the browser's own.

Standard library only, run without ``site`` (``python -ISB``): it delays every start of a browser by some milliseconds.
"""

import fcntl
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path

SOCKET = "CLONEWATCH_HANDOVER_SOCKET"
PROGRAM = "CLONEWATCH_HANDOVER_PROGRAM"
PYTHON = "CLONEWATCH_HANDOVER_PYTHON"
COMMANDS_IN, ANSWERS_OUT = 3, 4
"""Descriptors that Chromium's ``--remote-debugging-pipe`` reads commands from and writes answers to."""
_SET_PIPE_SIZE, _PIPE_SIZE = 1031, 1 << 20
"""Linux: large enough for a picture; with the usual 64 kB each one needs a dozen switches between two processes."""


def main() -> None:
    """Send the pipes and become the browser; never returns.  An error ends the process with a message, like a browser's."""
    program, address = os.environ.pop(PROGRAM), Path(os.environ.pop(SOCKET))
    os.environ.pop(PYTHON, None)
    (orders, ours_to_write), (ours_to_read, answers) = os.pipe(), os.pipe()
    _enlarge(answers)
    _send(address, [ours_to_write, ours_to_read, COMMANDS_IN, ANSWERS_OUT])
    os.dup2(orders, COMMANDS_IN)
    os.dup2(answers, ANSWERS_OUT)
    os.execv(program, [program, *sys.argv[1:]])  # noqa: S606


def _send(address: Path, descriptors: list[int]) -> None:
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(address.parent)  # the address of a socket has about a hundred characters at most
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(address.name)
            socket.send_fds(client, [b"."], descriptors)
    finally:
        os.fchdir(here)
        os.close(here)


def _enlarge(pipe: int) -> None:
    if sys.platform == "linux":
        with suppress(OSError):  # fails for a user with many pipes; a small pipe works too
            fcntl.fcntl(pipe, _SET_PIPE_SIZE, _PIPE_SIZE)


if __name__ == "__main__":
    main()
