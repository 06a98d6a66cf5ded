"""The ``clonewatch`` command line."""
