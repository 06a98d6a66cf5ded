"""Brands' names in texts, and how each is mentioned."""
