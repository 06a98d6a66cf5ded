"""Measurements behind the published figures; run from a checkout, never installed."""
