"""Keys: created once, readable by their owner only, and refused with a message where they cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from detector.bundle import load_key, load_public_key, make_key, public_path
from detector.bundle.signing import is_signed
from detector.errors import ConfigError, UsageError


def test_a_key_pair(tmp_path: Path) -> None:
    path = tmp_path / "sub" / "key.pem"
    made = make_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_key(path).public == made.public == load_public_key(public_path(path))
    signature = load_key(path).sign(b"manifest")
    assert is_signed(b"manifest", signature, made.public)
    assert not is_signed(b"manifesT", signature, made.public)
    assert not is_signed(b"manifest", signature[:-1], made.public)
    assert not is_signed(b"manifest", signature, b"short")


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    before = make_key(path)
    with pytest.raises(UsageError, match="never overwritten"):
        make_key(path)
    path.unlink()
    with pytest.raises(UsageError, match=r"key\.pem\.pub exists already"):
        make_key(path)
    assert not path.exists()
    assert load_public_key(public_path(path)) == before.public


def test_keys_that_cannot_be_used(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    with pytest.raises(ConfigError, match=r"key\.pem cannot be read .*evidence keygen"):
        load_key(path)
    make_key(path)
    path.chmod(0o640)
    with pytest.raises(ConfigError, match=r"other users may read .*chmod 600"):
        load_key(path)
    path.write_text("no key")
    path.chmod(0o600)
    with pytest.raises(ConfigError, match="holds no private key"):
        load_key(path)
    other = generate_private_key(SECP256R1())
    path.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(ConfigError, match="is not an Ed25519 key"):
        load_key(path)
    public = tmp_path / "other.pub"
    public.write_bytes(other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(UsageError, match="is not an Ed25519 key"):
        load_public_key(public)
    with pytest.raises(UsageError, match="holds no public key"):
        load_public_key(path)
