"""Trees, heads, entries and lists of transparency logs."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.sources.ct.checkpoint import LogKey, TreeHeadError, read_checkpoint, read_tree_head
from crawler.sources.ct.log_entries import EntryError, names_of, read_data_tile, read_entry, read_names_tile
from crawler.sources.ct.log_list import LogListError, read_log_list
from crawler.sources.ct.merkle import EMPTY_ROOT, MerkleTree, before_leaf, complete_roots, leaf_hash, node_hash
from crawler.spiders.ct_logs import LogPosition
from tests.support.servers.ct_logs import ORIGIN, CtLog, certificate, log_list

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def by_definition(leaves: list[bytes]) -> bytes:
    """Merkle tree hash as RFC 6962 section 2.1 defines it."""
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY_ROOT
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(by_definition(leaves[:split]), by_definition(leaves[split:]))


def hashes(count: int) -> list[bytes]:
    return [leaf_hash(bytes([number % 256, number // 256])) for number in range(count)]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 600), st.integers(0, 600))
def test_a_tree_grows_to_the_root_of_its_definition(count: int, more: int) -> None:
    leaves = hashes(count + more)
    tree = MerkleTree()
    tree.extend(leaves[:count])
    assert (tree.size, tree.root()) == (count, by_definition(leaves[:count]))
    later = MerkleTree(count, tree.roots)
    later.extend(leaves[count:])
    assert later.root() == by_definition(leaves)
    assert tree.root() == by_definition(leaves[:count])


def test_known_roots() -> None:
    # test vectors of the certificate-transparency reference tree: leaves "", 00, 10, 2021...
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    tree = MerkleTree()
    tree.extend(leaf_hash(bytes.fromhex(each)) for each in inputs)
    assert tree.root().hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@pytest.mark.parametrize(("size", "roots"), [(3, 1), (-1, 0), (0, 1), (4, 2)])
def test_a_tree_has_as_many_roots_as_its_size_has_bits(size: int, roots: int) -> None:
    with pytest.raises(ValueError, match="complete subtrees"):
        MerkleTree(size, [bytes(32)] * roots)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 100, 255])
def test_the_tree_before_the_last_leaf_is_read_off_its_proof(size: int) -> None:
    log = CtLog(tiled=False)
    log.entries = [(bytes([number]), b"", ()) for number in range(size)]
    tree = before_leaf(size - 1, log.path(size - 1, 0, size))
    tree.append(leaf_hash(log.entries[-1][0]))
    assert tree.root() == log.root(0, size)


def test_complete_subtrees_over_hashes() -> None:
    leaves = hashes(13)
    assert complete_roots(leaves) == [by_definition(leaves[:8]), by_definition(leaves[8:12]), leaves[12]]


def test_a_position_is_read_back_as_it_was_written() -> None:
    tree, verified = MerkleTree(), MerkleTree()
    tree.extend(hashes(300))
    verified.extend(hashes(256))
    back = LogPosition.loaded(LogPosition(tree, verified).dumped())
    assert (back.tree.root(), back.tree.size, back.verified.root(), back.verified.size) == (
        tree.root(),
        300,
        verified.root(),
        256,
    )


@pytest.fixture(scope="module")
def log() -> CtLog:
    made = CtLog(tiled=True)
    made.add(["a.example", "*.b.example"], common="Example Ltd")
    made.add(["c.example"], precert=True)
    return made


def test_a_checkpoint_is_read_and_its_signature_checked(log: CtLog) -> None:
    head = read_checkpoint(log.checkpoint(), ORIGIN, LogKey(log.public))
    assert (head.size, head.root) == (2, log.root(0, 2))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda note: note.replace(b"\n2\n", b"\n3\n"), "did not sign"),
        (lambda note: note.replace(ORIGIN.encode(), b"other.example"), "is of 'other.example'"),
        (lambda note: note.replace(b"\n2\n", b"\n02\n"), "malformed"),
        (lambda note: note.rpartition(b"\n\n")[0], "not a checkpoint"),
        (lambda note: note[: note.index(b"\xe2\x80\x94 " + ORIGIN.encode())], "no signature"),
        (lambda note: b"\xff" + note, "malformed"),
        (lambda note: b"<html>", "not a checkpoint"),
        (lambda note: note * 1000, "bytes"),
    ],
)
def test_a_checkpoint_that_is_not_the_logs_is_refused(log: CtLog, change: object, said: str) -> None:
    assert callable(change)
    with pytest.raises(TreeHeadError, match=said):
        read_checkpoint(change(log.checkpoint()), ORIGIN, LogKey(log.public))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tree_size": 3}, "did not sign"),
        ({"tree_size": "2"}, "lacks"),
        ({"tree_size": -1}, "out of range"),
        ({"sha256_root_hash": "AA=="}, "root is malformed"),
        ({"sha256_root_hash": "?"}, "malformed"),
        ({"tree_head_signature": "AAAA"}, "too short"),
        ({"tree_head_signature": base64.b64encode(b"\x04\x01\x00\x01x").decode()}, "another kind"),
    ],
)
def test_a_tree_head_that_is_not_the_logs_is_refused(change: dict[str, object], said: str) -> None:
    log = CtLog(tiled=False)
    log.add(["a.example"])
    log.add(["b.example"])
    answer = json.loads(log.answer("ct/v1/get-sth", {}) or b"")
    assert read_tree_head(answer, LogKey(log.public)).size == 2
    with pytest.raises(TreeHeadError, match=said):
        read_tree_head(answer | change, LogKey(log.public))


def test_a_key_that_is_none() -> None:
    with pytest.raises(TreeHeadError, match="not a public key"):
        LogKey(b"no key")


def test_entries_have_their_names_and_hash_to_the_signed_leaves(log: CtLog) -> None:
    tile = b"".join(log._tile_leaf(index) for index in range(2))
    entries = list(read_data_tile(tile))
    assert [entry.names for entry in entries] == [("a.example", "b.example"), ("c.example",)]
    assert [entry.leaf for entry in entries] == [hashlib.sha256(b"\x00" + leaf).digest() for leaf, _, _ in log.entries]
    assert [read_entry(leaf, extra) for leaf, extra, _ in log.entries] == entries


# what the library says of odd certificates that it reads all the same
@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_broken_tile_is_an_error_or_other_entries(log: CtLog, data: st.DataObject) -> None:
    tile = bytearray(b"".join(log._tile_leaf(index) for index in range(2)))
    for _ in range(data.draw(st.integers(1, 4))):
        tile[data.draw(st.integers(0, len(tile) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(tile)))
    try:
        entries = list(read_data_tile(bytes(tile[:cut])))
    except EntryError:
        return
    assert all(name == name.lower() and "." in name for entry in entries for name in entry.names)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_certificate_with_any_one_byte_changed_has_names_or_none() -> None:
    whole = certificate(["a.example", "b.example"])
    unread = 0
    for place in range(len(whole)):
        for value in range(256):
            names = names_of(whole[:place] + bytes([value]) + whole[place + 1 :])
            assert all("." in name for name in names)
            unread += not names
    assert 10_000 < unread < 60_000


@given(st.binary(max_size=200), st.binary(max_size=60))
def test_any_bytes_are_no_entry(leaf: bytes, extra: bytes) -> None:
    with pytest.raises(EntryError):
        read_entry(leaf, extra)


def test_names_tiles() -> None:
    tile = (
        b'{"Timestamp": 7, "Subject": {"CommonName": "A.example"}, "DNS": ["a.example", "*.B.example.", "x y.example", 5]}\n'
        b'\n{"Timestamp": 8, "DNS": null, "Subject.CommonName": "c.example"}\n'
    )
    entries = list(read_names_tile(tile))
    assert [(entry.timestamp, entry.names) for entry in entries] == [
        (7, ("a.example", "b.example")),
        (8, ("c.example",)),
    ]


@pytest.mark.parametrize(("said", "kept"), [(-(10**15), 0), (10**18, 10**18), (10**30, (1 << 64) - 1)])
def test_a_timestamp_out_of_range_is_brought_into_it(said: int, kept: int) -> None:
    tile = b'{"Timestamp": %d, "DNS": ["a.example"]}' % said
    assert [entry.timestamp for entry in read_names_tile(tile)] == [kept]


@pytest.mark.parametrize("tile", [b"{", b"[]", b'{"Timestamp": "x"}', b"[" * 100_000, b"\xff\n"])
def test_a_names_tile_with_anything_else_is_an_error(tile: bytes) -> None:
    with pytest.raises(EntryError, match="malformed"):
        list(read_names_tile(tile))


def test_logs_of_today_are_chosen() -> None:
    tiled, plain, gone, over, broken = (CtLog(tiled=number != 1) for number in range(5))
    for number, log in enumerate((tiled, plain, gone, over, broken)):
        log.url = f"https://log{number}.example/2026/"
    listed = json.loads(json.dumps(log_list((tiled, plain, gone, over, broken))))
    entries = listed["operators"][0]["tiled_logs"]
    entries[1]["state"] = {"retired": {}}
    entries[2]["temporal_interval"]["end_exclusive"] = "2026-07-01T00:00:00Z"
    entries[3]["key"] = "?"
    entries.append("no entry")
    entries.append(entries[0] | {"monitoring_url": "file:///etc/"})
    found = read_log_list(listed, NOW)
    assert [(log.name, log.tiled, log.origin) for log in found] == [
        ("log0.example/2026", True, ORIGIN),
        ("log1.example/2026", False, "log1.example/2026"),
    ]
    assert found[0].url == "https://log0.example/2026/"


@pytest.mark.parametrize("listed", [None, [], {}, {"operators": 5}, "x"])
def test_what_is_no_list_is_said(listed: object) -> None:
    with pytest.raises(LogListError, match="no operators"):
        read_log_list(listed, NOW)


def test_odd_operators_are_passed_over() -> None:
    assert read_log_list({"operators": [None, 5, {"logs": 7}, {"tiled_logs": [{}]}]}, NOW) == []
