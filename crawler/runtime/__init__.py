"""The Python process itself: its memory, its imports, its child processes, and what to do when the machine refuses."""
