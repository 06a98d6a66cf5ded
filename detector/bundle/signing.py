"""Ed25519 keys (RFC 8032) as PEM files, and signatures over a manifest's bytes."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from detector.errors import ConfigError, EvidenceError, UsageError
from detector.files import sync_file

MAX_KEY_BYTES = 10_000


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key in memory."""

    private: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        """The 32 bytes of the public key."""
        return self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, data: bytes) -> bytes:
        """64 bytes."""
        return self.private.sign(data)


def make_key(path: Path) -> SigningKey:
    """Make a key pair: the private key at ``path`` (mode 600), the public one beside it with ``.pub`` added.

    Raises:
        UsageError: one of the files is there already; nothing is ever overwritten.
        EvidenceError: they cannot be written.
    """
    key = SigningKey(Ed25519PrivateKey.generate())
    private = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = public_path(path)
    try:
        if public.exists():
            raise FileExistsError(17, "exists", str(public))
        _write_new(path, private, 0o600)
        _write_new(public, public_pem(key.public), 0o644)
    except FileExistsError as error:
        raise UsageError(
            f"{error.filename} exists already, and a key is never overwritten; name another file"
        ) from error
    except OSError as error:
        raise EvidenceError(f"key {path} cannot be written ({error.strerror}); check space and permissions") from error
    return key


def load_key(path: Path) -> SigningKey:
    """Read a private key.

    Raises:
        ConfigError: it is missing, is not an Ed25519 key, or other users may read it.
    """
    hint = "make one with `clonewatch evidence keygen`, or remove `key` from [evidence]"
    try:
        with path.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            data = stream.read(MAX_KEY_BYTES)
    except OSError as error:
        raise ConfigError(f"evidence.key: {path} cannot be read ({error.strerror}); {hint}") from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(f"evidence.key: other users may read {path} (mode {mode & 0o777:o}); run `chmod 600 {path}`")
    try:
        key = load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ConfigError(
            f"evidence.key: {path} holds no private key in PEM format without a password; {hint}"
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(f"evidence.key: {path} is not an Ed25519 key; {hint}")
    return SigningKey(key)


def load_public_key(path: Path) -> bytes:
    """The 32 bytes of a public key in a PEM file.

    Raises:
        UsageError: it cannot be read, or is not an Ed25519 public key.
    """
    try:
        with path.open("rb") as stream:
            key = load_pem_public_key(stream.read(MAX_KEY_BYTES))
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror})") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UsageError(f"{path} holds no public key in PEM format") from error
    if not isinstance(key, Ed25519PublicKey):
        raise UsageError(f"{path} is not an Ed25519 key")
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def public_path(path: Path) -> Path:
    """Path of the public half of a key."""
    return path.with_name(path.name + ".pub")


def public_pem(raw: bytes) -> bytes:
    """A public key as openssl reads it."""
    return Ed25519PublicKey.from_public_bytes(raw).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def is_signed(data: bytes, signature: bytes, public_key: bytes) -> bool:
    """Check whether a signature over these bytes was made by that key."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint(public_key: bytes) -> str:
    """A short name for a key: the first 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def _write_new(path: Path, data: bytes, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            os.fchmod(stream.fileno(), mode)
            stream.write(data)
            sync_file(stream)
    except OSError:
        path.unlink(missing_ok=True)
        raise
