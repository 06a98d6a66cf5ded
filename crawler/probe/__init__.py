"""Probes: fetch and judge front pages over plain HTTP, without a browser."""
