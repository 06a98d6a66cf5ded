"""Runs in the place of a browser that Playwright starts, hands the browser's DevTools pipe to us, and becomes the browser.

Playwright speaks to a browser through its descriptors 3 and 4.  The browser gets a pipe of ours in their place, and what it is
for (both ends of Playwright's, the other ends of ours) goes to the program that asked for the browser, over a socket that only
this user can reach.  Then this process becomes the browser: process id, output and exit status are the browser's own.

Standard library only, run without ``site`` (``python -ISB``): it costs every start of a browser some milliseconds.
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
HEARS, SAYS = 3, 4
"""Descriptors that Chromium's ``--remote-debugging-pipe`` reads orders from and writes answers to."""
_SET_PIPE_SIZE, _PIPE_SIZE = 1031, 1 << 20
"""Linux: a picture fits; with the usual 64 kB each one costs a dozen changes between two processes."""


def main() -> None:
    """Hand over; never returns.  An error ends the process with a message, as a browser that does not start does."""
    program, address = os.environ.pop(PROGRAM), Path(os.environ.pop(SOCKET))
    os.environ.pop(PYTHON, None)
    (orders, ours_to_write), (ours_to_read, answers) = os.pipe(), os.pipe()
    _widen(answers)
    _send(address, [ours_to_write, ours_to_read, HEARS, SAYS])
    os.dup2(orders, HEARS)
    os.dup2(answers, SAYS)
    os.execv(program, [program, *sys.argv[1:]])  # noqa: S606


def _send(address: Path, descriptors: list[int]) -> None:
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(address.parent)  # an address has room for a hundred characters only
        with socket.socket(socket.AF_UNIX) as door:
            door.connect(address.name)
            socket.send_fds(door, [b"."], descriptors)
    finally:
        os.fchdir(here)
        os.close(here)


def _widen(pipe: int) -> None:
    if sys.platform == "linux":
        with suppress(OSError):  # of a user who has many pipes: it works as well with a small one
            fcntl.fcntl(pipe, _SET_PIPE_SIZE, _PIPE_SIZE)


if __name__ == "__main__":
    main()
