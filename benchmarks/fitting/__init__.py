"""The data and the model of :mod:`benchmarks.fit`."""
