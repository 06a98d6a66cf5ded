"""Evidence that stands up: manifests in a hash chain, signed and time-stamped; bundles to hand over, and their verification."""

from detector.bundle.bundle_export import ExportedBundle, export_bundle, sealed_case
from detector.bundle.bundle_verifier import TrustAnchors, Verification, chain_problems, verify_bundle
from detector.bundle.seal import EvidenceSealer
from detector.bundle.signing import SigningKey, fingerprint, load_key, load_public_key, make_key, public_path
from detector.bundle.stamp import MAX_STAMP_BYTES, check_stamp, load_roots, stamp_request
from detector.bundle.store_check import StoreCheck, check_store
from detector.bundle.vouching import vouching_sentences

__all__ = [
    "MAX_STAMP_BYTES",
    "EvidenceSealer",
    "ExportedBundle",
    "SigningKey",
    "StoreCheck",
    "TrustAnchors",
    "Verification",
    "chain_problems",
    "check_stamp",
    "check_store",
    "export_bundle",
    "fingerprint",
    "load_key",
    "load_public_key",
    "load_roots",
    "make_key",
    "public_path",
    "sealed_case",
    "stamp_request",
    "verify_bundle",
    "vouching_sentences",
]
