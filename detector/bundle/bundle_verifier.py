"""Verify a bundle from any origin: every file, signature and time stamp; each problem is a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography.x509 import Certificate

from detector.bundle.blocks import FileDigests, altered_ranges, digests
from detector.bundle.bundle_layout import EXTRAS, PUBLIC_KEY, SIGNATURE, STAMP, SUMS, parse_sums
from detector.bundle.bundle_opening import open_bundle
from detector.bundle.bundle_reader import MANIFEST, BundleReader, read_all, shown
from detector.bundle.capture_files import FOLDER
from detector.bundle.evidence_manifest import EvidenceManifest, FileEntry, read_manifest
from detector.bundle.seal import sha256_hex
from detector.bundle.signing import fingerprint, is_signed, public_pem
from detector.bundle.stamp import MAX_STAMP_BYTES, check_stamp
from detector.errors import EvidenceError

MAX_MANIFEST_BYTES = 16_000_000
MAX_TOTAL_BYTES = 4_000_000_000
"""Bytes of all files of a bundle together that are read; a manifest that names more is refused."""
MAX_SENTENCES = 200
MAX_RANGES = 20


@dataclass(frozen=True, slots=True)
class TrustAnchors:
    """Facts that the verifier has from another source than the bundle."""

    public_key: bytes | None = None
    """32 bytes of the key that must have signed."""
    roots: tuple[Certificate, ...] = ()
    """Root certificates that the time stamp must lead to."""
    sha256: str | None = None
    """SHA-256 that the manifest must have, from the takedown queue or an earlier export."""


@dataclass(slots=True)
class Verification:
    """Result of verifying one bundle."""

    path: str
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    manifest: EvidenceManifest | None = None
    sha256: str = ""
    """Of the manifest."""
    files: int = 0
    """Files whose bytes were compared."""

    @property
    def intact(self) -> bool:
        """True where nothing is altered, missing or surplus."""
        return not self.problems


def verify_bundle(path: Path, trust: TrustAnchors | None = None) -> Verification:
    """Verify a folder or zip file.

    Raises:
        UsageError: there is nothing at ``path``.
    """
    result = Verification(str(path))
    try:
        reader = open_bundle(path)
    except EvidenceError as error:
        result.problems.append(str(error))
        return result
    try:
        _verify(reader, trust or TrustAnchors(), result)
    except EvidenceError as error:
        result.problems.append(str(error))
    finally:
        reader.close()
    if len(result.problems) > MAX_SENTENCES:
        rest = len(result.problems) - MAX_SENTENCES
        result.problems[MAX_SENTENCES:] = [f"and {rest} more"]
    return result


def chain_problems(results: list[Verification]) -> list[str]:
    """Find contradictions between bundles of one store: forks, and neighbours that do not name each other."""
    problems: list[str] = []
    by_number: dict[int, tuple[str, EvidenceManifest, str]] = {}
    for result in results:
        if result.manifest is None:
            continue
        number = result.manifest.sequence
        known = by_number.setdefault(number, (result.sha256, result.manifest, result.path))
        if known[0] != result.sha256:
            problems.append(
                f"{result.path} and {known[2]} are different manifests with the number {number}: the chain has a fork"
            )
    for number, (_, manifest, path) in sorted(by_number.items()):
        before = by_number.get(number - 1)
        if before is not None and manifest.previous != before[0]:
            problems.append(
                f"{path} names SHA-256 {manifest.previous[:16]}… for the manifest before it, but {before[2]}, number "
                f"{number - 1}, has {before[0][:16]}…: the chain is broken between them"
            )
    return problems


def describe_alteration(name: str, sealed: FileDigests, found: FileDigests, block: int) -> str:
    """Describe in a sentence how a file differs from what was sealed."""
    ranges = altered_ranges(sealed, found, block)
    if not ranges:
        return f"{name}: its blocks match the manifest but its SHA-256 does not: the manifest contradicts itself"
    said = [f"{first} to {last}" for first, last in ranges[:MAX_RANGES]]
    more = f" and {len(ranges) - MAX_RANGES} more ranges" if len(ranges) > MAX_RANGES else ""
    length = ""
    if found.size < sealed.size:
        length = f" ({sealed.size - found.size} bytes are missing at the end)"
    elif found.size > sealed.size:
        length = " (it is longer than when it was sealed)"
    return f"{name} was altered within bytes {', '.join(said)}{more} of {sealed.size}{length}"


def check_signature(
    manifest: EvidenceManifest, raw: bytes, signature: bytes | None, trusted: bytes | None
) -> tuple[list[str], list[str]]:
    """Check a manifest's signature; return problems, and notes for a signature without one."""
    if manifest.signer is None:
        if signature is not None:
            return ["there is a signature, but the manifest names no signer: one of them was altered"], []
        return (["it is not signed, although a trusted key was given"], []) if trusted else ([], ["it is not signed"])
    public = bytes.fromhex(manifest.signer.public_key)
    if trusted is not None and public != trusted:
        return [f"it is signed by key {fingerprint(public)}, not by the trusted key {fingerprint(trusted)}"], []
    if signature is None:
        return [f"its signature by key {fingerprint(public)} is missing"], []
    if not is_signed(raw, signature, public):
        return [f"its signature by key {fingerprint(public)} is invalid: the manifest or the signature was altered"], []
    whose = "the trusted key" if trusted else "key"
    hint = "" if trusted else ", which was not compared with a key that you trust (--key)"
    return [], [f"signed by {whose} {fingerprint(public)}{hint}"]


