"""Time stamps (RFC 3161): make requests for an authority, and check its answers.  Nothing here opens a connection."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimeStampRequest,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from detector.bundle.der import sort_certificates
from detector.errors import UsageError

MAX_STAMP_BYTES = 65_536
GRANTED = 0
_SHA256 = "2.16.840.1.101.3.4.2.1"
_MAX_ROOTS_BYTES = 4_000_000


def stamp_request(manifest: bytes) -> TimeStampRequest:
    """Return a request to stamp the manifest's SHA-256, with a nonce, and to send the authority's certificate along."""
    return TimestampRequestBuilder().data(manifest).hash_algorithm(HashAlgorithm.SHA256).build()


def load_roots(path: Path) -> list[Certificate]:
    """Read the root certificates in a PEM file.

    Raises:
        UsageError: it cannot be read, or holds none.
    """
    try:
        with path.open("rb") as stream:
            found = load_pem_x509_certificates(stream.read(_MAX_ROOTS_BYTES))
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise UsageError(f"{path} holds no certificates in PEM format ({error})") from error
    return list(dict.fromkeys(found))


def check_stamp(
    answer: bytes, manifest: bytes, *, roots: list[Certificate], request: TimeStampRequest | None = None
) -> datetime:
    """Check an authority's answer and return the time that it states.

    Checked are its status, that it is about this manifest, the nonce where ``request`` is given, and, where there are ``roots``,
    its signature, the purpose of its certificate, and that the certificate leads to one of them.

    Raises:
        ValueError: the answer is not a time stamp, or not one of this manifest; the message says why, as a clause.
    """
    response = _decode(answer)
    if response.status != GRANTED:
        raise ValueError(f"the authority refused: status {response.status} {' '.join(response.status_string)[:200]}")
    try:
        info = response.tst_info
        imprint = info.message_imprint
        digest, algorithm, moment = imprint.message, imprint.hash_algorithm.dotted_string, info.gen_time
        nonce = info.nonce if request is not None else None
    except ValueError as error:
        raise ValueError(f"it cannot be read ({error})") from error
    if algorithm != _SHA256 or digest != hashlib.sha256(manifest).digest():
        raise ValueError("it is a time stamp of other bytes than this manifest")
    if request is not None and nonce != request.nonce:
        raise ValueError("it is the answer to another request: the nonce differs")
    if roots:
        try:
            VerifierBuilder(roots=list(roots)).build().verify_message(response, manifest)
        except (VerificationError, ValueError) as error:
            raise ValueError(f"its certificate does not lead to a trusted root ({_first(str(error))})") from error
    return moment


def _decode(answer: bytes) -> TimeStampResponse:
    if len(answer) > MAX_STAMP_BYTES:
        raise ValueError(f"it is longer than {MAX_STAMP_BYTES} bytes")
    try:
        return decode_timestamp_response(sort_certificates(answer))
    except ValueError as error:
        raise ValueError(f"it is not an RFC 3161 response ({_first(str(error))})") from error


def _first(text: str) -> str:
    return " ".join(text.split())[:300]
