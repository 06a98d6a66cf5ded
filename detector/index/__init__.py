"""Exact nearest-neighbour search: hashes by Hamming distance, vectors by cosine similarity; memory-mapped.

``search`` has the interface, ``hashes`` and ``vectors`` the two kinds; ``kept_arrays`` caches arrays between runs, and
``reused_rows`` reuses rows of cached sets.
"""

from detector.index.hashes import HashIndex
from detector.index.kept_arrays import cache_folder, is_kept, kept
from detector.index.reused_rows import digest_of, earlier_rows, source_columns
from detector.index.search import SearchHits, SearchIndex
from detector.index.vectors import VectorIndex

__all__ = [
    "HashIndex",
    "SearchHits",
    "SearchIndex",
    "VectorIndex",
    "cache_folder",
    "digest_of",
    "earlier_rows",
    "is_kept",
    "kept",
    "source_columns",
]