def _verify(reader: BundleReader, trust: TrustAnchors, result: Verification) -> None:
    result.problems.extend(reader.problems)
    if MANIFEST not in reader.names:
        result.problems.append(f"{MANIFEST} is missing: without it nothing can be verified")
        return
    raw = read_all(reader, MANIFEST, MAX_MANIFEST_BYTES)
    result.sha256 = sha256_hex(raw)
    if trust.sha256 is not None and trust.sha256 != result.sha256:
        result.problems.append(f"{MANIFEST} has the SHA-256 {result.sha256}, not the expected {trust.sha256}")
    try:
        manifest = read_manifest(raw)
    except ValueError as error:
        result.problems.append(f"{MANIFEST} was altered, or is not a manifest: {shown(str(error))}")
        return
    result.manifest = manifest
    signature = read_all(reader, SIGNATURE, 64) if SIGNATURE in reader.names else None
    problems, notes = check_signature(manifest, raw, signature, trust.public_key)
    result.problems += problems
    result.notes += notes
    _verify_stamp(reader, raw, trust, result)
    found = _verify_files(reader, manifest, result)
    _verify_sums(reader, manifest, found, result)
    expected = {entry.name for entry in manifest.files} | set(EXTRAS)
    result.problems += [f"{shown(name)} is not in the manifest" for name in sorted(reader.names - expected)]
    result.problems += [f"{shown(name)} is a folder that no bundle has" for name in sorted(reader.folders - {FOLDER})]


def _verify_stamp(reader: BundleReader, raw: bytes, trust: TrustAnchors, result: Verification) -> None:
    if STAMP not in reader.names:
        words = "it has no time stamp"
        (result.problems if trust.roots else result.notes).append(
            words + (", although root certificates were given" * bool(trust.roots))
        )
        return
    try:
        moment = check_stamp(read_all(reader, STAMP, MAX_STAMP_BYTES), raw, roots=list(trust.roots))
    except (ValueError, EvidenceError) as error:
        result.problems.append(f"its time stamp is invalid: {shown(str(error))}")
        return
    result.notes.append(stamp_note(moment, checked=bool(trust.roots)))


def stamp_note(moment: datetime, *, checked: bool) -> str:
    """Describe a time stamp, and how far it can be trusted."""
    doubt = "" if checked else ", by an authority that was not checked (--roots)"
    return f"stamped {moment:%Y-%m-%d %H:%M:%S} UTC{doubt}"


def _verify_files(reader: BundleReader, manifest: EvidenceManifest, result: Verification) -> dict[str, str]:
    """Compare every file with the manifest; return the SHA-256 that each one has now, by name."""
    total = sum(entry.size for entry in manifest.files)
    if total > MAX_TOTAL_BYTES:
        raise EvidenceError(f"{MANIFEST} names {total} bytes of files, more than the {MAX_TOTAL_BYTES} that are read")
    actual: dict[str, str] = {}
    for entry in manifest.files:
        if entry.name not in reader.names:
            if entry.missing:
                result.notes.append(f"{entry.name} was already missing when the manifest was written")
            else:
                result.problems.append(f"{entry.name} is missing")
            continue
        sealed = entry.digests
        reason: list[str] = []
        found = digests(_forgiving(reader, entry, reason), manifest.block_size)
        actual[entry.name] = found.sha256
        result.files += 1
        if found != sealed and not (entry.missing and found.sha256 == sealed.sha256):
            sentence = describe_alteration(entry.name, sealed, found, manifest.block_size)
            result.problems.append("; ".join([sentence, *reason]))
    return actual


def _forgiving(reader: BundleReader, entry: FileEntry, reason: list[str]) -> Iterator[bytes]:
    """Yield the readable part of a file; an error that ends it early is appended to ``reason``."""
    try:
        yield from reader.chunks(entry.name, entry.size)
    except EvidenceError as error:
        reason.append(str(error))


def _verify_sums(reader: BundleReader, manifest: EvidenceManifest, found: dict[str, str], result: Verification) -> None:
    """Check ``SHA256SUMS`` against the files and the manifest: it must not mislead people who verify without this program."""
    if SUMS not in reader.names:
        result.problems.append(f"{SUMS} is missing")
        return
    try:
        listed = parse_sums(read_all(reader, SUMS, MAX_MANIFEST_BYTES))
    except (ValueError, EvidenceError) as error:
        result.problems.append(f"{SUMS} was altered: {shown(str(error))}")
        return
    sealed = {entry.name: entry.sha256 for entry in manifest.files}
    for name in sorted((set(EXTRAS) - {SUMS}) & reader.names):
        sealed[name] = sha256_hex(read_all(reader, name, MAX_MANIFEST_BYTES))
        if listed.get(name) != sealed[name]:
            result.problems.append(f"{name} does not have the SHA-256 that {SUMS} lists: one of them was altered")
    for name, sha256 in listed.items():
        if name not in sealed:
            result.problems.append(f"{SUMS} lists {shown(name)}, which is missing or not in the manifest")
        elif name not in EXTRAS and sealed[name] != sha256:
            result.problems.append(f"{SUMS} and the manifest list different digests for {name}: {SUMS} was altered")
    for name in sorted(found.keys() - listed.keys()):
        result.problems.append(f"{SUMS} does not list {name}: {SUMS} was altered")
    key = manifest.signer and public_pem(bytes.fromhex(manifest.signer.public_key))
    if key and (PUBLIC_KEY not in reader.names or read_all(reader, PUBLIC_KEY, 10_000) != key):
        result.problems.append(f"{PUBLIC_KEY} is missing, or is not the key that the manifest names")
