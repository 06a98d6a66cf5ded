"""Examine a candidate from its first capture to its verdict: capture, judge, capture again, compare, store."""
