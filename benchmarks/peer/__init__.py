"""What others do with the same pages: see ``benchmarks/peers.py``."""
