"""Read several feeds or logs at the same time, and give what they find as one stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from typing import TypeVar

Item = TypeVar("Item")
Reader = Callable[["asyncio.Queue[Item | None]"], Awaitable[None]]
"""Puts items, none of them None, into the queue until it has read all; handles its own errors."""


async def merged(readers: Iterable[Reader[Item]], *, places: int) -> AsyncGenerator[Item]:
    """Yield the items of all readers as they come, until each has ended; they are cancelled when the generator is closed.

    ``places``: items that may wait; what is found beyond them is waited for by its reader.
    """
    queue: asyncio.Queue[Item | None] = asyncio.Queue(places)

    async def read(reader: Reader[Item]) -> None:
        await reader(queue)
        await queue.put(None)

    tasks = [asyncio.create_task(read(reader)) for reader in readers]
    try:
        running = len(tasks)
        while running:
            found = await queue.get()
            if found is None:
                running -= 1
            else:
                yield found
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
