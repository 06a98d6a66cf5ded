"""Crawl jobs that run again and again: when, what, and what became of each run."""
