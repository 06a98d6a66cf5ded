"""Time stamps from a real authority on this machine, and from ones that are down, slow, or lie."""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.jobs.time_stamping import request_stamp, stamp_at_end, stamp_pending
from crawler.loopback.connections import ConnectionServer, in_thread
from detector.bundle import TrustAnchors, check_store, load_roots, verify_bundle
from detector.config import EvidenceConfig
from detector.errors import ConfigError, SourceError
from tests.support.store.evidence import Authority, Desk, desk, make_authority


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with make_authority(tmp_path_factory.mktemp("authority") / "ca").serving() as serving:
        yield serving


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("stranger") / "ca")


@pytest.fixture(autouse=True)
def _honest(authority: Authority) -> None:
    authority.answer, authority.status, authority.asked = None, 200, 0


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path / "ws") as made:
        made.add("one.example")
        made.add("two.example")
        yield made


def config(authority: Authority, **fields: object) -> EvidenceConfig:
    return EvidenceConfig(**{"timestamp_url": authority.url, "timestamp_roots": str(authority.roots), **fields})  # type: ignore[arg-type]


def test_every_manifest_is_stamped_once_and_verifies(
    opened: Desk, authority: Authority, stranger: Authority, tmp_path: Path
) -> None:
    assert stamp_pending(opened.store, config(authority)).stamped == 2
    assert stamp_pending(opened.store, config(authority)).stamped == 0
    # two manifests, and the journal that tells of their stamps
    assert authority.asked == 3
    bundle = opened.export(1, tmp_path)
    trusted, wrong = (TrustAnchors(roots=tuple(load_roots(found.roots))) for found in (authority, stranger))
    result = verify_bundle(bundle, trusted)
    assert result.problems == []
    assert any(note.startswith("stamped 2") and "not checked" not in note for note in result.notes)
    assert any("by an authority that was not checked" in note for note in verify_bundle(bundle).notes)
    [problem] = verify_bundle(bundle, wrong).problems
    assert "its certificate does not lead to a trusted root" in problem
    checked = check_store(opened.store, opened.evidence, trusted)
    assert (checked.stamped, checked.problems) == (2, [])
    assert checked.journal.head[0] - checked.journal.anchored == 2  # the note of its stamp, and an export
    assert checked.journal.anchor.endswith("UTC")
    assert len(check_store(opened.store, opened.evidence, wrong).problems) == 3


def test_a_time_stamp_of_another_manifest_proves_nothing(opened: Desk, authority: Authority, tmp_path: Path) -> None:
    stamp_pending(opened.store, config(authority))
    one, two = opened.export(1, tmp_path), opened.export(2, tmp_path)
    (one / "manifest.tsr").write_bytes((two / "manifest.tsr").read_bytes())
    assert any(
        "it is a time stamp of other bytes than this manifest" in problem for problem in verify_bundle(one).problems
    )
    (one / "manifest.tsr").unlink()
    problems = verify_bundle(one, TrustAnchors(roots=tuple(load_roots(authority.roots)))).problems
    assert any("has no time stamp, although root certificates were given" in problem for problem in problems)


def test_a_failed_time_stamp_is_requested_again_later(opened: Desk, authority: Authority) -> None:
    chain = opened.store.chain
    lies: list[tuple[bytes | None, int, str]] = [
        (b"<html>", 200, "is not an RFC 3161 response"),
        (b"x" * 100_000, 200, "longer than 65536 bytes"),
        (None, 500, "status 500 Internal Server Error"),
        (None, 302, "status 302 Found"),
        (bytes.fromhex("30053003020102"), 200, "the authority refused: status 2"),
    ]
    for answer, status, sentence in lies:
        authority.answer, authority.status = answer, status
        result = stamp_pending(opened.store, config(authority))
        assert result.stamped == 0
        assert sentence in result.problem
        assert sentence in stamp_at_end(opened.store, config(authority))
    assert len(list(chain.unstamped())) == 2
    authority.answer, authority.status = None, 200
    assert stamp_at_end(opened.store, config(authority)) == ""
    assert list(chain.unstamped()) == []


def test_an_old_answer_is_not_taken_for_a_new_one(opened: Desk, authority: Authority) -> None:
    stamp_pending(opened.store, config(authority))
    record = next(opened.store.chain.manifests())
    authority.answer = record.stamp
    opened.add("three.example")
    assert "it is a time stamp of other bytes" in stamp_pending(opened.store, config(authority)).problem


def test_an_authority_with_other_roots_is_not_believed(opened: Desk, authority: Authority, stranger: Authority) -> None:
    said = stamp_pending(opened.store, config(authority, timestamp_roots=str(stranger.roots))).problem
    assert "its certificate does not lead to a trusted root" in said
    unchecked = stamp_pending(opened.store, config(authority, timestamp_roots=""))
    assert (unchecked.stamped, unchecked.problem) == (2, "")


def test_an_authority_that_cannot_be_reached(opened: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    said = stamp_pending(opened.store, EvidenceConfig(timestamp_url=f"http://127.0.0.1:{port}/")).problem
    assert "refused" in said
    assert "`clonewatch evidence stamp` asks again" in said
    with pytest.raises(ConfigError, match=r"evidence\.timestamp_roots: .*cannot be read"):
        stamp_pending(opened.store, EvidenceConfig(timestamp_url="http://127.0.0.1/", timestamp_roots="/nonexistent"))
    assert stamp_pending(opened.store, EvidenceConfig()).stamped == 0


def test_an_authority_that_drips_is_left_after_the_time_for_one_answer() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        for number in itertools.count():
            writer.write(b"X-%d: y\r\n" % number)
            await writer.drain()
            await asyncio.sleep(0.05)

    with in_thread(ConnectionServer(drip)) as server, pytest.raises(SourceError, match=r"no answer within 0\.5 s"):
        request_stamp(server.url(), b"?", 0.5)
