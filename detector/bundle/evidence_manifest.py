"""The manifest: canonical JSON (RFC 8785) that names every file of a capture's evidence by its SHA-256, and the facts."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from detector.bundle.blocks import BLOCK, FileDigests
from detector.canonical_json import canonical_json
from detector.model import Capture, Verdict, to_builtins
from detector.store import ChainLink, site_of

SCHEMA = "clonewatch.evidence/1"
MAX_TEXT = 8192
"""Characters of a text, and members of a list, that the manifest repeats; the record among the files has them whole."""
MAX_ITEMS = 1000
_NAME = re.compile(r"files/[A-Za-z0-9][A-Za-z0-9._-]{0,150}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FACTS = (
    "url", "final_url", "outcome", "status", "started", "seconds", "profile", "address", "redirects", "dns", "tls",
    "challenge", "clicks", "phones", "cloaked", "registration", "hosting", "note", "browser",
    "program",
)  # fmt: skip


class FileEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One file."""

    name: str
    role: str
    view: int = 0
    media_type: str
    size: int
    sha256: str
    blocks: tuple[str, ...] = ()
    missing: str = ""
    """Reason why it could not be read when the manifest was written; its blocks are unknown then."""

    @property
    def digests(self) -> FileDigests:
        """Digests that its bytes must have."""
        return FileDigests(self.sha256, self.size, self.blocks)


class ManifestSigner(msgspec.Struct, frozen=True, kw_only=True):
    """The key that signs: where a manifest names one and has no signature, the signature was lost."""

    algorithm: str
    public_key: str
    """32 bytes in hexadecimal digits."""


class EvidenceManifest(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of a manifest that a verifier needs; the other members are facts for people."""

    schema: str
    sequence: int
    previous: str
    sealed: str
    program: str
    site: str
    case: int | None = None
    capture_id: int = 0
    block_size: int = BLOCK
    signer: ManifestSigner | None = None
    files: tuple[FileEntry, ...] = ()
    verdict: dict[str, Any] = msgspec.field(default_factory=dict)


def write_manifest(
    link: ChainLink,
    capture: Capture,
    verdict: Verdict,
    files: list[FileEntry],
    *,
    program: str,
    public_key: bytes | None,
) -> bytes:
    """Return the bytes of a manifest for its place in the chain."""
    entries = [{name: value for name, value in to_builtins(entry).items() if value != ""} for entry in files]
    views = [_facts(view) for view in (capture, *capture.others)]
    value = {
        "schema": SCHEMA,
        "sequence": link.sequence,
        "previous": link.previous,
        "sealed": to_builtins(link.at),
        "program": program,
        "site": site_of(capture),
        "case": link.case_id,
        "capture_id": link.capture_id,
        "views": _bounded(views),
        "verdict": _bounded(to_builtins(verdict)),
        "block_size": BLOCK,
        "signer": {"algorithm": "Ed25519", "public_key": public_key.hex()} if public_key else None,
        "files": entries,
    }
    return canonical_json(value)


def read_manifest(data: bytes) -> EvidenceManifest:
    """Parse a manifest from anywhere.

    Raises:
        ValueError: it is not a manifest; the message says why, as a clause.
    """
    try:
        plain = msgspec.json.decode(data)
        if canonical_json(plain) != data:
            raise ValueError("it is not canonical JSON (RFC 8785), so it was edited or rewritten")
        manifest = msgspec.convert(plain, EvidenceManifest)
    except msgspec.ValidationError as error:
        raise ValueError(f"it lacks members of a manifest ({error})") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"it is not JSON ({error})") from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if manifest.schema != SCHEMA:
        raise ValueError(f"its schema is {manifest.schema[:80]!r}, but this program reads {SCHEMA!r}")
    _check(manifest)
    return manifest


def _check(manifest: EvidenceManifest) -> None:
    if not 4096 <= manifest.block_size <= 1 << 26:
        raise ValueError(f"its block size, {manifest.block_size}, is out of range")
    if manifest.sequence < 1 or not _SHA256.fullmatch(manifest.previous):
        raise ValueError("its place in the chain is malformed")
    if manifest.signer and not _SHA256.fullmatch(manifest.signer.public_key):
        raise ValueError("its public key is malformed")
    seen: set[str] = set()
    for entry in manifest.files:
        if not _NAME.fullmatch(entry.name):
            raise ValueError(f"it names the file {entry.name[:80]!r}, which is not a valid name in a bundle")
        if entry.name.lower() in seen:
            raise ValueError(f"it names {entry.name} twice")
        seen.add(entry.name.lower())
        count = -(-entry.size // manifest.block_size)
        hashes = (entry.sha256, *entry.blocks)
        if entry.size < 0 or not all(map(_SHA256.fullmatch, hashes)):
            raise ValueError(f"its entry for {entry.name} is malformed")
        if len(entry.blocks) != count and not entry.missing:
            raise ValueError(f"it lists {len(entry.blocks)} blocks of {entry.name}, which has {count}")


def _facts(view: Capture) -> dict[str, Any]:
    facts = to_builtins(view)
    return {name: facts[name] for name in _FACTS}


def _bounded(value: Any) -> Any:
    """Cut texts and lists, which a hostile page could make very long."""
    if isinstance(value, str):
        return value if len(value) <= MAX_TEXT else value[:MAX_TEXT] + "…"
    if isinstance(value, dict):
        return {key: _bounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_bounded(item) for item in value[:MAX_ITEMS]]
    return value
