"""Scheduled crawl jobs: their times, their processes, and the record of their runs."""
