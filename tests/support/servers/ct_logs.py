"""Real logs on 127.0.0.1: real certificates, real signatures, tiled (static-CT) and RFC 6962, honest and lying."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import struct
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from urllib.parse import parse_qs

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from crawler.loopback.web import NOT_FOUND, Request, Response, WebServer

ORIGIN = "log.example/2026h2"
NOW = datetime.now(UTC)


@cache
def _authority() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def certificate(names: Sequence[str], common: str | None = None) -> bytes:
    """A certificate for these names, signed by an authority of the tests; DER."""
    key = _authority()
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common or names[0][:64])]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tests CA")]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=90))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
    )
    return builder.sign(key, SHA256()).public_bytes(Encoding.DER)


class CtLog:
    """A log that anybody can add to; what it answers can be bent by its attributes."""

    def __init__(self, *, tiled: bool, names_tiles: bool = False) -> None:
        self.tiled, self.names_tiles = tiled, names_tiles
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.entries: list[tuple[bytes, bytes, tuple[str, ...]]] = []
        """MerkleTreeLeaf, what follows it (extra data), names."""
        self.asked: Counter[str] = Counter()
        self.forged: dict[int, bytes] = {}
        """Leaves that are handed out in place of the signed ones."""
        self.signed_size: int | None = None
        """Size of the tree that is signed, where it is not all there is."""
        self.busy: dict[str, int] = {}
        """Number of times that a path is answered with 429 before its answer."""
        self.largest_answer = 1000
        self.listed_key: bytes | None = None
        """The key that the list has, where it is not this log's."""
        self.names_tile: bytes | None = None
        """In place of every names tile."""
        self.url = ""

    def add(self, names: Sequence[str], *, precert: bool = False, common: str | None = None) -> None:
        """Log a certificate, or a precertificate, for these names."""
        der = certificate(names, common)
        stamp = struct.pack(">Q", int(time.time() * 1000))
        if precert:
            body = b"\x00\x01" + hashlib.sha256(b"issuer").digest() + _vector(der[4:], 3) + _vector(b"", 2)
            extra = _vector(der, 3) + _vector(b"", 3)
        else:
            body = b"\x00\x00" + _vector(der, 3) + _vector(b"", 2)
            extra = _vector(b"", 3)
        self.entries.append((b"\x00\x00" + stamp + body, extra, tuple(names)))

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def size(self) -> int:
        return len(self.entries) if self.signed_size is None else self.signed_size

    def root(self, start: int, end: int) -> bytes:
        """Merkle tree hash, by its definition (RFC 6962, section 2.1)."""
        if end - start == 0:
            return hashlib.sha256(b"").digest()
        if end - start == 1:
            return hashlib.sha256(b"\x00" + self.entries[start][0]).digest()
        split = 1 << (end - start - 1).bit_length() - 1
        return hashlib.sha256(b"\x01" + self.root(start, start + split) + self.root(start + split, end)).digest()

    def path(self, index: int, start: int, end: int) -> list[bytes]:
        """Audit path, by its definition (section 2.1.1)."""
        if end - start <= 1:
            return []
        split = 1 << (end - start - 1).bit_length() - 1
        if index < start + split:
            return [*self.path(index, start, start + split), self.root(start + split, end)]
        return [*self.path(index, start + split, end), self.root(start, start + split)]

    def signature(self, timestamp: int, root: bytes) -> bytes:
        signed = struct.pack(">BBQQ", 0, 1, timestamp, self.size) + root
        return b"\x04\x03" + _vector(self.key.sign(signed, ec.ECDSA(SHA256())), 2)

    def answer(self, path: str, query: dict[str, list[str]]) -> bytes | None:
        if path.startswith("ct/v1/") and not self.tiled:
            return self._rfc6962(path.removeprefix("ct/v1/"), query)
        if path == "checkpoint" and self.tiled:
            return self.checkpoint()
        if path.startswith("tile/") and self.tiled:
            return self._tile(path.removeprefix("tile/"))
        return None

    def checkpoint(self) -> bytes:
        root, timestamp = self.root(0, self.size), int(time.time() * 1000)
        log_id = hashlib.sha256(self.listed_key or self.public).digest()
        key_id = hashlib.sha256(ORIGIN.encode() + b"\n\x05" + log_id).digest()[:4]
        blob = key_id + struct.pack(">Q", timestamp) + self.signature(timestamp, root)
        head = f"{ORIGIN}\n{self.size}\n{base64.b64encode(root).decode()}\n\n"
        witness = "\u2014 witness.example " + base64.b64encode(b"1234" + bytes(72)).decode()
        return (head + f"{witness}\n\u2014 {ORIGIN} {base64.b64encode(blob).decode()}\n").encode()

    def _tile(self, path: str) -> bytes | None:
        kind, _, rest = path.partition("/")
        rest, _, width = rest.partition(".p/")
        number = int(rest.replace("x", "").replace("/", ""))
        first, last = number * 256, number * 256 + int(width or 256)
        if kind in {"data", "names"} and last > len(self.entries):
            return None
        if kind == "data":
            return b"".join(self._tile_leaf(index) for index in range(first, last))
        if kind == "names":
            if not self.names_tiles or self.names_tile is not None:
                return self.names_tile
            listed = [names for _, _, names in self.entries[first:last]]
            lines = ({"Timestamp": 1, "Subject": {"CommonName": names[0]}, "DNS": list(names)} for names in listed)
            return gzip.compress("".join(json.dumps(line) + "\n" for line in lines).encode())
        below = 256 ** int(kind)
        if last * below > len(self.entries):
            return None
        return b"".join(self.root(index * below, (index + 1) * below) for index in range(first, last))

    def _tile_leaf(self, index: int) -> bytes:
        leaf, extra, _ = self.entries[index]
        leaf = self.forged.get(index, leaf)
        pre = b"" if leaf[10:12] == b"\x00\x00" else extra[: 3 + int.from_bytes(extra[:3], "big")]
        return leaf[2:] + pre + _vector(hashlib.sha256(b"root").digest(), 2)

    def _rfc6962(self, what: str, query: dict[str, list[str]]) -> bytes | None:
        if what == "get-sth":
            root, timestamp = self.root(0, self.size), int(time.time() * 1000)
            head = {"tree_size": self.size, "timestamp": timestamp, "sha256_root_hash": _text(root)}
            return json.dumps(head | {"tree_head_signature": _text(self.signature(timestamp, root))}).encode()
        if what == "get-entries":
            start, end = int(query["start"][0]), int(query["end"][0]) + 1
            chosen = range(start, min(end, len(self.entries), start + self.largest_answer))
            entries = [
                {
                    "leaf_input": _text(self.forged.get(index, self.entries[index][0])),
                    "extra_data": _text(self.entries[index][1]),
                }
                for index in chosen
            ]
            return json.dumps({"entries": entries}).encode()
        if what == "get-entry-and-proof":
            index, size = int(query["leaf_index"][0]), int(query["tree_size"][0])
            return json.dumps({"audit_path": [_text(each) for each in self.path(index, 0, size)]}).encode()
        return None


