"""Parsers of what others publish or report: feeds, certificate transparency logs, mail, zone files."""
