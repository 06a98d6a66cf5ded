"""Crawl jobs: run them, schedule them, spread them over machines, and report how they are doing."""
