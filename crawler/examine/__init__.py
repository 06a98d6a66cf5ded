"""Examine one candidate from its first capture to its verdict: judge, look again, compare views, store the result."""
