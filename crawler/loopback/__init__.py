"""Servers on this machine's own addresses, for the demo, the tests and the benchmarks: web, DNS, and raw connections."""
