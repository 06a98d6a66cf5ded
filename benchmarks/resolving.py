"""Names a second that the ``permutations`` spider resolves, with an authoritative server on this machine.

``python -m benchmarks.resolving`` asks about names of which one in twenty exists, each in a zone of its own: every live name costs
its wildcard probe and the question for its name servers too.  The server runs in a process of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import time
from collections import Counter
from multiprocessing.connection import Connection

from crawler.loopback.nameserver import NameServer, Zone
from crawler.net.resolver import NameChecker, NameState

LIVE = 20


def main() -> None:
    """Read the options, ask, and print the rate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=int, default=20_000)
    parser.add_argument("--at-once", type=int, default=200)
    given = parser.parse_args()
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    server = context.Process(target=_serve, args=(given.names, theirs), daemon=True)
    server.start()
    asyncio.run(_ask(ours.recv(), given.names, given.at_once))
    ours.send("over")
    server.join()


async def _ask(address: str, count: int, at_once: int) -> None:
    checker = NameChecker((address,), seconds=4, concurrency=at_once)
    states: Counter[NameState] = Counter()
    wall, cpu = time.perf_counter(), time.process_time()
    async for answer in checker.check(_name(number) for number in range(count)):
        states[answer.state] += 1
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    assert states == {NameState.LIVE: len(range(0, count, LIVE)), NameState.ABSENT: count - len(range(0, count, LIVE))}
    print(
        f"{count} names, {states[NameState.LIVE]} live: {count / wall:,.0f} names a second, {count / cpu:,.0f} a CPU second"
    )


def _name(number: int) -> str:
    return f"look{number}.zone{number}.example"


def _serve(count: int, pipe: Connection) -> None:
    zone = Zone(addresses={_name(number): ["192.0.2.1"] for number in range(0, count, LIVE)})
    with NameServer(zone.answer) as server:
        pipe.send(server.address)
        pipe.recv()


if __name__ == "__main__":
    main()
