"""Builders for what stores, evidence and reports hold."""
