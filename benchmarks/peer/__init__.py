"""Other systems for ``benchmarks/peers.py``."""
