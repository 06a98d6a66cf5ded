"""Evidence that stands up: manifests in a hash chain, signed and time-stamped; bundles to hand over, and their verification."""

from detector.bundle.seal import Sealer
from detector.bundle.signing import load_key, load_public_key, make_key

__all__ = ["Sealer", "load_key", "load_public_key", "make_key"]
