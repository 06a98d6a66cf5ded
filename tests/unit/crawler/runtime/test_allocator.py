"""The number of glibc's arenas, and memory given back, in processes of their own."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps arenas")

COUNT = """
import ctypes, sys, threading
from crawler.runtime.allocator import share_one_arena
if sys.argv[1] == "shared":
    assert share_one_arena()
together = threading.Barrier(6)
def allocate():
    together.wait()
    ctypes.CDLL(None).malloc(5000)
threads = [threading.Thread(target=allocate) for _ in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc = ctypes.CDLL(None)
libc.fopen.restype, libc.fopen.argtypes = ctypes.c_void_p, [ctypes.c_char_p, ctypes.c_char_p]
libc.malloc_info.argtypes, libc.fclose.argtypes = [ctypes.c_int, ctypes.c_void_p], [ctypes.c_void_p]
out = libc.fopen(sys.argv[2].encode(), b"w")
libc.malloc_info(0, out)
libc.fclose(out)
"""


def arenas(how: str, folder: Path) -> int:
    told = folder / f"{how}.xml"
    subprocess.run([sys.executable, "-c", COUNT, how, str(told)], check=True, timeout=60)
    return told.read_text().count("<heap nr=")


def test_threads_share_one_arena_where_they_would_have_one_each(tmp_path: Path) -> None:
    assert arenas("shared", tmp_path) == 1
    assert arenas("default", tmp_path) > 1


HOLD = """
import psutil
from crawler.runtime.allocator import release_free_memory

def resident():
    return psutil.Process().memory_info().rss

pieces = [bytes(100_000) for _ in range(1000)]
kept = bytes(100_000)  # above all of them
del pieces
before = resident()
print(release_free_memory(), before - resident())
"""


def test_what_lies_free_below_what_is_used_goes_back_when_asked_for() -> None:
    done = subprocess.run([sys.executable, "-c", HOLD], check=True, timeout=60, capture_output=True, text=True)
    had_any, freed = done.stdout.split()
    assert had_any == "True"
    assert int(freed) > 50_000_000
