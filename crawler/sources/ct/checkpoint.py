"""Signed heads of logs: checkpoints of tiled logs (C2SP signed notes, static-CT) and tree heads of RFC 6962 logs."""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from crawler.sources.ct.merkle import HASH_BYTES

NOTE_KIND = 0x05
"""Signature type of RFC 6962 tree heads in a note (static-CT)."""
MAX_NOTE = 1 << 16
_SHA256_ID = 4
_SIGNERS = {3: "ECDSA", 1: "RSA"}


class TreeHeadError(Exception):
    """A tree head is malformed, or was not signed by its log."""


@dataclass(frozen=True, slots=True)
class TreeHead:
    """A signed tree head: size, root hash and time."""

    size: int
    root: bytes
    timestamp: int
    """Milliseconds since 1970."""


class LogKey:
    """A log's public key."""

    def __init__(self, der: bytes) -> None:
        """``der``: SubjectPublicKeyInfo, as in the list of logs.

        Raises:
            TreeHeadError: it is not a public key, or of a kind that logs do not use.
        """
        try:
            key = load_der_public_key(der)
        except Exception as error:
            raise TreeHeadError(f"not a public key ({error})") from error
        if not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
            raise TreeHeadError(f"a log has an ECDSA or RSA key, not {type(key).__name__}")
        self._key = key
        self.log_id = hashlib.sha256(der).digest()

    def check(self, head: TreeHead, signature: bytes) -> None:
        """Check a digitally-signed TreeHeadSignature (RFC 6962, section 3.5; RFC 5246, section 4.7).

        Raises:
            TreeHeadError: the log did not sign this.
        """
        if len(signature) < 4:
            raise TreeHeadError("the signature is too short")
        hashed, signer, length = struct.unpack(">BBH", signature[:4])
        kind = "ECDSA" if isinstance(self._key, ec.EllipticCurvePublicKey) else "RSA"
        if hashed != _SHA256_ID or _SIGNERS.get(signer) != kind or length != len(signature) - 4:
            raise TreeHeadError("the signature is of another kind than the log's key")
        signed = struct.pack(">BBQQ", 0, 1, head.timestamp, head.size) + head.root
        try:
            if isinstance(self._key, ec.EllipticCurvePublicKey):
                self._key.verify(signature[4:], signed, ec.ECDSA(SHA256()))
            else:
                self._key.verify(signature[4:], signed, padding.PKCS1v15(), SHA256())
        except InvalidSignature as error:
            raise TreeHeadError("the log's key did not sign this tree head") from error


def read_checkpoint(note: bytes, origin: str, key: LogKey) -> TreeHead:
    """Parse a checkpoint of a tiled log and verify the log's signature; signatures of others (witnesses) are ignored.

    Raises:
        TreeHeadError: it is malformed, of another log, or not signed by this one.
    """
    if len(note) > MAX_NOTE:
        raise TreeHeadError(f"the checkpoint has {len(note)} bytes")
    try:
        text, _, signatures = note.decode("utf-8").rpartition("\n\n")
        lines = text.split("\n")
        if not signatures or len(lines) < 3:
            raise TreeHeadError("not a checkpoint; expected three lines, a blank one and signatures")
        size, root = int(lines[1]), _base64(lines[2])
    except (UnicodeDecodeError, ValueError) as error:
        raise TreeHeadError(f"the checkpoint is malformed ({error})") from error
    if lines[0] != origin:
        raise TreeHeadError(f"the checkpoint is of {lines[0][:80]!r}, not of {origin!r}")
    if size < 0 or len(root) != HASH_BYTES or lines[1] != str(size):
        raise TreeHeadError("the checkpoint's size or root is malformed")
    wanted = hashlib.sha256(origin.encode() + b"\n" + bytes([NOTE_KIND]) + key.log_id).digest()[:4]
    for line in signatures.split("\n"):
        mark, _, rest = line.partition(" ")
        name, _, packed = rest.partition(" ")
        if mark != "\u2014" or name != origin:
            continue
        try:
            blob = _base64(packed)
        except ValueError:
            continue
        if blob[:4] == wanted and len(blob) > 12:
            head = TreeHead(size, root, int.from_bytes(blob[4:12], "big"))
            key.check(head, blob[12:])
            return head
    raise TreeHeadError(f"the checkpoint carries no signature of {origin}")


def read_tree_head(answer: object, key: LogKey) -> TreeHead:
    """Parse the answer of ``get-sth`` (RFC 6962, section 4.3) and verify its signature.

    Raises:
        TreeHeadError: it is malformed, or not signed by the log.
    """
    if not isinstance(answer, dict):
        raise TreeHeadError("the tree head is not a JSON object")
    size, timestamp = answer.get("tree_size"), answer.get("timestamp")
    root, signature = answer.get("sha256_root_hash"), answer.get("tree_head_signature")
    if not (
        isinstance(size, int) and isinstance(timestamp, int) and isinstance(root, str) and isinstance(signature, str)
    ):
        raise TreeHeadError("the tree head lacks tree_size, timestamp, sha256_root_hash or tree_head_signature")
    if not (0 <= size < 1 << 63 and 0 <= timestamp < 1 << 63):
        raise TreeHeadError("the tree head's numbers are out of range")
    try:
        head = TreeHead(size, _base64(root), timestamp)
        signed = _base64(signature)
    except ValueError as error:
        raise TreeHeadError(f"the tree head is malformed ({error})") from error
    if len(head.root) != HASH_BYTES:
        raise TreeHeadError("the tree head's root is malformed")
    key.check(head, signed)
    return head


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error
