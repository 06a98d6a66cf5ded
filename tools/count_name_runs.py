"""Count the runs of letters in the names of ordinary sites, for detector/names/ordinary_names.py.

    pip install --target LISTS pymispwarninglists
    python tools/count_name_runs.py LISTS

Reads the warning lists "tranco" and "google-chrome-crux-1million" of the MISP project, each a million names, as that package holds
them.  A name counts once, by the label that somebody registered; a run is up to :data:`LONGEST` letters and digits, with an edge
where a part of the label begins or ends.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector.hosts import split_host
from detector.names.ordinary_names import EDGE, LONGEST, SCALE, SHORTEST, SYMBOLS, TABLE, run_hashes

LISTS = ("tranco", "google-chrome-crux-1million")
LEAST = 16
"""Names that contain a run, from which it is kept."""
_LABEL = re.compile(rf"[{SYMBOLS}]{{2,63}}")


def labels_of(folder: Path) -> list[str]:
    """Return the registered labels of all names, each once, in order."""
    labels: set[str] = set()
    for name in LISTS:
        (file,) = folder.rglob(f"lists/{name}/list.json")
        for host in json.loads(file.read_bytes())["list"]:
            label = split_host(host.lower()).label
            if _LABEL.fullmatch(label) and not label.startswith("xn--"):
                labels.add(label)
    return sorted(labels)


def counted_runs(labels: list[str]) -> Iterator[tuple[NDArray[np.uint32], NDArray[np.int64]]]:
    """Yield (hashes, counts) of the runs of one length that :data:`LEAST` or more places hold, for each length."""
    text = "".join(f"\n{EDGE}{label}{EDGE}" for label in labels).encode("ascii")
    places = np.full(256, 255, np.uint8)
    places[list(SYMBOLS.encode("ascii"))] = np.arange(len(SYMBOLS), dtype=np.uint8)
    symbols = places[np.frombuffer(text, np.uint8)]
    outside, edge = symbols == 255, symbols == SYMBOLS.index(EDGE)
    for length in range(SHORTEST, LONGEST + 1):
        runs = len(symbols) - length + 1
        codes = np.zeros(runs, np.uint64)
        usable = np.ones(runs, bool)
        for offset in range(length):
            here = slice(offset, offset + runs)
            codes = codes * np.uint64(len(SYMBOLS) + 1) + symbols[here].astype(np.uint64) + np.uint64(1)
            usable &= ~outside[here]
            if 0 < offset < length - 1:
                usable &= ~edge[here]
        found, counts = np.unique(codes[usable], return_counts=True)
        kept = counts >= LEAST
        yield run_hashes(found[kept]), counts[kept]


def table_of(labels: list[str]) -> bytes:
    """Return the file that :mod:`detector.names.ordinary_names` reads."""
    parts = list(counted_runs(labels))
    hashes = np.concatenate([part[0] for part in parts])
    counts = np.concatenate([part[1] for part in parts])
    order = np.argsort(hashes, kind="stable")
    packed = np.minimum(255, np.rint(SCALE * np.log2(counts[order]))).astype(np.uint8)
    return b"".join((len(labels).to_bytes(4, "little"), hashes[order].astype("<u4").tobytes(), packed.tobytes()))


if __name__ == "__main__":
    listed = labels_of(Path(sys.argv[1]))
    target = Path(__file__).parents[1] / "detector" / "data" / TABLE
    target.write_bytes(table_of(listed))
    print(f"{target.name}: counted in {len(listed):,} labels, {target.stat().st_size:,} bytes")
