"""Tell by which user of this machine a loopback connection was opened.

Linux answers in 0.2 ms by the socket diagnostics of netlink (``sock_diag(7)``), and otherwise by the table ``/proc/net/tcp``
(``proc_pid_net(5)``), which takes 10 ms or more.  On other systems nothing is known.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

Place = tuple[str, int]
"""An IPv4 address and a port."""
Ask = Callable[[Place, Place], int | None]
_SOCK_DIAG, _BY_FAMILY, _REQUEST = 4, 20, 1
_HEADER = struct.Struct("=IHHII")
"""``nlmsghdr``: length, type, flags, sequence, sender."""
_USER = struct.Struct("=I")
_USER_AT = _HEADER.size + 64
"""Offset of the field ``idiag_uid`` of ``inet_diag_msg``."""
_ALL = 0xFFFFFFFF
_TABLES = ("tcp", "tcp6")


def is_of_this_user(peer: Place, own: Place) -> bool:
    """Tell whether the connection from ``peer`` to our socket ``own`` was opened by the user that runs this process.

    True where this system never says; False where it says that there is no such connection any more, or cannot answer now, as when
    this process has no descriptor left to ask with.
    """
    ask = _way()
    try:
        return ask is None or ask(peer, own) == os.geteuid()
    except (OSError, struct.error):
        return False


@cache
def _way() -> Ask | None:
    """Return the first way of asking that works on this system, tried on a connection of our own."""
    if not sys.platform.startswith("linux"):
        return None
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        for ask in (by_diagnostics, by_table):
            with suppress(OSError, ValueError, struct.error):
                if ask(client.getsockname(), server.getsockname()) == os.geteuid():
                    return ask
    return None


def by_diagnostics(peer: Place, own: Place) -> int | None:
    """Return the user's number by netlink; None where there is no such connection.

    Raises:
        OSError: this kernel has no socket diagnostics.
    """
    query = struct.pack("=BBBBI", socket.AF_INET, socket.IPPROTO_TCP, 0, 0, _ALL)
    query += struct.pack("!HH16s16s", peer[1], own[1], socket.inet_aton(peer[0]), socket.inet_aton(own[0]))
    query += struct.pack("=III", 0, _ALL, _ALL)  # any interface, any cookie
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _SOCK_DIAG) as kernel:
        kernel.settimeout(1.0)
        kernel.sendto(_HEADER.pack(_HEADER.size + len(query), _BY_FAMILY, _REQUEST, 1, 0) + query, (0, 0))
        answer = kernel.recv(4096)
    found = _HEADER.unpack_from(answer)[1] == _BY_FAMILY
    return int(_USER.unpack_from(answer, _USER_AT)[0]) if found else None


def by_table(peer: Place, own: Place) -> int | None:
    """Return the user's number out of the kernel's tables of connections; None where there is no such connection.

    Raises:
        OSError: they cannot be read.
    """
    ends = [f"{int.from_bytes(socket.inet_aton(host), sys.byteorder):08X}:{port:04X}" for host, port in (peer, own)]
    for table in _TABLES:
        for line in Path("/proc/net", table).read_text().splitlines()[1:]:
            row = line.split()
            if row[1].endswith(ends[0]) and row[2].endswith(ends[1]):  # IPv6 has a prefix in front of the IPv4 address
                return int(row[7])
    return None