@contextmanager
def serving(*logs: CtLog) -> Iterator[str]:
    """Answer for the logs, and for the list of them; gives the list's address."""

    def respond(request: Request) -> Response:
        number, _, path = request.path.lstrip("/").partition("/")
        if number == "list.json":
            return Response(json.dumps(log_list(logs)).encode())
        log = logs[int(number)]
        log.asked[path] += 1
        if log.busy.get(path, 0) > 0:
            log.busy[path] -= 1
            return Response(b"busy", 429, headers={"Retry-After": "0"})
        body = log.answer(path, parse_qs(request.target.partition("?")[2]))
        return NOT_FOUND if body is None else Response(body)

    with WebServer(respond, keep_alive=True) as server:
        for number, log in enumerate(logs):
            log.url = server.url(f"/{number}/")
        yield server.url("/list.json")


def log_list(logs: Sequence[CtLog]) -> dict[str, object]:
    """As the public list has them."""
    tiled, plain = [], []
    for log in logs:
        entry: dict[str, object] = {
            "description": "A log of the tests",
            "key": _text(log.listed_key or log.public),
            "state": {"usable": {"timestamp": "2026-01-01T00:00:00Z"}},
            "temporal_interval": {"start_inclusive": "2026-01-01T00:00:00Z", "end_exclusive": "2099-01-01T00:00:00Z"},
        }
        if log.tiled:
            tiled.append(entry | {"monitoring_url": log.url, "submission_url": f"https://{ORIGIN}/"})
        else:
            plain.append(entry | {"url": log.url})
    return {"version": "1", "operators": [{"name": "Tests", "tiled_logs": tiled, "logs": plain}]}


def _vector(data: bytes, width: int) -> bytes:
    return len(data).to_bytes(width, "big") + data


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
