"""Serve the corpus from a process of its own: ``python -m tests.hostile.serve`` prints its addresses, ends when its input ends."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from tests.hostile.corpus import KINDS, serving


async def _main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with serving(Path(folder)) as corpus:
            urls = {kind.name: corpus.url(kind) for kind in KINDS}
            sys.stdout.write(json.dumps({"plain": corpus.plain, "kinds": urls}) + "\n")
            sys.stdout.flush()
            await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_main())
