"""Driver of the fuzzer: tries inputs on one target for a while, and keeps the first one that breaks it.

``python -m tests.fuzz.run mail --seconds 60`` searches guided by coverage where atheris is installed (``pip install atheris``; it
is no dependency, because it has no wheel for every machine), and by blind changes of the recorded corpus elsewhere.
"""

from __future__ import annotations

import argparse
import faulthandler
import hashlib
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

CORPORA = Path(__file__).resolve().parents[1] / "cases" / "fuzz"
FOUND = Path(".fuzz")
"""Folder, below the current one, for inputs that break a target."""
LONGEST = 20_000
"""Bytes of an input."""
SECONDS_AN_INPUT = 60
"""Time after which an input counts as one that hangs its parser, also on a machine that does other things."""
MEGABYTES = 2_500
_SEED = 20261130


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz the target that the arguments name; return 1 where an input broke it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", nargs="+", help="name of a target in tests/fuzz/targets.py, or 'all'")
    parser.add_argument("--seconds", type=int, default=60, help="time for each target")
    parser.add_argument("--inputs", type=int, default=0, help="end after this many inputs, the same ones each time")
    parser.add_argument("--keep", type=Path, help="folder in which atheris keeps what reaches new code")
    chosen = parser.parse_args(arguments)
    if chosen.target == ["all"]:
        from tests.fuzz.targets import TARGETS

        return max(_in_child(name, chosen.seconds, chosen.inputs) for name in TARGETS)
    if len(chosen.target) > 1:
        return max(_in_child(name, chosen.seconds, chosen.inputs) for name in chosen.target)
    if chosen.inputs:
        return _blind(chosen.target[0], chosen.seconds, chosen.inputs)
    return _fuzz(chosen.target[0], chosen.seconds, chosen.keep)


def _in_child(name: str, seconds: int, inputs: int) -> int:
    """Fuzz in a process of its own: a crash of one target ends only that."""
    import subprocess

    print(f"--- {name}", flush=True)
    command = [sys.executable, "-m", "tests.fuzz.run", name, "--seconds", str(seconds), "--inputs", str(inputs)]
    return 1 if subprocess.run(command, check=False).returncode else 0


def _fuzz(name: str, seconds: int, keep: Path | None) -> int:
    try:
        import atheris
    except ImportError:
        return _blind(name, seconds)
    with atheris.instrument_imports(
        include=["crawler", "detector", "email", "html", "zipfile", "tomllib", "json", "csv"]
    ):
        from tests.fuzz.targets import TARGETS
    FOUND.mkdir(exist_ok=True)
    options = [
        f"-max_total_time={seconds}", f"-max_len={LONGEST}", f"-timeout={SECONDS_AN_INPUT}", f"-rss_limit_mb={MEGABYTES}",
        f"-seed={_SEED}", f"-artifact_prefix={FOUND}/{name}-", "-print_final_stats=1", "-verbosity=0",
    ]  # fmt: skip
    folders = [str(keep)] if keep is not None else []
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
    corpus = CORPORA / name
    atheris.Setup([sys.argv[0], *options, *folders, *([str(corpus)] if corpus.is_dir() else [])], TARGETS[name])
    atheris.Fuzz()
    return 0


def _blind(name: str, seconds: int, inputs: int = 0) -> int:
    from tests.fuzz.targets import TARGETS

    target, chance, until = TARGETS[name], random.Random(_SEED), time.monotonic() + seconds
    seeds = corpus_of(name) or [b""]
    tried = 0
    while time.monotonic() < until and (tried < inputs or not inputs):
        data = changed(chance, seeds)
        faulthandler.dump_traceback_later(SECONDS_AN_INPUT, exit=True)
        try:
            target(data)
        except Exception as error:
            FOUND.mkdir(exist_ok=True)
            place = FOUND / f"{name}-crash-{hashlib.sha256(data).hexdigest()[:16]}"
            place.write_bytes(data)
            print(f"{name}: {type(error).__name__}: {error}; the input is in {place}")
            raise
        faulthandler.cancel_dump_traceback_later()
        tried += 1
    print(f"{name}: {tried} inputs")
    return 0


def corpus_of(name: str) -> list[bytes]:
    """Return the recorded inputs of a target, in the order of their names."""
    folder = CORPORA / name
    return [path.read_bytes() for path in sorted(folder.iterdir())] if folder.is_dir() else []


def changed(chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    """Return one of the seeds with a few blind changes: bytes replaced, removed, repeated, or taken from another seed."""
    data = bytearray(chance.choice(seeds)[:LONGEST])
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(data) + 1)
        length = chance.choice((1, 1, 2, 4, 16, 200))
        match chance.randrange(5):
            case 0:
                data[at : at + length] = chance.randbytes(length)
            case 1:
                del data[at : at + length]
            case 2:
                data[at:at] = data[at : at + length] * chance.choice((1, 2, 50))
            case 3:
                other = chance.choice(seeds)
                begin = chance.randrange(len(other) + 1)
                data[at:at] = other[begin : begin + 10 * length]
            case _:
                data[at : at + 1] = bytes([chance.choice(b"\x00\xff\n\r\"'<>[]{}(),;:=%&\\/@.-\x1f\x80")])
    return bytes(data[:LONGEST])


if __name__ == "__main__":
    sys.exit(main())
