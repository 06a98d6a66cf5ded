"""Capture one URL: navigate behind the guard, wait until the page has settled, take screenshots, facts and evidence."""
