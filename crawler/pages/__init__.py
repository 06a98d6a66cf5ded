"""Recognise what kind of page was captured (parked, challenge wall) from its facts alone; opens no connection."""
