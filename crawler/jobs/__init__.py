"""Crawl jobs: run, schedule, and distribute them over machines; report on them, back up and tidy a workspace."""
