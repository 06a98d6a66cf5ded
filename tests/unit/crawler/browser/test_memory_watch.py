"""Processes over their limit are ended, by process group; nothing else is."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from crawler.browser.memory_watch import kill_oversized, resident

pytestmark = pytest.mark.skipif(not hasattr(os, "getpgid"), reason="process groups are POSIX")

MEGABYTE = 1 << 20


def eater(*arguments: str, own_group: bool = True) -> subprocess.Popen[bytes]:
    """A process of some 100 MB that says when it has them."""
    code = "import sys, time; hoard = b'x' * 100_000_000; sys.stdout.write('x'); sys.stdout.flush(); time.sleep(600)"
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, start_new_session=own_group
    )
    assert process.stdout is not None
    assert process.stdout.read(1) == b"x"
    process.stdout.close()
    return process


def test_a_renderer_over_the_limit_is_ended_and_a_shared_process_only_over_twice_as_much() -> None:
    renderer, shared = eater("--type=renderer"), eater()
    try:
        assert resident(renderer.pid) > 90 * MEGABYTE
        browsers = {renderer.pid, shared.pid}
        assert kill_oversized(browsers, 500 * MEGABYTE) == []
        assert kill_oversized(browsers, 60 * MEGABYTE) == [renderer.pid]
        assert renderer.wait(30) == -9
        assert kill_oversized({shared.pid}, 30 * MEGABYTE) == [shared.pid]
        assert shared.wait(30) == -9
    finally:
        for process in (renderer, shared):
            process.kill()
            process.wait()


def test_groups_that_are_not_watched_are_left_alone_and_so_is_our_own() -> None:
    other, ours = eater("--type=renderer"), eater("--type=renderer", own_group=False)
    try:
        assert kill_oversized({ours.pid, os.getpid()}, MEGABYTE) == []
        assert kill_oversized(set(), MEGABYTE) == []
        assert other.poll() is None
        assert ours.poll() is None
    finally:
        for process in (other, ours):
            process.kill()
            process.wait()


def test_a_process_that_is_gone_weighs_nothing() -> None:
    process = eater()
    process.kill()
    process.wait()
    assert resident(process.pid) == 0
    assert kill_oversized({process.pid}, 1) == []
