"""A farm of sites on names that say nothing: clones, innocents and ordinary pages, and much that is nothing."""
