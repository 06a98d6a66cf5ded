"""Parsers of what others publish: feeds, certificate transparency logs, mail, zone files."""
