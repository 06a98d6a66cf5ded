"""A year's work of a brand-protection team on local sites: 20,000 URLs, 10,000 telephone numbers, from candidate to handover."""
