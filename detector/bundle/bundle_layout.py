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
    """``SHA256SUMS`` as ``sha256sum --check`` reads it: digests by file name."""
    return "".join(f"{sha256}  {name}\n" for name, sha256 in sorted(digests.items())).encode()


def parse_sums(data: bytes) -> dict[str, str]:
    """Digests by file name.

    Raises:
        ValueError: a line is malformed, or names a file twice.
    """
    found: dict[str, str] = {}
    for line in data.decode("utf-8", "strict").splitlines():
        sha256, separator, name = line.partition("  ")
        if len(sha256) != 64 or not separator or not name or name in found:
            raise ValueError("a line is malformed")
        found[name] = sha256
    return found


def readme(manifest: EvidenceManifest, raw: bytes, *, signed: bool, stamped: bool) -> bytes:
    """README.txt."""
    parts = [
        f"""Evidence of {defang(manifest.site)}, sealed {manifest.sealed} by {manifest.program}.

WARNING: the files come from a criminal's page. Look at the pictures; do not open dom.html.txt in a browser, and do not
visit any address that they name.

manifest.json names every file with its size, its SHA-256 and the SHA-256 of each block of {manifest.block_size} bytes. It is
number {manifest.sequence} of a chain: its member "previous" is the SHA-256 of manifest {manifest.sequence - 1} of the same store.
The SHA-256 of manifest.json itself is

  {sha256_hex(raw)}

To verify in this folder:

1. That no file was altered:

     sha256sum --check SHA256SUMS

   The digests of files/* are those of manifest.json (members "name" and "sha256" of "files"). Whoever alters a file can
   alter both lists too: what follows, or the SHA-256 above known from elsewhere, is what shows that.
"""
    ]
    if signed:
        parts.append(
            """
2. That manifest.json was signed (Ed25519). Compare public-key.pem with the key that the sender published elsewhere, then:

     openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in manifest.json -sigfile manifest.sig
"""
        )
    if stamped:
        parts.append(
            """
3. That manifest.json existed at the time that an authority vouches for (RFC 3161). ROOTS.pem are the authority's
   root certificates, from the authority itself:

     openssl ts -verify -in manifest.tsr -data manifest.json -CAfile ROOTS.pem
     openssl ts -reply -in manifest.tsr -text
"""
        )
    parts.append("\nclonewatch evidence verify does all of it, and names the bytes that were altered.\n")
    return "".join(parts).encode()
