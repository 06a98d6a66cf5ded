"""Fuzzing of every parser of hostile bytes: targets, the driver that tries inputs, and what it found (tests/cases/fuzz)."""
