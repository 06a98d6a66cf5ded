"""Files of a bundle beside the evidence itself, and instructions to verify it without this program."""

from __future__ import annotations

from detector.bundle.bundle_reader import MANIFEST
from detector.bundle.evidence_manifest import EvidenceManifest
from detector.bundle.seal import sha256_hex
from detector.present.defang import defang

SIGNATURE = "manifest.sig"
PUBLIC_KEY = "public-key.pem"
STAMP = "manifest.tsr"
README = "README.txt"
SUMS = "SHA256SUMS"
EXTRAS = (MANIFEST, SIGNATURE, PUBLIC_KEY, STAMP, README, SUMS)


def sums(digests: dict[str, str]) -> bytes:
    """Return the text of ``SHA256SUMS``, as ``sha256sum --check`` reads it, from digests by file name."""
    return "".join(f"{sha256}  {name}\n" for name, sha256 in sorted(digests.items())).encode()


def parse_sums(data: bytes) -> dict[str, str]:
    """Parse ``SHA256SUMS``; return digests by file name.

    Raises:
        ValueError: a line is malformed, or names a file twice.
    """
    found: dict[str, str] = {}
    for line in data.decode("utf-8", "strict").splitlines():
        sha256, separator, name = line.partition("  ")
        if len(sha256) != 64 or not separator or not name or name in found:
            raise ValueError("a line is malformed, or names a file twice")
        found[name] = sha256
    return found


def readme(manifest: EvidenceManifest, raw: bytes, *, signed: bool, stamped: bool) -> bytes:
    """Return the text of README.txt: what the bundle holds, and how to verify it without this program."""
    parts = [
        f"""Evidence about {defang(manifest.site)}, sealed on {manifest.sealed} by {manifest.program}.

WARNING: these files come from a page that was judged to be fraudulent. Open only the pictures. Do not open dom.html.txt in a
browser, and do not visit any address that the files name.

manifest.json lists every file with its size, its SHA-256, and the SHA-256 of each block of {manifest.block_size} bytes. It is
manifest number {manifest.sequence} of a chain: its member "previous" is the SHA-256 of manifest {manifest.sequence - 1} of the same
store (64 zeros for the first one). The SHA-256 of manifest.json itself is

  {sha256_hex(raw)}

To verify the evidence, run these commands in this folder:

1. To check that no file was altered:

     sha256sum --check SHA256SUMS

   SHA256SUMS and manifest.json (members "name" and "sha256" of "files") list the same digests for files/*. Somebody who alters a
   file could alter both lists as well. The checks below would show that; so does the SHA-256 of manifest.json, if you received it
   separately.
"""
    ]
    if signed:
        parts.append(
            """
2. To check the signature of manifest.json (Ed25519), compare public-key.pem with the key that the sender publishes elsewhere, then
   run:

     openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in manifest.json -sigfile manifest.sig
"""
        )
    if stamped:
        parts.append(
            """
3. To check that manifest.json existed at the time that a time-stamp authority states (RFC 3161), get the authority's root
   certificates from the authority, save them as ROOTS.pem, and run:

     openssl ts -verify -in manifest.tsr -data manifest.json -CAfile ROOTS.pem
     openssl ts -reply -in manifest.tsr -text
"""
        )
    parts.append("\n`clonewatch evidence verify` makes all of these checks, and names the bytes that were altered.\n")
    return "".join(parts).encode()
