"""Parsers of mail that customers report; nothing in it is trusted."""
